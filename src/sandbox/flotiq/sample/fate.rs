//! How a numbered item stands at dev and at prod, so that every match occurs, and by which id.
//! Must not know: what items hold.

use crate::sandbox::{Side, rng::uuid_of};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The same id with the same content.
    Same,
    /// The same id with other content.
    Changed,
    OnlyDev,
    OnlyProd,
    /// At prod another id holds the unique value.
    Taken,
    /// The ids differ in case alone.
    Cased,
}

impl Fate {
    pub fn of(number: usize) -> Self {
        match number % 20 {
            3 | 4 => Self::Changed,
            7 => Self::OnlyDev,
            8 => Self::OnlyProd,
            13 => Self::Taken,
            17 => Self::Cased,
            _ => Self::Same,
        }
    }

    pub fn is_at(self, side: Side) -> bool {
        !matches!((self, side), (Self::OnlyDev, Side::Prod) | (Self::OnlyProd, Side::Dev))
    }

    /// Whether both spaces have it under one id.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Same | Self::Changed)
    }
}

pub(super) fn object_id(kind: &str, number: usize, side: Side) -> String {
    let id = format!("{kind}-{number:04}");
    match (Fate::of(number), side) {
        (Fate::Taken, Side::Prod) => format!("{kind}-p{number:04}"),
        (Fate::Cased, Side::Prod) => id.to_uppercase(),
        _ => id,
    }
}

/// How a file stands at dev and at prod: an upload always gets an id of its own, a copied space keeps ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileFate {
    SameId,
    /// The same bytes under another id.
    Uploaded,
    OnlyDev,
    OnlyProd,
}

impl FileFate {
    pub fn of(number: usize) -> Self {
        match number % 6 {
            0 | 1 => Self::SameId,
            2 | 3 => Self::Uploaded,
            4 => Self::OnlyDev,
            _ => Self::OnlyProd,
        }
    }

    pub fn is_at(self, side: Side) -> bool {
        !matches!((self, side), (Self::OnlyDev, Side::Prod) | (Self::OnlyProd, Side::Dev))
    }
}

pub(super) fn file_id(number: usize, side: Side) -> String {
    let other = side == Side::Prod && FileFate::of(number) == FileFate::Uploaded;
    format!("_media-{}", uuid_of(&format!("medium {number}{}", if other { " uploaded at prod" } else { "" })))
}
