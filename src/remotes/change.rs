//! Changes a remote that stands in the file, value by value: comments, order and what was not changed stay.
//! Must not know: forms, options.

use toml_edit::{Item, TableLike, value};
use url::Url;

use super::config::{credential_item, marks_of, remotes_of};
use super::{NewCredential, Remote, Remotes, address_text};
use crate::model::Result;

/// What a remote is to be. Begin with [`RemoteChange::of`] the remote as [`Remotes::editable`] gives it.
#[derive(Debug)]
pub struct RemoteChange {
    /// As [`super::parse_url`] gives it.
    pub url: Url,
    /// `None` removes it.
    pub user: Option<String>,
    pub credential: CredentialChange,
    /// As [`Remote::production`].
    pub production: bool,
    /// As [`Remote::read_only`].
    pub read_only: bool,
}

/// What becomes of the credential of a remote that is changed.
#[derive(Debug)]
pub enum CredentialChange {
    Keep,
    Replace(NewCredential),
}

impl RemoteChange {
    /// A change that changes nothing.
    pub fn of(remote: &Remote) -> Self {
        RemoteChange {
            url: remote.url.clone(),
            user: remote.user.clone(),
            credential: CredentialChange::Keep,
            production: remote.production,
            read_only: remote.read_only,
        }
    }
}

impl Remotes {
    /// Makes a remote what the change says; its name and platform stay. One of the environment is refused as
    /// [`Remotes::editable`] does. A credential that is replaced is removed from the store that it was in.
    pub async fn change(&self, name: &str, change: RemoteChange) -> Result<Remote> {
        let old = self.editable(name)?;
        let RemoteChange { url, user, credential, production, read_only } = change;
        let credential = match credential {
            CredentialChange::Keep => old.credential.clone(),
            CredentialChange::Replace(new) => self.keep(&old.name, new).await?,
        };
        let changed = Remote { url, user, credential, production, read_only, ..old.clone() };
        self.edit(|document| {
            let remotes = remotes_of(document)?;
            let table = remotes.get_mut(changed.name.as_str()).and_then(Item::as_table_like_mut);
            table.map(|table| rewrite(table, &old, &changed)).ok_or_else(|| self.unknown(name))
        })?;
        if changed.credential != old.credential {
            self.forget(&old).await?;
        }
        Ok(changed)
    }
}

fn rewrite(table: &mut dyn TableLike, old: &Remote, new: &Remote) {
    if new.url != old.url {
        set(table, "url", Some(value(address_text(&new.url))));
    }
    if new.user != old.user {
        set(table, "user", new.user.as_deref().map(value));
    }
    if new.credential != old.credential {
        set(table, "credential", Some(credential_item(&new.credential)).filter(|item| !item.is_none()));
    }
    for ((key, new), (_, old)) in marks_of(new).into_iter().zip(marks_of(old)) {
        if new != old {
            set(table, key, new.then(|| value(true)));
        }
    }
}

/// Replaces a value and keeps what the user wrote around it.
fn set(table: &mut dyn TableLike, key: &str, new: Option<Item>) {
    let Some(mut new) = new else {
        table.remove(key);
        return;
    };
    let around = table.get(key).and_then(Item::as_value).map(|value| value.decor().clone());
    if let (Some(around), Some(value)) = (around, new.as_value_mut()) {
        *value.decor_mut() = around;
    }
    match table.get_mut(key) {
        Some(item) => *item = new,
        None => drop(table.insert(key, new)),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::model::{ErrorKind, Platform};
    use crate::remotes::{CredentialRef, Environment, Paths, RemoteName, StoreKind, parse_url};

    fn remotes(folder: &std::path::Path, variables: &[(&str, &str)]) -> Remotes {
        let all = [("HAUL_CREDENTIAL_STORE", "file")].iter().chain(variables).copied();
        Remotes::open(&Paths::at(folder, folder), &Environment::from_iter(all)).unwrap()
    }

    #[tokio::test]
    async fn a_change_leaves_comments_and_everything_else_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let text = "# mine\n[remotes.a] # the first\nplatform = \"ziggy\" # why\nurl = \"https://a.example\" # old\n\
                    production = true # careful\n\n[remotes.b]\nplatform = \"ziggy\"\nurl = \"https://b.example\"\n\
                    \n[workbench]\ntheme = \"dark\"\n";
        std::fs::write(&file, text).unwrap();
        let remotes = remotes(folder.path(), &[]);
        let a = remotes.editable("a").unwrap();
        assert!(a.production && !a.read_only);
        remotes.change("a", RemoteChange::of(&a)).await.unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);

        let url = parse_url("https://c.example/x/").unwrap();
        let change = RemoteChange { url, user: Some("anna".into()), read_only: true, ..RemoteChange::of(&a) };
        let changed = remotes.change("a", change).await.unwrap();
        assert_eq!(remotes.get("a").unwrap(), changed);
        let now = std::fs::read_to_string(&file).unwrap();
        let expected = text
            .replace("https://a.example", "https://c.example/x")
            .replace("# careful\n", "# careful\nuser = \"anna\"\nread-only = true\n");
        assert_eq!(now, expected);

        let change = RemoteChange { user: None, production: false, read_only: false, ..RemoteChange::of(&changed) };
        let changed = remotes.change("a", change).await.unwrap();
        assert_eq!((changed.user.as_deref(), changed.production, changed.read_only), (None, false, false));
        assert!(!std::fs::read_to_string(&file).unwrap().contains("production"));
    }

    #[tokio::test]
    async fn a_credential_that_is_replaced_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let remotes = remotes(folder.path(), &[("OTHER", "second")]);
        let new = crate::remotes::NewRemote {
            name: RemoteName::parse("a").unwrap(),
            platform: Platform::ALL[0],
            url: parse_url("https://a.example").unwrap(),
            user: None,
            credential: NewCredential::Store("canary".into()),
            production: false,
            read_only: true,
        };
        let a = remotes.add(new).await.unwrap();
        assert!(remotes.get("a").unwrap().read_only);
        let replace = |new| RemoteChange { credential: CredentialChange::Replace(new), ..RemoteChange::of(&a) };
        let changed = remotes.change("a", replace(NewCredential::Env("OTHER".into()))).await.unwrap();
        assert_eq!(changed.credential, CredentialRef::Env("OTHER".into()));
        let kept = std::fs::read_to_string(remotes.paths().credentials_file()).unwrap();
        assert!(!kept.contains("canary"), "{kept}");
        let login = remotes.login(&changed).await.unwrap().unwrap();
        assert_eq!(login.secret.expose_secret(), "second");
        let changed = remotes.change("a", replace(NewCredential::Store("third".into()))).await.unwrap();
        assert_eq!(changed.credential, CredentialRef::Stored(StoreKind::File));
        assert_eq!(remotes.login(&changed).await.unwrap().unwrap().secret.expose_secret(), "third");
    }

    #[tokio::test]
    async fn the_environment_marks_remotes_and_its_own_cannot_be_changed() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[remotes.a]\nplatform = \"ziggy\"\nurl = \"https://a.example\"\n";
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        let remotes = remotes(
            folder.path(),
            &[
                ("HAUL_REMOTE_PROD", "ziggy:https://p.example"),
                ("HAUL_REMOTE_PROD_PRODUCTION", "1"),
                ("HAUL_REMOTE_PROD_READ_ONLY", "no"),
                ("HAUL_REMOTE_A_READ_ONLY", "1"),
                ("HAUL_REMOTE_EU_PRODUCTION", "ziggy:https://eu.example"),
            ],
        );
        let marks: Vec<_> = remotes
            .list()
            .unwrap()
            .into_iter()
            .map(|remote| (remote.name.to_string(), remote.production, remote.read_only))
            .collect();
        let expected = [("a", false, true), ("eu_production", false, false), ("prod", true, false)];
        assert_eq!(marks, expected.map(|(name, production, read_only)| (name.to_owned(), production, read_only)));
        assert!(remotes.get("a").unwrap().read_only && !remotes.editable("a").unwrap().read_only);
        assert!(remotes.get("eu-production").is_ok());
        let prod = remotes.get("prod").unwrap();
        assert_eq!(remotes.change("prod", RemoteChange::of(&prod)).await.unwrap_err().kind(), ErrorKind::Usage);
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_an_error_rather_than_no_mark() {
        let folder = tempfile::tempdir().unwrap();
        let variables = [("HAUL_REMOTE_PROD", "ziggy:https://p.example"), ("HAUL_REMOTE_PROD_READ_ONLY", "ture")];
        let error = remotes(folder.path(), &variables).get("prod").unwrap_err();
        assert!(error.message().contains("HAUL_REMOTE_PROD_READ_ONLY"), "{error}");
        let text = "[remotes.a]\nplatform = \"ziggy\"\nurl = \"https://a.example\"\nread-only = \"yes\"\n";
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        let error = remotes(folder.path(), &[]).get("a").unwrap_err();
        assert!(error.message().contains("line 4:"), "{error}");
    }
}
