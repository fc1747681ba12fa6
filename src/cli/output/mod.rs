//! Answers: text or one JSON object on standard output, everything else on standard error.
//! Must not know: what verbs do. Text that came from a location is cleaned here before a terminal sees it.

mod failure;
mod listing;
mod progress;
mod report;
mod style;
mod table;

use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

pub use failure::{answer_failure, answer_usage};
pub use listing::Listing;
pub use progress::ProgressView;
pub use report::{PlanText, ReportText, write_findings};
pub use style::{Paint, Style};
pub use table::{Cell, Table};

use super::args::{OutputArgs, ProgressChoice};
use crate::model::{Error, Result};
use crate::remotes::Environment;

/// How the answer of a verb is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Text,
    Json,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressMode {
    Bars,
    Plain,
    Json,
    None,
}

/// What the user wants to see, and what the terminal can show.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    pub answer: Answer,
    pub progress: ProgressMode,
    pub verbosity: u8,
    /// Of standard output.
    pub paint: Paint,
    /// Of standard error.
    pub paint_notes: Paint,
}

impl Output {
    pub fn new(args: &OutputArgs, environment: &Environment) -> Self {
        let stderr_is_terminal = io::stderr().is_terminal();
        let progress = match args.progress {
            Some(ProgressChoice::Bars) => ProgressMode::Bars,
            Some(ProgressChoice::Plain) => ProgressMode::Plain,
            Some(ProgressChoice::Json) => ProgressMode::Json,
            Some(ProgressChoice::None) => ProgressMode::None,
            None if stderr_is_terminal => ProgressMode::Bars,
            None => ProgressMode::None,
        };
        Output {
            answer: if args.json { Answer::Json } else { Answer::Text },
            progress,
            verbosity: args.verbose,
            paint: Paint::new(io::stdout().is_terminal(), environment),
            paint_notes: Paint::new(stderr_is_terminal, environment),
        }
    }

    pub fn is_json(&self) -> bool {
        self.answer == Answer::Json
    }

    /// Writes one JSON object to standard output.
    pub fn json(&self, value: &impl Serialize) -> Result<()> {
        to_stdout(|out| {
            match io::stdout().is_terminal() {
                true => serde_json::to_writer_pretty(&mut *out, value)?,
                false => serde_json::to_writer(&mut *out, value)?,
            }
            out.write_all(b"\n")
        })
    }

    /// Writes text to standard output.
    pub fn text(&self, write: impl FnOnce(&mut dyn Write, Paint) -> io::Result<()>) -> Result<()> {
        to_stdout(|out| write(out, self.paint))
    }

    /// A sentence for a person, on standard error.
    pub fn note(&self, sentence: &str) {
        self.say("note", Style::Dim, sentence);
    }

    /// A sentence that should not be missed, on standard error.
    pub fn warn(&self, sentence: &str) {
        self.say("warning", Style::Warning, sentence);
    }

    fn say(&self, word: &str, style: Style, sentence: &str) {
        let mut stderr = io::stderr().lock();
        // Standard error may be closed; there is nobody left to tell then.
        let _ = match self.progress {
            ProgressMode::Json => writeln!(stderr, "{}", serde_json::json!({ "event": word, "message": sentence })),
            _ => writeln!(stderr, "{}: {sentence}", self.paint_notes.paint(style, word)),
        };
    }
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no failure.
fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is still buffered would only meet the same closed pipe.
            let _ = out.into_parts();
            Ok(())
        }
        written => written.map_err(|error| Error::io("cannot write to standard output", error)),
    }
}
