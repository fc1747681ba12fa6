//! The variables of old starters: `{{date}}`, `{{date:+5d}}`, `{{date:-5m}}`, `{{date:+5y}}` inside of any text.
//! Must not know: where the text stands.
//!
//! The official importer replaced them until November 2024; since then they reach the server as they are, and fail
//! there where a date is expected.

use std::borrow::Cow;

use jiff::ToSpan;
use jiff::civil::Date;

const OPEN: &str = "{{date";
const CLOSE: &str = "}}";

/// The text with its variables replaced, seen from this day, and how many there were. What is no variable stays. JSON stays
/// JSON, for dates need no escapes.
pub(super) fn expanded(text: &str, today: Date) -> (Cow<'_, str>, usize) {
    let mut out = String::new();
    let (mut rest, mut count) = (text, 0);
    while let Some(at) = rest.find(OPEN) {
        let after = &rest[at + OPEN.len()..];
        let variable = after.find(CLOSE).and_then(|end| Some((end, date_of(&after[..end], today)?)));
        match variable {
            Some((end, date)) => {
                out.push_str(&rest[..at]);
                out.push_str(&date.strftime("%Y-%m-%d").to_string());
                rest = &after[end + CLOSE.len()..];
                count += 1;
            }
            None => {
                out.push_str(&rest[..at + OPEN.len()]);
                rest = after;
            }
        }
    }
    match count {
        0 => (Cow::Borrowed(text), 0),
        _ => (Cow::Owned(out + rest), count),
    }
}

/// Of what stands between `{{date` and `}}`.
fn date_of(offset: &str, today: Date) -> Option<Date> {
    if offset.is_empty() {
        return Some(today);
    }
    let offset = offset.strip_prefix(':')?;
    let signed = offset.strip_suffix(['d', 'm', 'y'])?;
    let is_number =
        signed.len() > 1 && signed.starts_with(['+', '-']) && signed[1..].bytes().all(|b| b.is_ascii_digit());
    let number: i32 = signed.parse().ok().filter(|number: &i32| is_number && number.abs() < 20_000)?;
    let span = match offset.as_bytes().last()? {
        b'd' => number.days(),
        b'm' => number.months(),
        _ => i64::from(number).try_into().map(|number: i16| number.years()).ok()?,
    };
    today.checked_add(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("{{date}}", "2026-11-30", 1)]
    #[case("{{date:+60d}}T08:00", "2027-01-29T08:00", 1)]
    #[case("{{date:-5m}} {{date:+5y}}", "2026-06-30 2031-11-30", 2)]
    #[case("{{date:+3m}}", "2027-02-28", 1)]
    #[case("{{date:5d}} {{date:+d}} {{date:+5w}} {{date", "{{date:5d}} {{date:+d}} {{date:+5w}} {{date", 0)]
    #[case("{{dates}} {{date:+99999999d}} {{date:+9999y}}", "{{dates}} {{date:+99999999d}} {{date:+9999y}}", 0)]
    #[case("{{date:+x {{date}}", "{{date:+x 2026-11-30", 1)]
    #[case("é", "é", 0)]
    fn variables_become_days(#[case] text: &str, #[case] expected: &str, #[case] count: usize) {
        let today = jiff::civil::date(2026, 11, 30);
        assert_eq!(expanded(text, today), (Cow::Borrowed(expected), count));
    }
}
