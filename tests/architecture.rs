//! Holds the arrows of ARCHITECTURE.md against the sources.

use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 13] = [
    "files",
    "memory",
    "model",
    "planner",
    "wording",
    "engine",
    "platforms",
    "codec",
    "net",
    "remotes",
    "cli",
    "sandbox",
    "workbench",
];

/// What each room may import besides itself. The two faces, `cli` and `workbench`, meet only in `main.rs`.
const ARROWS: [(&str, &[&str]); 13] = [
    ("files", &["model"]),
    ("memory", &[]),
    ("model", &[]),
    ("planner", &["model"]),
    ("wording", &["model"]),
    ("engine", &["files", "memory", "model", "planner"]),
    ("codec", &["model"]),
    ("net", &["model"]),
    ("remotes", &["files", "model"]),
    ("platforms", &["codec", "files", "memory", "model", "net", "remotes"]),
    ("sandbox", &[]),
    ("workbench", &["engine", "files", "model", "planner", "platforms", "remotes", "wording"]),
    ("cli", &["codec", "engine", "files", "model", "net", "planner", "platforms", "remotes", "sandbox", "wording"]),
];

const PLATFORMS: [&str; 3] = ["strapi", "flotiq", "ziggy"];

/// Inside of the workbench: who may name the crates that own the terminal.
const SCREEN: [(&str, &[&str]); 2] = [
    ("ratatui", &["canvas.rs", "theme.rs", "terminal.rs", "program.rs"]),
    ("crossterm", &["key.rs", "widgets/field.rs", "terminal.rs", "program.rs"]),
];

/// What files of these names stay away from: they are functions of values. A token to cancel something with is a value too.
const PURE: [&str; 4] = ["update", "state", "draw", "commands"];
const DOORS: [&str; 7] = ["std::fs", "std::env", "std::net", "tokio::", "reqwest", "Timestamp::now", "Instant::now"];

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

/// The sources of a room as the program is built from them: without comments and without what only tests see.
fn code(room: &str) -> Vec<(PathBuf, String)> {
    let all = sources(room);
    let hidden: Vec<PathBuf> = all.iter().flat_map(|(path, text)| modules_of_tests(path, text)).collect();
    let is_hidden = |path: &Path| hidden.iter().any(|root| path.starts_with(root) || path == root.with_extension("rs"));
    all.into_iter().filter(|(path, _)| !is_hidden(path)).map(|(path, text)| (path, without_tests(&text))).collect()
}

/// Where the modules lie that a file declares for tests only, without their extension.
fn modules_of_tests(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod") | None => path.with_file_name(""),
        Some(_) => path.with_extension(""),
    };
    let mut lines = text.lines().map(str::trim);
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let declared = (line == "#[cfg(test)]").then(|| lines.next()).flatten();
        let name = declared.and_then(|next| next.split("mod ").nth(1)).and_then(|name| name.strip_suffix(';'));
        found.extend(name.map(|name| folder.join(name)));
    }
    found
}

/// Modules of tests stand last in their file.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let opens = lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        if line == "#[cfg(test)]" && opens {
            break;
        }
        if !line.trim_start().starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
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
        // Tests within the workbench play against the sandbox.
        let read = if room == "workbench" { code } else { sources };
        for (path, text) in read(room) {
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

/// The protocol of servers knows nothing of what travels, and only one room speaks it.
#[test]
fn the_wire_is_a_room_of_its_own() {
    for (path, text) in sources("platforms/strapi") {
        let inside = path.to_string_lossy().contains("strapi/wire");
        let speaks = path.to_string_lossy().contains("strapi/remote");
        assert!(!inside || !text.contains("use crate::platforms"), "{} knows archives", path.display());
        assert!(inside || speaks || !text.contains("wire::"), "{} speaks the protocol", path.display());
    }
}

/// Other programs are run for a local project alone, and one file starts them.
#[test]
fn only_a_local_project_runs_programs() {
    for (path, text) in code("platforms") {
        let may = ["project/child.rs", "project/task.rs"].iter().any(|file| path.ends_with(file));
        let runs = ["tokio::process", "process::Command"].iter().any(|name| text.contains(name));
        assert!(may || !runs, "{} runs programs", path.display());
    }
}

/// A conversion is a function of a bundle: where that came from, and what is done with the outcome, is no part of it.
#[test]
fn the_conversion_knows_neither_servers_nor_exports() {
    for (path, text) in sources("platforms/strapi/convert") {
        for other in
            ["strapi::remote", "strapi::wire", "strapi::export", "strapi::source", "super::remote", "super::source"]
        {
            assert!(!text.contains(other), "{} knows {other}", path.display());
        }
    }
}

#[test]
fn no_platform_is_named_in_engine_planner_wording_or_cli() {
    for room in ["engine", "planner", "wording", "cli"] {
        for (path, text) in sources(room) {
            let lower = text.to_lowercase();
            for platform in PLATFORMS {
                assert!(!lower.contains(platform), "{} names {platform}", path.display());
            }
        }
    }
}

#[test]
fn no_platform_is_named_in_the_workbench() {
    for (path, text) in code("workbench") {
        let lower = text.to_lowercase();
        for platform in PLATFORMS {
            assert!(!lower.contains(platform), "{} names {platform}", path.display());
        }
    }
}

#[test]
fn only_main_opens_the_workbench() {
    for room in ROOMS.into_iter().filter(|room| *room != "workbench") {
        for (path, text) in sources(room) {
            assert!(!text.contains("haul::workbench"), "{} opens the workbench", path.display());
        }
    }
    let main = sources("main");
    assert!(main.iter().all(|(_, text)| text.contains("workbench::run")), "main.rs opens it");
}

#[test]
fn in_the_workbench_only_the_frame_knows_the_terminal() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/workbench");
    for (path, text) in code("workbench") {
        for (name, allowed) in SCREEN {
            let may = allowed.iter().any(|file| path == root.join(file));
            assert!(may || !text.contains(name), "{} names {name}", path.display());
        }
        assert!(!text.contains("reqwest"), "{} names reqwest", path.display());
    }
}

#[test]
fn what_updates_and_draws_the_workbench_does_no_input_or_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/workbench");
    for (path, text) in code("workbench") {
        let inner = path.strip_prefix(&root).expect("it lies in the workbench");
        let is_pure = inner.iter().any(|part| PURE.iter().any(|name| part.to_string_lossy().starts_with(name)));
        for door in DOORS.into_iter().filter(|_| is_pure) {
            assert!(!text.contains(door), "{} uses {door}", path.display());
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

#[test]
fn the_check_of_code_leaves_tests_and_comments_out() {
    let text =
        "//! ratatui\nuse a::b;\n#[cfg(test)]\nmod testing;\nfn x() {}\n#[cfg(test)]\nmod tests {\n use ratatui;\n}\n";
    assert_eq!(without_tests(text), "use a::b;\n#[cfg(test)]\nmod testing;\nfn x() {}\n");
    assert_eq!(modules_of_tests(Path::new("src/a/mod.rs"), text), [Path::new("src/a/testing")]);
    assert_eq!(modules_of_tests(Path::new("src/a.rs"), text), [Path::new("src/a/testing")]);
    assert!(code("workbench").iter().all(|(path, _)| !path.ends_with("workbench/testing.rs")));
}
