//! What a person at a terminal is asked.

use std::io::Write;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::common::{Answer, Scene};

/// Runs the program with a terminal as its standard input, on which `typed` is typed.
fn haul_at_a_terminal(scene: &Scene, arguments: &[&str], typed: &str) -> Answer {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&ours).expect("granted");
    unlockpt(&ours).expect("unlocked");
    let name = ptsname(&ours, Vec::new()).expect("it has a name").into_string().expect("UTF-8");
    let theirs = std::fs::File::options().read(true).write(true).open(name).expect("its other end");
    let mut command = scene.user.command(arguments);
    let child = command.stdin(Stdio::from(theirs)).spawn().expect("haul starts");
    let mut keyboard = std::fs::File::from(ours);
    keyboard.write_all(typed.as_bytes()).expect("typed");
    let output = child.wait_with_output().expect("haul ends");
    drop(keyboard);
    scene.user.answer(arguments, output)
}

const TRANSFER: [&str; 6] = ["transfer", "dev", "prod", "--overwrite", "--tags", "billing"];

#[test]
fn a_person_sees_the_plan_with_counts_and_can_say_no() {
    let scene = Scene::new();
    let before = scene.state("prod");
    for typed in ["n\n", "\n", "what\nno\n", "\u{4}"] {
        let answer = haul_at_a_terminal(&scene, &TRANSFER, typed).exits(4);
        for part in
            ["Plan: dev → prod", "create 1, overwrite 4, duplicate 0, skip 15 at prod", "cannot be brought back"]
        {
            assert!(answer.stderr.contains(part), "{part} is missing: {answer:?}");
        }
        assert!(answer.stdout.is_empty() && answer.stderr.contains("nothing was changed"), "{answer:?}");
    }
    assert_eq!(scene.state("prod"), before);
}

#[test]
fn a_person_can_say_yes() {
    let scene = Scene::new();
    let answer = haul_at_a_terminal(&scene, &TRANSFER, "yes\n").exits(0);
    assert!(answer.stdout.contains("succeeded"), "{answer:?}");
    // Nothing is left to write, so nothing is asked.
    let again = haul_at_a_terminal(&scene, &TRANSFER, "").exits(0);
    assert!(!again.stderr.contains("[y/N]"), "{again:?}");
}

#[test]
fn what_was_planned_is_looked_at_again_after_the_answer() {
    let scene = Scene::new();
    let requests = scene.requests("prod");
    haul_at_a_terminal(&scene, &TRANSFER, "yes\n").exits(0);
    let asked = scene.requests("prod") - requests;
    let other = Scene::new();
    other.haul(&[&TRANSFER[..], &["-y"]].concat()).exits(0);
    assert!(asked > other.requests("prod"), "a person took time to think, so both ends are surveyed again");
}
