//! The rate limit: one slot for each request, shared by all clones of a client. A server that refuses for haste is obeyed by all
//! of them at once, and gets fewer requests until it has answered for a while.
//! Must not know: requests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How much slower than asked for a server can make it.
const SLOWEST: u32 = 4;

/// Hands out slots at an interval.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The interval now.
    interval: Duration,
    next: Option<Instant>,
    /// No slot before this counts, also none that was handed out.
    held: Option<Instant>,
    /// Something was answered since the last refusal.
    calm: bool,
    /// How much is there that would be sent if it had its turn, and since when there is any.
    waiting: u64,
    since: Option<Instant>,
    used: u64,
    /// In parts of slots.
    missed: f64,
}

/// What became of the slots.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Slots {
    pub used: u64,
    /// Slots that passed unused although something waited to be sent. A wait that the server ordered has none.
    pub missed: u64,
}

impl Slots {
    /// Those since an earlier look.
    #[must_use]
    pub fn since(self, earlier: Slots) -> Slots {
        Slots { used: self.used.saturating_sub(earlier.used), missed: self.missed.saturating_sub(earlier.missed) }
    }
}

impl State {
    /// Counts what passed until now.
    fn pass(&mut self, now: Instant) {
        let Some(since) = self.since else { return };
        let from = self.next.map_or(since, |next| next.max(since));
        if now > from {
            self.missed += now.duration_since(from).div_duration_f64(self.interval);
        }
        self.since = Some(now.max(from));
    }

    fn take(&mut self, now: Instant) -> Duration {
        self.pass(now);
        let slot = self.next.map_or(now, |slot| slot.max(now));
        self.next = Some(slot + self.interval);
        self.used += 1;
        slot - now
    }

    /// So much waits from now on.
    fn wait(&mut self, waiting: u64, now: Instant) {
        self.pass(now);
        self.waiting = waiting;
        self.since = (waiting > 0).then(|| self.since.unwrap_or(now));
    }

    fn slots(&mut self, now: Instant) -> Slots {
        self.pass(now);
        Slots { used: self.used, missed: self.missed as u64 }
    }
}

impl Pace {
    /// So many slots in a second; nothing for a rate that is no positive number.
    pub(super) fn new(rate: Option<f64>) -> Option<Pace> {
        let rate = rate.filter(|rate| rate.is_finite() && *rate > 0.0)?;
        // Slower than one request an hour is taken as one an hour.
        let interval = Duration::from_secs_f64((1.0 / rate).min(3600.0));
        let state =
            State { interval, next: None, held: None, calm: true, waiting: 0, since: None, used: 0, missed: 0.0 };
        Some(Pace { interval, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next slot and says how long to wait for it.
    pub(super) fn take(&self) -> Duration {
        self.state().take(Instant::now())
    }

    /// A slot was waited for and not used: the server ordered a wait meanwhile.
    pub(super) fn gave_back(&self) {
        let mut state = self.state();
        state.used = state.used.saturating_sub(1);
    }

    /// One thing more waits for its turn to be sent.
    pub(super) fn waits(&self) {
        let mut state = self.state();
        let waiting = state.waiting + 1;
        state.wait(waiting, Instant::now());
    }

    /// One thing less does.
    pub(super) fn waits_no_more(&self) {
        let mut state = self.state();
        let waiting = state.waiting.saturating_sub(1);
        state.wait(waiting, Instant::now());
    }

    pub(super) fn slots(&self) -> Slots {
        self.state().slots(Instant::now())
    }

    /// Whether a slot that was waited for counts no more, as the server asked for patience meanwhile.
    pub(super) fn is_held(&self) -> bool {
        self.state().held.is_some_and(|held| held > Instant::now())
    }

    /// Nobody sends anything for so long.
    pub(super) fn hold(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut state = self.state();
        state.held = Some(state.held.map_or(until, |held| held.max(until)));
        state.next = state.next.max(state.held);
    }

    /// The server refused for haste: nobody sends anything for so long, and afterwards all send a quarter less often.
    pub(super) fn refused(&self, pause: Duration) {
        self.hold(pause);
        let mut state = self.state();
        // Requests that were sent together are refused together: that is one refusal.
        if std::mem::take(&mut state.calm) {
            state.interval = (state.interval * 5 / 4).min(self.interval * SLOWEST);
        }
    }

    /// The server answered: an eighth of what is missing comes back.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        state.calm = true;
        let missing = state.interval - self.interval;
        // Eighths never arrive; what is nearly there is there.
        state.interval = match missing < self.interval / 50 {
            true => self.interval,
            false => state.interval - missing / 8,
        };
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

    #[test]
    fn slots_that_pass_while_something_waits_are_missed_and_others_are_not() {
        let pace = Pace::new(Some(10.0)).expect("a rate");
        let (mut state, mut now) = (pace.state(), Instant::now());
        state.take(now);
        now += Duration::from_secs(1);
        assert_eq!(state.slots(now), Slots { used: 1, missed: 0 }, "nothing waited");
        state.wait(1, now);
        state.wait(2, now);
        now += Duration::from_millis(501);
        state.take(now);
        assert_eq!(state.slots(now), Slots { used: 2, missed: 5 });
        state.wait(1, now);
        now += Duration::from_millis(100);
        assert_eq!(state.slots(now).missed, 5, "the slot that was taken covers this time");
        now += Duration::from_millis(300);
        state.wait(0, now);
        now += Duration::from_secs(1);
        assert_eq!(state.slots(now), Slots { used: 2, missed: 8 });
        state.wait(1, now);
        state.next = Some(now + Duration::from_secs(2)); // as after a wait that the server ordered
        assert_eq!(state.slots(now + Duration::from_secs(2)).missed, 8, "such a wait has no slots");
    }

    /// So long that the time a test takes does not count.
    const SECONDS: u64 = 100;

    fn waits(pace: &Pace, count: usize) -> Vec<u64> {
        (0..count).map(|_| pace.take().as_secs_f64().round() as u64).collect()
    }

    #[tokio::test]
    async fn after_a_refusal_everybody_waits_and_then_sends_less() {
        let pace = Pace::new(Some(1.0 / SECONDS as f64)).expect("a rate");
        assert_eq!(waits(&pace, 3), [0, SECONDS, 2 * SECONDS]);
        pace.refused(Duration::from_secs(2000));
        pace.refused(Duration::from_secs(1000));
        assert!(pace.is_held(), "slots that were handed out count no more");
        assert_eq!(waits(&pace, 3), [2000, 2125, 2250], "one refusal for what was sent together");
    }

    #[tokio::test]
    async fn a_wait_that_was_asked_for_ends() {
        let pace = Pace::new(Some(1000.0)).expect("a rate");
        pace.refused(Duration::from_millis(20));
        assert!(pace.is_held());
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert!(!pace.is_held());
    }

    #[test]
    fn a_server_that_answers_again_gets_the_whole_rate_back() {
        let pace = Pace::new(Some(1.0 / SECONDS as f64)).expect("a rate");
        for _ in 0..50 {
            pace.answered();
            pace.refused(Duration::ZERO);
        }
        let interval = |pace: &Pace| {
            let waits = waits(pace, 2);
            waits[1] - waits[0]
        };
        let slowest = interval(&pace);
        assert!(slowest > SECONDS * 3 / 2 && slowest <= SECONDS * 4, "{slowest}");
        (0..60).for_each(|_| pace.answered());
        assert_eq!(interval(&pace), SECONDS);
    }
}
