//! How long ago something was, as people say it.
//! Must not know: clocks; now is told.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `just now`, `3 s ago`, `5 min ago`, `7 h ago`, `2 d ago`; a week and more by its date, `18 Nov`, with the year
/// where it is another one. Dates are those of UTC, as the names of runs are. What lies ahead was just now: clocks of
/// two machines differ.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    match now.as_second().saturating_sub(then.as_second()) {
        ..1 => "just now".to_owned(),
        n @ 1..MINUTE => format!("{n} s ago"),
        n @ MINUTE..HOUR => format!("{} min ago", n / MINUTE),
        n @ HOUR..DAY => format!("{} h ago", n / HOUR),
        n if n < 7 * DAY => format!("{} d ago", n / DAY),
        _ => date(then, now),
    }
}

fn date(then: Timestamp, now: Timestamp) -> String {
    let (then, now) = (then.to_zoned(TimeZone::UTC), now.to_zoned(TimeZone::UTC));
    let format = if then.year() == now.year() { "%-d %b" } else { "%-d %b %Y" };
    then.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-11-21T01:44:55Z", "just now")]
    #[case("2026-11-21T01:45:55Z", "just now")]
    #[case("2026-11-21T01:44:52Z", "3 s ago")]
    #[case("2026-11-21T01:43:55Z", "1 min ago")]
    #[case("2026-11-20T23:44:55Z", "2 h ago")]
    #[case("2026-11-19T01:44:54Z", "2 d ago")]
    #[case("2026-11-14T01:44:56Z", "6 d ago")]
    #[case("2026-11-14T01:44:55Z", "14 Nov")]
    #[case("2025-11-01T00:00:00Z", "1 Nov 2025")]
    fn what_is_near_is_counted_and_what_is_far_has_a_date(#[case] then: &str, #[case] said: &str) {
        let now = "2026-11-21T01:44:55Z".parse().unwrap();
        assert_eq!(ago(then.parse().unwrap(), now), said);
    }
}
