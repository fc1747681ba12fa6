//! When a call may be repeated, and how long to wait before it is.
//! Must not know: sockets, or what the call does.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, StatusCode, header::HeaderMap};

/// A server that asks for more patience than this is an error that says so.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(300);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Whether a call may be sent again when nobody knows what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Safe,
    /// Only where the server says, or it is certain, that nothing was done.
    OnlyIfUndone,
}

impl Repeat {
    pub(super) fn of(method: &Method) -> Repeat {
        match *method {
            Method::GET | Method::HEAD => Repeat::Safe,
            _ => Repeat::OnlyIfUndone,
        }
    }

    /// Whether an answer of this status is worth another try.
    pub(super) fn after(self, status: StatusCode) -> bool {
        match status.as_u16() {
            // RFC 6585: the request was not processed.
            429 => true,
            408 | 500 | 502 | 503 | 504 => self == Repeat::Safe,
            _ => false,
        }
    }
}

/// The pause before repeat number `attempt` (from 0): doubling, up to ten seconds, half of it by chance so that
/// several clients do not come back together.
pub(super) fn pause(attempt: u32) -> Duration {
    let full = FIRST_PAUSE.saturating_mul(1 << attempt.min(16)).min(LONGEST_PAUSE);
    let mut random = [0; 2];
    // Without randomness the pause is simply the longer one.
    let chance = match getrandom::fill(&mut random) {
        Ok(()) => f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX),
        Err(_) => 1.0,
    };
    full.mul_f64(0.5 + chance / 2.0)
}

/// What `Retry-After` asks for: seconds, or an HTTP date (RFC 9110, 10.2.3).
pub(super) fn asked_pause(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    // A date that has passed means: now.
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_safe_is_repeated() {
        for (method, status, again) in [
            (Method::GET, 503, true),
            (Method::GET, 500, true),
            (Method::GET, 404, false),
            (Method::POST, 503, false),
            (Method::POST, 500, false),
            (Method::POST, 429, true),
            (Method::PUT, 502, false),
            (Method::DELETE, 504, false),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(Repeat::of(&method).after(status), again, "{method} {status}");
        }
    }

    #[test]
    fn pauses_grow_and_end_growing() {
        for attempt in 0..40 {
            let pause = pause(attempt);
            let full = Duration::from_millis(250).saturating_mul(1 << attempt.min(16)).min(LONGEST_PAUSE);
            assert!(pause >= full / 2 && pause <= full, "{attempt}: {pause:?}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now: Timestamp = "2026-11-21T04:00:00Z".parse().expect("a time");
        for (text, wait) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Sat, 21 Nov 2026 04:00:30 GMT", Some(30)),
            ("Sat, 21 Nov 2026 03:00:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().expect("a header"));
            assert_eq!(asked_pause(&headers, now), wait.map(Duration::from_secs), "{text}");
        }
        assert_eq!(asked_pause(&HeaderMap::new(), now), None);
    }
}
