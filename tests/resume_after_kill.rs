//! Kills a transfer without warning at seeded points and resumes it: end state and report equal the unbroken run.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use haul::sandbox::{self, Sandbox, SandboxOptions};
use serde_json::Value;

const POINTS: u64 = 30;
const SEED: u64 = 20_261_121;

/// One pair of servers and one user's directories; nothing is shared between points.
struct Scene {
    runtime: tokio::runtime::Runtime,
    sandbox: Sandbox,
    home: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
        // Every request waits a little, so that a kill can fall into one.
        let options = SandboxOptions { items: Some(40), seed: 7, latency: 2, ..SandboxOptions::default() };
        let sandbox = runtime.block_on(sandbox::start(options)).expect("the sandbox starts");
        Scene { runtime, sandbox, home: tempfile::tempdir().expect("a folder") }
    }

    fn haul(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_haul"));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env_clear().env("HAUL_CREDENTIAL_STORE", "file");
        for name in ["HAUL_CONFIG_DIR", "HAUL_STATE_DIR", "HOME"] {
            command.env(name, self.home.path().join(name));
        }
        for server in &self.sandbox.servers {
            let name = format!("HAUL_REMOTE_{}", server.name.to_uppercase());
            command.env(&name, format!("{}:{}", server.platform, server.url));
            command.env(format!("{name}_USER"), &server.user).env(format!("{name}_PASSWORD"), &server.password);
        }
        command
    }

    fn transfer(&self) -> Command {
        self.haul(&["transfer", "dev", "prod", "--overwrite", "--no-prompt", "--json"])
    }

    /// Requests that reached the destination.
    fn requests(&self) -> u64 {
        self.sandbox.server("prod").requests().len() as u64
    }

    /// The numbers of the requests that wrote.
    fn uploads(&self) -> Vec<u64> {
        let requests = self.sandbox.server("prod").requests();
        requests.iter().filter(|request| request.path.ends_with("/flow/import")).map(|request| request.number).collect()
    }

    /// What the destination holds, without times. Saved versions and backups may be more after a step was repeated.
    fn state(&self) -> Value {
        let dump = self.sandbox.server("prod").dump();
        let mut state = serde_json::json!({
            "flows": dump["flows"], "connections": dump["connections"], "secrets": dump["secrets"],
        });
        forget_times(&mut state);
        state
    }

    fn run_on_disk(&self) -> Option<String> {
        let listed = json(&self.haul(&["runs", "list", "--json"]).output().expect("haul starts"));
        listed["runs"].as_array().and_then(|runs| runs.first()).and_then(|run| run["run"].as_str()).map(str::to_owned)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _guard = self.runtime.enter();
    }
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "createdAt" && name != "updatedAt");
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

fn json(output: &Output) -> Value {
    let (answer, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let parsed = serde_json::from_str(&answer);
    assert!(parsed.is_ok(), "no JSON: {answer}\n{said}");
    parsed.expect("it was looked at above")
}

/// A report without what differs between any two runs.
fn comparable(mut report: Value) -> Value {
    for field in ["run", "snapshot"] {
        report[field] = Value::Null;
    }
    for field in ["seconds", "requests"] {
        report["summary"][field] = Value::Null;
    }
    for location in ["source", "destination"] {
        report[location] = Value::Null;
    }
    // The server names its saved versions and backups by their time.
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let kept = findings.into_iter().filter(|finding| {
        let code = finding["code"].as_str().unwrap_or_default();
        code != "saved-version" && code != "backup"
    });
    report["findings"] = kept.collect();
    report
}

fn kill_at(scene: &Scene, requests: u64, delay: Duration) {
    let mut child: Child = scene.transfer().spawn().expect("haul starts");
    let patience = Instant::now() + Duration::from_secs(60);
    while scene.requests() < requests && Instant::now() < patience {
        if child.try_wait().expect("the child can be asked").is_some() {
            break;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    std::thread::sleep(delay);
    let _ = child.kill(); // it may have ended just now
    child.wait().expect("the child can be waited for");
}

/// A small generator of our own, so that the points are the same on every machine.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn a_transfer_that_was_killed_anywhere_ends_like_the_unbroken_one() {
    let unbroken = Scene::new();
    let output = unbroken.transfer().output().expect("haul starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let (report, state, requests) = (comparable(json(&output)), unbroken.state(), unbroken.requests());
    assert!(report["summary"]["overwrite"].as_u64() > Some(0) && report["summary"]["create"].as_u64() > Some(0));

    let uploads = unbroken.uploads();
    let first_upload = *uploads.first().expect("something was written");
    let mut seed = SEED;
    let mut met = Met::default();
    for point in 0..POINTS {
        // Every other point lies among the uploads, where a kill can do harm; the others from shortly before to the
        // end. What comes earlier is planning, of which nothing stays.
        let at = match point % 2 {
            0 => first_upload - 2 + random(&mut seed) % (requests + 2 - first_upload),
            _ => first_upload - 1 + random(&mut seed) % (uploads.len() as u64 + 2),
        };
        let delay = Duration::from_micros(random(&mut seed) % 5_000);
        let scene = Scene::new();
        kill_at(&scene, at, delay);
        match scene.uploads().len() {
            some if (1..uploads.len()).contains(&some) => met.between_uploads += 1,
            _ => {}
        }
        let again = match scene.run_on_disk() {
            // Killed before there was a run: nothing was written, and the user starts again.
            None => {
                met.too_early += 1;
                scene.transfer().output().expect("haul starts")
            }
            Some(run) => scene.haul(&["runs", "resume", &run, "--no-prompt", "--json"]).output().expect("haul starts"),
        };
        let place = format!("point {point}: {at} of {requests} requests and {delay:?}, seed {SEED}");
        let code = again.status.code();
        let answer = json(&again);
        if code == Some(4) && answer["error"]["code"] == "not-resumable" {
            // It had ended before the kill.
            met.too_late += 1;
        } else {
            assert_eq!(code, Some(0), "{place}: {answer:#}\n{}", String::from_utf8_lossy(&again.stderr));
            assert_eq!(comparable(answer), report, "{place}");
        }
        assert_eq!(scene.state(), state, "{place}");
    }
    assert!(met.between_uploads >= 5, "too few points fell among the uploads: {met:?}");
    assert!(met.too_late < POINTS / 3 && met.too_early < POINTS / 3, "too few runs were broken: {met:?}");
}

/// Where the kills fell.
#[derive(Debug, Default)]
struct Met {
    too_early: u64,
    between_uploads: u64,
    too_late: u64,
}
