//! How fast a run goes and how long it still takes, from samples of its counts.
//! Must not know: clocks; the time is told.

use std::collections::VecDeque;
use std::time::Duration;

use super::fold::{Deed, Facts};
use crate::model::Stage;

/// Between two samples.
const STEP: Duration = Duration::from_millis(500);
/// What "now" means for a rate: so many samples.
const WINDOW: usize = 10;
/// Samples that are kept for the history: two minutes.
const HISTORY: usize = 240;
/// Before this a pace is chance.
const SURE_AFTER: Duration = Duration::from_secs(2);
/// So often must a count have grown before it tells a pace.
const SURE_STEPS: u32 = 3;

/// How fast a run goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pace {
    /// Per second, over the newest five seconds.
    pub bytes: f64,
    pub requests: f64,
    /// Requests per second since the first write; `None` before, and as long as that tells nothing.
    pub requests_of_writing: Option<f64>,
    /// Bytes per second, or requests per second where no bytes are counted; the newest last.
    pub history: Vec<f64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    at: Duration,
    bytes: u64,
    requests: u64,
    requests_of_writing: u64,
}

/// The samples of one run.
#[derive(Debug, Default)]
pub struct Meter {
    samples: VecDeque<Sample>,
    writing: Option<Writing>,
    now: Duration,
}

/// The stage in which counts grow steadily.
#[derive(Clone, Copy, Debug)]
struct Writing {
    began: Duration,
    items_then: u64,
    bytes_then: u64,
    items: u64,
    bytes: u64,
    /// How often each count grew since.
    item_steps: u32,
    byte_steps: u32,
}

impl Meter {
    /// Takes the counts at a time since the start. Whether there is something new to show.
    pub fn sample(&mut self, at: Duration, facts: &Facts, deed: Deed) -> bool {
        self.now = at;
        self.watch_writing(facts, deed);
        let due = self.samples.back().is_none_or(|last| at >= last.at + STEP);
        if !due {
            return false;
        }
        if self.samples.len() > HISTORY {
            self.samples.pop_front();
        }
        let Facts { bytes, requests, requests_of_writing, .. } = *facts;
        self.samples.push_back(Sample { at, bytes, requests, requests_of_writing });
        true
    }

    pub fn pace(&self) -> Pace {
        let (Some(last), Some(first)) = (self.samples.back(), self.samples.iter().rev().take(WINDOW + 1).next_back())
        else {
            return Pace::default();
        };
        let seconds = (last.at - first.at).as_secs_f64();
        let per_second = |more: u64| if seconds > 0.0 { more as f64 / seconds } else { 0.0 };
        let moved = self.samples.front().is_some_and(|first| last.bytes > first.bytes);
        let count = |sample: &Sample| if moved { sample.bytes } else { sample.requests };
        let pairs = self.samples.iter().zip(self.samples.iter().skip(1));
        let rate = |(a, b): (&Sample, &Sample)| {
            let seconds = (b.at - a.at).as_secs_f64();
            if seconds > 0.0 { count(b).saturating_sub(count(a)) as f64 / seconds } else { 0.0 }
        };
        Pace {
            bytes: per_second(last.bytes.saturating_sub(first.bytes)),
            requests: per_second(last.requests.saturating_sub(first.requests)),
            requests_of_writing: self.pace_of_writing(),
            history: pairs.map(rate).collect(),
        }
    }

    fn pace_of_writing(&self) -> Option<f64> {
        let began = self.writing?.began;
        let newest = self.samples.iter().rev().take(WINDOW + 1);
        let (last, first) = (self.samples.back()?, newest.take_while(|sample| sample.at >= began).last()?);
        let seconds = (last.at.checked_sub(first.at)?).as_secs_f64();
        let more = last.requests_of_writing.saturating_sub(first.requests_of_writing);
        (seconds > 0.0).then(|| more as f64 / seconds)
    }

    /// What requests still take where their number is foreseen: as fast as they go now, or may go.
    pub fn left_of_requests(&self, facts: &Facts) -> Option<Duration> {
        let forecast = facts.forecast.filter(|_| facts.stage() >= Some(Stage::Write))?;
        let rest = forecast.requests.checked_sub(facts.requests_of_writing)?;
        let pace = self.pace_of_writing().filter(|pace| *pace > 0.0).or(forecast.rate)?;
        Duration::try_from_secs_f64(rest as f64 / pace).ok()
    }

    /// From items or bytes, whichever grew more often and so is surer. `None` while neither tells anything.
    pub fn left(&self, facts: &Facts, deed: Deed) -> Option<Duration> {
        let writing = self.writing?;
        if facts.stage() != Some(Stage::Write) {
            return None;
        }
        let elapsed = self.now.checked_sub(writing.began)?;
        if elapsed < SURE_AFTER || writing.item_steps.max(writing.byte_steps) < SURE_STEPS {
            return None;
        }
        let (grown, rest) = match writing.item_steps >= writing.byte_steps {
            true => (writing.items - writing.items_then, facts.items_total.saturating_sub(writing.items)),
            // Only of an export is it known how many bytes will be moved.
            false if deed == Deed::Export => {
                (writing.bytes - writing.bytes_then, facts.bytes_total.saturating_sub(writing.bytes))
            }
            false => return None,
        };
        let seconds = elapsed.as_secs_f64() * rest as f64 / grown.max(1) as f64;
        Duration::try_from_secs_f64(seconds).ok()
    }

    fn watch_writing(&mut self, facts: &Facts, deed: Deed) {
        if facts.stage() != Some(Stage::Write) {
            return;
        }
        let (items, bytes) = (facts.finished(), if deed == Deed::Export { facts.bytes } else { 0 });
        let writing = self.writing.get_or_insert(Writing {
            began: self.now,
            items_then: items,
            bytes_then: bytes,
            items,
            bytes,
            item_steps: 0,
            byte_steps: 0,
        });
        writing.item_steps += u32::from(items > writing.items);
        writing.byte_steps += u32::from(bytes > writing.bytes);
        // A resumed run may count again from less.
        (writing.items, writing.bytes) = (items.max(writing.items_then), bytes.max(writing.bytes_then));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Tally;

    fn writing(done: u64, total: u64, bytes: u64) -> Facts {
        Facts {
            stages: vec![Stage::Write],
            items_total: total,
            bytes_total: 1_000,
            tally: Tally { done, ..Tally::default() },
            bytes,
            ..Facts::default()
        }
    }

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_rate_is_that_of_the_newest_seconds() {
        let mut meter = Meter::default();
        for n in 0..40u64 {
            let bytes = if n < 20 { 0 } else { (n - 20) * 500 };
            meter.sample(ms(n * 500), &writing(0, 9, bytes), Deed::Transfer);
        }
        let pace = meter.pace();
        assert_eq!(pace.bytes, 1_000.0);
        assert_eq!((pace.history.first(), pace.history.last()), (Some(&0.0), Some(&1_000.0)));
        assert!(pace.history.len() <= HISTORY);
    }

    #[test]
    fn the_time_left_is_said_only_once_it_can_be() {
        let mut meter = Meter::default();
        let mut left = Vec::new();
        for n in 0..=5u64 {
            let facts = writing(n, 10, 0);
            meter.sample(ms(n * 1_000), &facts, Deed::Transfer);
            left.push(meter.left(&facts, Deed::Transfer).map(|left| left.as_secs()));
        }
        assert_eq!(left, [None, None, None, Some(7), Some(6), Some(5)]);
    }

    #[test]
    fn bytes_tell_it_where_all_items_come_at_once() {
        let mut meter = Meter::default();
        for n in 0..=4u64 {
            meter.sample(ms(n * 1_000), &writing(0, 10, n * 100), Deed::Export);
        }
        assert_eq!(meter.left(&writing(0, 10, 400), Deed::Export), Some(Duration::from_secs(6)));
        assert_eq!(meter.left(&writing(0, 10, 400), Deed::Transfer), None);
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        let mut meter = Meter::default();
        assert_eq!(meter.pace(), Pace::default());
        meter.sample(ms(0), &Facts::default(), Deed::Transfer);
        assert_eq!((meter.pace().bytes, meter.left(&Facts::default(), Deed::Transfer)), (0.0, None));
    }
}
