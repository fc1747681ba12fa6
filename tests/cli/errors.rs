//! What goes wrong: message, exit code, and nothing half-written.

use std::process::Command;

use haul::sandbox::SandboxOptions;
use serde_json::Value;

use crate::common::{Scene, User, assert_transcript, sample};

fn archive(name: &str) -> String {
    sample("strapi").join(name).display().to_string()
}

/// A user with the sample archives beside them, so that messages name no folder of this machine.
fn user_with(names: &[&str]) -> User {
    let user = User::new();
    for name in names {
        std::fs::copy(archive(name), user.path(name)).expect("copied");
    }
    user
}

#[test]
fn a_wrong_key_is_told_at_once_and_nothing_is_written() {
    let user = user_with(&["v5.54.0.tar.gz.enc"]).with("HAUL_KEY", "wrong");
    assert_transcript!("wrong-key", user.haul(&["list", "v5.54.0.tar.gz.enc"]).exits(1));
    let answer = user.haul(&["export", "v5.54.0.tar.gz.enc", "copy", "--no-encrypt", "--json"]).exits(1);
    assert_eq!(answer.json()["error"]["code"], "wrong-key");
    assert_eq!(user.files(), ["v5.54.0.tar.gz.enc"]);
}

#[test]
fn no_key_and_no_terminal_names_the_ways() {
    let user = user_with(&["v5.54.0.tar.gz.enc", "tiny-v5.tar.gz"]);
    assert_transcript!("no-key-to-open", user.haul(&["list", "v5.54.0.tar.gz.enc"]).exits(4));
    let answer = user.haul(&["export", "tiny-v5.tar.gz", "copy"]).exits(4);
    for way in ["--key-file", "--no-encrypt"] {
        assert!(answer.stderr.contains(way), "{answer:?}");
    }
    assert_transcript!("no-key-to-seal", answer);
    assert_eq!(user.files().len(), 2);
}

#[test]
fn a_wrong_token_and_a_wrong_password_name_the_remote() {
    let scene = Scene::new();
    assert_transcript!("wrong-token", scene.haul(&["list", "dev", "--from-token", "canary-token"]).exits(1));
    let mut command = scene.user.command(&["list", "dev"]);
    command.env("HAUL_REMOTE_DEV_PASSWORD", "canary-password");
    let answer = scene.user.answer(&["list", "dev"], command.output().expect("haul starts")).exits(1);
    assert!(!answer.stderr.contains("canary"), "{answer:?}");
    assert_transcript!("wrong-password", answer);
}

#[test]
fn no_credential_names_every_way_to_give_one() {
    let user = User::new().with("HAUL_REMOTE_PROD", "ziggy:http://127.0.0.1:1");
    assert_transcript!("no-credential", user.haul(&["list", "prod"]).exits(4));
    assert_transcript!("no-credential-inline", user.haul(&["list", "ziggy:http://127.0.0.1:1"]).exits(4));
}

#[test]
fn an_unreachable_host_is_named() {
    let user = User::new().with("HAUL_FROM_TOKEN", "canary-token");
    let answer = user.haul(&["list", "ziggy:http://127.0.0.1:1", "--timeout", "1"]).exits(1);
    assert!(!answer.stderr.contains("canary"));
    assert_transcript!("unreachable", answer);
    let json = user.haul(&["list", "ziggy:http://127.0.0.1:1", "--timeout", "1", "--json"]).exits(1).json();
    assert_eq!(json["error"]["code"], "unreachable");
}

#[test]
fn plain_http_to_another_machine_is_refused() {
    let user = User::new().with("HAUL_FROM_TOKEN", "t");
    assert_transcript!("plain-http", user.haul(&["list", "ziggy:http://ziggy.example.com"]).exits(2));
}

#[test]
fn what_is_no_bundle_is_told_by_its_content() {
    let user = User::new();
    user.write("backup.tar", b"PK\x03\x04\x14\0\0\0\x08\0not a tar at all");
    user.write("empty.json", b"");
    user.write("other.json", br#"{"name": "package", "version": 3}"#);
    user.write("notes.txt", b"buy milk");
    user.write("cut.json", br#"{"flows": [{"uuid": "a"#);
    for (name, file) in [
        ("zip", "backup.tar"),
        ("empty", "empty.json"),
        ("other-json", "other.json"),
        ("text", "notes.txt"),
        ("cut-json", "cut.json"),
    ] {
        assert_transcript!(format!("no-bundle-{name}"), user.haul(&["list", file]).exits(1));
        let answer = user.haul(&["verify", file, "--json"]);
        assert_eq!(answer.code, 1, "{answer:?}");
        assert_ne!(answer.json()["status"], "ok");
    }
}

#[test]
fn exactly_one_policy_is_needed() {
    let scene = Scene::new();
    assert_transcript!("no-policy", scene.haul(&["transfer", "dev", "prod"]).exits(2));
    assert_transcript!("two-policies", scene.haul(&["plan", "dev", "prod", "--skip", "--overwrite"]).exits(2));
    assert_eq!(scene.requests("prod"), 0);
}

#[test]
fn without_a_terminal_nothing_is_written_unasked() {
    let scene = Scene::new();
    let before = scene.state("prod");
    assert_transcript!(
        "no-terminal",
        scene.haul(&["transfer", "dev", "prod", "--overwrite", "--tags", "billing"]).exits(4)
    );
    assert_eq!(scene.state("prod"), before);
    assert!(!scene.user.path("state/runs").exists());
}

#[test]
fn an_existing_output_is_refused_and_left_as_it_is() {
    let scene = Scene::new();
    scene.user.write("flows.json", "mine");
    assert_transcript!("existing-output", scene.haul(&["export", "dev", "flows.json", "-y"]).exits(4));
    assert_transcript!(
        "existing-plan",
        scene.haul(&["plan", "dev", "prod", "--skip", "--out", "flows.json", "-y"]).exits(4)
    );
    assert_eq!(std::fs::read_to_string(scene.user.path("flows.json")).expect("readable"), "mine");
    scene.haul(&["export", "dev", "flows.json", "--replace-output"]).exits(0);
    scene.haul(&["verify", "flows.json"]).exits(0);
}

#[test]
fn an_unknown_id_tag_or_type_gets_a_suggestion() {
    let scene = Scene::new();
    let id = "84a5e7b1-518f-482b-835d-dc383df43168";
    assert_transcript!("unknown-id", scene.haul(&["list", "dev", "--ids", id]).exits(4));
    assert_transcript!("unknown-tag", scene.haul(&["list", "dev", "--tags", "biling"]).exits(4));
    assert_transcript!("unknown-type", scene.haul(&["list", "dev", "--types", "flows"]).exits(4));
    let answer = scene.haul(&["export", "dev", "out.json", "--tags", "biling", "--json"]).exits(4).json();
    assert_eq!(answer["error"]["code"], "unknown-item");
    assert!(scene.user.files().is_empty());
}

#[test]
fn mistyped_words_get_a_suggestion() {
    let scene = Scene::new();
    scene.user.write("flows.json", "{}");
    for (name, arguments) in [
        ("option", &["list", "dev", "--tgas", "x"][..]),
        ("verb", &["tranfer", "dev", "prod"]),
        ("remote", &["list", "dve"]),
        ("path", &["list", "./flow.json"]),
        ("platform", &["list", "zigy:http://127.0.0.1:1"]),
        ("url", &["list", "https://ziggy.example.com"]),
        ("no-remote", &["remote", "test", "prdo"]),
        ("decision", &["plan", "dev", "prod", "--skip", "--decide", "flow:x=skipp"]),
        ("key", &["plan", "dev", "prod", "--skip", "--decide", "flw:x=skip"]),
        ("code", &["plan", "dev", "prod", "--skip", "--fail-on", "ambigous"]),
        ("sandbox", &["sandbox", "--platform", "zigy"]),
        ("fault", &["sandbox", "--fault", "latncy=3"]),
    ] {
        let answer = scene.haul(arguments);
        assert_eq!(answer.code, 2, "{answer:?}");
        assert_transcript!(format!("mistyped-{name}"), answer);
    }
}

#[test]
fn options_that_the_platform_lacks_are_refused_by_name() {
    let scene = Scene::new();
    std::fs::copy(archive("tiny-v5.tar.gz"), scene.user.path("tiny-v5.tar.gz")).expect("copied");
    for (name, arguments) in [
        ("key", &["list", "dev", "--key", "x"][..]),
        ("only", &["list", "dev", "--only", "content"]),
        ("no-encrypt", &["export", "dev", "x.json", "--no-encrypt"]),
        ("pause-webhooks", &["transfer", "dev", "prod", "--skip", "--pause-webhooks"]),
        ("tags", &["list", "tiny-v5.tar.gz", "--tags", "x"]),
    ] {
        assert_transcript!(format!("lacking-{name}"), scene.haul(arguments).exits(2));
    }
    assert_eq!(scene.requests("dev"), 0, "nothing was asked of a server whose platform was known");
}

#[test]
fn bundles_and_remotes_are_not_mixed_up() {
    let scene = Scene::new();
    scene.haul(&["export", "dev", "flows.json"]).exits(0);
    for (name, arguments) in [
        ("transfer-to-path", &["transfer", "dev", "./copy.json", "--skip"][..]),
        ("plan-to-file", &["plan", "dev", "flows.json", "--skip"]),
        ("import-from-remote", &["import", "dev", "prod", "--skip"]),
        ("export-to-remote", &["export", "dev", "prod"]),
        ("verify-a-remote", &["verify", "dev"]),
        ("token-for-a-bundle", &["transfer", "flows.json", "prod", "--skip", "--from-token", "x"]),
        ("json-and-stdout", &["export", "dev", "-", "--json"]),
    ] {
        assert_transcript!(format!("mixed-up-{name}"), scene.haul(arguments).exits(2));
    }
    assert_eq!(scene.user.files(), ["flows.json"]);
}

#[test]
fn content_moves_between_locations_of_one_platform_only() {
    let scene = Scene::new();
    std::fs::copy(archive("tiny-v5.tar.gz"), scene.user.path("tiny-v5.tar.gz")).expect("copied");
    assert_transcript!("two-platforms", scene.haul(&["import", "tiny-v5.tar.gz", "prod", "--skip", "-y"]).exits(2));
}

#[test]
fn a_blocking_finding_stops_the_verb_whatever_is_waived() {
    let scene = Scene::with(SandboxOptions { ambiguous: true, ..SandboxOptions::default() });
    let before = scene.state("prod");
    let plan = scene.haul(&["plan", "dev", "prod", "--overwrite", "--json"]).exits(0).json();
    let blocking: Vec<_> =
        plan["findings"].as_array().expect("a list").iter().filter(|f| f["severity"] == "blocking").collect();
    assert!(!blocking.is_empty());
    let refused = scene.haul(&["transfer", "dev", "prod", "--overwrite", "-y", "--json"]).exits(4).json();
    assert_eq!(refused["error"]["code"], "blocking-finding");
    assert!(refused["error"]["hint"].as_str().expect("a hint").contains("--decide"));
    let items = refused["items"].as_array().expect("the items");
    for finding in &blocking {
        assert!(items.contains(&finding["item"]), "{finding} is not named");
    }
    assert_eq!(scene.state("prod"), before);
    // A decision for each of them is what it takes.
    let key =
        |item: &Value| format!("{}:{}", item["kind"].as_str().expect("a kind"), item["id"].as_str().expect("an id"));
    let keys: Vec<_> = items.iter().map(key).collect();
    let decisions: Vec<_> = keys.iter().map(|key| format!("{key}=skip")).collect();
    let mut arguments = vec!["transfer", "dev", "prod", "--overwrite", "-y", "--json", "--ids"];
    arguments.extend(keys.iter().map(String::as_str));
    assert_eq!(scene.haul(&arguments).exits(4).json()["error"]["code"], "blocking-finding");
    arguments.push("--decide");
    arguments.extend(decisions.iter().map(String::as_str));
    scene.haul(&arguments).exits(0);
}

#[test]
fn findings_that_the_user_names_stop_the_verb() {
    let scene = Scene::new();
    let before = scene.state("prod");
    let arguments = ["transfer", "dev", "prod", "--overwrite", "-y", "--fail-on", "name-match"];
    let answer = scene.haul(&arguments).exits(4);
    assert!(answer.stderr.contains("name-match"), "{answer:?}");
    assert_eq!(scene.state("prod"), before);
    let plan = scene.haul(&["plan", "dev", "prod", "--overwrite", "--json", "--fail-on", "name-match"]).exits(4).json();
    assert_eq!((&plan["status"], &plan["error"]["code"]), (&"failed".into(), &"fail-on".into()));
    assert!(plan["items"].as_array().is_some_and(|items| !items.is_empty()));
    let export = scene.haul(&["export", "dev", "x.json", "--fail-on", "plaintext-credential"]).exits(4);
    assert!(export.stderr.contains("plaintext-credential"), "{export:?}");
    assert!(scene.user.files().is_empty());
}

#[test]
fn a_stale_plan_is_refused_and_names_what_changed() {
    let scene = Scene::new();
    scene.haul(&["plan", "dev", "prod", "--overwrite", "--tags", "billing", "--out", "plan.json"]).exits(0);
    scene.haul(&["plan", "dev", "prod", "--overwrite", "--tags", "crm", "--out", "other.json"]).exits(0);
    scene.haul(&["apply", "plan.json", "-y"]).exits(0);
    let before = scene.state("prod");
    let answer = scene.haul(&["apply", "plan.json", "-y"]).exits(4);
    assert_transcript!("stale-plan", answer);
    assert_eq!(scene.state("prod"), before);
}

#[test]
fn a_plan_that_was_edited_beyond_its_decisions_is_refused() {
    let scene = Scene::new();
    scene.haul(&["plan", "dev", "prod", "--overwrite", "--tags", "billing", "--out", "plan.json"]).exits(0);
    let text = std::fs::read_to_string(scene.user.path("plan.json")).expect("readable");
    scene.user.write("edited.json", text.replacen("\"Dunning\"", "\"Running\"", 1));
    scene.user.write("cut.json", &text[..text.len() / 2]);
    scene.user.write("other.json", "{}");
    for file in ["edited.json", "cut.json", "other.json"] {
        let answer = scene.haul(&["apply", file, "-y", "--json"]).exits(4);
        assert_eq!(answer.json()["error"]["code"], "invalid-plan", "{answer:?}");
    }
}

/// A limit on the size of files is what a full disk looks like to a process that writes one.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let scene = Scene::new();
    std::fs::copy(archive("v5.54.0.tar.gz"), scene.user.path("v5.54.0.tar.gz")).expect("copied");
    let limited = |arguments: &str| {
        let mut command = Command::new("sh");
        // SIGXFSZ would end the process; ignored, the write fails as on a full disk.
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f 8; exec {} {arguments}", env!("CARGO_BIN_EXE_haul"))]);
        scene.user.surround(&mut command);
        command.current_dir(scene.user.folder.path());
        scene.user.answer(&[arguments], command.output().expect("sh starts"))
    };
    let before = scene.state("prod");
    for arguments in [
        "export dev out.json --json",
        "export v5.54.0.tar.gz copy --no-encrypt --json",
        "plan dev prod --skip --out plan.json --json",
    ] {
        let answer = limited(arguments).exits(1);
        assert_eq!(answer.json()["error"]["code"], "disk-full", "{answer:?}");
        assert_eq!(scene.user.files(), ["v5.54.0.tar.gz"], "{arguments}");
    }
    let answer = limited("transfer dev prod --overwrite -y --json").exits(1);
    assert_eq!(answer.json()["error"]["code"], "disk-full", "{answer:?}");
    assert_eq!(scene.state("prod"), before, "nothing is written that could not be recorded first");
}

#[test]
fn causes_are_told_to_those_who_ask() {
    let user = User::new();
    let quiet = user.haul(&["list", "/proc/self/mem"]);
    let loud = user.haul(&["list", "/proc/self/mem", "-v"]);
    assert!(!quiet.stderr.contains("cause:"), "{quiet:?}");
    assert!(loud.stderr.contains("cause:"), "{loud:?}");
}
