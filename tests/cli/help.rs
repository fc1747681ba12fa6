//! Help texts, completions and manual pages.

use clap::Command;

use crate::common::{User, assert_transcript};

#[test]
fn without_a_verb_it_says_what_to_try() {
    assert_transcript!("start", User::new().haul(&[]).exits(0));
}

#[test]
fn the_help_of_every_verb_has_not_changed_unseen() {
    let user = User::new();
    assert_transcript!("help", user.haul(&["--help"]).exits(0));
    for verb in [
        "list",
        "export",
        "plan",
        "apply",
        "import",
        "transfer",
        "diff",
        "verify",
        "runs",
        "sandbox",
        "demo",
        "completions",
        "man",
        "remote",
    ] {
        assert_transcript!(format!("help-{verb}"), user.haul(&[verb, "--help"]).exits(0));
    }
    assert_transcript!("help-remote-add", user.haul(&["remote", "add", "--help"]).exits(0));
    assert_transcript!("help-remote-edit", user.haul(&["remote", "edit", "--help"]).exits(0));
    assert_transcript!("help-runs-resume", user.haul(&["runs", "resume", "--help"]).exits(0));
}

#[test]
fn undo_is_not_offered_before_it_is_there() {
    let user = User::new();
    for arguments in [&["--help"][..], &["runs", "--help"]] {
        assert!(!user.haul(arguments).stdout.to_lowercase().contains("undo"));
    }
    user.haul(&["runs", "undo", "last"]).exits(2);
}

fn every_command(command: &Command, visit: &mut impl FnMut(&Command)) {
    visit(command);
    for verb in command.get_subcommands() {
        every_command(verb, visit);
    }
}

#[test]
fn every_option_says_what_it_does_and_every_value_has_a_name() {
    let mut command = haul::cli::command();
    command.build();
    every_command(&command, &mut |verb| {
        assert!(verb.get_about().is_some(), "{} has no help", verb.get_name());
        for argument in verb.get_arguments().filter(|argument| argument.get_id() != "help") {
            let place = format!("{} {}", verb.get_name(), argument.get_id());
            assert!(argument.get_help().is_some() || argument.is_positional(), "{place} has no help");
            if let Some(long) = argument.get_long() {
                assert!(long.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{place}");
            }
        }
    });
}

#[test]
fn a_verb_that_writes_can_be_tried_dry_and_asked_nothing() {
    let user = User::new();
    for verb in ["apply", "import", "transfer", "export"] {
        assert!(user.haul(&[verb, "--help"]).stdout.contains("--dry-run"), "{verb}");
    }
    let command = haul::cli::command();
    let names: Vec<_> = command.get_arguments().filter(|argument| argument.is_global_set()).collect();
    for option in ["json", "no_prompt", "progress", "verbose"] {
        assert!(names.iter().any(|argument| argument.get_id() == option), "{option} is not on every verb");
    }
}

#[test]
fn completions_and_manual_pages_know_the_verbs() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = user.haul(&["completions", shell]).exits(0).stdout;
        assert!(script.contains("transfer") && script.contains("decide"), "{shell}");
    }
    let answer = user.haul(&["man", "pages", "--json"]).exits(0).json();
    assert_eq!(answer["status"], "ok");
    let page = std::fs::read_to_string(user.path("pages/haul-transfer.1")).expect("a page for transfer");
    assert!(page.starts_with(".ie") && page.contains("overwrite"), "{page}");
    assert!(user.path("pages/haul-remote-add.1").exists());
}

#[test]
fn help_and_mistakes_are_one_json_object_too() {
    let user = User::new();
    assert_eq!(user.haul(&["--json"]).exits(0).json()["status"], "ok");
    assert!(
        user.haul(&["list", "--help", "--json"]).exits(0).json()["text"].as_str().expect("text").contains("--tags")
    );
    for arguments in [&["lst", "--json"][..], &["list", "--json"], &["list", "x", "--tgas", "y", "--json"]] {
        let answer = user.haul(arguments).exits(2);
        assert_eq!(answer.json()["error"]["code"], "usage");
        assert_eq!(answer.stderr, "");
    }
}
