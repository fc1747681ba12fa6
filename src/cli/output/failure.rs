//! How a failure is told: what failed, on what, what to do; with the exit code of its kind.
//! Must not know: verbs.

use std::error::Error as _;
use std::io::{self, Write};

use serde::Serialize;

use super::{Output, ProgressMode, Style, to_stdout};
use crate::model::text::printable;
use crate::model::{Error, ErrorBrief, ErrorKind, ItemKey};

/// The JSON answer of a verb that failed before it had a report.
#[derive(Debug, Serialize)]
pub struct Failure<'a> {
    schema: u32,
    status: &'static str,
    error: ErrorBrief,
    /// The items that are the reason.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    items: &'a [ItemKey],
}

impl<'a> Failure<'a> {
    pub fn of(error: &'a Error) -> Self {
        Failure { schema: 1, status: "failed", error: error.brief(), items: error.item_keys() }
    }
}

/// Tells of an error and returns its exit code.
pub fn answer_failure(output: &Output, error: &Error) -> u8 {
    if output.is_json() {
        // Where standard output is closed the exit code still tells.
        let _ = output.json(&Failure::of(error));
    } else {
        // Standard error may be closed too.
        let _ = to_stderr(output, error);
    }
    error.exit_code()
}

/// How many items an error names before it only counts them.
const NAMED: usize = 20;

fn to_stderr(output: &Output, error: &Error) -> io::Result<()> {
    let mut err = io::stderr().lock();
    if output.progress == ProgressMode::Json {
        let brief = serde_json::to_value(error.brief()).unwrap_or_default();
        return writeln!(err, "{}", serde_json::json!({ "event": "failed", "error": brief }));
    }
    let paint = output.paint_notes;
    writeln!(err, "{}: {}", paint.paint(Style::Bad, "error"), lines(error.message()))?;
    for key in error.item_keys().iter().take(NAMED) {
        writeln!(err, "  {}", printable(&key.to_string()))?;
    }
    if let more @ 1.. = error.item_keys().len().saturating_sub(NAMED) {
        writeln!(err, "  … and {more} more")?;
    }
    if output.verbosity > 0 {
        let mut cause = error.source();
        while let Some(reason) = cause {
            writeln!(err, "  {}: {}", paint.paint(Style::Dim, "cause"), printable(&reason.to_string()))?;
            cause = reason.source();
        }
    }
    match error.hint_text() {
        Some(hint) => writeln!(err, "  {}: {}", paint.paint(Style::Good, "hint"), lines(hint)),
        None => Ok(()),
    }
}

/// Cleaned, but with its lines kept.
fn lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n  ")
}

/// Tells of a command line that clap could not read, or shows the help that was asked for.
pub fn answer_usage(error: &clap::Error, json: bool) -> u8 {
    let is_help = !error.use_stderr();
    if !json {
        // A closed stream leaves nobody to tell.
        let _ = error.print();
        return if is_help { 0 } else { ErrorKind::Usage.exit_code() };
    }
    let text = error.render().to_string();
    let written = if is_help {
        let answer = serde_json::json!({ "schema": 1, "status": "ok", "text": text });
        to_stdout(|out| writeln!(out, "{answer}"))
    } else {
        let (message, hint) = split_usage(&text);
        let failure = Error::new(ErrorKind::Usage, message).hint(hint);
        to_stdout(|out| {
            serde_json::to_writer(&mut *out, &Failure::of(&failure))?;
            out.write_all(b"\n")
        })
    };
    // As above.
    let _ = written;
    if is_help { 0 } else { ErrorKind::Usage.exit_code() }
}

/// Clap's rendering as message and hint: its first paragraph, and its tips.
fn split_usage(text: &str) -> (String, String) {
    let first = text.split("\n\n").next().unwrap_or_default();
    let words = first.strip_prefix("error: ").unwrap_or(first).split_whitespace();
    let message = words.collect::<Vec<_>>().join(" ");
    let tips: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).collect();
    match tips.is_empty() {
        true => (message, "for more, try --help".to_owned()),
        false => (message, tips.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_option_becomes_message_and_hint() {
        let text =
            "error: unexpected argument '--tag' found\n\n  tip: a similar argument exists: '--tags'\n\nUsage: x\n";
        let (message, hint) = split_usage(text);
        assert_eq!(message, "unexpected argument '--tag' found");
        assert_eq!(hint, "a similar argument exists: '--tags'");
    }
}
