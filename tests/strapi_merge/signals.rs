//! Ctrl-C and SIGTERM in the middle of what is written, and a kill without a word.

use std::time::{Duration, Instant};

use crate::files::{assert_files_stay, rows, word};
use crate::world::{ARTICLE, World};

const TRANSFER: [&str; 8] = ["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"];

/// Starts a command, and gives it this signal once such a frame came for the nth time.
pub fn struck(world: &World, command: &[&str], signal: &str, (nth, at): (usize, &str)) -> crate::world::Answer {
    let child = world.command(command).spawn().expect("haul starts");
    let patience = Instant::now() + Duration::from_secs(60);
    let met = || world.pushed().iter().filter(|frame| word(frame) == at).count() >= nth;
    while !met() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill starts");
    World::ended(child)
}

#[test]
fn an_interrupted_merge_is_taken_back_and_can_be_gone_on_with() {
    let whole = World::new();
    whole.haul(&TRANSFER).exits(0);
    for (signal, exit) in [("-INT", 130), ("-TERM", 143)] {
        for at in [(1, "/assets/stream"), (1, "/beforeTransfer"), (2, "/entities/stream"), (1, "/links/stream")] {
            // Longer than a cancellation waits for what is in flight.
            let slow = format!("prod/frame-slow=2500,{}:PUSH {}", at.0, at.1);
            let world = World::faulty(&[&slow]);
            let (before, raw) = (world.picture("prod"), rows(&world));
            let answer = struck(&world, &TRANSFER, signal, at);
            assert_eq!(answer.code, exit, "{signal} {at:?}: {answer:#?}");
            assert_eq!(answer.json()["status"], "cancelled", "{signal} {at:?}");
            assert_eq!(rows(&world), raw, "{signal} {at:?}");
            assert_files_stay(&before, &world.picture("prod"));
            let words: Vec<_> = world.pushed().iter().map(word).collect();
            let said = |what: &str| words.iter().any(|word| word == what);
            assert!(said("/rollback") && said("/end"), "{signal} {at:?}: {words:?}");
            assert!(!world.site("prod").is_busy(), "{signal} {at:?}: nothing is left open");
            world.heal();
            let resumed = world.haul(&["runs", "resume", "last", "--force", "--json"]).exits(0).json();
            assert_eq!(resumed["status"], "succeeded", "{signal} {at:?}");
            assert_files_stay(&whole.picture("prod"), &world.picture("prod"));
        }
    }
}

#[test]
fn a_killed_merge_goes_on_to_the_same_end() {
    let whole = World::new();
    whole.haul(&TRANSFER).exits(0);
    for at in [(1, "/assets/stream"), (1, "/close"), (1, "/beforeTransfer"), (2, "/entities/stream"), (2, "/close")] {
        let world = World::faulty(&[&format!("prod/frame-slow=300,{}:PUSH {}", at.0, at.1)]);
        let answer = struck(&world, &TRANSFER, "-KILL", at);
        assert_eq!(answer.code, -1, "{at:?}: {answer:#?}");
        world.heal();
        let resumed = world.haul(&["runs", "resume", "last", "--force", "--json"]);
        assert_eq!(resumed.code, 0, "{at:?}: {resumed:#?}");
        assert_files_stay(&whole.picture("prod"), &world.picture("prod"));
    }
}
