//! Time and chance of one played space: the same requests leave the same state.
//! Must not know: what the values are used for.

use jiff::Timestamp;

use crate::sandbox::rng::{Rng, seed_of};

/// 2026-03-02T08:00:00Z: after everything in the sample content.
const START: i64 = 1_772_438_400;

#[derive(Clone, Debug)]
pub(super) struct Clock {
    seconds: i64,
    chance: Rng,
}

impl Clock {
    pub fn new(server: &str) -> Self {
        Self { seconds: START, chance: Rng::new(seed_of(server)) }
    }

    /// One second later with each request that writes, so that what one batch makes shares a moment, as in reality.
    pub fn tick(&mut self) {
        self.seconds += 1;
    }

    pub fn now(&self) -> i64 {
        self.seconds
    }

    pub fn uuid(&mut self) -> String {
        self.chance.uuid().to_string()
    }

    /// What follows the name of the type in an id that the server makes.
    pub fn digits(&mut self) -> u64 {
        100_000_000 + self.chance.below(900_000_000)
    }
}

/// As objects show a moment: `2021-04-09T13:30:48+00:00`.
pub(super) fn moment(seconds: i64) -> String {
    written(seconds, "%Y-%m-%dT%H:%M:%S+00:00")
}

/// As definitions show a moment: `2019-10-25T13:00:50.000000+0000`.
pub(super) fn long_moment(seconds: i64) -> String {
    written(seconds, "%Y-%m-%dT%H:%M:%S.000000+0000")
}

fn written(seconds: i64, form: &str) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().strftime(form).to_string()
}

/// A date as PHP reads it: `2020-06-17 09:00:00`, also with `T` and an offset, or the day alone.
pub(super) fn read_moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_second());
    }
    let day_alone = text.len() == 10;
    let text = if day_alone { format!("{text} 00:00:00") } else { text.replace('T', " ") };
    let local = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", &text).ok()?;
    Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_look_as_the_platform_writes_them() {
        assert_eq!(moment(START), "2026-03-02T08:00:00+00:00");
        assert_eq!(long_moment(START), "2026-03-02T08:00:00.000000+0000");
    }

    #[test]
    fn dates_are_read_in_the_form_of_php() {
        for text in ["2026-03-02 08:00:00", "2026-03-02T08:00:00+00:00", "2026-03-02T08:00:00"] {
            assert_eq!(read_moment(text), Some(START), "{text}");
        }
        assert_eq!(read_moment("2026-03-02"), Some(START - 8 * 3600));
        assert_eq!(read_moment("yesterday"), None);
    }
}
