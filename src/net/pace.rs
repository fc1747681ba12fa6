//! The rate limit: one slot for each request, shared by all clones of a client.
//! Must not know: requests.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Hands out slots at a fixed interval.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// So many slots in a second; nothing for a rate that is no positive number.
    pub(super) fn new(rate: Option<f64>) -> Option<Pace> {
        let rate = rate.filter(|rate| rate.is_finite() && *rate > 0.0)?;
        // Slower than one request an hour is taken as one an hour.
        let interval = Duration::from_secs_f64((1.0 / rate).min(3600.0));
        Some(Pace { interval, next: Mutex::new(None) })
    }

    /// Takes the next slot and says how long to wait for it.
    pub(super) fn take(&self) -> Duration {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.map_or(now, |slot| slot.max(now));
        *next = Some(slot + self.interval);
        slot - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slots_are_an_interval_apart() {
        let pace = Pace::new(Some(0.01)).expect("a rate");
        assert_eq!(pace.take(), Duration::ZERO);
        let second = pace.take();
        let third = pace.take();
        assert!(second > Duration::from_secs(90) && third > second + Duration::from_secs(90));
    }

    #[test]
    fn a_rate_that_is_none_limits_nothing() {
        for rate in [None, Some(0.0), Some(-1.0), Some(f64::NAN), Some(f64::INFINITY)] {
            assert!(Pace::new(rate).is_none(), "{rate:?}");
        }
    }
}
