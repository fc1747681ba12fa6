//! What goes wrong inside the played server: an answer with an error, a reply that never comes, or a dead process.
//! Must not know: sockets.

use serde_json::{Value, json};

/// How a frame ends badly.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// The error of a reply: name of the JavaScript error, message, details.
    Error { code: &'static str, message: String, details: Value },
    /// No reply, now or later on this socket.
    Hang,
    /// The process is gone.
    Crash,
}

impl Failure {
    pub fn plain(message: impl Into<String>) -> Self {
        Self::Error { code: "Error", message: message.into(), details: json!({}) }
    }

    pub fn named(code: &'static str, message: impl Into<String>) -> Self {
        Self::Error { code, message: message.into(), details: json!({}) }
    }

    pub fn sqlite(message: impl Into<String>) -> Self {
        Self::named("SqliteError", message)
    }

    pub fn transfer(message: impl Into<String>) -> Self {
        Self::Error { code: "Error", message: message.into(), details: json!({ "step": "transfer" }) }
    }

    pub fn transfer_with(message: impl Into<String>, details: Value) -> Self {
        let details = json!({ "step": "transfer", "details": details });
        Self::Error { code: "Error", message: message.into(), details }
    }

    pub fn not_started(what: &str) -> Self {
        let message = format!("{what}. Strapi instance not found.");
        Self::Error { code: "Error", message, details: json!({ "step": "initialization" }) }
    }

    pub fn validation(message: impl Into<String>, details: Value) -> Self {
        let details = json!({ "step": "validation", "details": details });
        Self::Error { code: "Error", message: message.into(), details }
    }
}
