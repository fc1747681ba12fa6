//! The client against a server of a few lines, sound and with every fault that was seen or feared.

mod older;
mod server;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use self::server::{Fault, File, Script, Server, TOKEN};
use super::Remote;
use crate::model::{
    Credentials, Error, ErrorKind, EventSink, Existing, ExportFormat, ExportRequest, Files, Inventory, ItemIndex,
    ItemKey, Kind, Layout, RunEvent, Seal, Source, Squeeze, code,
};
use crate::net::{Farewells, NetOptions};
use crate::platforms::OpenOptions;
use crate::remotes::Login;

fn file(id: u64, name: &'static str, of: Option<&str>) -> File {
    let (hash, ext) = name.rsplit_once('.').expect("an ending");
    let mut metadata = json!({
        "id": id, "name": name, "hash": hash, "ext": format!(".{ext}"), "mime": "image/png", "size": 0.01, "url": "/u",
    });
    if let Some(main) = of {
        metadata["mainHash"] = json!(main);
        metadata["type"] = json!("thumbnail");
    }
    File { name, metadata, bytes: format!("the bytes of {name}").into_bytes() }
}

/// Two files, one with a rendition; an article that shows the first; a user of the admin panel.
fn script(fault: Fault) -> Script {
    let row = |type_: &str, id: u64, data: Value| json!({"type": type_, "id": id, "data": data});
    let file_row = |id: u64, formats: Value| {
        let data = json!({"documentId": format!("file{id}"), "name": format!("file {id}"), "provider": "local", "formats": formats});
        row("plugin::upload.file", id, data)
    };
    let link = |left: &str, right: &str| {
        let end = |type_: &str, field: &str| json!({"type": type_, "ref": 1, "field": field});
        json!({"kind": "relation.morph", "relation": "morphToMany", "left": end(left, "related"), "right": end(right, "cover")})
    };
    Script {
        version: "5.54.0",
        entities: vec![
            row("admin::user", 1, json!({"documentId": "u", "password": "canary"})),
            row("api::a.a", 1, json!({"documentId": "doc1", "title": "One", "locale": null, "publishedAt": null})),
            file_row(1, json!({"thumbnail": {"size": 0.02}})),
            file_row(2, Value::Null),
        ],
        links: vec![link("plugin::upload.file", "api::a.a"), link("plugin::upload.file", "admin::user")],
        files: vec![file(1, "a_1.png", None), file(1, "thumbnail_a_1.png", Some("a_1")), file(2, "b_2.png", None)],
        fault,
    }
}

/// What was said of waiting.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<String>>);

impl EventSink for Waits {
    fn emit(&self, event: RunEvent) {
        if let RunEvent::Waited { why, .. } = event {
            self.0.lock().expect("no test panicked").push(why);
        }
    }
}

struct Scene {
    server: Server,
    farewells: Farewells,
    spools: tempfile::TempDir,
    waits: Arc<Waits>,
}

impl Scene {
    async fn new(script: Script) -> Scene {
        let spools = tempfile::tempdir().expect("a folder");
        let server = Server::start(script).await;
        Scene { server, farewells: Farewells::default(), spools, waits: Arc::default() }
    }

    /// Patience is short: what is tested does not come at all.
    async fn connect_as(&self, token: &'static str) -> Result<Remote, Error> {
        let net = NetOptions { first_byte_timeout: Duration::from_millis(400), retries: 0, ..NetOptions::default() };
        let options = OpenOptions {
            net,
            login: Some(Login::token(token)),
            spool: self.spools.path().to_owned(),
            farewells: self.farewells.clone(),
            events: self.waits.clone(),
            ..OpenOptions::default()
        };
        Remote::connect(&self.server.url.parse().expect("a URL"), Some("cms"), &options).await
    }

    async fn connect(&self) -> Result<Remote, Error> {
        self.connect_as(TOKEN).await
    }

    /// The goodbye that ends every conversation, however it went.
    async fn last_words(&self) -> Vec<String> {
        self.farewells.finished(Duration::from_secs(60)).await;
        let asked = self.server.asked();
        asked[asked.len().saturating_sub(2)..].to_vec()
    }

    fn spools(&self) -> usize {
        fs::read_dir(self.spools.path()).expect("it is there").count()
    }
}

fn index(inventory: &Inventory, key: &ItemKey) -> ItemIndex {
    inventory.find(key).expect("it is listed").index()
}

fn asset(id: &str) -> ItemKey {
    ItemKey::new(Kind::Asset, id)
}

fn article() -> ItemKey {
    ItemKey::typed(Kind::Entry, "api::a.a", "doc1")
}

async fn export(remote: &dyn Source, inventory: &Inventory, to: &Path) -> Result<Vec<String>, Error> {
    let format = ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing: Existing::Replace,
        files: Files::With,
        credentials: Credentials::Keep,
        folder: crate::model::FolderFormat::default(),
    };
    let items: Vec<_> = inventory.items().map(|item| item.index()).collect();
    let request = ExportRequest { inventory, items: &items, output: Some(to), format: &format };
    remote.export(&request, &()).await?;
    let bytes = fs::read(to).expect("it was written");
    assert!(!String::from_utf8_lossy(&bytes).contains("canary"), "what belongs to the admin panel stays there");
    let mut tar = tar::Archive::new(&*bytes);
    let entries = tar.entries().expect("a tar");
    Ok(entries.map(|entry| entry.expect("sound").path().expect("a name").display().to_string()).collect())
}

#[rstest]
#[case::a_new_server("5.54.0", Fault::None)]
#[case::an_old_server("4.26.2", Fault::None)]
#[case::pieces_before_their_reply("5.54.0", Fault::Hasty)]
#[tokio::test]
async fn a_server_is_listed_and_exported(#[case] version: &'static str, #[case] fault: Fault) {
    let scene = Scene::new(Script { version, ..script(fault) }).await;
    let remote = scene.connect().await.expect("it opens");
    let mut inventory = remote.list().await.expect("it is listed");
    assert_eq!(remote.info().version.as_deref(), Some(version));
    assert_eq!(inventory.len(), 5, "an article, two assets and two schemas; the admin panel's user is none of ours");
    assert!(inventory.findings.is_empty(), "{:?}", inventory.findings);
    assert!(!scene.server.asked().contains(&"start assets".to_owned()), "a listing carries no files");
    let first = inventory.find(&asset("file1")).expect("listed");
    assert!(first.digests().is_none() && first.is_traced() && first.size() > 30);
    let linked = inventory.find(&article()).expect("listed").local_references().next();
    assert_eq!(linked, Some(Some(index(&inventory, &asset("file1")))));

    let both = [asset("file1"), asset("file2")].map(|key| index(&inventory, &key));
    remote.examine(&mut inventory, &both).await.expect("its files come");
    assert!(both.iter().all(|&item| inventory.item(item).digests().is_some()));
    let starts = scene.server.asked().iter().filter(|asked| *asked == "start assets").count();
    let to = scene.spools.path().join("out.tar");
    let names = export(&remote, &inventory, &to).await.expect("it is written");
    let expected = [
        "schemas/schemas_00001.jsonl",
        "entities/entities_00001.jsonl",
        "assets/metadata/a_1.png.json",
        "assets/uploads/a_1.png",
        "assets/metadata/b_2.png.json",
        "assets/uploads/b_2.png",
        "assets/metadata/thumbnail_a_1.png.json",
        "assets/uploads/thumbnail_a_1.png",
        "links/links_00001.jsonl",
        "metadata.json",
    ];
    assert_eq!(names, expected);
    let again = scene.server.asked().iter().filter(|asked| *asked == "start assets").count();
    assert_eq!(starts, again, "files are carried once");

    let read = remote.read(&[article()]).await.expect("it is read");
    assert!(read[0].json.get().contains("\"One\""), "{:?}", read[0].json);
    assert_eq!(scene.last_words().await, ["close", "end"]);
    fs::remove_file(to).expect("it is there");
    drop(remote);
    assert_eq!(scene.spools(), 0, "nothing stays on disk");
}

#[tokio::test]
async fn a_stage_ends_early_once_the_wanted_files_came() {
    let scene = Scene::new(script(Fault::None)).await;
    let remote = scene.connect().await.expect("it opens");
    let mut inventory = remote.list().await.expect("it is listed");
    let first = index(&inventory, &asset("file1"));
    remote.examine(&mut inventory, &[first]).await.expect("its files come");
    let other = index(&inventory, &asset("file2"));
    assert!(inventory.item(first).digests().is_some() && inventory.item(other).digests().is_none());
    remote.examine(&mut inventory, &[other]).await.expect("the rest comes later");
    assert!(inventory.item(other).digests().is_some());
    assert_eq!(scene.last_words().await, ["close", "end"]);
}

#[tokio::test]
async fn a_file_of_an_old_server_has_the_digest_that_it_has_everywhere() {
    let mut digests = Vec::new();
    for version in ["4.26.2", "5.54.0"] {
        let scene = Scene::new(Script { version, ..script(Fault::None) }).await;
        let remote = scene.connect().await.expect("it opens");
        let mut inventory = remote.list().await.expect("it is listed");
        let item = index(&inventory, &asset("file1"));
        remote.examine(&mut inventory, &[item]).await.expect("its files come");
        digests.push(inventory.item(item).digests());
    }
    assert!(digests[0].is_some() && digests[0] == digests[1]);
}

#[tokio::test]
async fn a_missing_file_is_a_finding_and_an_odd_name_is_not_written() {
    let mut script = script(Fault::None);
    script.files.remove(2);
    script.files[1].name = "../thumbnail_a_1.png";
    let scene = Scene::new(script).await;
    let remote = scene.connect().await.expect("it opens");
    let mut inventory = remote.list().await.expect("it is listed");
    let items: Vec<_> = inventory.items().map(|item| item.index()).collect();
    remote.examine(&mut inventory, &items).await.expect("the others come");
    let found: Vec<_> = inventory.findings.iter().map(|finding| (&*finding.code, finding.item.clone())).collect();
    assert!(found.contains(&(code::MISSING_FILE, Some(asset("file2")))), "{found:?}");
    assert!(found.contains(&(code::MISSING_FILE, Some(asset("file1")))), "a rendition: {found:?}");
    assert!(found.contains(&(code::UNSAFE_NAME, None)), "{found:?}");
    assert!(!scene.spools.path().join("thumbnail_a_1.png").exists());
}

#[rstest]
#[case::cut(Fault::Cut("entities"), ErrorKind::Unreachable, "entities")]
#[case::cut_later(Fault::Cut("links"), ErrorKind::Unreachable, "links")]
#[case::stalled(Fault::Stall("links"), ErrorKind::TimedOut, "answers pings")]
#[case::silent(Fault::Silence("entities"), ErrorKind::TimedOut, "not even an answer to a ping")]
#[case::an_empty_error(Fault::Ended("links", json!({})), ErrorKind::Server, "links of 127.0.0.1")]
#[case::refused(Fault::Refuse("getSchemas"), ErrorKind::Server, "Invalid Transfer Process")]
#[case::no_json(Fault::Say("getSchemas", "<html>"), ErrorKind::Protocol, "none of the protocol")]
#[case::another_shape(Fault::Say("start links", "[1]"), ErrorKind::Protocol, "none of the protocol")]
#[tokio::test]
async fn what_fails_while_rows_are_pulled_is_told_and_ended(
    #[case] fault: Fault,
    #[case] kind: ErrorKind,
    #[case] says: &str,
) {
    let heard = !matches!(fault, Fault::Cut(_) | Fault::Silence(_));
    let scene = Scene::new(script(fault)).await;
    let remote = scene.connect().await.expect("opening pulls no rows");
    let error = remote.list().await.expect_err("it fails");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().starts_with("cms: ") && error.message().contains(says), "{error}");
    assert!(error.hint_text().is_some(), "{error}");
    let last = scene.last_words().await;
    assert!(!heard || last == ["close", "end"], "{last:?}");
    drop(remote);
    assert_eq!(scene.spools(), 0, "nothing stays on disk");
}

/// Two and a half times as long as a server may take for the first byte of an answer.
#[tokio::test]
async fn a_server_that_is_too_busy_to_answer_pings_is_waited_for() {
    let scene = Scene::new(script(Fault::Busy("links", Duration::from_secs(1)))).await;
    let remote = scene.connect().await.expect("it opens");
    let inventory = remote.list().await.expect("it is listed");
    assert!(inventory.find(&article()).is_some());
    let said = scene.waits.0.lock().expect("no test panicked").clone();
    assert_eq!(said.first().map(String::as_str), Some("the server works on links and has answered nothing for 0 s"));
    assert_eq!(scene.last_words().await, ["close", "end"]);
}

#[rstest]
#[case::damaged(Fault::Damage, ErrorKind::Damaged, "a_1.png came damaged")]
#[case::missing_on_an_old_server(
    Fault::Ended("assets", json!({"errno": -2, "code": "ENOENT", "syscall": "stat", "path": "/srv/uploads/a_1.png"})),
    ErrorKind::Server,
    "a_1.png is missing on the server's disk"
)]
#[case::cut(Fault::Cut("assets"), ErrorKind::Unreachable, "assets")]
#[tokio::test]
async fn what_fails_while_files_are_pulled_leaves_the_listing(
    #[case] fault: Fault,
    #[case] kind: ErrorKind,
    #[case] says: &str,
) {
    let scene = Scene::new(script(fault)).await;
    let remote = scene.connect().await.expect("it opens");
    let mut inventory = remote.list().await.expect("it is listed");
    let items: Vec<_> = inventory.items().map(|item| item.index()).collect();
    let error = remote.examine(&mut inventory, &items).await.expect_err("it fails");
    assert!(error.kind() == kind && error.message().contains(says), "{error}");
    assert!(!error.message().contains("/srv"), "folders of the server are nobody's business: {error}");
    assert_eq!(remote.read(&[article()]).await.expect("rows are there").len(), 1);
}

#[tokio::test]
async fn a_listing_that_is_dropped_midway_is_ended_at_the_server() {
    let scene = Scene::new(script(Fault::Stall("links"))).await;
    let remote = scene.connect().await.expect("it opens");
    tokio::select! {
        listed = remote.list() => panic!("{listed:?}"),
        () = async {
            while !scene.server.asked().contains(&"start links".to_owned()) {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    assert_eq!(scene.last_words().await, ["close", "end"]);
}

#[rstest]
#[case::wrong_token(Fault::None, "another token", ErrorKind::Unauthorized, "does not know this transfer token")]
#[case::may_not_pull(Fault::Lacks("pull"), TOKEN, ErrorKind::Forbidden, "may not pull")]
#[case::transfers_disabled(Fault::Disabled, TOKEN, ErrorKind::Server, "with transfers disabled")]
#[case::transfers_disabled_on_v5(Fault::Unswitched, TOKEN, ErrorKind::Server, "with transfers disabled")]
#[case::wrong_path(Fault::Status("404 Not Found"), TOKEN, ErrorKind::Server, "no Strapi admin panel")]
#[case::no_salt(Fault::Status("500 Internal Server Error"), TOKEN, ErrorKind::Server, "while it looked at the token")]
#[case::something_else(Fault::Status("200 OK"), TOKEN, ErrorKind::Server, "no Strapi admin panel")]
#[tokio::test]
async fn why_a_server_does_not_open_is_told(
    #[case] fault: Fault,
    #[case] token: &'static str,
    #[case] kind: ErrorKind,
    #[case] says: &str,
) {
    let scene = Scene::new(script(fault)).await;
    let error = scene.connect_as(token).await.expect_err("it does not open");
    assert!(error.kind() == kind && error.message().contains(says), "{error}");
    assert!(error.hint_text().is_some() && !error.message().contains(token), "{error}");
}

#[tokio::test]
async fn a_token_without_the_right_to_push_is_read_only() {
    let scene = Scene::new(script(Fault::Lacks("push"))).await;
    let access = scene.connect().await.expect("it opens").access();
    assert_eq!((access.rights.len(), access.limits.len()), (1, 1), "{access:?}");
}
