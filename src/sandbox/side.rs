//! The two servers that every platform has.
//! Must not know: platforms.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Dev,
    Prod,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Dev, Self::Prod];

    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Prod => "prod",
        }
    }
}
