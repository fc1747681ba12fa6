//! Turns what went wrong on the wire into errors that say what failed, on what, and what to do.
//! Must not know: any platform. Messages hold methods and paths, never queries, headers or bodies that were sent.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::model::text::printable;
use crate::model::{Error, ErrorKind};

/// Longest piece of a server's own words in a message.
const LONGEST_WORDS: usize = 500;

/// What a call is called in a message: server, method and path.
#[derive(Clone, Debug)]
pub(super) struct What {
    pub(super) host: String,
    pub(super) method: String,
    pub(super) path: String,
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Whether a failed call can have reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    No,
    Perhaps,
}

pub(super) fn timed_out(what: &What, phase: &str, limit: Duration) -> Error {
    let seconds = limit.as_secs_f64();
    Error::new(ErrorKind::TimedOut, format!("{}: {phase} within {seconds} s ({what})", what.host))
        .hint("the server may be busy; raise the limit with --timeout")
}

/// A request that got no answer.
pub(super) fn no_answer(what: &What, error: reqwest::Error, connect_timeout: Duration) -> (Error, Reached) {
    // The URL of the request may hold a query; messages name the path only.
    let error = error.without_url();
    if error.is_connect() {
        if error.is_timeout() {
            return (timed_out(what, "no connection", connect_timeout), Reached::No);
        }
        return (not_connected(what, &error), Reached::No);
    }
    if error.is_builder() {
        let message = format!("cannot build {what}: {}", deepest(&error));
        return (Error::new(ErrorKind::Internal, message).caused_by(error), Reached::No);
    }
    let message = format!("{} closed the connection before it answered {what}", what.host);
    let built = Error::new(ErrorKind::Unreachable, message)
        .hint("what was sent may have arrived; look at the server before you send it again")
        .caused_by(error);
    (built, Reached::Perhaps)
}

/// An answer that broke off.
pub(super) fn cut_short(what: &What, error: reqwest::Error) -> Error {
    let error = error.without_url();
    Error::new(ErrorKind::Unreachable, format!("{}: the answer to {what} broke off", what.host)).caused_by(error)
}

pub(super) fn too_long(what: &What, limit: usize) -> Error {
    let mebibytes = limit.div_ceil(1 << 20);
    Error::new(ErrorKind::Protocol, format!("{}: the answer to {what} is longer than {mebibytes} MiB", what.host))
}

fn not_connected(what: &What, error: &reqwest::Error) -> Error {
    let words = deepest(error);
    let lower = words.to_lowercase();
    let host = &what.host;
    if ["certificate", "tls", "handshake", "corrupt message"].iter().any(|word| lower.contains(word)) {
        return Error::new(ErrorKind::Unreachable, format!("no secure connection to {host}: {words}"))
            .hint("if the server's certificate comes from an authority of your own, pass --ca-file FILE");
    }
    let (why, hint) = match io_kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => {
            ("connection refused".to_owned(), "is the server running, and is the port right?")
        }
        _ if lower.contains("lookup") || lower.contains("resolve") || lower.contains("name or service") => {
            ("no host of this name is known".to_owned(), "check the URL, and that this machine is online")
        }
        _ => (words, "check the URL, the network and the proxy settings"),
    };
    Error::new(ErrorKind::Unreachable, format!("cannot reach {host}: {why}")).hint(hint)
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn StdError + 'static)| error.source())
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    chain(error).find_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind)
}

/// The innermost cause says most.
fn deepest(error: &reqwest::Error) -> String {
    chain(error).last().map(|error| printable(&error.to_string()).into_owned()).unwrap_or_default()
}

/// An answer that is no success. `hidden` are credentials that a server might repeat in its words.
pub(super) fn refused(what: &What, status: StatusCode, body: &[u8], hidden: &[SecretString]) -> Error {
    let words = conceal(words_of(body), hidden);
    let said = if words.is_empty() { String::new() } else { format!(": {words}") };
    let message = format!("{}: {what} failed with {}{said}", what.host, status.as_u16());
    match status.as_u16() {
        401 => Error::new(ErrorKind::Unauthorized, message).hint("check the user and the password or token"),
        403 => Error::new(ErrorKind::Forbidden, message).hint("the account lacks the right to do this"),
        413 => Error::new(ErrorKind::Server, message)
            .hint("the upload is larger than the server or its proxy takes; select less at once"),
        429 => Error::new(ErrorKind::Server, message).hint("the server limits requests; slow down with --rate"),
        _ => Error::new(ErrorKind::Server, message),
    }
}

/// What a server says in an error: `message` (text or a list), else `error`, else the raw text, cut.
pub(super) fn words_of(body: &[u8]) -> String {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let field = |name: &str| parsed.as_ref().and_then(|value| value.get(name)).and_then(plain);
    let words = field("message").or_else(|| field("error"));
    let words = words.unwrap_or_else(|| String::from_utf8_lossy(&body[..body.len().min(4 * LONGEST_WORDS)]).into());
    let clean = printable(words.trim()).into_owned();
    clean.chars().take(LONGEST_WORDS).collect()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        }
        // Some servers wrap the words once more: {"error": {"message": …}}.
        Value::Object(inner) => inner.get("message").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

fn conceal(words: String, hidden: &[SecretString]) -> String {
    hidden
        .iter()
        .map(ExposeSecret::expose_secret)
        .filter(|secret| secret.len() >= 4)
        .fold(words, |words, secret| if words.contains(secret) { words.replace(secret, "***") } else { words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_are_found_where_servers_put_them() {
        for (body, words) in [
            (r#"{"statusCode":401,"message":"no","error":"Unauthorized"}"#, "no"),
            (r#"{"message":["a must be x","b must be y"],"error":"Bad Request"}"#, "a must be x; b must be y"),
            (r#"{"error":"Bad Request"}"#, "Bad Request"),
            (r#"{"error":{"status":400,"message":"deep"}}"#, "deep"),
            ("plain\u{1b}[31m text\n", "plain\u{241b}[31m text"),
            ("", ""),
            ("[1]", "[1]"),
        ] {
            assert_eq!(words_of(body.as_bytes()), words, "{body}");
        }
        assert_eq!(words_of("ä".repeat(9000).as_bytes()).chars().count(), 500);
    }

    #[test]
    fn a_server_that_repeats_a_credential_is_not_quoted() {
        let what = What { host: "h".into(), method: "POST".into(), path: "/login".into() };
        let hidden = [SecretString::from("hunter2")];
        let body = br#"{"message":"wrong password hunter2"}"#;
        let error = refused(&what, StatusCode::UNAUTHORIZED, body, &hidden);
        assert_eq!(error.message(), "h: POST /login failed with 401: wrong password ***");
        assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Unauthorized, 1));
    }
}
