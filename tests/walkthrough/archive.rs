//! An encrypted archive that Strapi wrote: opened, looked at, and a part of it exported to a new one.

use std::ops::RangeInclusive;
use std::process::{Command, Output};

use crate::page::in_repository;
use crate::terminal_common::Key;
use crate::walk::{Home, Walk};

/// Of the samples.
pub const KEY: &str = "my-encryption-key";
pub const NEW_KEY: &str = "another key for the articles";

#[test]
fn a_part_of_a_sealed_archive_by_keys() {
    let home = home();
    let mut walk = start("archive-by-keys", 51..=70, &home);
    open(&mut walk);
    pick(&mut walk);
    export(&mut walk);
    walk.type_in("q");
    walk.end();
    check(&home);
}

/// A user with one archive that Strapi wrote.
pub fn home() -> Home {
    let home = Home::new();
    std::fs::create_dir(home.path("backups")).expect("made");
    let archive = home.path("backups/blog.tar.gz.enc");
    std::fs::copy(in_repository("tests/data/strapi/v5.54.0.tar.gz.enc"), archive).expect("copied");
    home
}

fn haul(home: &Home, arguments: &[&str]) -> Command {
    let mut command = home.haul(arguments);
    command.env("HAUL_CONFIG_DIR", home.path("config")).env("HAUL_STATE_DIR", home.path("state"));
    command
}

pub fn start(part: &'static str, numbers: RangeInclusive<usize>, home: &Home) -> Walk {
    let mut walk = Walk::start(part, numbers, &haul(home, &[]));
    // How old something is depends on the day.
    walk.without_from("│▾ State");
    walk
}

fn open(walk: &mut Walk) {
    walk.wait("add a server").type_in("o");
    walk.wait("backups/").type_in("back").key(Key::Enter);
    walk.step(
        "file",
        "`haul`, in a folder of yours. `o` finds a file: `back` `⏎` goes to the folder `backups`, and what lies there is told \
         by its first bytes.",
        &["strapi, locked", "blog.tar.gz.enc"],
    );
    walk.key(Key::Enter);
    walk.wait("is encrypted").type_in("my-encryption-kex").key(Key::Enter);
    walk.step(
        "wrong-key",
        "`⏎` opens it. Its key is asked for, and shown as dots; a wrong one is told at once, and asked for again.",
        &["the key does not fit", "[ ⏎ open it ]"],
    );
    walk.type_in(KEY).key(Key::Enter);
    walk.step("opened", "The right one opens it: it is the source.", &["117 items", "→ ?"]);
}

fn pick(walk: &mut Walk) {
    walk.key(Key::Down).key(Key::Enter);
    walk.wait("New bundle").key(Key::Ctrl('u')).type_in("articles");
    walk.step(
        "new-bundle",
        "`↓` `⏎` on *a new file …*: an export. The name is typed; the archive is to be encrypted and compressed, as \
         `strapi export` does it.",
        &["writes ", "articles.tar.gz.enc"],
    );
    walk.key(Key::Enter);
    walk.wait("articles.tar.gz").gone("New bundle ─").type_in("2");
    walk.wait("of 117 picked");
    walk.step(
        "browse",
        "`2` shows what the archive holds, by kind and by type, with the details of the row under the cursor.",
        &["0 of 117 picked"],
    );
    walk.type_in("/bug");
    walk.step("filter", "`/bug` filters while it is typed.", &["/ bug", "A bug is"]);
    walk.key(Key::Esc);
    walk.wait("of 117 picked").key(Key::Tab);
    walk.wait("p pick them all");
    for _ in 0..2 {
        walk.key(Key::Down);
    }
    walk.type_in("p");
    walk.step(
        "type",
        "`esc` clears it, `tab` goes to the groups, `↓` to the type *Article*, and `p` picks all of it. \
         Authors, categories and media come along.",
        &["5 of 117 picked", "needed"],
    );
}

fn export(walk: &mut Walk) {
    walk.type_in("3");
    walk.step(
        "plan",
        "`3`: everything that the new archive will hold. Schemas always travel.",
        &["a new bundle", "create"],
    );
    walk.type_in("r");
    walk.wait("[ ⏎ run it ]").key(Key::Enter);
    walk.wait("Whoever has this key").type_in(NEW_KEY).key(Key::Enter);
    walk.wait("Once more").type_in(NEW_KEY);
    walk.step(
        "new-key",
        "`r` `⏎`: the key of the new archive is asked for, twice, so that a slip locks nobody out.",
        &["Once more", "•••"],
    );
    walk.key(Key::Enter);
    walk.wait("✓ done");
    walk.told("exported", "`⏎` starts it, and a moment later it is written.", &["✓ done", "⏎ report"]);
    walk.key(Key::Enter);
    walk.step("report", "`⏎` reads the report: what to know first, and every item below.", &["articles.tar.gz.enc"]);
    walk.key(Key::Esc).gone("esc close");
}

/// The new archive is what was asked for, as the command line finds it.
pub fn check(home: &Home) {
    assert!(home.path("articles.tar.gz.enc").is_file(), "{:?}", home.names());
    let key = home.path("key.txt");
    std::fs::write(&key, NEW_KEY).expect("written");
    let key = key.to_str().expect("UTF-8");
    let haul = |arguments: &[&str]| -> Output { haul(home, arguments).output().expect("haul starts") };
    let verified = haul(&["verify", "articles.tar.gz.enc", "--key-file", key]);
    assert!(verified.status.success(), "{verified:?}");
    let listed = haul(&["list", "articles.tar.gz.enc", "--types", "api::article.article", "--key-file", key, "--json"]);
    let text = String::from_utf8(listed.stdout).expect("UTF-8");
    assert_eq!(text.matches("\"type\":\"api::article.article\"").count(), 5, "{text}");
    let refused = haul(&["list", "articles.tar.gz.enc", "--key-file", "backups/blog.tar.gz.enc"]);
    assert!(!refused.status.success(), "another key opens it");
}
