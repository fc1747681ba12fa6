//! Which rows are marked, so that one key decides for all of them.
//! Must not know: what is decided.

use super::rows::Rows;

/// Marked items by row of the plan, and the range that is being drawn.
#[derive(Debug, Default)]
pub struct Marks {
    marked: Vec<bool>,
    count: usize,
    /// Where the range began, as a place in the list.
    anchor: Option<usize>,
}

impl Marks {
    pub fn clear(&mut self, len: usize) {
        self.marked.clear();
        self.marked.resize(len, false);
        (self.count, self.anchor) = (0, None);
    }

    /// Rows are elsewhere now; `None` keeps them.
    pub fn move_rows(&mut self, moved: Option<&[Option<u32>]>, len: usize) {
        let Some(moved) = moved else { return };
        let before = std::mem::take(&mut self.marked);
        self.clear(len);
        for (row, new) in moved.iter().enumerate() {
            if let Some(new) = new.filter(|_| before.get(row) == Some(&true)) {
                self.set(new, true);
            }
        }
    }

    pub fn set(&mut self, row: u32, on: bool) {
        if let Some(mark) = self.marked.get_mut(row as usize)
            && *mark != on
        {
            *mark = on;
            if on { self.count += 1 } else { self.count -= 1 }
        }
    }

    pub fn toggle(&mut self, row: u32) {
        self.set(row, !self.is_set(row));
    }

    fn is_set(&self, row: u32) -> bool {
        self.marked.get(row as usize) == Some(&true)
    }

    /// Whether the item at a place of the list is marked, or in the range up to the cursor.
    pub fn is_marked(&self, row: u32, place: usize, cursor: usize) -> bool {
        let in_range = |anchor: usize| (anchor.min(cursor)..=anchor.max(cursor)).contains(&place);
        self.is_set(row) || self.anchor.is_some_and(in_range)
    }

    /// Marks all rows shown, or none of them where all are.
    pub fn toggle_all(&mut self, rows: &Rows) {
        let on = !rows.items.iter().all(|&row| self.is_set(row));
        rows.items.iter().for_each(|&row| self.set(row, on));
    }

    pub fn range(&self) -> Option<usize> {
        self.anchor
    }

    pub fn begin_range(&mut self, place: usize) {
        self.anchor = Some(place);
    }

    pub fn drop_range(&mut self) {
        self.anchor = None;
    }

    /// Marks what the range covers.
    pub fn end_range(&mut self, rows: &Rows, cursor: usize) {
        let Some(anchor) = self.anchor.take() else { return };
        let (from, to) = (anchor.min(cursor), anchor.max(cursor) + 1);
        let to = to.min(rows.items.len());
        rows.items.get(from..to).unwrap_or_default().iter().for_each(|&row| self.set(row, true));
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// All marked rows, in the order of the plan.
    pub fn rows(&self) -> Vec<u32> {
        let marked = self.marked.iter().zip(0..).filter(|(mark, _)| **mark);
        marked.map(|(_, row)| row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(len: u32) -> Rows {
        Rows { items: (0..len).collect(), extras: vec![7] }
    }

    #[test]
    fn a_range_marks_what_lies_between_and_a_new_plan_keeps_what_it_still_has() {
        let mut marks = Marks::default();
        marks.clear(5);
        marks.begin_range(3);
        assert!(marks.is_marked(2, 2, 1) && !marks.is_marked(0, 0, 1));
        marks.end_range(&rows(5), 1);
        assert_eq!((marks.rows(), marks.count()), (vec![1, 2, 3], 3));
        marks.move_rows(Some(&[Some(0), None, Some(1), Some(9), Some(2)]), 3);
        assert_eq!(marks.rows(), [1]);
    }

    #[test]
    fn a_range_never_reaches_what_only_the_destination_has() {
        let mut marks = Marks::default();
        marks.clear(2);
        marks.begin_range(0);
        marks.end_range(&rows(2), 3);
        assert_eq!(marks.rows(), [0, 1]);
        marks.begin_range(2);
        marks.end_range(&rows(2), 3);
        assert_eq!(marks.count(), 2);
    }

    #[test]
    fn marking_all_twice_marks_none() {
        let mut marks = Marks::default();
        marks.clear(3);
        marks.toggle(1);
        marks.toggle_all(&rows(3));
        assert_eq!(marks.count(), 3);
        marks.toggle_all(&rows(3));
        assert_eq!(marks.count(), 0);
    }
}
