//! What a screen shows at one moment, cell by cell.
//! Must not know: which terminal it was taken from.

use std::fmt::{self, Write as _};

use vt100::Color;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// One character with what combines with it; empty for a blank and for the second half of a wide one.
    pub text: String,
    pub foreground: Color,
    pub background: Color,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub reverse: bool,
    pub width: Width,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    #[default]
    One,
    Two,
    /// The second half of a wide character.
    Rest,
}

impl Cell {
    fn of(cell: &vt100::Cell) -> Self {
        let width = match (cell.is_wide(), cell.is_wide_continuation()) {
            (true, _) => Width::Two,
            (_, true) => Width::Rest,
            _ => Width::One,
        };
        Cell {
            text: if cell.contents() == " " { String::new() } else { cell.contents().to_owned() },
            foreground: cell.fgcolor(),
            background: cell.bgcolor(),
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
            underline: cell.underline(),
            reverse: cell.inverse(),
            width,
        }
    }

    /// What it adds to the text of its row.
    pub fn shown(&self) -> &str {
        match self.width {
            Width::Rest => "",
            _ if self.text.is_empty() => " ",
            _ => &self.text,
        }
    }

    pub fn is_blank(&self) -> bool {
        self.width != Width::Rest && self.shown() == " "
    }

    pub fn same_style(&self, other: &Cell) -> bool {
        self.style() == other.style()
    }

    fn style(&self) -> (Color, Color, [bool; 5]) {
        (self.foreground, self.background, [self.bold, self.dim, self.italic, self.underline, self.reverse])
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Row by row; every row has as many cells as the screen has columns.
    pub cells: Vec<Vec<Cell>>,
    /// Column and row, where it is shown.
    pub cursor: Option<(u16, u16)>,
}

impl Picture {
    pub fn of(screen: &vt100::Screen) -> Self {
        let (rows, cols) = screen.size();
        let cell = |row, col| screen.cell(row, col).map(Cell::of).unwrap_or_default();
        let (row, col) = screen.cursor_position();
        Picture {
            cells: (0..rows).map(|row| (0..cols).map(|col| cell(row, col)).collect()).collect(),
            cursor: (!screen.hide_cursor()).then_some((col, row)),
        }
    }

    /// What bytes that a program wrote leave on an empty screen.
    pub fn painted(cols: u16, rows: u16, bytes: &[u8]) -> Self {
        let mut parser = vt100::Parser::new(rows, cols, 0);
        parser.process(bytes);
        Picture::of(parser.screen())
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.cells.first().map_or(0, Vec::len), self.cells.len())
    }

    /// The cell at a column and a row.
    #[track_caller]
    pub fn cell(&self, col: u16, row: u16) -> &Cell {
        let cell = self.cells.get(usize::from(row)).and_then(|cells| cells.get(usize::from(col)));
        cell.unwrap_or_else(|| panic!("no cell at column {col}, row {row} of {:?}", self.size()))
    }

    /// The text of each row without the blanks at its end.
    pub fn rows(&self) -> Vec<String> {
        self.cells.iter().map(|row| full_text(row).trim_end().to_owned()).collect()
    }

    /// All rows as lines, the empty ones too.
    pub fn to_text(&self) -> String {
        self.rows().iter().map(|row| format!("{row}\n")).collect()
    }

    pub fn contains(&self, text: &str) -> bool {
        self.find(text).is_some()
    }

    /// Column and row of the first place that shows a text, from the top; a text of several lines must begin rows.
    pub fn find(&self, text: &str) -> Option<(u16, u16)> {
        self.find_all(text).first().copied()
    }

    /// All places that show a text.
    pub fn find_all(&self, text: &str) -> Vec<(u16, u16)> {
        let mut found = Vec::new();
        for (row, cells) in self.cells.iter().enumerate() {
            let line = full_text(cells);
            found.extend(line.match_indices(text).map(|(at, _)| (column_at(cells, at) as u16, row as u16)));
        }
        if text.contains('\n') {
            let all = self.to_text();
            let starts = all.match_indices(text).map(|(at, _)| all[..at].to_owned());
            found.extend(starts.filter(|before| before.is_empty() || before.ends_with('\n')).map(|before| {
                let row = before.matches('\n').count();
                (0, row as u16)
            }));
        }
        found
    }

    /// With the rules of [`normalise`](super::normalise) carried out on every row. Colours stay where they are.
    pub fn normalised(&self, rules: &[(&str, &str)]) -> Self {
        let mut picture = self.clone();
        for cells in &mut picture.cells {
            let text = super::captures::normalise(&full_text(cells), rules);
            relabel(cells, &text);
        }
        picture
    }

    /// With the colours as a terminal understands them: one line for each row.
    pub fn to_ansi(&self) -> String {
        self.cells.iter().map(|row| ansi_row(row) + "\n").collect()
    }

    /// A picture for documents.
    pub fn to_svg(&self) -> String {
        super::svg::draw(self)
    }
}

/// The screen in a frame, as a failed test shows it.
impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edge = "─".repeat(self.size().0);
        writeln!(f, "┌{edge}┐")?;
        self.cells.iter().try_for_each(|row| writeln!(f, "│{}│", full_text(row)))?;
        writeln!(f, "└{edge}┘")?;
        match self.cursor {
            Some((col, row)) => write!(f, "cursor at column {col}, row {row}"),
            None => write!(f, "no cursor"),
        }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}\n")
    }
}

fn full_text(cells: &[Cell]) -> String {
    cells.iter().map(Cell::shown).collect()
}

/// The column of the cell that holds the byte of a row's text.
fn column_at(cells: &[Cell], byte: usize) -> usize {
    let mut end = 0;
    cells
        .iter()
        .position(|cell| {
            end += cell.shown().len();
            byte < end
        })
        .unwrap_or(cells.len())
}

/// Writes a text of the same width over a row; the styles of the cells stay.
fn relabel(cells: &mut [Cell], text: &str) {
    use unicode_width::UnicodeWidthChar;
    let mut at = 0_usize;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if width == 0 {
            if let Some(before) = at.checked_sub(1).and_then(|before| base_of(cells, before)) {
                cells[before].text.push(c);
            }
            continue;
        }
        cells[at].text = if c == ' ' { String::new() } else { c.to_string() };
        cells[at].width = if width == 2 { Width::Two } else { Width::One };
        if width == 2 {
            cells[at + 1].text.clear();
            cells[at + 1].width = Width::Rest;
        }
        at += width;
    }
}

fn base_of(cells: &[Cell], at: usize) -> Option<usize> {
    (0..=at).rev().find(|at| cells[*at].width != Width::Rest)
}

fn ansi_row(cells: &[Cell]) -> String {
    let plain = Cell::default();
    let painted = |cell: &Cell| !cell.is_blank() || !cell.same_style(&plain);
    let end = cells.iter().rposition(painted).map_or(0, |last| last + 1);
    let (mut line, mut before) = (String::new(), &plain);
    for cell in &cells[..end] {
        if !cell.same_style(before) {
            write!(line, "\x1b[{}m", sgr(cell)).expect("a String takes everything");
        }
        line.push_str(cell.shown());
        before = cell;
    }
    if !before.same_style(&plain) {
        line.push_str("\x1b[0m");
    }
    line
}

fn sgr(cell: &Cell) -> String {
    let mut codes = vec!["0".to_owned()];
    let switches = [(cell.bold, 1), (cell.dim, 2), (cell.italic, 3), (cell.underline, 4), (cell.reverse, 7)];
    codes.extend(switches.iter().filter(|(on, _)| *on).map(|(_, code)| code.to_string()));
    codes.extend(colour_code(cell.foreground, 30));
    codes.extend(colour_code(cell.background, 40));
    codes.join(";")
}

fn colour_code(colour: Color, base: u8) -> Option<String> {
    match colour {
        Color::Default => None,
        Color::Idx(n @ 0..=7) => Some((base + n).to_string()),
        Color::Idx(n @ 8..=15) => Some((base + 60 + n - 8).to_string()),
        Color::Idx(n) => Some(format!("{};5;{n}", base + 8)),
        Color::Rgb(r, g, b) => Some(format!("{};2;{r};{g};{b}", base + 8)),
    }
}
