//! The same archive by mouse: typed is only what nobody can click, keys, a name and a filter.

use crate::archive::{self, KEY, NEW_KEY};
use crate::terminal_common::Key;
use crate::walk::Walk;

#[test]
fn a_part_of_a_sealed_archive_by_mouse() {
    let home = archive::home();
    let mut walk = archive::start("archive-by-mouse", 71..=90, &home);
    open(&mut walk);
    pick(&mut walk);
    export(&mut walk);
    walk.click("q quit", 0);
    walk.end();
    archive::check(&home);
}

fn open(walk: &mut Walk) {
    walk.wait("add a server").click("o open file", 0).wait("Open a file").open("▸ backups/");
    walk.wait("▸ blog.tar.gz.enc");
    walk.step(
        "file",
        "*o open file* in the footer, and a click on the folder `backups`, where the cursor is already.",
        &["strapi, locked"],
    );
    walk.open("▸ blog.tar.gz.enc").wait("is encrypted").type_in("my-encryption-kex").click("[ ⏎ open it ]", 0);
    walk.step("wrong-key", "A click on the file asks for its key; this one is wrong.", &["the key does not fit"]);
    walk.type_in(KEY).click("[ ⏎ open it ]", 0);
    walk.step("opened", "The right one, and *open it*.", &["117 items", "→ ?"]);
}

fn pick(walk: &mut Walk) {
    walk.open("▸  a new file …").wait("New bundle ─").key(Key::Ctrl('u')).type_in("articles");
    walk.wait("writes articles.tar.gz.enc").click("[ ⏎ choose it ]", 0).gone("New bundle ─").click("2 Cont", 0);
    walk.wait("of 117 picked").click("Entries       38", 0).click("Entries       38", 0);
    walk.wait("of 38 picked").click("Beautiful picture", 0);
    walk.step(
        "browse",
        "Two clicks on *a new file …*, a name, *choose it*; the tab *2 Content*, two clicks on *Entries*, and one on a row: \
         its details stand beside it.",
        &["of 38 picked", "▸[ ] Beautiful"],
    );
    walk.click("/ ", 0).type_in("bug");
    walk.step("filter", "A click on the filter, and `bug`.", &["/ bug", "A bug is"]);
    walk.click("esc clear", 0).wait("of 38 picked");
    walk.click("Article      5", 0).click("p pick them all", 0);
    walk.step("type", "*esc clear*; the type, and *p pick them all*.", &["5 of ", "needed"]);
}

fn export(walk: &mut Walk) {
    walk.click("3 plan", 0);
    walk.step("plan", "*3 plan*, at the right above the footer.", &["a new bundle", "48 create"]);
    walk.click("r run …", 0).click("[ ⏎ run it ]", 0);
    walk.wait("Whoever has this key").type_in(NEW_KEY).click("[ ⏎ ", 0);
    walk.wait("Once more").type_in(NEW_KEY).click("[ ⏎ ", 0);
    walk.wait("✓ done");
    walk.told("exported", "*r run …*, *run it*, and the new key twice.", &["✓ done", "⏎ report"]);
    walk.click("⏎ report", 0);
    walk.step("report", "*⏎ report* reads the report.", &["articles.tar.gz.enc"]);
    walk.click("esc close", 0).gone("esc close");
}
