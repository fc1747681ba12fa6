//! The demo by keys alone.

use crate::terminal_common::Key;
use crate::walk::{Home, Walk};

/// Milliseconds that the servers think before each answer: a run then takes long enough to be cancelled.
const LATENCY: &str = "150";
/// A flow of the samples that has another tag.
const BY_UUID: &str = "329f5f47-7052-4d75-8754-d3578b2c1025";

#[test]
fn the_demo_by_keys() {
    let home = Home::new();
    let mut walk = Walk::start("keys", 1..=30, &home.haul(&["demo", "--latency", LATENCY]));
    choose_and_pick(&mut walk);
    look_and_decide(&mut walk, &home);
    run_and_browse(&mut walk);
    cancel_and_resume(&mut walk);
    walk.type_in("q");
    walk.say("`q` leaves. The terminal is as it was, and nothing of the demo is left on the disk.");
    walk.end();
    assert_eq!(home.names(), [""; 0], "the demo left something behind");
}

fn choose_and_pick(walk: &mut Walk) {
    walk.step(
        "start",
        "`haul demo` opens the workbench on servers of its own, two of each platform. Sources stand on the left, destinations on the right.",
        &["Try: choose dev", "not checked yet"],
    );
    walk.key(Key::Enter);
    walk.step(
        "source",
        "`⏎` makes `dev`, under the cursor, the source: it is opened, counted, and the other side is next.",
        &["dev → ?", "84 items", "is the source"],
    );
    walk.key(Key::Enter);
    walk.step(
        "destination",
        "The cursor is on `prod` already: `⏎` chooses it, and the next pane shows what `dev` holds. `prod` is marked as \
         production; the title says so from now on.",
        &["dev → prod", "PRODUCTION", "0 of 84 picked", "[ ] Address check"],
    );
    walk.type_in("/tag:billing").key(Key::Enter);
    walk.wait("of 10 picked");
    walk.type_in(" ").key(Key::Down).type_in(" ").key(Key::Down).type_in(" ");
    walk.step(
        "three-by-tag",
        "`/tag:billing` `⏎` leaves what has that tag; `space` picks and goes on, `↓` goes past: three flows. What \
         they need stands below: it comes along.",
        &["3 of 10 picked · +7 needed"],
    );
    walk.type_in("u");
    walk.wait("Pick by id");
    walk.screen.paste(BY_UUID);
    walk.step(
        "one-by-id",
        "`u` takes ids, typed or pasted, one or thousands, and says what each means.",
        &["1 item found", "Address check"],
    );
    walk.key(Key::Enter).gone("Pick by id");
    walk.step(
        "picked",
        "`⏎` picks it. The filter still hides it, so the title counts it apart.",
        &["3 of 10 picked", " 1 hid"],
    );
}

fn look_and_decide(walk: &mut Walk, home: &Home) {
    walk.type_in("3");
    walk.wait("11 items");
    walk.step(
        "plan",
        "`3` shows the plan: each item with how it was found at `prod`, what would happen to it, and why. Nothing is \
         overwritten unless somebody says so.",
        &["1 create · 10 skip"],
    );
    walk.type_in("p");
    walk.wait("What happens to what the destination has");
    walk.key(Key::Down);
    walk.step("policy", "`p` asks for the policy; `↓` goes to *overwrite*.", &["what differs is overwritten"]);
    walk.key(Key::Enter);
    walk.planned("2 overwrite");
    down(walk, 5);
    walk.step(
        "overwrite",
        "`⏎` takes it. What is identical is still skipped. `↓` goes to *Invoice approval*: the two sides below are what \
         `dev` and `prod` have.",
        &["1 create · 2 overwrite · 8 skip", "3 fields differ"],
    );
    walk.key(Key::Enter);
    walk.step(
        "difference",
        "`⏎` gives the difference the whole pane: lines that differ have a `~`, and `n` goes to the next.",
        &["lines the same", "numBlocks"],
    );
    walk.key(Key::Esc);
    walk.wait("Decision");
    walk.type_in("d");
    walk.planned("1 duplicate");
    up(walk, 4);
    walk.type_in("o");
    walk.planned("1 create · 2 overwrite · 7 skip · 1 duplicate");
    down(walk, 7);
    walk.wait("1 field differs").type_in("s");
    walk.planned("1 create · 1 overwrite · 8 skip · 1 duplicate");
    walk.step(
        "three-decisions",
        "`esc` goes back to the list. Three decisions: `d` makes a copy of *Invoice approval* beside what is there, `o` \
         overwrites *Convert currency* though it is identical, `s` leaves *Northwind* out. Each has a `*` and the reason \
         *you*.",
        &["1 create · 1 overwrite · 8 skip · 1 duplicate", "you · 1 field"],
    );
    walk.type_in("z");
    walk.planned("1 create · 2 overwrite · 7 skip · 1 duplicate");
    walk.step(
        "undone",
        "`z` takes the last one back: *Northwind* is overwritten again, as the policy says.",
        &["1 create · 2 overwrite · 7 skip · 1 duplicate", "needed · 1 field"],
    );
    walk.type_in("w");
    walk.step("save", "`w` saves the plan.", &["Save the plan"]);
    walk.key(Key::Enter);
    walk.wait("saved as");
    let folder = home.names().into_iter().find(|name| name.starts_with(".tmp")).expect("the demo's folder");
    let saved = std::fs::read_to_string(home.path(&folder).join("plan-dev-prod.json")).expect("the plan was saved");
    assert!(saved.contains("\"duplicate\""), "{saved}");
    walk.told(
        "saved",
        "`⏎` writes the file: for a review, for `haul apply`, or for another day. That of a demo goes with it.",
        &["saved as", "haul apply", "1 create · 2 overwrite"],
    );
}

fn run_and_browse(walk: &mut Walk) {
    walk.type_in("r");
    walk.wait("type prod to go ahead").type_in("prod");
    walk.step(
        "ask",
        "`r` says once more what will be written, what cannot be undone and how long it may take. As `prod` is production, \
         its name has to be typed.",
        &["type prod to go ahead", "[ ⏎ run it ]"],
    );
    walk.key(Key::Enter);
    walk.going(
        "run",
        "`⏎` starts the run, and the pane shows how far it is.",
        &["── log", "elapsed", "flows", "x cancel"],
    );
    walk.type_in("2").wait("[x] Dunning").key(Key::Down);
    walk.told(
        "meanwhile",
        "`2` and `↓`: everything can be looked at and picked while the run goes on; the tab of *Transfers* tells that one is \
         under way.",
        &["[x] Dunning", "1▶", "▸[ ] Invoice reminder"],
    );
    walk.type_in("4");
    walk.wait("✓ done");
    walk.told("done", "`4` is back at the run, which is through.", &["✓ done", "succeeded: 4 written", "⏎ report"]);
}

fn cancel_and_resume(walk: &mut Walk) {
    walk.type_in("2");
    walk.wait("[x] Dunning").type_in("c");
    walk.wait("0 of 10 picked").key(Key::Esc);
    walk.wait("0 of 84 picked").key(Key::Tab);
    walk.wait("p pick them all");
    down(walk, 1);
    walk.type_in("p");
    walk.wait("18 of 84 picked");
    down(walk, 1);
    walk.type_in("p");
    walk.wait("37 of 84 picked").type_in("3");
    walk.planned(" overwrite").type_in("I");
    walk.wait("identical too").planned(" overwrite");
    walk.step(
        "second-plan",
        "A second run, of all connections and secrets: `2`, `c` clears the picks, `esc` the filter, `tab` goes to the groups, `↓` to \
         the connections, `p` picks them all, and the same for the secrets; `3` plans it. `I` overwrites what is identical too, so that there is \
         something to cancel.",
        &["identical too"],
    );
    walk.type_in("r");
    walk.wait("type prod to go ahead").type_in("prod");
    walk.key(Key::Enter);
    walk.wait("overwrote secret").type_in("x");
    walk.going(
        "cancel",
        "`r`, `prod`, `⏎` starts it; `x` asks whether to cancel it.",
        &["Cancel the run", "[ ⏎ cancel it ]"],
    );
    walk.key(Key::Enter);
    walk.going(
        "cancelled",
        "`⏎` does. What was being written came to its end; the rest is left for later.",
        &["⊘ cancelled", "R resume"],
    );
    walk.type_in("R");
    walk.wait("type prod to go ahead").type_in("prod");
    walk.going(
        "resume",
        "`R` resumes it, at production after its name was typed.",
        &["Resume the run", "[ ⏎ resume it ]"],
    );
    walk.key(Key::Enter).wait("── log");
    walk.told(
        "resumed",
        "`⏎`: what is done is not done again.",
        &["✓ done", "done before", "secrets without a value", "s secrets"],
    );
    walk.type_in("s");
    walk.going(
        "value",
        "Some secrets lack a value now, which no server hands out. `s` asks for each; what is typed is hidden, and kept nowhere.",
        &["Value of "],
    );
    walk.key(Key::Esc).gone("Value of ");
    walk.say("`esc` leaves that for later.");
    walk.key(Key::Enter);
    walk.step("report", "`⏎` reads the report: what to know first, and every item below.", &["no value", "1-20 of"]);
    walk.key(Key::Esc);
    walk.gone("1-20 of").type_in("5");
    walk.step("history", "`5` has all runs, of earlier days too, with their reports.", &["Runs", "Report"]);
}

fn up(walk: &mut Walk, rows: usize) {
    (0..rows).for_each(|_| drop(walk.key(Key::Up).screen.picture()));
}

fn down(walk: &mut Walk, rows: usize) {
    (0..rows).for_each(|_| drop(walk.key(Key::Down).screen.picture()));
}
