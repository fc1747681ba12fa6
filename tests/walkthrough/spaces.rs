//! An object with media goes from one Flotiq space to another by keys, and what refers to the media is rewritten.

use std::io::Write;
use std::process::Stdio;

use haul::sandbox::{Sandbox, SandboxOptions, Server, start};
use serde_json::Value;

use crate::terminal_common::Key;
use crate::walk::{Home, Walk};

/// Milliseconds that the spaces think before each answer: a run can then be watched.
const LATENCY: u64 = 60;
const OBJECT: &str = "blog_post-0027";
/// What the object shows: a file that prod lacks.
const NEW_FILE: &str = "picture-4.png";
/// What its text shows: a file that prod has under another id.
const KNOWN_FILE: &str = "picture-33.png";

#[test]
fn an_object_with_media_between_spaces_by_keys() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let sandbox = runtime.block_on(spaces());
    let home = Home::new();
    for name in ["dev", "prod"] {
        add(&home, &sandbox.server(name).info.url, sandbox.server(name).info.token.as_deref(), name);
    }
    let mut command = home.haul(&[]);
    command.env("HAUL_CONFIG_DIR", home.path("config")).env("HAUL_STATE_DIR", home.path("state"));
    command.env("HAUL_CREDENTIAL_STORE", "file").env("COLORTERM", "truecolor");
    let mut walk = Walk::start("spaces-by-keys", 101..=120, &command);
    look(&mut walk);
    plan(&mut walk);
    run(&mut walk);
    result(&mut walk);
    walk.type_in("q");
    walk.end();
    runtime.block_on(check(&sandbox));
}

async fn spaces() -> Sandbox {
    let options = SandboxOptions { platform: Some("flotiq".to_owned()), latency: LATENCY, ..SandboxOptions::default() };
    start(options).await.expect("a sandbox")
}

fn add(home: &Home, url: &str, key: Option<&str>, name: &str) {
    let address = format!("flotiq:{url}");
    let mut words = vec!["remote", "add", name, &address, "--credential-stdin"];
    words.extend((name == "prod").then_some("--production"));
    let mut command = home.haul(&words);
    command.env("HAUL_CONFIG_DIR", home.path("config")).env("HAUL_STATE_DIR", home.path("state"));
    command.env("HAUL_CREDENTIAL_STORE", "file");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("haul starts");
    let key = key.expect("spaces have keys");
    child.stdin.take().expect("piped").write_all(key.as_bytes()).expect("it reads");
    assert!(child.wait().expect("it ends").success());
}

fn look(walk: &mut Walk) {
    walk.wait("not checked yet").key(Key::Enter);
    walk.wait("is the source").wait("469 items").key(Key::Enter);
    walk.wait("0 of 469 picked").key(Key::Tab).key(Key::End);
    walk.step(
        "types-and-states",
        "`haul`, with two spaces as remotes: `⏎` `⏎` chooses `dev` and `prod`. `tab` goes to the groups, `end` to the last: \
         objects stand under their types, and states have groups of their own.",
        &["▸ comes along", "archived", "draft"],
    );
    walk.key(Key::Tab).type_in("/picture-4").key(Key::Enter);
    walk.step(
        "medium",
        "`tab` goes back, `/picture-4` `⏎` to a file: its type, dimensions and size, and what needs it. Where the terminal has all \
         colours, it is shown.",
        &["40×40 image/png", "▀▀▀"],
    );
    walk.key(Key::Esc);
    walk.wait("of 469 picked").type_in("/sea 27").key(Key::Enter);
    walk.wait("of 1 picked").type_in(" ");
    walk.step(
        "picked",
        "`esc` clears the filter, `/sea 27` `⏎` leaves one post, `space` picks it. It needs an author, media and more, which come \
         along as far as `prod` lacks them.",
        &["1 of 1 picked · +137 needed", "published"],
    );
}

fn plan(walk: &mut Walk) {
    walk.type_in("3");
    walk.planned("7 create");
    walk.type_in("/kind:media").key(Key::Enter);
    walk.wait("kind:media");
    walk.step(
        "plan",
        "`3` plans it, `/kind:media` `⏎` shows what becomes of the files: those that `prod` has byte for byte are used, under \
         whatever id (*content*), and the others are uploaded.",
        &["content", "create", "7 create · 131 skip"],
    );
    walk.key(Key::Esc).type_in("f");
    walk.wait("Effects and findings");
    for _ in 0..10 {
        walk.key(Key::Down);
    }
    walk.step(
        "forecast",
        "`f` has all that is worth knowing before: here about how many requests the run takes, and how long.",
        &["▸i forecast", "requests to the space"],
    );
    walk.key(Key::Esc);
    walk.gone("Effects and findings").type_in("r");
    walk.wait("type prod to go ahead").type_in("prod");
    walk.step(
        "ask",
        "`r` sums it up, and as `prod` is production asks for its name.",
        &["about", "from the first write on", "[ ⏎ run it ]"],
    );
}

fn run(walk: &mut Walk) {
    walk.key(Key::Enter).wait("created media");
    walk.going(
        "run",
        "`⏎` starts it: requests of those that were foreseen, how much of the allowed rate they use, and the time left.",
        &["requests ", " of about ", "of 10/s", "media", "── log"],
    );
    walk.wait("✓ done");
    walk.told("done", "It is through, and `prod` was looked at again.", &["✓ done", "succeeded: 7 written"]);
    walk.key(Key::Enter);
    walk.wait("esc close").key(Key::End);
    walk.step(
        "report",
        "`⏎` reads the report, `end` goes to its last lines: every file with the id that `prod` gave it.",
        &["created", "media picture-4.png · as"],
    );
}

fn result(walk: &mut Walk) {
    walk.key(Key::Esc).gone("esc close").type_in("1h").key(Key::Down).key(Key::Enter);
    walk.wait("prod → ?").type_in("2");
    walk.wait("0 of 475 picked").type_in("/sea 27").key(Key::Enter);
    walk.wait("of 1 picked").key(Key::Enter);
    walk.step(
        "result",
        "What came of it: `1` `h` `↓` `⏎` makes `prod` the source, `2` lists it anew, and `⏎` on the post shows it whole. \
         Everything that it refers to is there, the files under the ids that `prod` has for them.",
        &["blog_post-0027", "◦ picture-4.png  media", "◦ picture-33.png  media"],
    );
    walk.key(Key::Esc).gone("esc back");
}

/// Whatever referred to the files at dev leads to the same bytes at prod, under the ids that they have there.
async fn check(sandbox: &Sandbox) {
    let (dev, prod) = (sandbox.server("dev"), sandbox.server("prod"));
    let (before, after) = (shown(dev, "blog_post", OBJECT), shown(prod, "blog_post", OBJECT));
    let id_of = |relation: &Value| {
        let url = relation[0]["dataUrl"].as_str().expect("a relation");
        url.rsplit('/').next().expect("an id").to_owned()
    };
    let (old, new) = (id_of(&before["image"]), id_of(&after["image"]));
    assert_ne!(old, new, "a space gives each upload an id of its own");
    assert_eq!(shown(prod, "_media", &new)["fileName"], NEW_FILE);
    assert_eq!(bytes(dev, &old).await, bytes(prod, &new).await);

    let body = after["body"].as_str().expect("a text");
    let id = body.split("/image/0x0/").nth(1).and_then(|rest| rest.split(".png").next()).expect("the URL of a file");
    assert!(!before["body"].as_str().expect("a text").contains(id), "{body}");
    assert_eq!(shown(prod, "_media", id)["fileName"], KNOWN_FILE);
    assert!(!after.to_string().contains(&old), "{after}");
}

/// The newest version of an object.
fn shown(server: &Server, type_: &str, id: &str) -> Value {
    let shown = server.dump()["types"][type_]["objects"][id]["shown"].clone();
    assert!(shown.is_object(), "{} has no {type_}/{id}", server.info.name);
    shown
}

async fn bytes(server: &Server, id: &str) -> Vec<u8> {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.get(format!("{}/image/0x0/{id}.png", server.info.url)).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.bytes().await.expect("a file").to_vec()
}
