//! Decides which fault strikes which request, and remembers how often each did. Faults can change while a server runs.
//! Must not know: routes and their meaning; a path is only compared.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    fault::{ExportFault, Faults, FrameMishap, Mishap, RetryAfter},
    rng::Rng,
};

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
    TooMany(RetryAfter),
    Status(u16),
}

impl Weather {
    pub fn new(faults: Faults, seed: u64) -> Self {
        let (hits, frame_hits) = (vec![0; faults.on_request.len()], vec![0; faults.on_frame.len()]);
        let (rng, export_hits) = (Rng::new(seed), HashMap::new());
        Self(Mutex::new(Sky { faults, rng, requests: 0, hits, frame_hits, checksum_hits: 0, row_hits: 0, export_hits }))
    }

    /// All counts start again.
    pub fn set(&self, faults: Faults) {
        let mut sky = self.sky();
        sky.hits = vec![0; faults.on_request.len()];
        sky.frame_hits = vec![0; faults.on_frame.len()];
        (sky.checksum_hits, sky.row_hits) = (0, 0);
        sky.export_hits.clear();
        sky.requests = 0;
        sky.faults = faults;
    }

    pub fn faults(&self) -> Faults {
        self.sky().faults.clone()
    }

    pub fn fate(&self, method: &str, path: &str) -> Fate {
        let sky = &mut *self.sky();
        sky.requests += 1;
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

    fn sky(&self) -> MutexGuard<'_, Sky> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sky {
    fn refusal(&mut self) -> Option<Refused> {
        if let Some(too_many) = self.faults.too_many
            && self.requests.is_multiple_of(too_many.every)
        {
            return Some(Refused::TooMany(too_many.retry_after));
        }
        if self.faults.fail_rate > 0.0 && self.rng.unit() < self.faults.fail_rate {
            return Some(Refused::Status(*self.rng.pick(&[500, 502, 503])));
        }
        None
    }
}
