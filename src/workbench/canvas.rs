//! The one place that writes to the screen: cleans foreign text, cuts it to its columns, and remembers what was put
//! where, so that a click finds it again.
//! Must not know: panes, state.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
pub use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::state::Pane;
use super::theme::{Role, Theme};
use crate::model::text::{columns, columns_of, fitting, printable, shorten};

/// A list on the screen, by what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListId {
    Sources,
    Destinations,
    Groups,
    Items,
    Details,
    PlanItems,
    Difference,
    Notes,
    Schemas,
    Runs,
    Log,
    Past,
    Report,
    /// The list of the popup on top.
    Popup,
}

impl ListId {
    /// As help calls it.
    pub fn name(self) -> &'static str {
        match self {
            ListId::Sources => "sources",
            ListId::Destinations => "destinations",
            ListId::Groups => "groups",
            ListId::Items | ListId::PlanItems => "items",
            ListId::Details => "details",
            ListId::Difference => "difference",
            ListId::Notes => "findings",
            ListId::Schemas => "schemas",
            ListId::Runs | ListId::Past => "runs",
            ListId::Log => "log",
            ListId::Report => "report",
            ListId::Popup => "this window",
        }
    }
}

/// What a click on a place means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Pane(Pane),
    /// A command by its id.
    Command(&'static str),
    Row(ListId, usize),
    /// The check box of a row.
    Check(ListId, usize),
    /// Anywhere in a list, for the wheel.
    List(ListId),
    /// A field of the popup on top.
    Field(usize),
    /// The popup itself: a click that means nothing.
    Popup,
}

/// What the newest frame showed, for clicks and pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Later ones lie on top.
    hits: Vec<(Rect, Target)>,
    heights: Vec<(ListId, usize)>,
    /// Where the terminal's cursor stands while somebody types.
    pub cursor: Option<Position>,
}

impl Seen {
    pub fn at(&self, column: u16, row: u16) -> Option<Target> {
        let place = Position::new(column, row);
        self.hits.iter().rev().find(|(rect, _)| rect.contains(place)).map(|(_, target)| *target)
    }

    /// The list that the wheel turns there.
    pub fn list_at(&self, column: u16, row: u16) -> Option<ListId> {
        let place = Position::new(column, row);
        let hits = self.hits.iter().rev().filter(|(rect, _)| rect.contains(place)).map(|(_, target)| target);
        // What lies below a popup keeps still.
        hits.take_while(|target| **target != Target::Popup).find_map(|target| match target {
            Target::Row(list, _) | Target::Check(list, _) | Target::List(list) => Some(*list),
            _ => None,
        })
    }

    /// Rows of a list that were shown; a page. 10 before it was ever drawn.
    pub fn height(&self, list: ListId) -> usize {
        self.heights.iter().rev().find(|(known, _)| *known == list).map_or(10, |(_, height)| *height)
    }

    /// Everything that can be clicked, in the order of drawing.
    pub fn hits(&self) -> &[(Rect, Target)] {
        &self.hits
    }
}

/// A piece of a line.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    pub text: std::borrow::Cow<'a, str>,
    pub role: Role,
}

/// A piece of a line in a role.
pub fn span<'a>(text: impl Into<std::borrow::Cow<'a, str>>, role: Role) -> Span<'a> {
    Span { text: text.into(), role }
}

/// Draws into a buffer.
#[derive(Debug)]
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    theme: Theme,
    seen: Seen,
}

impl<'a> Canvas<'a> {
    pub fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Canvas { buffer, theme, seen: Seen::default() }
    }

    pub fn finish(self) -> Seen {
        self.seen
    }

    pub fn area(&self) -> Rect {
        self.buffer.area
    }

    /// Text in the first line of `rect`, cut with `…` where it does not fit. Gives the columns it took.
    pub fn text(&mut self, rect: Rect, text: &str, role: Role) -> u16 {
        self.styled(rect, text, self.theme.style(role))
    }

    /// Text that ends at the right edge of `rect`; gives what is left of `rect` before it.
    pub fn right(&mut self, rect: Rect, text: &str, role: Role) -> Rect {
        let clean = printable(text);
        let width = u16::try_from(columns(&clean)).unwrap_or(u16::MAX).min(rect.width);
        let at = Rect { x: rect.x + rect.width - width, width, ..rect };
        self.text(at, &clean, role);
        Rect { width: rect.width - width, ..rect }
    }

    /// Pieces one after the other. Gives the columns they took.
    pub fn line(&mut self, rect: Rect, spans: &[Span<'_>]) -> u16 {
        let mut used = 0;
        for span in spans {
            let rest = skip(rect, used);
            if rest.width == 0 {
                break;
            }
            used += self.text(rest, &span.text, span.role);
        }
        used
    }

    /// Text over several lines, broken between words. Gives the lines it took.
    pub fn paragraph(&mut self, rect: Rect, text: &str, role: Role) -> u16 {
        let lines = wrap(&printable(text), usize::from(rect.width));
        let shown = lines.len().min(usize::from(rect.height));
        for (row, line) in (0u16..).zip(&lines[..shown]) {
            self.text(line_of(rect, row), line, role);
        }
        shown as u16
    }

    /// A border with a title. Gives the area inside.
    pub fn frame(&mut self, rect: Rect, title: &[Span<'_>], focused: bool) -> Rect {
        let rect = rect.intersection(self.buffer.area);
        if rect.width < 2 || rect.height < 2 {
            return Rect { width: 0, height: 0, ..rect };
        }
        let role = if focused { Role::Focus } else { Role::Border };
        let style = self.theme.style(role);
        let (right, bottom) = (rect.x + rect.width - 1, rect.y + rect.height - 1);
        for x in rect.x + 1..right {
            self.put(x, rect.y, "─", style);
            self.put(x, bottom, "─", style);
        }
        for y in rect.y + 1..bottom {
            self.put(rect.x, y, "│", style);
            self.put(right, y, "│", style);
        }
        for (x, y, corner) in [(rect.x, rect.y, "┌"), (right, rect.y, "┐"), (rect.x, bottom, "└"), (right, bottom, "┘")]
        {
            self.put(x, y, corner, style);
        }
        let title_area = Rect { x: rect.x + 2, width: rect.width.saturating_sub(4), height: 1, ..rect };
        if !title.is_empty() && title_area.width > 2 {
            let used = self.line(skip(Rect { width: title_area.width - 1, ..title_area }, 1), title);
            self.put(title_area.x, rect.y, " ", style);
            if used < title_area.width - 1 {
                self.put(title_area.x + 1 + used, rect.y, " ", style);
            }
        }
        Rect { x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 2 }
    }

    /// Empties an area, for what lies on top.
    pub fn clear(&mut self, rect: Rect) {
        let rect = rect.intersection(self.buffer.area);
        for y in rect.y..rect.y + rect.height {
            // A wide character that reaches into the area goes whole: the terminal would push the row aside for it.
            if let Some(before) = rect.x.checked_sub(1).map(|x| &mut self.buffer[(x, y)])
                && columns(before.symbol()) > 1
            {
                before.set_symbol(" ");
            }
            for x in rect.x..rect.x + rect.width {
                self.buffer[(x, y)].reset();
            }
        }
    }

    /// Gives a row the look of the cursor, and a sign too where its first column is free: colour alone tells nothing.
    pub fn mark_cursor(&mut self, rect: Rect, focused: bool) {
        let rect = rect.intersection(self.buffer.area);
        if focused && !rect.is_empty() && self.buffer[(rect.x, rect.y)].symbol() == " " {
            self.put(rect.x, rect.y, "▸", self.theme.style(Role::Key));
        }
        self.buffer.set_style(rect, self.theme.cursor(focused));
    }

    /// Gives an area the look of a role.
    pub fn paint(&mut self, rect: Rect, role: Role) {
        let style = self.theme.style(role);
        self.buffer.set_style(rect.intersection(self.buffer.area), style);
    }

    /// A bar of which `part` of 1 is full.
    pub fn gauge(&mut self, rect: Rect, part: f64) {
        let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
        let full = (f64::from(rect.width) * part).round() as u16;
        self.text(Rect { width: full, ..rect }, &"█".repeat(usize::from(full)), Role::Gauge);
        let rest = skip(rect, full);
        self.text(rest, &"░".repeat(usize::from(rest.width)), Role::Track);
    }

    /// The newest values as columns, the last at the right edge.
    pub fn sparkline(&mut self, rect: Rect, values: &[f64]) {
        const STEPS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
        let shown = &values[values.len().saturating_sub(usize::from(rect.width))..];
        let most = shown.iter().copied().fold(0.0_f64, f64::max);
        let bar = |value: &f64| {
            let part = if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 };
            STEPS[((part * 7.0).round() as usize).min(7)]
        };
        let text: String = shown.iter().map(bar).collect();
        self.right(rect, &text, Role::Gauge);
    }

    /// A picture in half blocks: rows of so many cells, each with the colours of its upper and its lower half.
    pub fn picture(&mut self, rect: Rect, columns: usize, cells: &[([u8; 3], [u8; 3])]) {
        let colour = |[red, green, blue]: [u8; 3]| Color::Rgb(red, green, blue);
        for (y, row) in (rect.y..rect.bottom()).zip(cells.chunks(columns.max(1))) {
            for (x, (upper, lower)) in (rect.x..rect.right()).zip(row) {
                self.put(x, y, "▀", Style::new().fg(colour(*upper)).bg(colour(*lower)));
            }
        }
    }

    /// A field to type into, with the terminal's cursor in it where `focused`.
    pub fn field(&mut self, rect: Rect, (text, cursor): (String, usize), focused: bool) {
        let rect = Rect { height: rect.height.min(1), ..rect }.intersection(self.buffer.area);
        if rect.is_empty() {
            return;
        }
        self.paint(rect, Role::Field);
        let clean = printable(&text);
        let end = text.char_indices().nth(cursor).map_or(text.len(), |(at, _)| at);
        let before = columns(&printable(&text[..end]));
        let room = usize::from(rect.width).saturating_sub(1);
        // So much is scrolled out on the left that the cursor is in view.
        let (out, mut hidden) = fitting(&clean, before.saturating_sub(room));
        let mut shown = &clean[out.len()..];
        if hidden + room < before {
            // Half of a wide character is out: it goes whole.
            let (first, wide) = first_cell(shown).unwrap_or_default();
            hidden += usize::from(wide);
            shown = &shown[first.len()..];
        }
        self.styled(rect, shown, self.theme.style(Role::Field));
        if focused {
            let column = before.saturating_sub(hidden).min(room) as u16;
            self.seen.cursor = Some(Position::new(rect.x + column, rect.y));
        }
    }

    /// A click there means this.
    pub fn hit(&mut self, rect: Rect, target: Target) {
        let rect = rect.intersection(self.buffer.area);
        if !rect.is_empty() {
            self.seen.hits.push((rect, target));
        }
    }

    /// A list is drawn there, `height` rows of it at a time.
    pub fn list(&mut self, id: ListId, rect: Rect) {
        self.seen.heights.push((id, usize::from(rect.height)));
        self.hit(rect, Target::List(id));
    }

    fn styled(&mut self, rect: Rect, text: &str, style: Style) -> u16 {
        let rect = rect.intersection(self.buffer.area);
        if rect.is_empty() {
            return 0;
        }
        let clean = printable(text);
        let shown = shorten(&clean, usize::from(rect.width));
        let end = rect.x + rect.width;
        let (mut x, mut rest) = (rect.x, &*shown);
        while let Some((piece, wide)) = first_cell(rest) {
            rest = &rest[piece.len()..];
            if x + wide > end {
                break;
            }
            self.buffer[(x, rect.y)].set_symbol(piece).set_style(style);
            // What a wide character covers is no place of its own.
            for covered in x + 1..x + wide {
                self.buffer[(covered, rect.y)].reset();
            }
            x += wide;
        }
        x - rect.x
    }

    /// A sign of our own, which needs no cleaning.
    fn put(&mut self, x: u16, y: u16, sign: &str, style: Style) {
        if let Some(cell) = self.buffer.cell_mut(Position::new(x, y)) {
            cell.set_symbol(sign).set_style(style);
        }
    }
}

/// What the first cell of a text holds: a character and the marks upon it, and the columns that they take.
fn first_cell(text: &str) -> Option<(&str, u16)> {
    let wide = columns_of(text.chars().next()?);
    let end = text.char_indices().skip(1).find(|(_, c)| columns_of(*c) > 0).map_or(text.len(), |(at, _)| at);
    Some((&text[..end], wide.max(1) as u16))
}

/// A screen without a terminal: what a frame costs up to the bytes that are written.
#[derive(Debug)]
pub struct Sheet {
    shown: Buffer,
    next: Buffer,
}

impl Sheet {
    pub fn new(columns: u16, lines: u16) -> Self {
        let empty = Buffer::empty(Rect::new(0, 0, columns, lines));
        Sheet { shown: empty.clone(), next: empty }
    }

    /// Draws a frame. Gives what was seen, and how many cells differ from the frame before.
    pub fn draw(&mut self, theme: Theme, draw: impl FnOnce(&mut Canvas<'_>)) -> (Seen, usize) {
        self.next.reset();
        let mut canvas = Canvas::new(&mut self.next, theme);
        draw(&mut canvas);
        let seen = canvas.finish();
        let changed = self.shown.diff(&self.next).len();
        std::mem::swap(&mut self.shown, &mut self.next);
        (seen, changed)
    }
}

/// Lines of at most so many columns, broken between words where that can be.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if room == 0 {
        return lines;
    }
    // What stands in from the edge stays so in the lines that follow.
    let inset = text.len() - text.trim_start_matches(' ').len();
    if inset > 0 && inset <= room / 2 {
        let (blanks, text) = text.split_at(inset);
        return wrap(text, room - inset).iter().map(|line| format!("{blanks}{line}")).collect();
    }
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        if !line.is_empty() && columns(&line) + 1 + columns(word) > room {
            lines.push(std::mem::take(&mut line));
        }
        while columns(word) > room {
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let (fits, _) = fitting(word, room);
            // A wide character in a narrow place: it has to stand somewhere.
            let end = if fits.is_empty() { word.chars().next().map_or(0, char::len_utf8) } else { fits.len() };
            lines.push(word[..end].to_owned());
            word = &word[end..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// What is left of an area after so many columns.
pub fn skip(rect: Rect, columns: u16) -> Rect {
    let columns = columns.min(rect.width);
    Rect { x: rect.x + columns, width: rect.width - columns, ..rect }
}

/// One line of an area; empty beyond it.
pub fn line_of(rect: Rect, row: u16) -> Rect {
    let height = u16::from(row < rect.height);
    Rect { y: rect.y + row.min(rect.height.saturating_sub(1)), height, ..rect }
}

/// The first so many lines, and the rest.
pub fn split_top(rect: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(rect.height);
    (Rect { height: rows, ..rect }, Rect { y: rect.y + rows, height: rect.height - rows, ..rect })
}

/// All but the last so many lines, and those.
pub fn split_bottom(rect: Rect, rows: u16) -> (Rect, Rect) {
    split_top(rect, rect.height.saturating_sub(rows))
}

/// The first so many columns, and the rest.
pub fn split_left(rect: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(rect.width);
    (Rect { width: columns, ..rect }, skip(rect, columns))
}

/// An area of at most this size in the middle of another.
pub fn centred(rect: Rect, columns: u16, rows: u16) -> Rect {
    let (width, height) = (columns.min(rect.width), rows.min(rect.height));
    Rect { x: rect.x + (rect.width - width) / 2, y: rect.y + (rect.height - height) / 2, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: u16, draw: impl FnOnce(&mut Canvas<'_>, Rect)) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        draw(&mut Canvas::new(&mut buffer, Theme::Plain), area);
        (0..width).map(|x| buffer[(x, 0)].symbol()).collect()
    }

    #[test]
    fn nothing_that_steers_a_terminal_reaches_the_buffer() {
        for evil in [
            "\x1b[31mred",
            "\x1b]52;c;QUJD\x07",
            "a\u{9b}31mb",
            "\u{202e}gnp.exe",
            "a\rb\nc\td",
            "\x00\x7f\u{feff}\u{200b}",
        ] {
            let shown = drawn(40, |canvas, area| {
                canvas.text(area, evil, Role::Text);
            });
            assert!(
                shown
                    .chars()
                    .all(|c| !c.is_control()
                        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')),
                "{shown:?}"
            );
        }
    }

    #[test]
    fn wide_characters_are_cut_whole() {
        let shown = drawn(5, |canvas, area| {
            assert_eq!(canvas.text(area, "漢字漢字", Role::Text), 5);
        });
        assert_eq!(shown.replace(' ', ""), "漢字…");
    }

    #[test]
    fn paragraphs_break_between_words_and_inside_long_ones() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("  one two", 7), ["  one", "  two"]);
        assert_eq!(wrap("漢字漢", 3), ["漢", "字", "漢"]);
        assert!(wrap("x", 0).is_empty());
    }

    #[test]
    fn a_field_keeps_its_cursor_in_view() {
        let area = Rect::new(0, 0, 6, 1);
        let mut buffer = Buffer::empty(area);
        let mut canvas = Canvas::new(&mut buffer, Theme::Plain);
        canvas.field(area, ("abcdefghij".into(), 10), true);
        assert_eq!(canvas.finish().cursor, Some(Position::new(5, 0)));
        let shown: String = (0..6).map(|x| buffer[(x, 0)].symbol()).collect();
        assert_eq!(shown, "fghij ");
    }

    #[test]
    fn what_lies_on_top_is_clicked() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 3));
        let mut canvas = Canvas::new(&mut buffer, Theme::Plain);
        canvas.list(ListId::Items, Rect::new(0, 0, 10, 3));
        canvas.hit(Rect::new(0, 1, 10, 1), Target::Row(ListId::Items, 7));
        let seen = canvas.finish();
        assert_eq!(seen.at(3, 1), Some(Target::Row(ListId::Items, 7)));
        assert_eq!(seen.at(3, 2), Some(Target::List(ListId::Items)));
        assert_eq!((seen.height(ListId::Items), seen.height(ListId::Log)), (3, 10));
        assert_eq!(seen.list_at(0, 0), Some(ListId::Items));
    }
}
