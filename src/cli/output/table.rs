//! Tables of text whose columns line up, whatever the script of the words.
//! Must not know: what the rows are.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Paint, Style};
use crate::model::text::{columns, printable, shorten};

/// One cell, cleaned of what could steer a terminal.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    text: Cow<'a, str>,
    style: Style,
}

impl<'a> Cell<'a> {
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Cell { text: clean(text.into()), style: Style::None }
    }

    pub fn styled(text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        Cell { text: clean(text.into()), style }
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Cell<'a> {
    fn from(text: T) -> Self {
        Cell::new(text)
    }
}

fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    match printable(&text) {
        Cow::Owned(cleaned) => Cow::Owned(cleaned),
        Cow::Borrowed(_) => text,
    }
}

/// Where each column ends. Rows are made twice, once to measure and once to write, and never all kept.
#[derive(Clone, Debug)]
pub struct Table<const N: usize> {
    titles: [&'static str; N],
    indent: usize,
}

/// Names can be long; a row should not be.
const WIDEST: usize = 72;

impl<const N: usize> Table<N> {
    pub fn new(titles: [&'static str; N]) -> Self {
        Table { titles, indent: 0 }
    }

    #[must_use]
    pub fn indented(mut self, columns: usize) -> Self {
        self.indent = columns;
        self
    }

    /// Writes the title row and the rows. A column that is empty in every row is left out.
    pub fn write<'a, R, F>(&self, out: &mut dyn Write, paint: Paint, rows: F) -> io::Result<()>
    where
        R: Iterator<Item = [Cell<'a>; N]>,
        F: Fn() -> R,
    {
        let mut widths = [0; N];
        for row in rows() {
            for (width, cell) in widths.iter_mut().zip(&row) {
                *width = (*width).max(columns(&cell.text).min(WIDEST));
            }
        }
        let empty = widths.map(|width| width == 0);
        for ((width, title), empty) in widths.iter_mut().zip(&self.titles).zip(empty) {
            *width = if empty { 0 } else { (*width).max(columns(title)) };
        }
        let titles = self.titles.map(|title| Cell::styled(title.to_uppercase(), Style::Dim));
        self.line(out, paint, &widths, &titles)?;
        rows().try_for_each(|row| self.line(out, paint, &widths, &row))
    }

    fn line(&self, out: &mut dyn Write, paint: Paint, widths: &[usize; N], cells: &[Cell<'_>; N]) -> io::Result<()> {
        write!(out, "{:1$}", "", self.indent)?;
        let last = cells.iter().zip(widths).rposition(|(cell, width)| *width > 0 && !cell.text.is_empty());
        let mut gap = 0;
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            if *width == 0 || last.is_none_or(|last| at > last) {
                continue;
            }
            let text = shorten(&cell.text, (*width).max(1));
            write!(out, "{:gap$}{}", "", paint.paint(cell.style, &text))?;
            gap = 2 + width.saturating_sub(columns(&text));
        }
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &[[&'static str; 3]]) -> String {
        let mut out = Vec::new();
        let make = || rows.iter().map(|row| row.map(Cell::from));
        Table::new(["kind", "name", "tags"]).indented(1).write(&mut out, Paint::Plain, make).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_line_up_for_wide_letters_and_nothing_trails() {
        insta::assert_snapshot!(text(&[["flow", "漢字", "x"], ["secret", "a", ""]]), @r"
         KIND    NAME  TAGS
         flow    漢字  x
         secret  a
        ");
    }

    #[test]
    fn a_column_without_content_is_left_out() {
        insta::assert_snapshot!(text(&[["flow", "", "x"]]), @r"
         KIND  TAGS
         flow  x
        ");
    }

    #[test]
    fn what_could_steer_a_terminal_is_replaced() {
        assert!(!text(&[["flow", "\x1b]0;x\x07", "\u{202e}"]]).contains(['\x1b', '\x07', '\u{202e}']));
    }
}
