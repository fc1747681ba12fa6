//! One error type: what failed, on what, what to do. Exit code and retry derive from its kind, here and only here.
//! Must not know: screens, platforms.

use std::fmt;

use super::ItemKey;
use super::decision::words;
use serde::{Deserialize, Serialize};

pub type Result<T, E = Error> = std::result::Result<T, E>;

words! {
    /// What went wrong, as `error.code` of every JSON answer. Each has one exit code.
    ErrorKind {
        /// Unknown option, no or two policies, contradicting extension, an option that the platform lacks.
        Usage = "usage",
        /// A location that cannot be understood, or a remote that nobody added.
        UnknownLocation = "unknown-location",
        WrongKey = "wrong-key",
        /// A sealed archive and no key to open it with, or none to seal with.
        NoKey = "no-key",
        Unauthorized = "unauthorized",
        Forbidden = "forbidden",
        NoCredential = "no-credential",
        Unreachable = "unreachable",
        TimedOut = "timed-out",
        /// The server answered, but not with success.
        Server = "server",
        /// The command of a local project did not succeed.
        Project = "project",
        /// The server answered something that its protocol does not allow.
        Protocol = "protocol",
        NotABundle = "not-a-bundle",
        Damaged = "damaged",
        /// A bundle that would write outside its folder, or holds what no bundle may hold.
        Unsafe = "unsafe",
        Io = "io",
        DiskFull = "disk-full",
        /// The reply to a write was not what the plan expects; the run stopped.
        Unexpected = "unexpected",
        Refused = "refused",
        NoTerminal = "no-terminal",
        Stale = "stale",
        InvalidPlan = "invalid-plan",
        BlockingFinding = "blocking-finding",
        FailOn = "fail-on",
        UnknownItem = "unknown-item",
        OutputExists = "output-exists",
        Busy = "busy",
        UnknownRun = "unknown-run",
        NotResumable = "not-resumable",
        Interrupted = "interrupted",
        Terminated = "terminated",
        /// A defect of Haul itself.
        Internal = "internal",
    }
}

impl ErrorKind {
    /// The exit code of the design's table.
    pub fn exit_code(self) -> u8 {
        use ErrorKind::*;
        match self {
            Usage | UnknownLocation => 2,
            NoKey | NoCredential | Refused | NoTerminal | Stale | InvalidPlan | BlockingFinding | FailOn
            | UnknownItem | OutputExists | UnknownRun | NotResumable | Busy => 4,
            Interrupted => 130,
            Terminated => 143,
            WrongKey | Unauthorized | Forbidden | Unreachable | TimedOut | Server | Project | Protocol | NotABundle
            | Damaged | Unsafe | Io | DiskFull | Unexpected | Internal => 1,
        }
    }
}

/// What failed, on what, and what to do next.
///
/// `message` is lower case and names the thing it failed on; `hint` says what to do. Neither ever holds a
/// credential. Each layer adds the one fact it knows with [`Error::at`].
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    items: Vec<ItemKey>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, message: message.into(), hint: None, items: Vec::new(), source: None }))
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Names the items that are the reason.
    #[must_use]
    pub fn items(mut self, items: impl IntoIterator<Item = ItemKey>) -> Self {
        self.0.items.extend(items);
        self
    }

    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// Adds where it happened in front of the message: `PLACE: message`.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }

    /// A failed file operation; a full disk is told apart.
    pub fn io(doing: impl fmt::Display, error: std::io::Error) -> Self {
        let (kind, hint) = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
                (ErrorKind::DiskFull, Some("free some space, or choose another place"))
            }
            _ => (ErrorKind::Io, None),
        };
        let built = Error::new(kind, format!("{doing}: {}", describe_io(&error))).caused_by(error);
        match hint {
            Some(hint) => built.hint(hint),
            None => built,
        }
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    pub fn item_keys(&self) -> &[ItemKey] {
        &self.0.items
    }

    pub fn exit_code(&self) -> u8 {
        self.0.kind.exit_code()
    }

    /// What reports and JSON answers hold of this error.
    pub fn brief(&self) -> ErrorBrief {
        ErrorBrief { code: self.kind(), message: self.0.message.clone(), hint: self.0.hint.clone() }
    }
}

/// An error as reports and JSON answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBrief {
    pub code: ErrorKind,
    pub message: String,
    pub hint: Option<String>,
}

/// The operating system's sentence, without its number.
fn describe_io(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(cut) => text[..cut].to_lowercase(),
        None => text,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
