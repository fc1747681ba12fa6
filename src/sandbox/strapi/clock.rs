//! Time and chance of one played server: the same requests leave the same state.
//! Must not know: what the values are used for.

use std::time::Duration;

use jiff::Timestamp;

use crate::sandbox::rng::{Rng, seed_of};

#[derive(Clone, Debug)]
pub(super) struct Clock {
    time: Timestamp,
    chance: Rng,
}

impl Clock {
    pub fn new(server: &str) -> Self {
        // 2026-03-02T08:00:00Z: after everything in the sample content.
        Self { time: Timestamp::from_second(1_772_438_400).unwrap_or_default(), chance: Rng::new(seed_of(server)) }
    }

    /// One second later at every look.
    pub fn now(&mut self) -> String {
        self.time += Duration::from_secs(1);
        format!("{:.3}", self.time)
    }

    pub fn uuid(&mut self) -> String {
        self.chance.uuid().to_string()
    }

    pub fn document_id(&mut self) -> String {
        document_id(&mut self.chance)
    }
}

/// The document id that is always the same for the same text.
pub(super) fn document_id_of(text: &str) -> String {
    document_id(&mut Rng::new(seed_of(text)))
}

/// 24 lower-case letters and digits, a letter first.
fn document_id(chance: &mut Rng) -> String {
    const SIGNS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..24).map(|at| char::from(*chance.pick(if at == 0 { &SIGNS[..26] } else { SIGNS }))).collect()
}
