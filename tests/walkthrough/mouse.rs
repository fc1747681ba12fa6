//! The demo by mouse: typed is only what nobody can click, an id and the name of a production server.

use crate::terminal_common::Wheel;
use crate::walk::{Home, Walk};

const LATENCY: &str = "150";
const BY_UUID: &str = "329f5f47-7052-4d75-8754-d3578b2c1025";

#[test]
fn the_demo_by_mouse() {
    let home = Home::new();
    let mut walk = Walk::start("mouse", 31..=50, &home.haul(&["demo", "--latency", LATENCY]));
    choose_and_pick(&mut walk);
    look_and_decide(&mut walk);
    run_cancel_resume(&mut walk);
    walk.click("q quit", 0);
    walk.say("A click on *quit* leaves.");
    walk.end();
    assert_eq!(home.names(), [""; 0], "the demo left something behind");
}

fn choose_and_pick(walk: &mut Walk) {
    walk.wait("not checked yet").click("dev ", 0);
    walk.wait("84 items").wait("is the source").click("  prod ", 1);
    walk.step(
        "ends",
        "A click goes to a row, and a click on the row where the cursor is opens it: `dev` on the left, `prod` on the right, \
         where the cursor was already. Every key of the footer is a button too.",
        &["dev → prod", "PRODUCTION", "0 of 84 picked", "[ ] Address check"],
    );
    walk.click("billing       10", 0).click("billing       10", 0);
    walk.wait("of 10 picked");
    walk.click("[ ] Convert currency", 0).click("[ ] Dunning", 0).click("[ ] Invoice approval", 0);
    walk.step(
        "three-by-tag",
        "Two clicks on the tag *billing*, and one on each of three check boxes.",
        &["3 of 10 picked · +7 needed"],
    );
    walk.click("u by id", 0).wait("Pick by id").screen.paste(BY_UUID);
    walk.wait("1 item found").click("⏎ pick them", 0);
    walk.gone("Pick by id");
    walk.step("one-by-id", "*u by id* in the footer, an id pasted, *pick them*.", &["3 of 10 picked"]);
}

fn look_and_decide(walk: &mut Walk) {
    walk.click("3 Plan", 0).planned("1 create · 10 skip");
    walk.click("policy skip", 0).wait("What happens to what").click("  overwrite", 0).wait("what differs is");
    walk.click("▸ overwrite", 0).planned("2 overwrite");
    walk.wait("effects:").click("Invoice approval", 0).wait("3 fields differ");
    walk.click("Invoice approval", 0);
    walk.step(
        "difference",
        "The tab *3 Plan*; the policy in the second line, *overwrite*; two clicks on *Invoice approval* open its difference.",
        &["lines the same"],
    );
    walk.click("esc back", 0).wait("Decision").click("d duplicate", 0).planned("1 duplicate");
    walk.click("Convert currency", 0).click("o overwrite", 0).planned("1 create · 2 overwrite · 7 skip · 1 duplicate");
    walk.click("Northwind", 0).wait("1 field differs").click("s skip", 0);
    walk.planned("1 create · 1 overwrite · 8 skip · 1 duplicate").click("z undo", 0);
    walk.planned("1 create · 2 overwrite · 7 skip · 1 duplicate");
    walk.step(
        "decisions",
        "*esc back*, then a row and a button of the footer for each decision: *duplicate*, *overwrite*, *skip*; *undo* takes \
         the last one back.",
        &["1 create · 2 overwrite · 7 skip · 1 duplicate"],
    );
    walk.click("? help", 0).wait("Keys");
    scroll_to(walk, "Save the plan to a file");
    walk.click("Save the plan to a file", 0).wait("plan.save");
    walk.step(
        "help",
        "What the footer has no room for stands in *? help*, with the wheel to go through it. A second click on a line uses \
         it.",
        &["Save the plan to a file"],
    );
    walk.click("Save the plan to a file", 0).click("[ ⏎ save it ]", 0);
    walk.told("saved", "*save it* writes the file.", &["saved as"]);
}

fn run_cancel_resume(walk: &mut Walk) {
    walk.click("r run …", 0).wait("type prod to go ahead").type_in("prod");
    walk.click("[ ⏎ run it ]", 0).wait("── log").click("2 Cont", 0);
    walk.wait("[x] Dunning").click("Payment received", 0);
    walk.told(
        "meanwhile",
        "*run* asks; `prod` is typed, as no click must be enough for production; *run it*. Meanwhile the tab *2 Content*, and \
         another row.",
        &["[x] Dunning", "1▶", "▸[ ] Payment received"],
    );
    walk.click("4 Transf", 0).wait("✓ done").click("2 Cont", 0).wait("[x] Dunning");
    // Groups are taken together, so that billing has to be clicked away.
    walk.click("● billing       10", 0).click(" billing       10", 0);
    walk.wait("of 84 picked").click("Secrets       19", 0).click("p pick them all", 0).wait("23 of 84 picked");
    walk.click("3 Plan", 0).planned(" overwrite").click("? help", 0);
    scroll_to(walk, "Overwrite what is identical too");
    walk.click("Overwrite what is identical too", 0).wait("plan.identical");
    walk.click("Overwrite what is identical too", 0).wait("identical too").planned(" overwrite");
    walk.click("r run …", 0).wait("type prod to go ahead").type_in("prod");
    walk.click("[ ⏎ run it ]", 0).wait("overwrote secret").click("x cancel", 0).click("[ ⏎ cancel it ]", 0);
    walk.going(
        "cancelled",
        "A second run, of all secrets, with what is identical too; *x cancel* and *cancel it*.",
        &["⊘ cancelled", "R resume"],
    );
    walk.click("R resume", 0).wait("type prod to go ahead").type_in("prod").click("[ ⏎ resume it ]", 0);
    walk.told(
        "resumed",
        "*R resume* and *resume it* go on with it, for production after its name.",
        &["✓ done", "done before", "s secrets"],
    );
    walk.click("⏎ report", 0);
    walk.step("report", "*⏎ report* reads the report, and the wheel goes through it.", &["no value", "1-20 of"]);
    walk.click("esc close", 0).gone("1-20 of").click("5 Hist", 0);
    walk.step("history", "The tab *5 History*: all runs, with their reports.", &["Runs", "Report"]);
}

/// Turns the wheel down over the list in the middle until it shows a text.
fn scroll_to(walk: &mut Walk, text: &str) {
    for _ in 0..100 {
        if walk.screen.wait_quiet().contains(text) {
            return;
        }
        walk.screen.scroll(40, 12, Wheel::Down);
    }
    panic!("{text:?} is nowhere: {}", walk.screen.picture());
}
