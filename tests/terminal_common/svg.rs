//! Draws a picture as SVG: no fonts, scripts or styles from elsewhere; lines and blocks are shapes, so that they meet
//! whatever font the reader has.
//! Must not know: terminals.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use vt100::Color;

use super::picture::{Cell, Picture, Width};

const CELL: (usize, usize) = (9, 18);
const MARGIN: usize = 12;
const BASELINE: usize = 13;
const FONT: &str = "ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";
const FOREGROUND: &str = "#d4d4d4";
const BACKGROUND: &str = "#1b1d23";
/// Chosen to be told apart and read on the background, the blue more than anything.
const SIXTEEN: [&str; 16] = [
    "#3b3f4a", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#7f8694", "#ff8790",
    "#b5e890", "#ffd98f", "#8cc8ff", "#e0a0f5", "#7fdbe6", "#ffffff",
];

pub fn draw(picture: &Picture) -> String {
    let (cols, rows) = picture.size();
    let (width, height) = (cols * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"{FONT}\" font-size=\"15\" role=\"img\">\n<rect width=\"{width}\" height=\"{height}\" rx=\"8\" \
         fill=\"{BACKGROUND}\"/>\n"
    );
    for (row, cells) in picture.cells.iter().enumerate() {
        backgrounds(&mut svg, row, cells);
    }
    shapes(&mut svg, picture);
    for (row, cells) in picture.cells.iter().enumerate() {
        texts(&mut svg, row, cells);
    }
    if let Some((col, row)) = picture.cursor {
        let (x, y) = (left(col.into()), top(row.into()));
        line(&mut svg, format_args!(r##"<rect x="{x}" y="{y}" width="2" height="{}" fill="#ffffff"/>"##, CELL.1));
    }
    svg + "</svg>\n"
}

fn left(col: usize) -> usize {
    MARGIN + col * CELL.0
}

fn top(row: usize) -> usize {
    MARGIN + row * CELL.1
}

fn line(svg: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(svg, "{text}").expect("a String takes everything");
}

/// Splits a row where neighbours differ: first column, one past the last, and the cells.
fn runs(cells: &[Cell], alike: impl Fn(&Cell, &Cell) -> bool) -> Vec<(usize, usize, &[Cell])> {
    let mut start = 0;
    let parts = cells.chunk_by(|a, b| alike(a, b));
    parts
        .map(|part| {
            let first = start;
            start += part.len();
            (first, start, part)
        })
        .collect()
}

fn backgrounds(svg: &mut String, row: usize, cells: &[Cell]) {
    for (start, end, part) in runs(cells, |a, b| colours(a).1 == colours(b).1) {
        let fill = colours(&part[0]).1;
        if fill != BACKGROUND {
            let (x, y, width) = (left(start), top(row), (end - start) * CELL.0);
            line(svg, format_args!(r#"<rect x="{x}" y="{y}" width="{width}" height="{}" fill="{fill}"/>"#, CELL.1));
        }
    }
}

/// Words of one style are one element. The length is given, so that another font does not shift what follows.
fn texts(svg: &mut String, row: usize, cells: &[Cell]) {
    let is_text = |cell: &Cell| !cell.is_blank() && cell.width == Width::One && shape(cell).is_none();
    let alike = |a: &Cell, b: &Cell| {
        let joined = b.width == Width::Rest || (is_text(a) && is_text(b));
        joined && a.same_style(b)
    };
    for (start, end, part) in runs(cells, alike) {
        let text: String = part.iter().map(Cell::shown).collect();
        let cell = &part[0];
        if shape(cell).is_some() || (text.trim().is_empty() && !cell.underline) {
            continue;
        }
        let (x, y, length) = (left(start), top(row) + BASELINE, (end - start) * CELL.0);
        let style = style(cell);
        let text = escaped(&text);
        line(
            svg,
            format_args!(r#"<text x="{x}" y="{y}" textLength="{length}"{style} xml:space="preserve">{text}</text>"#),
        );
    }
}

fn style(cell: &Cell) -> String {
    let mut style = format!(r#" fill="{}""#, colours(cell).0);
    let switches = [
        (cell.bold, r#" font-weight="bold""#),
        (cell.dim, r#" opacity="0.6""#),
        (cell.italic, r#" font-style="italic""#),
        (cell.underline, r#" text-decoration="underline""#),
    ];
    style.extend(switches.iter().filter(|(on, _)| *on).map(|(_, attribute)| *attribute));
    style
}

/// Of the text and behind it, as a reader sees them.
fn colours(cell: &Cell) -> (String, String) {
    let foreground = rgb(cell.foreground).unwrap_or_else(|| FOREGROUND.to_owned());
    let background = rgb(cell.background).unwrap_or_else(|| BACKGROUND.to_owned());
    if cell.reverse { (background, foreground) } else { (foreground, background) }
}

fn rgb(colour: Color) -> Option<String> {
    let (r, g, b) = match colour {
        Color::Default => return None,
        Color::Idx(n @ 0..=15) => return Some(SIXTEEN[usize::from(n)].to_owned()),
        // The cube of 6 × 6 × 6 colours and the 24 greys of xterm.
        Color::Idx(n @ 16..=231) => (step((n - 16) / 36), step((n - 16) / 6 % 6), step((n - 16) % 6)),
        Color::Idx(n) => (8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232)),
        Color::Rgb(r, g, b) => (r, g, b),
    };
    Some(format!("#{r:02x}{g:02x}{b:02x}"))
}

fn step(n: u8) -> u8 {
    if n == 0 { 0 } else { 55 + 40 * n }
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // What XML cannot hold.
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ => safe.push(c),
        }
    }
    safe
}

/// A character that is drawn.
enum Shape {
    /// Arms from the middle of the cell and the width of the pen: left, right, up, down.
    Arms([bool; 4], usize),
    /// Eighths of the cell that are filled: x, y, width, height.
    Block([usize; 4]),
    /// The whole cell, in this part of the full colour.
    Shade(&'static str),
}

/// Left 8, right 4, up 2, down 1; the order is that of the characters in [`shape`], light and heavy ones alike.
const DIRECTIONS: [u8; 19] = [12, 3, 5, 9, 6, 10, 7, 11, 13, 14, 15, 5, 9, 6, 10, 8, 2, 4, 1];

fn shape(cell: &Cell) -> Option<Shape> {
    let mut chars = cell.text.chars();
    let (c, None) = (chars.next()?, chars.next()) else { return None };
    for (chars, pen) in [("─│┌┐└┘├┤┬┴┼╭╮╰╯╴╵╶╷", 1), ("━┃┏┓┗┛┣┫┳┻╋", 2)]
    {
        if let Some(at) = chars.chars().position(|known| known == c) {
            return Some(Shape::Arms([8, 4, 2, 1].map(|bit| DIRECTIONS[at] & bit != 0), pen));
        }
    }
    let eighths = |from: char| (c as usize) - (from as usize) + 1;
    match c {
        '▁'..='█' => Some(Shape::Block([0, 8 - eighths('▁'), 8, eighths('▁')])),
        '▉'..='▏' => Some(Shape::Block([0, 0, 8 - eighths('▉'), 8])),
        '▀' => Some(Shape::Block([0, 0, 8, 4])),
        '▐' => Some(Shape::Block([4, 0, 4, 8])),
        '▔' => Some(Shape::Block([0, 0, 8, 1])),
        '▕' => Some(Shape::Block([7, 0, 1, 8])),
        '░' => Some(Shape::Shade("0.25")),
        '▒' => Some(Shape::Shade("0.5")),
        '▓' => Some(Shape::Shade("0.75")),
        _ => None,
    }
}

/// Lines of one colour are one path, joined where they touch; blocks are rectangles.
fn shapes(svg: &mut String, picture: &Picture) {
    let mut strokes: BTreeMap<(String, usize, bool), Strokes> = BTreeMap::new();
    for (row, cells) in picture.cells.iter().enumerate() {
        for (col, cell) in cells.iter().enumerate() {
            let fill = || colours(cell).0;
            match shape(cell) {
                Some(Shape::Arms(arms, pen)) => {
                    strokes.entry((fill(), pen, cell.dim)).or_default().add(col, row, arms);
                }
                Some(Shape::Block(eighths)) => block(svg, (col, row), eighths, cell),
                Some(Shape::Shade(part)) => {
                    let (x, y, fill) = (left(col), top(row), fill());
                    let size = format!(r#"width="{}" height="{}""#, CELL.0, CELL.1);
                    line(svg, format_args!(r#"<rect x="{x}" y="{y}" {size} fill="{fill}" opacity="{part}"/>"#));
                }
                None => {}
            }
        }
    }
    for ((colour, pen, dim), strokes) in strokes {
        let opacity = if dim { r#" opacity="0.6""# } else { "" };
        let path = strokes.path();
        let stroke = format!(r#"stroke="{colour}" stroke-width="{pen}"{opacity}"#);
        line(svg, format_args!(r#"<path d="{path}" fill="none" {stroke} stroke-linecap="square"/>"#));
    }
}

fn block(svg: &mut String, (col, row): (usize, usize), [x, y, width, height]: [usize; 4], cell: &Cell) {
    let part = |eighths: usize, whole: usize| (eighths * whole) as f64 / 8.0;
    let (x, y) = (left(col) as f64 + part(x, CELL.0), top(row) as f64 + part(y, CELL.1));
    let (width, height) = (part(width, CELL.0), part(height, CELL.1));
    let style = style(cell);
    line(svg, format_args!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}"{style}/>"#));
}

/// Halves of cells that a pen crosses, by line: two for each cell.
#[derive(Default)]
struct Strokes {
    across: BTreeMap<usize, Vec<usize>>,
    down: BTreeMap<usize, Vec<usize>>,
}

impl Strokes {
    fn add(&mut self, col: usize, row: usize, [left, right, up, down]: [bool; 4]) {
        let halves = |at: usize, first: bool, second: bool| {
            [(first, 2 * at), (second, 2 * at + 1)].into_iter().filter(|(there, _)| *there).map(|(_, half)| half)
        };
        self.across.entry(row).or_default().extend(halves(col, left, right));
        self.down.entry(col).or_default().extend(halves(row, up, down));
    }

    fn path(&self) -> String {
        let mut path = String::new();
        // Half points, so that a pen of one pixel fills a pixel.
        let middle = |cell: usize, size: usize| (cell * size + MARGIN + size / 2) as f64 + 0.5;
        let half = |half: usize, size: usize| MARGIN as f64 + (half * size) as f64 / 2.0;
        for (row, halves) in &self.across {
            for (start, end) in joined(halves) {
                let (y, from, to) = (middle(*row, CELL.1), half(start, CELL.0), half(end, CELL.0));
                write!(path, "M{from} {y}H{to}").expect("a String takes everything");
            }
        }
        for (col, halves) in &self.down {
            for (start, end) in joined(halves) {
                let (x, from, to) = (middle(*col, CELL.0), half(start, CELL.1), half(end, CELL.1));
                write!(path, "M{x} {from}V{to}").expect("a String takes everything");
            }
        }
        path
    }
}

/// Ranges of numbers that follow each other.
fn joined(halves: &[usize]) -> Vec<(usize, usize)> {
    let mut sorted = halves.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a + 1 == *b).map(|run| (run[0], run[run.len() - 1] + 1)).collect()
}
