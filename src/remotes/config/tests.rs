//! Remotes of the file and of the environment, added and changed as a user does.

use super::*;
use rstest::rstest;
use secrecy::ExposeSecret;

struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str) -> Self {
        let home = Home(tempfile::tempdir().unwrap());
        if !config.is_empty() {
            std::fs::write(home.0.path().join("config.toml"), config).unwrap();
        }
        home
    }

    /// The file store, and these variables.
    fn remotes(&self, variables: &[(&str, &str)]) -> Remotes {
        let all = [("HAUL_CREDENTIAL_STORE", "file")].iter().chain(variables).copied();
        Remotes::open(&Paths::at(self.0.path(), self.0.path()), &Environment::from_iter(all)).unwrap()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.0.path().join("config.toml")).unwrap()
    }
}

fn new(name: &str, credential: NewCredential) -> NewRemote {
    NewRemote {
        name: RemoteName::parse(name).unwrap(),
        platform: Platform::ALL[0],
        url: address::parse_url("https://cms.example/admin/").unwrap(),
        user: Some("anna".into()),
        credential,
        production: false,
        read_only: false,
    }
}

async fn secret(remotes: &Remotes, name: &str) -> Option<String> {
    let login = remotes.login(&remotes.get(name).unwrap()).await.unwrap();
    login.map(|login| login.secret.expose_secret().to_owned())
}

#[tokio::test]
async fn a_remote_is_added_renamed_used_and_removed_with_its_credential() {
    let home = Home::new("");
    let remotes = home.remotes(&[]);
    let added = remotes.add(new("prod", NewCredential::Store("canary".into()))).await.unwrap();
    assert_eq!(added.credential, CredentialRef::Stored(StoreKind::File));
    assert_eq!(remotes.get("prod").unwrap(), added);
    assert_eq!(secret(&remotes, "prod").await.as_deref(), Some("canary"));
    assert!(!home.text().contains("canary"));

    let error = remotes.add(new("prod", NewCredential::None)).await.unwrap_err();
    assert_eq!((error.kind(), secret(&remotes, "prod").await.as_deref()), (ErrorKind::Usage, Some("canary")));

    assert!(remotes.use_as_source("prod").unwrap().default_source);
    remotes.rename("prod", &RemoteName::parse("live").unwrap()).await.unwrap();
    assert!(remotes.find("prod").unwrap().is_none());
    assert!(remotes.get("live").unwrap().default_source);
    assert_eq!(secret(&remotes, "live").await.as_deref(), Some("canary"));

    remotes.remove("live").await.unwrap();
    assert!(remotes.list().unwrap().is_empty());
    let credentials = std::fs::read_to_string(remotes.paths().credentials_file()).unwrap();
    assert!(!credentials.contains("canary"), "{credentials}");
    assert!(!home.text().contains("live"));
}

#[tokio::test]
async fn what_the_user_wrote_stays() {
    let config =
        "# mine\ntheme = \"dark\" # so\n\n[remotes.b]\nplatform = \"strapi\" # why\nurl = \"https://b.example\"\n";
    let home = Home::new(config);
    let remotes = home.remotes(&[]);
    remotes.add(new("a", NewCredential::Env("VAR".into()))).await.unwrap();
    assert!(home.text().starts_with(config), "{}", home.text());
    remotes.remove("a").await.unwrap();
    assert_eq!(home.text().trim_end(), config.trim_end());
}

#[rstest]
#[case::no_toml("x = \n", 1)]
#[case::a_name("[remotes.\"a b\"]\nplatform = \"strapi\"\nurl = \"https://a.example\"\n", 1)]
#[case::a_key("[remotes.a]\nplatform = \"strapi\"\nurl = \"https://a.example\"\nuesr = \"x\"\n", 4)]
#[case::a_platform("\n[remotes.a]\nplatform = \"drupal\"\nurl = \"https://a.example\"\n", 3)]
#[case::no_url("[remotes.a]\nplatform = \"strapi\"\n", 1)]
#[case::a_url("[remotes.a]\nplatform = \"strapi\"\nurl = \"https://u:canary@a.example\"\n", 3)]
#[case::a_number("[remotes.a]\nplatform = 5\nurl = \"https://a.example\"\n", 2)]
#[case::a_credential("[remotes.a]\nplatform = \"strapi\"\nurl = \"https://a.example\"\ncredential = \"canary\"\n", 4)]
#[case::no_table("remotes = 5\n", 1)]
#[tokio::test]
async fn an_unreadable_file_is_an_error_with_its_line_and_stays_as_it_is(#[case] config: &str, #[case] line: usize) {
    let home = Home::new(config);
    let remotes = home.remotes(&[]);
    let error = remotes.find("a").unwrap_err();
    assert!(error.message().contains(&format!("line {line}:")), "{error}");
    assert!(error.message().contains("config.toml") && !error.message().contains("canary"), "{error}");
    assert!(remotes.add(new("b", NewCredential::None)).await.is_err());
    assert_eq!(home.text(), config);
}

#[tokio::test]
async fn the_environment_brings_remotes_and_credentials() {
    let home = Home::new("");
    home.remotes(&[]).add(new("stage-2", NewCredential::Store("stored".into()))).await.unwrap();
    let remotes = home.remotes(&[
        ("HAUL_REMOTE_PROD", "flotiq:https://api.example/"),
        ("HAUL_REMOTE_PROD_TOKEN", "canary"),
        ("HAUL_REMOTE_STAGE_2_PASSWORD", "given"),
        ("HAUL_REMOTE_STAGE_2_USER", "bert"),
    ]);
    let names: Vec<_> = remotes.list().unwrap().into_iter().map(|remote| remote.name.to_string()).collect();
    assert_eq!(names, ["prod", "stage-2"]);
    let prod = remotes.get("prod").unwrap();
    assert_eq!((prod.origin, address::address_text(&prod.url)), (Origin::Environment, "https://api.example"));
    assert_eq!(secret(&remotes, "prod").await.as_deref(), Some("canary"));
    assert_eq!(secret(&remotes, "stage-2").await.as_deref(), Some("given"));
    let login = remotes.login(&remotes.get("stage-2").unwrap()).await.unwrap().unwrap();
    assert_eq!(login.user.as_deref(), Some("bert"));
    assert_eq!(remotes.remove("prod").await.unwrap_err().kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn an_environment_that_is_wrong_is_named() {
    let home = Home::new("");
    let remotes = home.remotes(&[("HAUL_REMOTE_PROD", "nonsense")]);
    assert!(remotes.list().unwrap_err().message().contains("HAUL_REMOTE_PROD"));
    remotes.add(new("dev", NewCredential::Env("HAUL_TEST_UNSET".into()))).await.unwrap();
    let error = remotes.login(&remotes.get("dev").unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredential);
    assert!(error.message().contains("dev") && error.message().contains("HAUL_TEST_UNSET"), "{error}");
}

#[tokio::test]
async fn an_unknown_remote_gets_a_suggestion() {
    let home = Home::new("");
    let remotes = home.remotes(&[]);
    assert!(remotes.get("prod").unwrap_err().hint_text().unwrap().contains("haul remote add"));
    remotes.add(new("prod", NewCredential::None)).await.unwrap();
    let error = remotes.get("prdo").unwrap_err();
    assert_eq!((error.kind(), error.hint_text()), (ErrorKind::UnknownLocation, Some("did you mean `prod`?")));
    assert!(remotes.find("./prod").unwrap().is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_gives_the_credential() {
    let home = Home::new("");
    let remotes = home.remotes(&[]);
    remotes.add(new("prod", NewCredential::Command("echo canary".into()))).await.unwrap();
    assert_eq!(secret(&remotes, "prod").await.as_deref(), Some("canary"));
    assert!(home.text().contains("credential = { command = \"echo canary\" }"), "{}", home.text());
}
