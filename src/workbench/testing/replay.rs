//! What a terminal makes of a frame: the bytes that would be written go through an emulator.
//! Must not know: what is drawn.

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthChar;

use crate::model::text::{columns, columns_of};

const STAND_IN: &str = "¿";

/// The rows of a terminal on which this frame was drawn, cell by cell.
pub fn replay(buffer: &Buffer) -> Vec<Vec<String>> {
    let area = buffer.area;
    let mut bytes = Vec::new();
    let empty = Buffer::empty(area);
    CrosstermBackend::new(&mut bytes).draw(empty.diff(buffer).into_iter()).expect("written to memory");
    let mut terminal = vt100::Parser::new(area.height, area.width, 0);
    // The emulator prints no U+FFFD, other than terminals do.
    let bytes = String::from_utf8(bytes).expect("UTF-8").replace('\u{fffd}', STAND_IN);
    terminal.process(bytes.as_bytes());
    let screen = terminal.screen();
    let cell = |row, column| screen.cell(row, column).map_or("", |cell| cell.contents()).to_owned();
    (0..area.height).map(|row| (0..area.width).map(|column| cell(row, column)).collect()).collect()
}

/// A frame holds only what shows and steers nothing, and a terminal puts each piece where it was meant to be.
pub fn assert_tame(buffer: &Buffer) {
    let shown = replay(buffer);
    let area = buffer.area;
    for y in 0..area.height {
        let mut covered = 0;
        for x in 0..area.width {
            let symbol = buffer[(x, y)].symbol();
            assert_symbol(symbol, (x, y));
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = columns(symbol).saturating_sub(1);
            let there = shown[usize::from(y)][usize::from(x)].as_str();
            let there = if there.is_empty() { " " } else { there };
            assert_eq!(there, symbol.replace('\u{fffd}', STAND_IN), "at {x}, {y}");
        }
    }
}

fn assert_symbol(symbol: &str, at: (u16, u16)) {
    let mut characters = symbol.chars();
    let first = characters.next().unwrap_or(' ');
    assert!(columns_of(first) > 0, "{symbol:?} at {at:?} stands upon its neighbour");
    for c in symbol.chars() {
        assert!(!steers_or_hides(c), "{symbol:?} at {at:?}");
    }
    for mark in characters {
        assert_eq!(mark.width(), Some(0), "{symbol:?} at {at:?} is more than one character");
    }
}

/// A list of its own, so that a gap in the one that cleans is seen.
fn steers_or_hides(c: char) -> bool {
    let code = c as u32;
    c.is_control()
        || [0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x3164, 0xfeff, 0xffa0].contains(&code)
        || (0x180b..=0x180f).contains(&code)
        || (0x200b..=0x200f).contains(&code)
        || (0x2028..=0x202e).contains(&code)
        || (0x2060..=0x206f).contains(&code)
        || (0xfdd0..=0xfdef).contains(&code)
        || (0xfe00..=0xfe0f).contains(&code)
        || (0xfff0..=0xfffb).contains(&code)
        || (0xe0000..=0xe0fff).contains(&code)
        || code & 0xfffe == 0xfffe
}
