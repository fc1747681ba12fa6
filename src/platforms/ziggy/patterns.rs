//! What credentials look like, wherever they stand: tokens with a known beginning, keys, passwords in URLs, and text
//! that is too random to be anything else.
//! Must not know: configs, flows, findings.

use std::ops::Range;

use super::json::is_uuid;

/// What a stretch of text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// A credential.
    Credential(&'static str),
    /// User and password in a URL.
    UserInfo,
    /// Something that identifies, but opens nothing by itself.
    Identifier(&'static str),
}

/// Every stretch of a text that looks like a credential, in order, without overlaps.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, Look)> {
    let mut found = Vec::new();
    pem(text, &mut found);
    user_info(text, &mut found);
    for (start, look, fits) in BEGINNINGS {
        for (at, _) in text.match_indices(start) {
            if text[..at].bytes().next_back().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
                continue;
            }
            let end = at + token_length(&text[at..], start.ends_with(' '));
            if fits(&text[at + start.len()..end]) {
                found.push((at..end, *look));
            }
        }
    }
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut last = 0;
    found.retain(|(range, _)| {
        let apart = range.start >= last;
        if apart {
            last = range.end;
        }
        apart
    });
    found
}

type Fits = fn(&str) -> bool;

const BEGINNINGS: &[(&str, Look, Fits)] = &[
    ("eyJ", Look::Credential("a signed token"), |rest| rest.matches('.').count() >= 2 && rest.len() >= 17),
    ("pat-", Look::Credential("a HubSpot token"), |rest| {
        rest.split_once('-').is_some_and(|(region, rest)| {
            (2..=4).contains(&region.len()) && region.bytes().all(|b| b.is_ascii_alphanumeric()) && rest.len() >= 8
        })
    }),
    ("AKIA", Look::Credential("an AWS key"), aws_rest),
    ("ASIA", Look::Credential("an AWS key"), aws_rest),
    ("sk-", Look::Credential("an API key"), |rest| rest.len() >= 20),
    ("xoxa-", Look::Credential("a Slack token"), slack_rest),
    ("xoxb-", Look::Credential("a Slack token"), slack_rest),
    ("xoxe-", Look::Credential("a Slack token"), slack_rest),
    ("xoxp-", Look::Credential("a Slack token"), slack_rest),
    ("xoxr-", Look::Credential("a Slack token"), slack_rest),
    ("xoxs-", Look::Credential("a Slack token"), slack_rest),
    ("Bearer ", Look::Credential("an authorization"), long_rest),
    ("bearer ", Look::Credential("an authorization"), long_rest),
    ("Basic ", Look::Credential("an authorization"), long_rest),
    ("basic ", Look::Credential("an authorization"), |rest| long_rest(rest) && is_mixed(rest)),
    ("AC", Look::Identifier("a Twilio account"), |rest| {
        rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit())
    }),
];

fn aws_rest(rest: &str) -> bool {
    rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn slack_rest(rest: &str) -> bool {
    rest.len() >= 10
}

fn long_rest(rest: &str) -> bool {
    rest.len() >= 16
}

fn is_mixed(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// How far a token reaches; where its beginning ends in a space, that space belongs to it.
fn token_length(text: &str, with_space: bool) -> usize {
    let skip = if with_space { text.find(' ').map_or(0, |at| at + 1) } else { 0 };
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '=');
    skip + text[skip..].find(|c| !belongs(c)).unwrap_or(text.len() - skip)
}

fn pem(text: &str, found: &mut Vec<(Range<usize>, Look)>) {
    for (at, _) in text.match_indices("-----BEGIN ") {
        let label = &text[at + 11..];
        let label = &label[..label.find("-----").unwrap_or(0)];
        let end = text[at..].find("-----END ").map_or(text.len(), |end| {
            let tail = at + end + 9;
            text[tail..].find("-----").map_or(text.len(), |close| tail + close + 5)
        });
        if label.ends_with("PRIVATE KEY") {
            found.push((at..end, Look::Credential("a private key")));
        } else if label.ends_with("CERTIFICATE") {
            found.push((at..end, Look::Identifier("a certificate")));
        }
    }
}

fn user_info(text: &str, found: &mut Vec<(Range<usize>, Look)>) {
    for (at, _) in text.match_indices("://") {
        let from = at + 3;
        let authority = &text[from..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '\'' | '"' | '`' | '<' | '>' | '\\');
        let authority = &authority[..authority.find(ends).unwrap_or(authority.len())];
        let Some((info, _)) = authority.rsplit_once('@') else { continue };
        let literal = info.split_once(':').filter(|(_, password)| !password.is_empty() && !password.contains('{'));
        if literal.is_some() {
            found.push((from..from + info.len(), Look::UserInfo));
        }
    }
}

/// What somebody leaves where a credential belongs.
pub(super) fn is_placeholder(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let all = |wanted: char| lower.len() >= 3 && lower.chars().all(|c| c == wanted);
    lower.is_empty()
        || all('*')
        || all('x')
        || all('.')
        || lower.starts_with("your-")
        || lower.starts_with("your_")
        || lower.starts_with("your ")
        || matches!(lower.as_str(), "changeme" | "change-me" | "change_me" | "todo" | "placeholder")
        || (lower.starts_with('<') && lower.ends_with('>'))
}

/// At least 24 characters of letters and digits without a pattern: more than 4 bits a character.
pub(super) fn is_random(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=');
    text.len() >= 24 && text.bytes().all(plain) && is_mixed(text) && !is_uuid(text) && bits(text) > 4.0
}

fn bits(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = text.len() as f64;
    let share = |count: &u32| f64::from(*count) / length;
    counts.iter().filter(|count| **count > 0).map(share).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_their_looks() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        for (text, stretch) in [
            ("pat-eu1-EXAMPLE-NOT-REAL", "pat-eu1-EXAMPLE-NOT-REAL"),
            ("path-eu1-EXAMPLE-NOT-REAL", ""),
            (&format!("x {jwt} y"), jwt),
            ("key AKIAABCDEFGHIJKLMNOP.", ""),
            ("key AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"),
            ("sk-abcdefghijklmnopqrstuv", "sk-abcdefghijklmnopqrstuv"),
            ("task-abcdefghijklmnopqrstuv", ""),
            ("xoxb-1234567890", "xoxb-1234567890"),
            ("https://user:pw@host/x", "user:pw"),
            ("https://user@host/x?mail=a:b@c", ""),
            ("https://user:{secrets.PW}@host", ""),
            ("Authorization: Bearer abcdefghijklmnop123", "Bearer abcdefghijklmnop123"),
            ("Bearer {secrets.TOKEN}", ""),
            ("Bearer of bad news to everybody", ""),
            (
                "a-----BEGIN RSA PRIVATE KEY-----\\nAA\\n-----END RSA PRIVATE KEY-----b",
                "-----BEGIN RSA PRIVATE KEY-----\\nAA\\n-----END RSA PRIVATE KEY-----",
            ),
            ("-----BEGIN PRIVATE KEY-----\\nAA", "-----BEGIN PRIVATE KEY-----\\nAA"),
            ("AC0123456789abcdef0123456789abcdef", "AC0123456789abcdef0123456789abcdef"),
        ] {
            let found = find(text);
            assert_eq!(found.first().map_or("", |(range, _)| &text[range.clone()]), stretch, "{text}");
        }
    }

    #[test]
    fn randomness_and_placeholders() {
        for (text, random) in [
            ("q8Zr1LmX0vTn4YbW7cKd9PsH", true),
            ("aaaaaaaaaaaaaaaaaaaaaaaa1", false),
            ("the-quick-brown-fox-jumps-over", false),
            ("f1000000-0000-4000-8000-000000000001", false),
            ("short1", false),
        ] {
            assert_eq!(is_random(text), random, "{text}");
        }
        for text in ["", "***", "your_password", "your-key", "xxxx", "ChangeMe", "<token>"] {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("EXAMPLE-plaintext") && !is_placeholder("xx"));
    }
}
