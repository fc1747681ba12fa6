//! Effects against the sandbox's servers and real files.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;
use crate::remotes::{
    CredentialChange, Environment, Login, NewCredential, NewRemote, Paths, Recent, RemoteChange, RemoteName, parse_url,
};
use crate::sandbox::{self, Sandbox, SandboxOptions};
use crate::workbench::effect::{Desk, Executor};
use crate::workbench::panes::locations::effects::With;
use crate::workbench::panes::locations::scan::{Arrived, FileKind, Writable};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

/// Folders of a user, and effects at work.
struct Bench {
    folder: TempDir,
    desk: Arc<Desk>,
    executor: Executor,
    answers: mpsc::Receiver<Any>,
}

impl Bench {
    fn new(variables: &[(&str, &str)]) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().display().to_string();
        let all = [("HAUL_CREDENTIAL_STORE", "file"), ("HOME", &*home)].into_iter().chain(variables.iter().copied());
        let environment = Environment::from_iter(all);
        let desk = Arc::new(Desk::new(environment, Paths::at(folder.path(), folder.path())));
        let (executor, answers) = Executor::new(desk.clone());
        Bench { folder, desk, executor, answers }
    }

    async fn answer(&mut self) -> Message {
        let next = tokio::time::timeout(Duration::from_secs(30), self.answers.recv());
        match next.await.expect("an answer in time") {
            Some(Any::Locations(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    async fn ask(&mut self, effect: Effect) -> Message {
        self.executor.start(effect.into());
        self.answer().await
    }

    async fn add(&self, sandbox: &Sandbox, name: &str, password: Option<&str>) {
        let server = &sandbox.server("dev").info;
        let new = NewRemote {
            name: RemoteName::parse(name).unwrap(),
            platform: Platform::Ziggy,
            url: parse_url(&server.url).unwrap(),
            user: Some(server.user.clone()),
            credential: password.map_or(NewCredential::None, |password| NewCredential::Store(password.into())),
            production: false,
            read_only: false,
        };
        self.desk.remotes().unwrap().add(new).await.unwrap();
    }

    fn check(&self, name: &str, with: With) -> Effect {
        Effect::Check { location: at(name), asked: 7, with, count: true }
    }
}

async fn servers() -> Sandbox {
    let platform = sandbox::PLATFORMS.first().map(|&name| name.into());
    sandbox::start(SandboxOptions { platform, ..Default::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_opens_and_then_counts() {
    let sandbox = servers().await;
    let mut bench = Bench::new(&[]);
    bench.add(&sandbox, "dev", Some(&sandbox.server("dev").info.password)).await;
    let Message::Opened { answer: Ok(found), asked: 7, .. } = bench.ask(bench.check("dev", With::Kept)).await else {
        panic!("not opened")
    };
    assert!(found.access.account.is_some() && found.counting);
    let Message::Counted { answer: Ok((info, counts)), .. } = bench.answer().await else { panic!("not counted") };
    assert!(info.version.is_some());
    assert_eq!(counts.items, counts.kinds.iter().map(|(_, count)| count).sum::<u64>());
    assert!(counts.kinds.iter().any(|(kind, count)| *kind == Kind::Flow && *count > 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_asked_for_refused_and_taken() {
    let sandbox = servers().await;
    let mut bench = Bench::new(&[]);
    bench.add(&sandbox, "dev", None).await;
    let code = |message: Message| match message {
        Message::Opened { answer, .. } => answer.map(|_| ()).map_err(|error| error.code),
        other => panic!("{other:?}"),
    };
    let kept = bench.check("dev", With::Kept);
    assert_eq!(code(bench.ask(kept).await), Err(ErrorKind::NoCredential));
    let server = &sandbox.server("dev").info;
    let wrong = bench.check("dev", With::Login(Login::password(&*server.user, "wrong")));
    assert_eq!(code(bench.ask(wrong).await), Err(ErrorKind::Unauthorized));
    let kept = bench.check("dev", With::Kept);
    assert_eq!(code(bench.ask(kept).await), Err(ErrorKind::NoCredential), "what was wrong is forgotten");
    let right = bench.check("dev", With::Login(Login::password(&*server.user, &*server.password)));
    assert_eq!(code(bench.ask(right).await), Ok(()));
    assert!(matches!(bench.answer().await, Message::Counted { answer: Ok(_), .. }));
    let kept = bench.check("dev", With::Kept);
    assert_eq!(code(bench.ask(kept).await), Ok(()), "what was right is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_archive_takes_only_its_key() {
    let mut bench = Bench::new(&[]);
    let location = Location::Bundle(PathBuf::from(DATA).join("strapi/tiny-v5.tar.gz.enc"));
    for (with, expected) in [
        (With::Kept, Some(ErrorKind::NoKey)),
        (With::Key("wrong".into()), Some(ErrorKind::WrongKey)),
        (With::Key("my-encryption-key".into()), None),
    ] {
        let effect = Effect::Check { location: location.clone(), asked: 1, with, count: true };
        let Message::Opened { answer, .. } = bench.ask(effect).await else { panic!("no answer") };
        assert_eq!(answer.err().map(|error| error.code), expected);
    }
    let Message::Counted { answer: Ok((_, counts)), .. } = bench.answer().await else { panic!("not counted") };
    assert!(counts.items > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn remotes_are_added_changed_renamed_preferred_and_removed() {
    let mut bench = Bench::new(&[("HAUL_REMOTE_LIVE", "ziggy:https://live.example"), ("HAUL_REMOTE_LIVE_TOKEN", "t")]);
    let new = NewRemote {
        name: RemoteName::parse("dev").unwrap(),
        platform: Platform::Ziggy,
        url: parse_url("https://dev.example").unwrap(),
        user: None,
        credential: NewCredential::Store("canary".into()),
        production: false,
        read_only: false,
    };
    let added = bench.ask(Effect::Add { asked: 1, new: Box::new(new) }).await;
    let Message::Saved { answer: Ok(added), asked: 1, before: None } = added else { panic!("{added:?}") };
    assert!(matches!(
        bench.ask(Effect::Prefer { name: "dev".into() }).await,
        Message::Preferred { answer: Ok(()), .. }
    ));
    let Message::Editable { answer: Ok(editable), .. } = bench.ask(Effect::Edit { asked: 2, name: "dev".into() }).await
    else {
        panic!("not editable")
    };
    assert_eq!(editable.url, added.url);
    let change = RemoteChange {
        production: true,
        credential: CredentialChange::Replace(NewCredential::Env("CMS".into())),
        ..RemoteChange::of(&editable)
    };
    let rename = RemoteName::parse("stage").ok();
    let change = Effect::Change { asked: 3, name: "dev".into(), rename, change: Box::new(change) };
    let changed = bench.ask(change).await;
    let Message::Saved { answer: Ok(changed), .. } = changed else { panic!("{changed:?}") };
    assert_eq!((changed.name.as_str(), changed.production), ("stage", true));

    let read = bench.ask(Effect::Read { reading: 1, folder: bench.folder.path().to_owned() }).await;
    let Message::Remotes { remotes: Ok(entries), .. } = read else { panic!("{read:?}") };
    let shown: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            Some((entry.name.as_str(), entry.remote()?.credential.as_str(), entry.remote()?.fixed.is_some()))
        })
        .collect();
    assert_eq!(shown, [("live", "from HAUL_REMOTE_LIVE_TOKEN", true), ("stage", "from CMS", false)]);
    assert!(entries.iter().any(|entry| entry.remote().is_some_and(|facts| facts.default_source)));
    assert!(matches!(bench.answer().await, Message::Bundles { .. }));

    let Message::Editable { answer: Err(error), .. } = bench.ask(Effect::Edit { asked: 4, name: "live".into() }).await
    else {
        panic!("the environment's is editable")
    };
    assert!(error.message.contains("HAUL_REMOTE_LIVE"));
    assert!(matches!(
        bench.ask(Effect::Remove { name: "stage".into() }).await,
        Message::Removed { answer: Ok(()), .. }
    ));
    assert!(bench.desk.remotes().unwrap().find("stage").unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_configuration_is_an_answer_and_bundles_are_found_all_the_same() {
    let mut bench = Bench::new(&[]);
    let here = bench.folder.path().join("here");
    std::fs::create_dir(&here).unwrap();
    std::fs::write(bench.folder.path().join("config.toml"), "[remotes\n").unwrap();
    std::fs::copy(format!("{DATA}/ziggy/export-object.json"), here.join("flows.json")).unwrap();
    std::fs::write(here.join("package.json"), "{ \"name\": \"x\" }").unwrap();
    let used = format!("{DATA}/strapi/tiny-v5.tar.gz");
    Recent::add(&bench.desk.paths, &used).unwrap();
    Recent::add(&bench.desk.paths, "ziggy:https://z.example").unwrap();
    let Message::Remotes { remotes: Err(error), .. } = bench.ask(Effect::Read { reading: 1, folder: here }).await
    else {
        panic!("it was understood")
    };
    assert!(error.message.contains("config.toml") && error.hint.is_some());
    let Message::Bundles { bundles: Ok(entries), .. } = bench.answer().await else { panic!("no bundles") };
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["./tests/data/strapi/tiny-v5.tar.gz", "~/here/flows.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_remembered() {
    let mut bench = Bench::new(&[]);
    bench.executor.start(Effect::Remember { place: "ziggy:https://z.example".into() }.into());
    let place = "/tmp/x.json".to_owned();
    bench.executor.start(Effect::Remember { place }.into());
    // Both answer nothing; what comes after them does.
    for _ in 0..100 {
        if Recent::read(&bench.desk.paths).places.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let read = bench.ask(Effect::Read { reading: 1, folder: bench.folder.path().to_owned() }).await;
    let Message::Remotes { remotes: Ok(entries), .. } = read else { panic!("{read:?}") };
    assert_eq!(entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["https://z.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picker_goes_where_it_is_told() {
    let mut bench = Bench::new(&[]);
    let home = bench.folder.path().to_owned();
    std::fs::create_dir_all(home.join("b/deep")).unwrap();
    std::fs::write(home.join("notes.txt"), "hello").unwrap();
    std::fs::copy(format!("{DATA}/ziggy/export-object.json"), home.join("a.json")).unwrap();
    let mut go = async |base: &str, text: &str| {
        let effect = Effect::Go { asked: 1, base: base.into(), text: text.into() };
        match bench.ask(effect).await {
            Message::Arrived { answer, .. } => answer,
            other => panic!("{other:?}"),
        }
    };
    let Ok(Arrived::Folder(folder)) = go("/", "~").await else { panic!("no folder") };
    assert_eq!((&*folder.name, folder.left_out), ("~", 0));
    let files: Vec<_> = folder.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(files, ["b", "a.json", "notes.txt"]);
    assert_eq!((folder.files[0].kind, folder.files[2].kind), (FileKind::Folder, FileKind::Other));
    assert!(matches!(folder.files[1].kind, FileKind::Bundle(look) if look.certain));
    let Ok(Arrived::Folder(folder)) = go(&home.display().to_string(), "b/deep/..").await else { panic!("no folder") };
    assert_eq!(folder.name, "~/b");
    let Ok(Arrived::Bundle(entry)) = go("/", "~/a.json").await else { panic!("no bundle") };
    assert_eq!((&*entry.name, entry.platform), ("~/a.json", Platform::Ziggy));
    let Ok(Arrived::Bundle(entry)) = go("/", "ziggy:https://z.example/").await else { panic!("no address") };
    assert_eq!(entry.location, Location::Address("ziggy:https://z.example".into()));
    assert_eq!(go("/", "~/notes.txt").await.unwrap_err().code, ErrorKind::NotABundle);
    assert_eq!(go("/", "~/gone").await.unwrap_err().code, ErrorKind::Io);
    let Ok(Arrived::Bundle(entry)) = go("/", "flotiq:https://x.example").await else { panic!("an address") };
    assert_eq!(entry.location, Location::Address("flotiq:https://x.example".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_of_a_new_bundle_is_looked_at() {
    let mut bench = Bench::new(&[]);
    let home = bench.folder.path().to_owned();
    std::fs::write(home.join("there.json"), "x").unwrap();
    let mut output = async |path: &str| {
        let effect = Effect::Output { asked: 1, bundle: choosing::bundle(path) };
        match bench.ask(effect).await {
            Message::Output { answer, .. } => answer,
            other => panic!("{other:?}"),
        }
    };
    let Ok(Writable::Free(bundle)) = output("~/new.json").await else { panic!("not free") };
    assert_eq!(bundle.path, home.join("new.json"));
    assert!(matches!(output("~/there.json").await, Ok(Writable::Exists(_))));
    assert_eq!(
        output("~/gone/new.json").await.unwrap_err().message,
        format!("there is no folder {}", home.join("gone").display())
    );
    assert_eq!(output("~").await.unwrap_err().code, ErrorKind::OutputExists);
}
