//! Archives: listed, checked, compared and written again.

use crate::common::{User, sample};

const KEY: &str = "my-encryption-key";

fn archive(name: &str) -> String {
    sample("strapi").join(name).display().to_string()
}

#[test]
fn the_samples_hold_what_they_are_known_to_hold() {
    let user = User::new().with("HAUL_KEY", KEY);
    for (name, counts) in [
        ("v5.54.0.tar.gz", [38, 11, 28, 40]),
        ("v5.54.0.tar.gz.enc", [38, 11, 28, 40]),
        ("v5.54.0-only-content.tar", [38, 11, 28, 0]),
        ("v4.26.2.tar.gz", [21, 2, 25, 35]),
        ("v4.26.2.tar.gz.enc", [21, 2, 25, 35]),
    ] {
        let answer = user.haul(&["list", &archive(name), "--json"]).exits(0).json();
        let by_kind = &answer["summary"]["byKind"];
        let found = ["entry", "asset", "schema", "configuration"].map(|kind| by_kind[kind].as_u64().unwrap_or(0));
        assert_eq!(found, counts, "{name}");
        assert_eq!(answer["summary"]["items"], counts.iter().sum::<u64>(), "{name}");
    }
}

#[test]
fn a_whole_archive_is_verified_and_a_cut_one_is_not() {
    let user = User::new();
    assert_eq!(user.haul(&["verify", &archive("v5.54.0.tar.gz"), "--json"]).exits(0).json()["status"], "ok");
    let bytes = std::fs::read(archive("v5.54.0.tar.gz")).expect("readable");
    user.write("cut.tar.gz", &bytes[..bytes.len() / 2]);
    let answer = user.haul(&["verify", "cut.tar.gz", "--json"]).exits(1).json();
    assert_eq!(answer["status"], "damaged");
    assert!(answer["findings"].as_array().is_some_and(|findings| !findings.is_empty()));
}

#[test]
fn a_key_comes_from_option_file_or_environment() {
    let user = User::new();
    user.write("key.txt", format!("{KEY}\nsecond line\n"));
    let sealed = archive("tiny-v5.tar.gz.enc");
    let with_option = user.haul(&["list", &sealed, "--key", KEY]).exits(0);
    assert!(with_option.stderr.contains("visible to other processes"), "{with_option:?}");
    assert!(!with_option.stderr.contains(KEY));
    assert_eq!(user.haul(&["list", &sealed, "--key-file", "key.txt"]).exits(0).stderr, "");
    User::new().with("HAUL_KEY", KEY).haul(&["list", &sealed]).exits(0);
    user.haul(&["list", &sealed, "--key", KEY, "--key-file", "key.txt"]).exits(2);
}

#[test]
fn an_export_is_sealed_and_named_by_its_form() {
    let user = User::new();
    user.write("old.txt", KEY);
    user.write("new.txt", "another key");
    let sealed = archive("tiny-v5.tar.gz.enc");
    let rekeyed = ["export", &sealed, "copy", "--from-key-file", "old.txt", "--to-key-file", "new.txt", "--json"];
    let report = user.haul(&rekeyed).exits(0).json();
    assert_eq!(report["status"], "succeeded");
    assert!(report["destination"]["location"].as_str().is_some_and(|path| path.ends_with("copy.tar.gz.enc")));
    user.haul(&["list", "copy.tar.gz.enc", "--key-file", "old.txt"]).exits(1);
    user.haul(&["list", "copy.tar.gz.enc", "--key-file", "new.txt"]).exits(0);
    let differences =
        ["diff", &sealed, "copy.tar.gz.enc", "--from-key-file", "old.txt", "--to-key-file", "new.txt", "--exit-code"];
    user.haul(&differences).exits(0);

    let plain = archive("tiny-v5.tar.gz");
    user.haul(&["export", &plain, "plain", "--no-encrypt", "--no-compress"]).exits(0);
    user.haul(&["export", &plain, "right.tar.gz", "--no-encrypt"]).exits(0);
    user.haul(&["export", &plain, "wrong.tar.gz", "--no-encrypt", "--no-compress"]).exits(2);
    user.haul(&["export", &plain, "--no-encrypt"]).exits(0);
    let files = user.files();
    for name in ["plain.tar", "right.tar.gz"] {
        assert!(files.iter().any(|file| file == name), "{files:?}");
    }
    assert!(!files.iter().any(|file| file.starts_with("wrong")), "{files:?}");
    let named = files.iter().find(|file| file.starts_with("export_")).expect("a name was made");
    assert_eq!(named.len(), "export_YYYYMMDDHHMMSS.tar.gz".len());
}

#[test]
fn an_archive_passes_through_standard_input_and_output() {
    let user = User::new();
    let bytes = std::fs::read(archive("tiny-v5.tar.gz")).expect("readable");
    let listed = user.haul_with_stdin(&["list", "-", "--json"], &bytes).exits(0).json();
    assert_eq!(listed["location"]["location"], "-");
    let mut command = user.command(&["export", "-", "-", "--no-encrypt", "--no-compress"]);
    let output = {
        use std::io::Write;
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().expect("haul starts");
        child.stdin.take().expect("piped").write_all(&bytes).expect("taken");
        child.wait_with_output().expect("haul ends")
    };
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    user.write("through.tar", &output.stdout);
    user.haul(&["diff", &archive("tiny-v5.tar.gz"), "through.tar", "--exit-code"]).exits(0);
}

#[test]
fn differences_are_told_and_make_an_exit_code_only_if_asked() {
    let user = User::new();
    let (whole, part) = (archive("v5.54.0.tar.gz"), archive("v5.54.0-only-content.tar"));
    let answer = user.haul(&["diff", &whole, &part, "--json"]).exits(0).json();
    assert_eq!(answer["status"], "different");
    user.haul(&["diff", &whole, &part, "--exit-code"]).exits(1);
    assert_eq!(user.haul(&["diff", &whole, &whole, "--exit-code", "--json"]).exits(0).json()["status"], "equal");
}

#[test]
fn a_dry_export_writes_nothing() {
    let user = User::new();
    let answer = user.haul(&["export", &archive("tiny-v5.tar.gz"), "copy", "--no-encrypt", "--dry-run", "--json"]);
    let report = answer.exits(0).json();
    assert_eq!(report["status"], "planned");
    assert!(report["items"].as_array().is_some_and(|items| items.iter().all(|item| item["result"] == "planned")));
    assert!(user.files().is_empty());
}
