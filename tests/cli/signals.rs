//! Signals: a run stops in an orderly way and can be gone on with.

use std::process::Child;
use std::time::{Duration, Instant};

use haul::sandbox::SandboxOptions;
use serde_json::Value;

use crate::common::Scene;

fn slow() -> Scene {
    Scene::with(SandboxOptions { latency: 40, ..SandboxOptions::default() })
}

/// Starts a transfer and waits until the destination was written to.
fn transfer_under_way(scene: &Scene, arguments: &[&str]) -> Child {
    let all = [&["transfer", "dev", "prod", "--overwrite", "-y"], arguments].concat();
    let child = scene.user.command(&all).spawn().expect("haul starts");
    let patience = Instant::now() + Duration::from_secs(60);
    let writes =
        || scene.sandbox.server("prod").requests().iter().filter(|request| request.path.contains("import")).count();
    while writes() == 0 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

fn signal(child: &Child, name: &str) {
    std::process::Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill starts");
}

#[test]
fn an_interrupted_transfer_can_be_resumed_to_the_same_end() {
    let unbroken = Scene::new();
    unbroken.haul(&["transfer", "dev", "prod", "--overwrite", "-y"]).exits(0);
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let scene = slow();
        let child = transfer_under_way(&scene, &[]);
        signal(&child, name);
        let answer = scene.user.answer(&["transfer"], child.wait_with_output().expect("it ends"));
        assert_eq!(answer.code, code, "{answer:?}");
        assert!(answer.stderr.contains("haul runs resume"), "{answer:?}");
        let runs = scene.haul(&["runs", "--json"]).exits(0).json();
        assert_eq!(runs["runs"][0]["resumable"], true);
        assert_eq!(scene.haul(&["runs", "resume", "last"]).exits(4).stdout, "", "it asks, and nobody answers");
        let resumed = scene.haul(&["runs", "resume", "last", "-y", "--json"]).exits(0).json();
        assert_eq!(resumed["status"], "succeeded");
        assert_eq!(scene.state("prod"), unbroken.state("prod"));
        scene.haul(&["runs", "resume", "last", "-y"]).exits(4);
    }
}

#[test]
fn the_answer_of_an_interrupted_transfer_is_still_one_object() {
    let scene = slow();
    let child = transfer_under_way(&scene, &["--json"]);
    signal(&child, "-INT");
    let answer = scene.user.answer(&["transfer"], child.wait_with_output().expect("it ends"));
    let report: Value = answer.json();
    assert_eq!((answer.code, &report["status"]), (130, &"cancelled".into()));
    assert!(report["summary"]["pending"].as_u64() > Some(0), "{report}");
}

#[test]
fn a_verb_that_only_reads_ends_at_once() {
    let scene = Scene::with(SandboxOptions { latency: 5_000, ..SandboxOptions::default() });
    let child = scene.user.command(&["list", "dev", "--json"]).spawn().expect("haul starts");
    let patience = Instant::now() + Duration::from_secs(60);
    while scene.requests("dev") == 0 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    signal(&child, "-INT");
    let answer = scene.user.answer(&["list"], child.wait_with_output().expect("it ends"));
    assert_eq!((answer.code, answer.json()["error"]["code"].as_str()), (130, Some("interrupted")));
}
