//! Fingerprints of items.
//! Must not know: what is fed in; each platform decides what matters.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 128 bits of BLAKE3. Written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Digest::from_hasher(&blake3::Hasher::new().update(bytes).clone())
    }

    pub fn from_hasher(hasher: &blake3::Hasher) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Digest(short)
    }

    /// Sum of two digests: the digest of a set, whatever the order in which its members arrive.
    #[must_use]
    pub fn plus(self, other: Digest) -> Digest {
        Digest(u128::from_le_bytes(self.0).wrapping_add(u128::from_le_bytes(other.0)).to_le_bytes())
    }

    pub const ZERO: Digest = Digest([0; 16]);
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a digest is 32 hexadecimal digits");
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        u128::from_str_radix(&text, 16).map(|n| Digest(n.to_be_bytes())).map_err(|_| wrong())
    }
}

/// The two fingerprints of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// Leaves out what does not matter (times, row ids, tenant, view state, the item's own id); references by id
    /// are replaced by their place in the item's list of references, so that equal content at two locations is
    /// equal here although ids differ. Decides `identical`, together with where the references lead.
    pub semantic: Digest,
    /// Over everything. Decides whether something changed since the plan was made.
    pub exact: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_read_back_as_they_are_written() {
        let digest = Digest::of(b"haul");
        let text = serde_json::to_string(&digest).expect("a digest is text");
        assert_eq!(text.len(), 34);
        assert_eq!(serde_json::from_str::<Digest>(&text).ok(), Some(digest));
        for wrong in ["\"\"", "\"xyz\"", "\"+0000000000000000000000000000000\"", "12"] {
            assert!(serde_json::from_str::<Digest>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_digest_of_a_set_does_not_know_the_order() {
        let [a, b, c] = [b"a", b"b", b"c"].map(|text| Digest::of(text));
        assert_eq!(a.plus(b).plus(c), c.plus(a).plus(b));
        assert_ne!(a.plus(a), a);
    }
}
