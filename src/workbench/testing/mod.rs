//! For tests: a state without a terminal, keys that are pressed in it, and pictures of what it shows.
//! Must not know: panes.

mod chaos;
mod gallery;
mod hostile;
mod replay;
mod world;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::canvas::{Canvas, Rect, Target};
use super::draw::draw;
use super::effect::Effect;
use super::message::{Click, Message};
use super::state::{Settings, State};
use super::theme::Theme;
use super::update::update;
use crate::model::text::columns;

pub use gallery::gallery;
pub use replay::{assert_tame, replay};
pub use world::World;

/// 2026-11-21 01:45:00 UTC; every test lives then.
pub const NOW: &str = "2026-11-21T01:45:00Z";

/// The sizes that every screen is pictured at.
pub const SIZES: [(u16, u16); 3] = [(80, 24), (160, 45), (60, 15)];

/// A state with a fixed clock, in UTC, at 80×24, without colour.
pub fn state() -> State {
    let settings = Settings { theme: Theme::Plain, ..Settings::default() };
    State::new(settings, NOW.parse().expect("a timestamp"))
}

/// Presses keys as the key map spells them, with blanks between; gives the effects of all of them. Draws after each,
/// as the loop does, so that pages and clicks know what is seen.
pub fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys.split(' ') {
        look(state);
        let key = key.parse().expect("a key");
        effects.extend(update(state, Message::Key(key)));
    }
    look(state);
    effects
}

/// Types a text, character by character.
pub fn type_in(state: &mut State, text: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for c in text.chars() {
        look(state);
        let key = super::key::Key::plain(crossterm::event::KeyCode::Char(c));
        effects.extend(update(state, Message::Key(key)));
    }
    effects
}

/// Clicks on the first place where the screen shows this text.
pub fn click(state: &mut State, text: &str) -> Vec<Effect> {
    let shown = look(state);
    let lines = rows(&shown);
    let place = lines.iter().enumerate().find_map(|(y, line)| {
        let at = line.find(text)?;
        Some((line[..at].chars().count() as u16, y as u16))
    });
    let (x, y) = place.unwrap_or_else(|| panic!("`{text}` is not on the screen:\n{}", lines.join("\n")));
    let target = state.seen.at(x, y);
    target.map_or_else(Vec::new, |target: Target| update(state, Message::Click(target, Click::Plain)))
}

/// The screen as text, at the state's own size.
pub fn picture(state: &mut State) -> String {
    text_of(&look(state))
}

/// The screen as text at another size; the state keeps its own.
pub fn picture_at(state: &mut State, size: (u16, u16)) -> String {
    let before = std::mem::replace(&mut state.size, size);
    let shown = picture(state);
    state.size = before;
    shown
}

/// The screen with its colours: each row, and below it the places that are styled.
pub fn coloured(state: &mut State, theme: Theme) -> String {
    let before = std::mem::replace(&mut state.settings.theme, theme);
    let buffer = look(state);
    state.settings.theme = before;
    text_with_colours(&buffer)
}

/// What a buffer shows.
pub fn text_of(buffer: &Buffer) -> String {
    rows(buffer).join("\n")
}

/// What a buffer shows, and below each row the places that are styled.
pub fn text_with_colours(buffer: &Buffer) -> String {
    let mut text = String::new();
    for (y, line) in rows(buffer).iter().enumerate() {
        text.push_str(line);
        text.push('\n');
        for run in runs(buffer, y as u16) {
            text.push_str(&format!("    {run}\n"));
        }
    }
    text
}

/// Draws a part of the screen by itself.
pub fn drawn((columns, lines): (u16, u16), theme: Theme, draw: impl FnOnce(&mut Canvas<'_>)) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, lines));
    draw(&mut Canvas::new(&mut buffer, theme));
    buffer
}

/// Draws, and lets the state see what was shown, as the loop does.
pub fn look(state: &mut State) -> Buffer {
    let (columns, lines) = state.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, lines));
    let mut canvas = Canvas::new(&mut buffer, state.settings.theme);
    draw(state, &mut canvas);
    state.seen = canvas.finish();
    buffer
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    let row = |y| {
        let mut line = String::new();
        let mut hidden = 0;
        for x in 0..area.width {
            // What a wide character covers is no place of its own.
            if hidden == 0 {
                let symbol = buffer[(x, y)].symbol();
                hidden = columns(symbol).max(1);
                line.push_str(symbol);
            }
            hidden -= 1;
        }
        line.trim_end().to_owned()
    };
    (0..area.height).map(row).collect()
}

/// `12-20 fg=Red bold`, for each stretch of one style that is not the default.
fn runs(buffer: &Buffer, y: u16) -> Vec<String> {
    let mut runs: Vec<(u16, u16, String)> = Vec::new();
    for x in 0..buffer.area.width {
        let cell = &buffer[(x, y)];
        let mut style = String::new();
        if cell.fg != Color::Reset {
            style.push_str(&format!(" fg={}", cell.fg));
        }
        if cell.bg != Color::Reset {
            style.push_str(&format!(" bg={}", cell.bg));
        }
        for (modifier, name) in [
            (Modifier::BOLD, " bold"),
            (Modifier::DIM, " dim"),
            (Modifier::UNDERLINED, " underlined"),
            (Modifier::REVERSED, " reversed"),
        ] {
            style.push_str(if cell.modifier.contains(modifier) { name } else { "" });
        }
        match runs.last_mut() {
            Some((_, end, known)) if *end + 1 == x && *known == style => *end = x,
            _ => runs.push((x, x, style)),
        }
    }
    runs.into_iter()
        .filter(|(.., style)| !style.is_empty())
        .map(|(from, to, style)| format!("{from}-{to}{style}"))
        .collect()
}
