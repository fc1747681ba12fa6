//! Decides which fault strikes which request, and remembers how often each did. Faults can change while a server runs.
//! Must not know: routes and their meaning; a path is only compared.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{
    fault::{ExportFault, Faults, FileFault, FrameMishap, Mishap, RetryAfter},
    rng::Rng,
};

/// So long a request that was on its way when its client was told to wait may still arrive.
const ON_ITS_WAY: Duration = Duration::from_millis(50);
const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Weather(Mutex<Sky>);

#[derive(Debug)]
struct Sky {
    faults: Faults,
    rng: Rng,
    requests: u64,
    hits: Vec<u64>,
    frame_hits: Vec<u64>,
    checksum_hits: u64,
    row_hits: u64,
    export_hits: HashMap<ExportFault, u64>,
    file_hits: HashMap<FileFault, u64>,
    /// How many requests were refused with a rate of their own; decides the form of the next wait.
    turned_away: u64,
    /// Requests that were let in during the last second, the oldest first.
    lately: VecDeque<Instant>,
    /// From when until when nobody should come.
    closed: Option<(Instant, Instant)>,
    early: u64,
}

/// What is to become of one request, decided when it arrives.
#[derive(Debug, Default)]
pub(super) struct Fate {
    pub latency: Duration,
    pub refuse: Option<Refused>,
    pub mishaps: Vec<Mishap>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    TooMany(Ordered),
    Status(u16),
}

/// The wait that a refusal for haste asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ordered {
    Seconds(u64),
    Until(Timestamp),
    Nothing,
}

impl Ordered {
    fn of(retry_after: RetryAfter) -> Self {
        match retry_after {
            RetryAfter::Seconds(seconds) => Self::Seconds(seconds),
            // Dates in headers have whole seconds.
            RetryAfter::Date => {
                Timestamp::from_second(Timestamp::now().as_second() + 1).map_or(Self::Nothing, Self::Until)
            }
            RetryAfter::None => Self::Nothing,
        }
    }
}

impl Weather {
    pub fn new(faults: Faults, seed: u64) -> Self {
        let (hits, frame_hits) = (vec![0; faults.on_request.len()], vec![0; faults.on_frame.len()]);
        Self(Mutex::new(Sky {
            faults,
            rng: Rng::new(seed),
            requests: 0,
            hits,
            frame_hits,
            checksum_hits: 0,
            row_hits: 0,
            export_hits: HashMap::new(),
            file_hits: HashMap::new(),
            turned_away: 0,
            lately: VecDeque::new(),
            closed: None,
            early: 0,
        }))
    }

    /// All counts start again.
    pub fn set(&self, faults: Faults) {
        let mut sky = self.sky();
        sky.hits = vec![0; faults.on_request.len()];
        sky.frame_hits = vec![0; faults.on_frame.len()];
        (sky.checksum_hits, sky.row_hits) = (0, 0);
        sky.export_hits.clear();
        sky.file_hits.clear();
        (sky.requests, sky.turned_away, sky.early) = (0, 0, 0);
        sky.closed = None;
        sky.faults = faults;
    }

    pub fn faults(&self) -> Faults {
        self.sky().faults.clone()
    }

    pub fn fate(&self, method: &str, path: &str) -> Fate {
        let sky = &mut *self.sky();
        sky.requests += 1;
        sky.watch(Instant::now());
        let mut fate = Fate { latency: sky.faults.latency, ..Fate::default() };
        for ((trigger, mishap), hits) in sky.faults.on_request.iter().zip(&mut sky.hits) {
            if trigger.matches(method, path) {
                *hits += 1;
                if trigger.strikes(*hits) {
                    fate.mishaps.push(*mishap);
                }
            }
        }
        fate.refuse = sky.refusal();
        if let Some(Refused::TooMany(ordered)) = fate.refuse {
            sky.close(Instant::now(), ordered);
        } else if fate.refuse.is_none() && sky.faults.lose_rate > 0.0 && sky.rng.unit() < sky.faults.lose_rate {
            fate.mishaps.push(Mishap::CutAfter);
        }
        fate
    }

    /// What is to become of one frame of a transfer: `PULL` or `PUSH`, and what it is as a path.
    pub fn frame(&self, direction: &str, path: &str) -> Vec<FrameMishap> {
        let sky = &mut *self.sky();
        let mut mishaps = Vec::new();
        for ((trigger, mishap), hits) in sky.faults.on_frame.iter().zip(&mut sky.frame_hits) {
            if trigger.matches(direction, path) {
                *hits += 1;
                if trigger.strikes(*hits) {
                    mishaps.push(*mishap);
                }
            }
        }
        mishaps
    }

    /// Whether this checksum is to be wrong; each strike uses up one of its times.
    pub fn strikes_checksum(&self) -> bool {
        let sky = &mut *self.sky();
        let strikes = sky.checksum_hits < sky.faults.wrong_checksums;
        sky.checksum_hits += u64::from(strikes);
        strikes
    }

    /// Whether this row is to be lost; each strike uses up one of its times.
    pub fn strikes_row(&self) -> bool {
        let sky = &mut *self.sky();
        let strikes = sky.row_hits < sky.faults.lost_rows;
        sky.row_hits += u64::from(strikes);
        strikes
    }

    /// Whether the fault strikes this export; each strike uses up one of its times.
    pub fn strikes_export(&self, fault: ExportFault) -> bool {
        let sky = &mut *self.sky();
        let times = sky.faults.exports.iter().filter(|(kind, _)| *kind == fault).map(|(_, times)| *times).max();
        let hits = sky.export_hits.entry(fault).or_default();
        let strikes = times.is_some_and(|times| *hits < times);
        *hits += u64::from(strikes);
        strikes
    }

    /// Whether the fault strikes this file; each strike uses up one of its times.
    pub fn strikes_file(&self, fault: FileFault) -> bool {
        let sky = &mut *self.sky();
        let times = sky.faults.files.iter().filter(|(kind, _)| *kind == fault).map(|(_, times)| *times).max();
        let hits = sky.file_hits.entry(fault).or_default();
        let strikes = times.is_some_and(|times| *hits < times);
        *hits += u64::from(strikes);
        strikes
    }

    /// Requests that came although they had been told to wait, those on their way at that moment left out.
    pub fn early(&self) -> u64 {
        self.sky().early
    }

    fn sky(&self) -> MutexGuard<'_, Sky> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sky {
    fn watch(&mut self, now: Instant) {
        if self.closed.is_some_and(|(from, until)| now > from && now < until) {
            self.early += 1;
        }
    }

    /// Remembers the wait that is ordered.
    fn close(&mut self, now: Instant, ordered: Ordered) {
        let wait = match ordered {
            Ordered::Seconds(seconds) => Duration::from_secs(seconds),
            // A date that has passed means: now.
            Ordered::Until(date) => Duration::try_from(date.duration_since(Timestamp::now())).unwrap_or_default(),
            Ordered::Nothing => return,
        };
        let until = self.closed.map_or(now + wait, |(_, until)| until.max(now + wait));
        self.closed = Some((now + ON_ITS_WAY, until));
    }

    /// Whether this is one request too many for the second that ends now.
    fn is_over_limit(&mut self, now: Instant) -> bool {
        let Some(most) = self.faults.rate_limit else { return false };
        while self.lately.front().is_some_and(|at| now.duration_since(*at) >= SECOND) {
            self.lately.pop_front();
        }
        if self.lately.len() as u64 >= most {
            return true;
        }
        self.lately.push_back(now);
        false
    }

    fn refusal(&mut self) -> Option<Refused> {
        if self.is_over_limit(Instant::now()) {
            return Some(Refused::TooMany(Ordered::Seconds(1)));
        }
        if let Some((rate, seconds)) = self.faults.too_many_rate
            && self.rng.unit() < rate
        {
            self.turned_away += 1;
            let forms = [RetryAfter::Seconds(seconds), RetryAfter::Date, RetryAfter::None];
            return Some(Refused::TooMany(Ordered::of(forms[(self.turned_away % 3) as usize])));
        }
        if let Some(too_many) = self.faults.too_many
            && self.requests.is_multiple_of(too_many.every)
        {
            return Some(Refused::TooMany(Ordered::of(too_many.retry_after)));
        }
        if self.faults.fail_rate > 0.0 && self.rng.unit() < self.faults.fail_rate {
            return Some(Refused::Status(*self.rng.pick(&[500, 502, 503])));
        }
        None
    }
}
