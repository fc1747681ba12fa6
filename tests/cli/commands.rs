//! The command lines that the program writes for people are command lines that it reads.

use std::process::Command;

use haul::model::{
    Credentials, Decision, DependencyMode, Existing, ExportFormat, Features, Files, ItemKey, Kind, Layout, Part,
    PlanOptions, Policy, Reach, Seal, Selection, Squeeze,
};
use haul::wording::{export_command, transfer_command};

/// As a shell splits it, and clap reads it.
fn read(command: &str) -> clap::ArgMatches {
    let script = format!("set -- {command}; printf '%s\\0' \"$@\"");
    let output = Command::new("sh").arg("-c").arg(script).output().expect("a shell");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let words: Vec<&str> = text.split_terminator('\0').collect();
    let matches = haul::cli::command().try_get_matches_from(words).unwrap_or_else(|error| panic!("{command}: {error}"));
    matches.subcommand().expect("a verb").1.clone()
}

fn words(matches: &clap::ArgMatches, name: &str) -> Vec<String> {
    matches.get_many::<String>(name).unwrap_or_default().cloned().collect()
}

/// Of an option whose values are fixed words.
fn raw_words(matches: &clap::ArgMatches, name: &str) -> Vec<String> {
    let raw = matches.get_raw(name).into_iter().flatten();
    raw.map(|word| word.to_str().expect("UTF-8").to_owned()).collect()
}

fn odd() -> Vec<String> {
    ["-x", "it's", "two words", "$HOME", "a\"b", "flow:1", "ümlaut", "*"].map(str::to_owned).to_vec()
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words
}

#[test]
fn the_command_of_a_transfer_is_read_as_it_was_meant() {
    let key = ItemKey::typed(Kind::Entry, "api::a.a", "x=y z");
    for policy in [Policy::Skip, Policy::Overwrite, Policy::Duplicate] {
        let options = PlanOptions {
            policy,
            dependencies: Some(DependencyMode::None),
            reach: Reach { depth: Some(3), types: odd() },
            selection: Selection {
                ids: odd(),
                tags: odd(),
                types: odd(),
                exclude_types: odd(),
                locales: odd(),
                search: Some("-a 'b'".into()),
                only: vec![Part::Content, Part::Files],
                exclude: vec![Part::Config],
                only_definitions: true,
            },
            rewrite_identical: true,
            skip_blocked: true,
            pause_webhooks: true,
            match_by: Vec::new(),
            mode: haul::model::Mode::Replace,
            one_transaction: true,
            decisions: [(key.clone(), Decision::Skip), (ItemKey::new(Kind::Flow, "a"), Decision::Overwrite)].into(),
            map: [(key.clone(), "b c".to_owned())].into(),
        };
        let read = read(&transfer_command("./my bundle.json", "prod", &options));
        assert_eq!(
            (words(&read, "source"), words(&read, "destination")),
            (vec!["./my bundle.json".to_owned()], vec!["prod".to_owned()])
        );
        for list in ["ids", "tags", "types", "exclude_types", "locales"] {
            assert_eq!(sorted(words(&read, list)), sorted(odd()), "{list}");
        }
        assert_eq!(raw_words(&read, "mode"), ["replace"]);
        assert_eq!(words(&read, "search"), ["-a 'b'"]);
        assert_eq!(read.get_one::<u32>("dependency_depth"), Some(&3));
        assert_eq!(sorted(words(&read, "dependency_types")), sorted(odd()));
        assert_eq!(words(&read, "decide"), ["flow:a=overwrite", "entry:api::a.a/x=y z=skip"]);
        assert_eq!(words(&read, "map"), ["entry:api::a.a/x=y z=b c"]);
        let flags = ["only_definitions", "rewrite_identical", "skip_blocked", "one_transaction", "pause_webhooks"];
        for flag in flags.into_iter().chain([policy.as_str()]) {
            assert!(read.get_flag(flag), "{flag}");
        }
    }
}

#[test]
fn the_command_of_an_export_is_read_as_it_was_meant() {
    let format = ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing: Existing::Replace,
        files: Files::With,
        credentials: Credentials::Redact,
        folder: haul::model::FolderFormat::default(),
    };
    let features = Features { sealed_archives: true, redact: true, ..Features::default() };
    let selection = Selection { ids: odd(), ..Selection::default() };
    let mode = Some(DependencyMode::Policy);
    let read = read(&export_command("dev", Some("./out put"), &selection, mode, &format, &features));
    assert_eq!(words(&read, "output"), ["./out put"]);
    assert_eq!(sorted(words(&read, "ids")), sorted(odd()));
    for flag in ["no_encrypt", "no_compress", "redact", "replace_output"] {
        assert!(read.get_flag(flag), "{flag}");
    }
}
