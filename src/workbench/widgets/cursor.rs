//! Where somebody is in a list, and which part of it is shown. A list is never drawn beyond that part.
//! Must not know: what the list holds.

use std::ops::Range;

/// The row under the cursor, and the first row that is shown. Rows count from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub at: usize,
    pub top: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    To(usize),
}

impl Cursor {
    /// Moves within `len` rows of which `height` are shown.
    pub fn go(&mut self, step: Move, len: usize, height: usize) {
        let page = height.saturating_sub(1).max(1);
        let last = len.saturating_sub(1);
        self.at = match step {
            Move::Up => self.at.saturating_sub(1),
            Move::Down => self.at + 1,
            Move::PageUp => self.at.saturating_sub(page),
            Move::PageDown => self.at + page,
            Move::First => 0,
            Move::Last => last,
            Move::To(row) => row,
        }
        .min(last);
        self.top = self.window(len, height).start;
    }

    /// Moves what is shown, where there is no row to choose: every step is seen.
    pub fn read(&mut self, step: Move, len: usize, height: usize) {
        let page = height.saturating_sub(1).max(1) as isize;
        let all = len as isize;
        let rows = match step {
            Move::Up => -1,
            Move::Down => 1,
            Move::PageUp => -page,
            Move::PageDown => page,
            Move::First => -all,
            Move::Last => all,
            Move::To(_) => 0,
        };
        self.scroll(rows, len, height);
        self.at = self.top;
    }

    /// Scrolls by so many rows; the cursor stays in what is shown.
    pub fn scroll(&mut self, rows: isize, len: usize, height: usize) {
        let lowest = len.saturating_sub(height);
        self.top = self.window(len, height).start.saturating_add_signed(rows).min(lowest);
        let bottom = (self.top + height.max(1) - 1).min(len.saturating_sub(1));
        self.at = self.at.clamp(self.top.min(bottom), bottom);
    }

    /// The rows to draw: as many as fit, the cursor among them, from `top` where that can be.
    pub fn window(&self, len: usize, height: usize) -> Range<usize> {
        if len == 0 || height == 0 {
            return 0..0;
        }
        let at = self.at.min(len - 1);
        let top = self.top.clamp((at + 1).saturating_sub(height), at).min(len.saturating_sub(height));
        top..(top + height).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_is_always_in_the_window_and_the_window_is_always_full(
            at in 0usize..300, top in 0usize..300, len in 0usize..200, height in 0usize..50,
            steps in proptest::collection::vec((0u8..7, -60isize..60), 0..20),
        ) {
            let mut cursor = Cursor { at, top };
            for (step, by) in steps {
                match step {
                    0 => cursor.go(Move::Up, len, height),
                    1 => cursor.go(Move::Down, len, height),
                    2 => cursor.go(Move::PageUp, len, height),
                    3 => cursor.go(Move::PageDown, len, height),
                    4 => cursor.go(Move::Last, len, height),
                    5 => cursor.go(Move::To(by.unsigned_abs()), len, height),
                    _ => cursor.scroll(by, len, height),
                }
                let window = cursor.window(len, height);
                prop_assert_eq!(window.len(), len.min(height));
                prop_assert!(len == 0 || cursor.at < len);
                prop_assert!(window.is_empty() || window.contains(&cursor.at));
                prop_assert!(window.is_empty() || window.start == cursor.top);
            }
        }
    }
}
