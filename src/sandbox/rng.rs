//! Chance that can be repeated: the same seed gives the same faults, uuids and generated content.
//! Must not know: what the numbers are used for. Nothing here is fit for secrets.

use uuid::{Builder, Uuid};

/// A splitmix64 generator (Steele, Lea and Flood 2014): tiny, and good enough to scatter test data.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number from 0 up to, but without, 1.
    pub fn unit(&mut self) -> f64 {
        // 53 bits fill the mantissa of an f64 exactly.
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.next() % end }
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    pub fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The seed that belongs to a text, so that a uuid or a stream of chance can hang on a name.
pub(super) fn seed_of(text: &str) -> u64 {
    // FNV-1a, then one round of splitmix to spread short texts over all bits.
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    Rng::new(hash).next()
}

/// A uuid (version 4 by its looks) that is always the same for the same text.
pub(super) fn uuid_of(text: &str) -> String {
    Rng::new(seed_of(text)).uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |seed| {
            let mut rng = Rng::new(seed);
            [rng.next(), rng.next(), rng.below(10)]
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }

    #[test]
    fn a_text_has_one_uuid_and_it_looks_like_version_4() {
        let uuid = uuid_of("flow/Invoice reminder");
        assert_eq!(uuid, uuid_of("flow/Invoice reminder"));
        assert_ne!(uuid, uuid_of("flow/Invoice reminders"));
        assert_eq!(uuid.as_bytes()[14], b'4');
    }
}
