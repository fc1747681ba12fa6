//! Holds the arrows of ARCHITECTURE.md against the sources.

use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 11] =
    ["files", "model", "planner", "wording", "engine", "platforms", "codec", "net", "remotes", "cli", "sandbox"];

/// What each room may import besides itself. `cli` stands on top of all of them.
const ARROWS: [(&str, &[&str]); 10] = [
    ("files", &["model"]),
    ("model", &[]),
    ("planner", &["model"]),
    ("wording", &["model"]),
    ("engine", &["files", "model", "planner"]),
    ("codec", &["model"]),
    ("net", &["model"]),
    ("remotes", &["files", "model"]),
    ("platforms", &["codec", "files", "model", "net", "remotes"]),
    ("sandbox", &[]),
];

fn sources(room: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = sources.join(room).with_extension("rs");
    if let Ok(text) = fs::read_to_string(&file) {
        found.push((file, text));
    } else {
        walk(&sources.join(room), &mut found);
    }
    assert!(!found.is_empty(), "src/{room} holds no sources");
    found
}

/// Paths of a crate's own modules as the code names them: `crate::room` and `crate::{room, …}`.
fn imported_rooms(text: &str) -> Vec<&'static str> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let group = rest.strip_prefix('{').map(|inner| inner.split(';').next().unwrap_or(inner));
        let names: Vec<&str> = match group {
            Some(inner) => inner.split([',', '{', '}']).map(str::trim).collect(),
            None => vec![rest],
        };
        for name in names {
            let word = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
            rooms.extend(ROOMS.iter().find(|room| **room == word));
        }
    }
    rooms
}

#[test]
fn every_import_follows_an_arrow() {
    let mut wrong = Vec::new();
    for (room, allowed) in ARROWS {
        for (path, text) in sources(room) {
            for imported in imported_rooms(&text) {
                if imported != room && !allowed.contains(&imported) {
                    wrong.push(format!("{} imports {imported}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_rooms_of_the_platforms_never_meet() {
    for (room, other) in [("platforms/strapi", "ziggy"), ("platforms/ziggy", "strapi")] {
        for (path, text) in sources(room) {
            for path_to_it in [format!("platforms::{other}"), format!("super::{other}")] {
                assert!(!text.contains(&path_to_it), "{} imports {path_to_it}", path.display());
            }
        }
    }
}

#[test]
fn no_platform_is_named_in_engine_planner_wording_or_cli() {
    for room in ["engine", "planner", "wording", "cli"] {
        for (path, text) in sources(room) {
            let lower = text.to_lowercase();
            for platform in ["strapi", "flotiq", "ziggy"] {
                assert!(!lower.contains(platform), "{} names {platform}", path.display());
            }
        }
    }
}

#[test]
fn the_planner_the_model_and_the_wording_do_no_input_or_output() {
    for room in ["model", "planner", "wording"] {
        for (path, text) in sources(room) {
            for door in ["std::fs", "std::net", "tokio::", "reqwest", "SystemTime", "Instant::now", "std::env::"] {
                assert!(!text.contains(door), "{} uses {door}", path.display());
            }
        }
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for room in ROOMS {
        for (path, text) in sources(room) {
            assert!(text.starts_with("//!"), "{} does not open with what it is for", path.display());
        }
    }
}

#[test]
fn the_check_for_arrows_sees_grouped_and_nested_imports() {
    assert_eq!(imported_rooms("use crate::model::Plan;"), ["model"]);
    assert_eq!(imported_rooms("use crate::{cli::Args, net};"), ["cli", "net"]);
    assert_eq!(imported_rooms("// use crate::cli;\nlet x = crate::engine::start();"), ["engine"]);
}
