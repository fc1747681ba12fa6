//! What made `strapi export` or `strapi import` fail, by its last words, and what to do.
//! Must not know: processes, events.
//!
//! The words are those of 4.26.2 and 5.54.0, each provoked on a real project.

use std::path::Path;
use std::process::ExitStatus;

use crate::model::{Error, ErrorKind};

/// Lines that are shown where none of them says what is wrong.
const SHOWN: usize = 3;
/// Statements of SQL hold content, and say little.
const STATEMENTS: [&str; 9] =
    ["select ", "update ", "insert ", "delete ", "create ", "alter ", "drop ", "pragma ", "begin"];

/// What a word of the program means: the kind of failure, and what to do.
type Meaning = (&'static [&'static str], ErrorKind, &'static str);

const MEANINGS: [Meaning; 12] = [
    (
        &["SQLITE_BUSY", "database is locked"],
        ErrorKind::Busy,
        "another process writes to the project's database: stop the server that runs on it, or wait, and start again",
    ),
    (&["ENOSPC", "no space left on device"], ErrorKind::DiskFull, "free some space, or choose another place"),
    (
        &["App keys are required", "_SALT", "Missing jwtSecret", "Missing admin.auth.secret"],
        ErrorKind::Project,
        "settings are missing, mostly those of the project's .env file: the project has to start with `strapi start`",
    ),
    (
        &["Cannot find module", "Could not locate the bindings file", "was compiled against a different Node.js"],
        ErrorKind::Project,
        "run `npm install` in the project (or what it uses instead), with the Node.js that runs it now",
    ),
    (&["The upload folder"], ErrorKind::Project, "make that folder, empty, and start again"),
    (
        &["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT", "Check the database connection"],
        ErrorKind::Unreachable,
        "is the project's database running? Its address is in config/database and .env",
    ),
    (
        &[
            "not a valid Strapi data file",
            "Missing metadata.json",
            "Could not load schemas",
            "Error parsing JSONL",
            "asset metadata",
        ],
        ErrorKind::Damaged,
        "`haul verify` says where the archive is damaged",
    ),
    (
        &["The backup folder for the assets", "EBUSY", "EXDEV"],
        ErrorKind::Project,
        "`strapi import` renames public/uploads, which cannot be done with a mounted folder",
    ),
    (
        &["unknown command", "unknown option"],
        ErrorKind::Project,
        "this project's Strapi is too old for that; 4.6 and later have `strapi export` and `strapi import`",
    ),
    (
        &["env: node", "env: 'node'", "env: ‘node’", "node: not found", "node: command not found"],
        ErrorKind::Project,
        "Node.js is not in PATH",
    ),
    (
        &["ENOENT: no such file or directory, stat"],
        ErrorKind::Project,
        "a record's file is missing on disk; `--exclude files` does without files",
    ),
    (&["ERR_DLOPEN_FAILED"], ErrorKind::Project, "run `npm install` in the project, with the Node.js that runs it now"),
];

/// What is left of a command that did not succeed.
pub(super) fn failed(program: &str, project: &Path, status: ExitStatus, tail: &[String]) -> Error {
    let meaning =
        MEANINGS.iter().find(|(words, ..)| words.iter().any(|word| tail.iter().any(|line| line.contains(word))));
    let kind = meaning.map_or(ErrorKind::Project, |(_, kind, _)| *kind);
    let again = format!("`npx {program}` in that folder, or -v here, shows all it says");
    let hint = meaning.map_or(again, |(.., hint)| (*hint).to_owned());
    let cause = cause(tail, meaning).unwrap_or_else(|| "it said nothing".to_owned());
    let end = how(status);
    Error::new(kind, format!("`{program}` in {} {end}: {cause}", project.display())).hint(hint)
}

fn how(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was killed by signal {signal}");
    }
    match status.code() {
        Some(0) => "ended without a result".to_owned(),
        Some(code) => format!("failed with exit {code}"),
        None => "failed".to_owned(),
    }
}

/// The line that says what is wrong, or the last lines.
fn cause(tail: &[String], meaning: Option<&Meaning>) -> Option<String> {
    let fatal =
        tail.iter().rev().find_map(|line| ["[FATAL] ", "[ERROR] "].iter().find_map(|mark| line.split_once(mark)));
    if let Some((_, message)) = fatal {
        return Some(message.trim().to_owned());
    }
    let told = |line: &&String| meaning.is_some_and(|(words, ..)| words.iter().any(|word| line.contains(word)));
    if let Some(line) = tail.iter().find(|line| is_error(line)).or_else(|| tail.iter().find(told)) {
        // An error may span lines, of which another one says what is meant.
        let line = match tail.iter().find(told) {
            Some(better) if !told(&line) && !better.contains("code: '") => better,
            _ => line,
        };
        let locked = tail.iter().any(|line| line.contains("SQLITE_BUSY"));
        return Some(without_statement(line).unwrap_or_else(|| match locked {
            true => "database is locked".to_owned(),
            false => "the database refused a statement".to_owned(),
        }));
    }
    let last: Vec<_> = tail.iter().filter(|line| says_something(line)).map(|line| line.trim()).collect();
    let last = &last[last.len().saturating_sub(SHOWN)..];
    (!last.is_empty()).then(|| last.join(" / "))
}

/// `TypeError: …`, `[Error: …`, `error: …` of the parser of options.
fn is_error(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches('[');
    let Some((name, _)) = line.split_once(": ") else { return false };
    name.chars().all(|c| c.is_ascii_alphanumeric()) && (name.ends_with("Error") || name == "error")
}

/// Traces and promises of Node.js do not.
fn says_something(line: &str) -> bool {
    let line = line.trim();
    let noise = ["at ", "Node.js v", "^", "{", "}", "throw ", "node:internal"];
    !line.is_empty() && !noise.iter().any(|start| line.starts_with(start))
}

/// `None` where nothing but a statement is left, because it was longer than what is kept of a line.
fn without_statement(line: &str) -> Option<String> {
    let line = line.trim();
    let message = line.split_once(": ").map_or("", |(_, message)| message).to_ascii_lowercase();
    match line.rsplit_once(" - ") {
        Some((_, why)) if STATEMENTS.iter().any(|word| message.starts_with(word)) => Some(why.to_owned()),
        None if STATEMENTS.iter().any(|word| message.starts_with(word)) => None,
        _ => Some(line.trim_matches(['[', '{', ']', ' ']).to_owned()),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::os::unix::process::ExitStatusExt;

    fn after(tail: &str) -> Error {
        let tail: Vec<String> = tail.lines().map(str::to_owned).collect();
        failed("strapi import", Path::new("/p"), ExitStatus::from_raw(1 << 8), &tail)
    }

    #[rstest]
    #[case::locked(
        "    const response = await statement.run(bindings);\nSqliteError: update `s` set `value` = 'x - y' - database is locked\n    at Client_BetterSQLite3._query (/n/knex.js:44:38)\n  code: 'SQLITE_BUSY'\n}",
        ErrorKind::Busy,
        "database is locked"
    )]
    #[case::locked_and_cut(
        "SqliteError: update `s` set `value` = '{\"plugin…\n  code: 'SQLITE_BUSY'",
        ErrorKind::Busy,
        "database is locked"
    )]
    #[case::cut("error: insert into \"x\" values ('…", ErrorKind::Project, "the database refused a statement")]
    #[case::damaged(
        "[2026-11-21 14:01:59.671] error: [FATAL] File '/x/cut.tar' is not a valid Strapi data file.\nImport process failed.",
        ErrorKind::Damaged,
        "File '/x/cut.tar' is not a valid Strapi data file."
    )]
    #[case::line(
        "[2026-11-21 13:59:11.669] error: [ERROR] Error parsing JSONL in /x/e.jsonl: Unexpected character\nImport process failed.",
        ErrorKind::Damaged,
        "Error parsing JSONL in /x/e.jsonl: Unexpected character"
    )]
    #[case::keys(
        "            throw new Error(`Middleware`);\nError: Middleware \"strapi::session\": App keys are required. Please set app.keys\n    at x (/n.js:1:2)\nNode.js v20.20.2",
        ErrorKind::Project,
        "Error: Middleware \"strapi::session\": App keys are required. Please set app.keys"
    )]
    #[case::module(
        "Error: Knex: run\n$ npm install pg --save\nCannot find module 'pg'\nRequire stack:",
        ErrorKind::Project,
        "Cannot find module 'pg'"
    )]
    #[case::syntax(
        "/p/src/index.js:1\nmodule.exports = {{\nSyntaxError: Unexpected token '{'\n    at wrapSafe (node:internal)",
        ErrorKind::Project,
        "SyntaxError: Unexpected token '{'"
    )]
    #[case::option("error: unknown option '--format'", ErrorKind::Project, "error: unknown option '--format'")]
    #[case::anything("one\ntwo\n    at three\nfour\nfive\n\n", ErrorKind::Project, "two / four / five")]
    #[case::nothing("", ErrorKind::Project, "it said nothing")]
    fn last_words_say_what_is_wrong(#[case] tail: &str, #[case] kind: ErrorKind, #[case] cause: &str) {
        let error = after(tail);
        assert_eq!(error.kind(), kind);
        assert_eq!(error.message(), format!("`strapi import` in /p failed with exit 1: {cause}"));
        assert!(error.hint_text().is_some_and(|hint| !hint.is_empty()));
    }

    #[test]
    fn a_signal_is_told() {
        let error = failed("strapi export", Path::new("/p"), ExitStatus::from_raw(9), &[]);
        assert!(error.message().contains("was killed by signal 9"));
    }
}
