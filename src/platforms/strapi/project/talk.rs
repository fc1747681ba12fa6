//! What `strapi export` and `strapi import` say while they work: stages, warnings and the rest, told as events, with colours
//! and secrets taken out.
//! Must not know: processes, or what an error means.
//!
//! Read off 4.26.2 and 5.54.0 without a terminal: a line when a stage begins and one when it ends on standard error, warnings
//! and fatal errors by the logger on standard output, what breaks the program by Node.js on standard error.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::child::Heard;
use super::secrets::Secrets;
use crate::model::text::printable;
use crate::model::{EventSink, Finding, Reading, RunEvent, code};

/// Last lines that are kept for an error.
const TAIL: usize = 60;
/// Warnings that are told one by one.
const WARNINGS: usize = 5;
/// Characters of a line that are shown.
const LONGEST: usize = 500;
const STAGES: [&str; 5] = ["schemas", "entities", "assets", "links", "configuration"];

/// Listens to one command.
pub(super) struct Talk<'a> {
    /// As people call it: `strapi export`.
    program: &'static str,
    events: &'a dyn EventSink,
    secrets: Secrets,
    reading: Reading,
    /// What grows while files are written.
    grows: Option<PathBuf>,
    tail: VecDeque<String>,
    warnings: Vec<String>,
    warned: usize,
}

impl<'a> Talk<'a> {
    pub fn new(program: &'static str, events: &'a dyn EventSink, secrets: Secrets, grows: Option<PathBuf>) -> Talk<'a> {
        let reading = Reading { what: format!("`{program}`, which starts the project"), ..Reading::default() };
        let (tail, warnings) = (VecDeque::new(), Vec::new());
        let talk = Talk { program, events, secrets, reading, grows, tail, warnings, warned: 0 };
        talk.tell();
        talk
    }

    pub fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Line(line) => self.line(&line),
            Heard::Alive => {
                self.grown();
                self.tell();
            }
        }
    }

    /// The last lines that were heard.
    pub fn tail(&self) -> Vec<String> {
        self.tail.iter().cloned().collect()
    }

    /// What the program warned of.
    pub fn findings(&self) -> Vec<Finding> {
        let warning =
            |text: String| Finding::warning(code::SERVER_WARNING, format!("`{}` warned: {text}", self.program));
        let mut findings: Vec<_> = self.warnings.iter().cloned().map(warning).collect();
        if self.warned > self.warnings.len() {
            let more = self.warned - self.warnings.len();
            findings.push(warning(format!("so {more} times more; -v shows all it says")));
        }
        findings
    }

    fn line(&mut self, raw: &str) {
        let text = self.secrets.hide(&without_colours(raw));
        let text = cut(printable(text.trim_end()).into_owned());
        if text.trim().is_empty() || is_frame(&text) {
            return;
        }
        if let Some(reading) = stage(&text) {
            self.reading = Reading { what: format!("`{}`: {}", self.program, reading.what), ..reading };
            return self.tell();
        }
        if let Some((_, warning)) = text.split_once("warn: ") {
            self.warned += 1;
            if self.warnings.len() < WARNINGS {
                self.warnings.push(warning.to_owned());
            }
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(text.clone());
        self.events.emit(RunEvent::Said { program: self.program.to_owned(), line: text });
    }

    fn tell(&self) {
        self.events.emit(RunEvent::Reading { reading: self.reading.clone() });
    }

    /// Files are a single stage that may take long; what lies there already says how far it is.
    fn grown(&mut self) {
        let Some(path) = &self.grows else { return };
        match path.metadata() {
            Ok(about) if about.is_file() => self.reading.bytes = about.len(),
            Ok(_) => {
                let files = std::fs::read_dir(path).map_or(0, |entries| entries.count() as u64);
                self.reading.rows = self.reading.rows.max(files);
            }
            Err(_) => {}
        }
    }
}

/// `✔ entities: 53 transferred · 42.8 KB` and its beginning, `- assets: 0 / 54 transferred`. v4 writes `transfered`.
fn stage(line: &str) -> Option<Reading> {
    let text = line.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    let (name, rest) = text.split_once(": ")?;
    if !STAGES.contains(&name) || !rest.contains(" transfer") {
        return None;
    }
    let mut words = rest.split(' ');
    let rows = words.next()?.parse().ok()?;
    let rows_total = words.next().filter(|word| *word == "/").and_then(|_| words.next()?.parse().ok());
    let what = if name == "assets" { "files" } else { name };
    Some(Reading { what: what.to_owned(), rows, rows_total, ..Reading::default() })
}

/// A table of results is drawn with lines.
fn is_frame(text: &str) -> bool {
    text.trim_start().starts_with(['┌', '├', '└', '│'])
}

/// Long lines lose their middle: what is wrong stands at either end.
fn cut(text: String) -> String {
    let chars = text.chars().count();
    if chars <= LONGEST {
        return text;
    }
    let begin: String = text.chars().take(LONGEST / 2).collect();
    let end: String = text.chars().skip(chars - LONGEST / 2).collect();
    format!("{begin}…{end}")
}

/// Without what colours it and moves the cursor.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\u{1b}', Some('[')) => {
                rest.next();
                // Parameters end with a letter, or the like.
                while rest.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {}
            }
            ('\u{1b}', _) => {}
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Ear(Mutex<Vec<RunEvent>>);

    impl EventSink for Ear {
        fn emit(&self, event: RunEvent) {
            self.0.lock().unwrap().push(event);
        }
    }

    #[rstest]
    #[case("✔ entities: 53 transferred · 42.8 KB · 1325.0 items/s", "entities", 53, None)]
    #[case("- assets: 0 / 54 transferred · 0 / 7.4 MB · 0.0ms", "files", 0, Some(54))]
    #[case("✔ schemas: 18 transfered (size: 22.4 KB) (elapsed: 6 ms)", "schemas", 18, None)]
    fn stages_of_both_versions_are_read(
        #[case] line: &str,
        #[case] what: &str,
        #[case] rows: u64,
        #[case] rows_total: Option<u64>,
    ) {
        let expected = Reading { what: what.to_owned(), rows, rows_total, ..Reading::default() };
        assert_eq!(stage(line), Some(expected));
    }

    #[test]
    fn what_is_no_stage_is_said_without_colours_and_secrets() {
        let ear = Ear::default();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), "JWT_SECRET=topsecret\n").unwrap();
        let mut talk = Talk::new("strapi export", &ear, Secrets::of(folder.path()), None);
        for line in [
            "\u{1b}[90m┌──────┐\u{1b}[39m",
            "",
            "- links: 0 transferred",
            "[2026-11-21 14:01:49.020] \u{1b}[33mwarn\u{1b}[39m: (x) Media item 27 topsecret",
            "bell \u{7}",
        ] {
            talk.hear(Heard::Line(line.to_owned()));
        }
        let said: Vec<_> = ear
            .0
            .lock()
            .unwrap()
            .iter()
            .filter_map(|event| match event {
                RunEvent::Said { program, line } => Some(format!("{program}| {line}")),
                _ => None,
            })
            .collect();
        assert_eq!(said[0], "strapi export| [2026-11-21 14:01:49.020] warn: (x) Media item 27 (hidden)");
        assert!(said.len() == 2 && !said[1].contains('\u{7}'));
        assert_eq!(talk.reading.what, "`strapi export`: links");
        assert_eq!(talk.findings()[0].message, "`strapi export` warned: (x) Media item 27 (hidden)");
    }

    #[test]
    fn a_long_line_keeps_both_ends() {
        let line = format!("SqliteError: {} - database is locked", "ü".repeat(2 * LONGEST));
        let short = cut(line);
        assert!(short.starts_with("SqliteError: ü") && short.ends_with(" - database is locked"));
        assert_eq!(short.chars().count(), LONGEST + 1);
    }

    #[test]
    fn many_warnings_are_counted() {
        let mut talk = Talk::new("strapi export", &(), Secrets::of(std::path::Path::new("/nowhere")), None);
        (0..9).for_each(|n| talk.hear(Heard::Line(format!("warn: {n}"))));
        let findings = talk.findings();
        assert_eq!(findings.len(), 6);
        assert!(findings[5].message.contains("4 times more"));
    }
}
