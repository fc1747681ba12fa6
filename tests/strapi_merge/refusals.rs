//! What a merge is refused for, or fails with, before anything is there: message, exit code, untouched destination.

use crate::files::{assert_files_stay, rows};
use crate::world::{ARTICLE, Answer, World};

const TRANSFER: [&str; 8] = ["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"];

/// It ends so, says so, and the destination is as it was.
#[track_caller]
fn assert_refused(
    world: &World,
    answer: Answer,
    (exit, code, words): (i32, &str, &[&str]),
    before: &serde_json::Value,
) {
    let (found, said) = answer.error();
    assert_eq!((answer.code, &*found), (exit, code), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is missing in {said:?}");
    }
    assert!(!answer.stdout.contains("EXAMPLE-") && !answer.stderr.contains("EXAMPLE-"), "a token is told: {answer:#?}");
    assert_eq!(&rows(world), before);
}

/// Exit code, code of the error, and words of its message.
type Expected = (i32, &'static str, &'static [&'static str]);

#[test]
fn servers_and_tokens_that_do_not_let_a_merge_begin() {
    let cases: &[(&str, Expected)] = &[
        ("prod/token-expired", (1, "unauthorized", &["prod", "does not know this transfer token", "Transfer Tokens"])),
        ("prod/no-salt", (1, "server", &["prod", "failed while it looked at the token", "TRANSFER_TOKEN_SALT"])),
        ("prod/transfer-disabled", (1, "server", &["prod", "transfers disabled", "server.transfer.remote.enabled"])),
        ("prod/refuse-right=pull", (1, "forbidden", &["prod", "may not pull", "full access"])),
        ("prod/refuse-right=push", (1, "forbidden", &["prod", "may not push", "full access"])),
        ("dev/token-expired", (1, "unauthorized", &["dev", "does not know this transfer token"])),
        ("dev/refuse-right=pull", (1, "forbidden", &["dev", "may not pull"])),
        ("dev/transfer-disabled", (1, "server", &["dev", "transfers disabled"])),
        ("prod/status=503,1+:GET /admin/transfer/*", (1, "server", &["503"])),
    ];
    for (fault, expected) in cases {
        let world = World::faulty(&[fault]);
        let before = rows(&world);
        for verb in ["transfer", "plan"] {
            let arguments: Vec<&str> =
                TRANSFER.into_iter().filter(|word| verb == "transfer" || *word != "--force").collect();
            let answer = world.haul(&[&[verb], &arguments[1..]].concat());
            assert_refused(&world, answer, *expected, &before);
        }
        assert!(world.pushed().is_empty(), "{fault}: a transfer that writes was opened");
    }
}

#[test]
fn each_token_may_do_what_its_type_says() {
    let world = World::new();
    let before = rows(&world);
    let token = |name: &str| world.site("prod").token_named(name).expect("a token");
    let refused = [
        ("wrong", (1, "unauthorized", &["does not know this transfer token"][..])),
        ("expired", (1, "unauthorized", &["does not know this transfer token"])),
        ("push", (1, "forbidden", &["may not pull"])),
        ("pull", (1, "forbidden", &["may not push"])),
    ];
    for (name, expected) in refused {
        let secret = if name == "wrong" { "no-such-token".to_owned() } else { token(name) };
        assert_refused(&world, world.haul_with_token("prod", &secret, &TRANSFER), expected, &before);
    }
    world.haul_with_token("prod", &token("pull"), &["list", "prod"]).exits(0);
    let source = world.site("dev").token_named("pull").expect("a token");
    world.haul_with_token("dev", &source, &TRANSFER).exits(0);
}

#[test]
fn a_server_that_is_not_there() {
    let world = World::new();
    world.site("prod").kill();
    let before = rows(&world);
    let answer = world.haul(&TRANSFER);
    assert_refused(&world, answer, (1, "unreachable", &["prod"]), &before);
}

/// Wherever it fills up, what is read before nothing is changed.
#[cfg(unix)]
#[test]
fn a_disk_of_this_machine_that_is_full() {
    for kibibytes in [1, 16, 40] {
        let world = World::new();
        let before = rows(&world);
        let answer = world.haul_on_small_disk(kibibytes, &TRANSFER);
        assert_refused(&world, answer, (1, "disk-full", &["cannot write", "free some space"]), &before);
        assert!(world.pushed().is_empty(), "{kibibytes}: a transfer that writes was opened");
    }
}

#[test]
fn a_token_that_ends_in_the_middle_of_everything() {
    let whole = World::new();
    whole.haul(&TRANSFER).exits(0);
    let after = whole.picture("prod");
    // Frames of the transfers that only read count too.
    for frames in [1, 8, 20, 30, 40, 50, 55, 60] {
        let world = World::faulty(&[&format!("prod/expire-after={frames}")]);
        let before = world.picture("prod");
        let answer = world.haul(&TRANSFER);
        if answer.code == 0 {
            assert_files_stay(&after, &world.picture("prod"));
            continue;
        }
        let (code, said) = answer.error();
        assert_eq!(answer.code, 1, "after {frames} frames: {said}");
        assert!(matches!(&*code, "unauthorized" | "server" | "forbidden"), "after {frames} frames: {code}: {said}");
        let found = world.picture("prod");
        // A token that is gone takes nothing back: what was committed with the files stays, and the answer says so.
        match said.contains("could not be taken back") {
            true => before.rows.iter().for_each(|(key, row)| assert_eq!(found.rows.get(key), Some(row), "{key}")),
            false => assert_files_stay(&before, &found),
        }
    }
}

#[test]
fn an_item_or_a_type_that_nobody_has() {
    let world = World::new();
    let before = rows(&world);
    for (option, value) in [("--ids", "nosuchdocument"), ("--types", "api::nothing.nothing")] {
        let answer = world.haul(&["transfer", "dev", "prod", "--overwrite", option, value, "--force", "--json"]);
        assert_refused(&world, answer, (4, "unknown-item", &[value]), &before);
    }
}

#[test]
fn a_file_of_the_source_that_arrives_damaged() {
    let world = World::faulty(&["dev/wrong-checksum=always"]);
    let before = rows(&world);
    let answer = world.haul(&TRANSFER);
    assert_refused(&world, answer, (1, "damaged", &["checksum"]), &before);
    assert!(world.pushed().is_empty());
}

/// A server that loses a row without a word is found out by its own count.
#[test]
fn a_row_that_is_lost_on_the_way() {
    for version in ["5.48.0", "5.54.0"] {
        let world = World::faulty(&["prod/lost-row=once", &format!("prod/version={version}")]);
        let before = rows(&world);
        let answer = world.haul(&TRANSFER);
        assert_refused(&world, answer, (1, "server", &["says that it wrote", "of"]), &before);
    }
}

/// Before 5.53 a failing row ends nothing: whoever then says `close` has committed the rest.
#[test]
fn a_row_that_an_older_server_fails_at() {
    for version in ["5.30.0", "5.48.0", "5.52.0", "5.53.0"] {
        let world = World::faulty(&["prod/frame-fail=2+:PUSH /entities/stream", &format!("prod/version={version}")]);
        let before = rows(&world);
        let answer = world.haul(&TRANSFER);
        assert_refused(&world, answer, (1, "server", &["told to fail here"]), &before);
    }
}

#[test]
fn older_servers_are_merged_into_all_the_same() {
    let newest = World::new();
    newest.haul(&TRANSFER).exits(0);
    for version in ["5.10.0", "5.42.0", "5.48.0", "5.49.0", "5.52.0"] {
        let world = World::faulty(&[&format!("prod/version={version}")]);
        world.haul(&TRANSFER).exits(0);
        assert_files_stay(&newest.picture("prod"), &world.picture("prod"));
    }
}
