//! Pieces that several panes are made of: the cursor of a list, a field to type into.
//! Must not know: panes.

mod cursor;
mod field;

pub use cursor::{Cursor, Move};
pub use field::Field;
