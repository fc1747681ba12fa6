//! The list of runs: a small row for each, made where they are read, and shown as the filter says.
//! Must not know: the screen.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::engine::{RunId, RunLine, RunState};
use crate::model::{ErrorBrief, RunStatus, Summary};
use crate::wording::count;

/// A run of this user.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: RunId,
    /// When it was made.
    pub at: Option<Timestamp>,
    pub state: RunState,
    pub resumable: bool,
    /// What is known of it, or why nothing is.
    pub known: Result<Known, ErrorBrief>,
    /// What the filter looks at, in lower case.
    words: String,
}

#[derive(Clone, Debug)]
pub struct Known {
    pub status: RunStatus,
    pub source: String,
    pub destination: String,
    pub summary: Summary,
    pub snapshot: Option<String>,
    /// How often somebody went on with it.
    pub resumed: u64,
}

impl Row {
    pub fn of(line: RunLine) -> Self {
        let at = line.id.made();
        let known = line.summary.map_err(|error| error.brief()).map(|known| Known {
            status: known.status,
            source: known.source.location,
            destination: known.destination.location,
            summary: known.summary,
            snapshot: known.snapshot,
            resumed: known.resumed,
        });
        // Of what cannot be read nothing can be gone on with.
        let resumable = line.resumable && known.is_ok();
        let mut row = Row { id: line.id, at, state: line.state, resumable, known, words: String::new() };
        row.words = format!("{} {} {}", row.id, row.title(), row.status()).to_lowercase();
        row
    }

    /// `dev → prod`.
    pub fn title(&self) -> String {
        match &self.known {
            Ok(known) => format!("{} → {}", known.source, known.destination),
            Err(_) => self.id.to_string(),
        }
    }

    pub fn destination(&self) -> &str {
        self.known.as_ref().map_or("", |known| &known.destination)
    }

    /// Items that were not reached.
    pub fn pending(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.summary.pending)
    }

    pub fn status(&self) -> &'static str {
        match (self.state, &self.known) {
            (RunState::Running, _) => "running",
            (_, Err(_)) => "damaged",
            (RunState::Interrupted, _) => "interrupted",
            (RunState::Ended, Ok(known)) => known.status.as_str(),
        }
    }

    /// `12 written of 35`, `7 written, 5 left`, `11 written, 1 failed`.
    pub fn amounts(&self) -> String {
        let Ok(known) = &self.known else { return String::new() };
        let summary = &known.summary;
        let meant = summary.create + summary.overwrite + summary.duplicate;
        let written = count(meant.saturating_sub(summary.failed + summary.pending));
        match (summary.failed, summary.pending) {
            (0, 0) => format!("{written} written of {}", count(meant + summary.skip)),
            (0, left) => format!("{written} written, {} left", count(left)),
            (failed, _) => format!("{written} written, {} failed", count(failed)),
        }
    }

    /// Items that failed or were not reached.
    pub fn undone(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.summary.failed + known.summary.pending)
    }

    pub fn resumed(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.resumed)
    }

    pub fn snapshot(&self) -> Option<&str> {
        self.known.as_ref().ok()?.snapshot.as_deref()
    }

    /// Whether all of these words, in lower case, occur.
    pub fn fits(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.words.contains(word.as_str()))
    }
}

/// `01:44`, `yesterday`, `18 Nov`, `2025-11-18`.
pub fn when(then: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (then, now) = (then.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let yesterday = now.date().yesterday().ok();
    if then.date() == now.date() {
        then.strftime("%H:%M").to_string()
    } else if Some(then.date()) == yesterday {
        "yesterday".to_owned()
    } else if then.year() == now.year() {
        then.strftime("%-d %b").to_string()
    } else {
        then.strftime("%Y-%m-%d").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-11-21T01:44:55Z", "01:44")]
    #[case("2026-11-20T23:59:59Z", "yesterday")]
    #[case("2026-11-19T23:59:59Z", "19 Nov")]
    #[case("2025-11-21T01:44:55Z", "2025-11-21")]
    fn what_is_near_has_a_time_and_what_is_far_a_date(#[case] then: &str, #[case] said: &str) {
        let now = "2026-11-21T01:45:00Z".parse().unwrap();
        assert_eq!(when(then.parse().unwrap(), now, &TimeZone::UTC), said);
    }

    #[test]
    fn a_day_ends_where_the_user_is() {
        let zone = TimeZone::fixed(jiff::tz::offset(-3));
        let (then, now) = ("2026-11-21T01:00:00Z".parse().unwrap(), "2026-11-21T04:00:00Z".parse().unwrap());
        assert_eq!(when(then, now, &zone), "yesterday");
    }
}
