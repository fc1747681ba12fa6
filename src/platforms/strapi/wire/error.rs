//! What a server says when something failed there, and what that means to a person.
//! Must not know: frames, sockets.
//!
//! `code` is the name of a JavaScript error and tells nothing; a stage that fails carries the error as JSON made of it,
//! which may lack its message and even be `{}`.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::text::{printable, shorten};
use crate::model::{Error, ErrorKind};

/// Longest piece of the server's own words in a message.
const LONGEST_WORDS: usize = 300;

/// An error as it came. Its text is fit for a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ServerError {
    message: String,
    code: String,
    /// The name of a file that could not be read; without its folder, which is nobody's business.
    file: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Text {
    message: Value,
    code: Value,
    path: Value,
}

impl ServerError {
    /// `None` for what JavaScript takes for nothing.
    pub fn read(raw: &RawValue) -> Option<ServerError> {
        if matches!(raw.get(), "null" | "false" | "\"\"" | "0") {
            return None;
        }
        let words = |value: &Value| {
            let text = value.as_str().unwrap_or_default();
            shorten(&printable(text), LONGEST_WORDS).to_string()
        };
        let text: Text = serde_json::from_str(raw.get()).unwrap_or_default();
        let file = text.path.as_str().and_then(|path| path.rsplit(['/', '\\']).next()).filter(|name| !name.is_empty());
        let file = file.map(|name| shorten(&printable(name), LONGEST_WORDS).to_string());
        Some(ServerError { message: words(&text.message), code: words(&text.code), file })
    }

    /// The error that a person reads; `what` is what was tried.
    pub fn told(&self, what: &str) -> Error {
        if let Some(file) = self.file.as_deref().filter(|_| self.code == "ENOENT") {
            return Error::new(ErrorKind::Server, format!("{what}: {file} is missing on the server's disk"))
                .hint("this version of Strapi then sends no files at all; remove the file from the media library, put it back, or leave files out with --exclude files");
        }
        let said = match (self.message.as_str(), self.code.as_str()) {
            ("", "") => "the server gave no reason".to_owned(),
            ("", code) => code.to_owned(),
            (message, _) => message.to_owned(),
        };
        let error = Error::new(ErrorKind::Server, format!("{what}: {said}"));
        match self.hint() {
            Some(hint) => error.hint(hint),
            None => error.hint("the server's own log may say more"),
        }
    }

    fn hint(&self) -> Option<&'static str> {
        const KNOWN: [(&str, &str); 4] = [
            ("Transfer already in progress", "another transfer uses this connection; try again"),
            ("Transfer has been terminated", "the server ended the transfer and took everything back"),
            ("no such column", "the server's database does not fit its schemas; does its start end without an error?"),
            ("socket hang up", "the server could not fetch a file from its storage"),
        ];
        let known = KNOWN.iter().find(|(words, _)| self.message.contains(words));
        known.map(|(_, hint)| *hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(json: &str) -> Option<ServerError> {
        let raw: Box<RawValue> = serde_json::from_str(json).expect("JSON");
        ServerError::read(&raw)
    }

    #[rstest]
    #[case::of_a_reply(
        r#"{"code":"Error","message":"Invalid Transfer Process","details":{}}"#,
        "Invalid Transfer Process"
    )]
    #[case::made_of_a_javascript_error("{}", "the server gave no reason")]
    #[case::with_a_code_only(r#"{"code":"ECONNRESET","errno":-104}"#, "ECONNRESET")]
    #[case::not_even_an_object("true", "the server gave no reason")]
    #[case::foreign_words(r#"{"message":"\u001b[31mred"}"#, "\u{241b}[31mred")]
    fn any_truthy_error_is_one(#[case] json: &str, #[case] said: &str) {
        let error = read(json).expect("an error").told("cannot pull links");
        assert_eq!(error.message(), format!("cannot pull links: {said}"));
        assert_eq!(error.kind(), ErrorKind::Server);
    }

    #[test]
    fn a_missing_file_is_named_without_its_folder() {
        let json = r#"{"errno":-2,"code":"ENOENT","syscall":"stat","path":"/srv/app/public/uploads/a_1.png"}"#;
        let error = read(json).expect("an error").told("cannot pull files");
        assert!(error.message().contains("a_1.png") && !error.message().contains("/srv"), "{error}");
        assert!(error.hint_text().is_some_and(|hint| hint.contains("--exclude files")));
    }

    #[test]
    fn nothing_is_no_error() {
        for json in ["null", "false", "0", "\"\""] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
