//! What a terminal sends when a key is pressed, the wheel turned or a text pasted: the encodings of xterm.
//! Must not know: how the bytes reach a program.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Char(char),
    Ctrl(char),
    Alt(char),
    /// F(1) to F(12).
    F(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wheel {
    Up,
    Down,
}

/// Whether the program asked for the other codes of the cursor keys (DECCKM).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorKeys {
    Normal,
    Application,
}

impl Key {
    pub fn bytes(self, cursor_keys: CursorKeys) -> Vec<u8> {
        let cursor = |last: char| match cursor_keys {
            CursorKeys::Normal => format!("\x1b[{last}"),
            CursorKeys::Application => format!("\x1bO{last}"),
        };
        let text = match self {
            Key::Enter => "\r".into(),
            Key::Esc => "\x1b".into(),
            Key::Tab => "\t".into(),
            Key::BackTab => "\x1b[Z".into(),
            Key::Backspace => "\x7f".into(),
            Key::Delete => "\x1b[3~".into(),
            Key::Insert => "\x1b[2~".into(),
            Key::Up => cursor('A'),
            Key::Down => cursor('B'),
            Key::Right => cursor('C'),
            Key::Left => cursor('D'),
            Key::Home => cursor('H'),
            Key::End => cursor('F'),
            Key::PageUp => "\x1b[5~".into(),
            Key::PageDown => "\x1b[6~".into(),
            Key::Char(c) => c.to_string(),
            Key::Ctrl(c) => char::from(control(c)).to_string(),
            Key::Alt(c) => format!("\x1b{c}"),
            Key::F(n @ 1..=4) => format!("\x1bO{}", char::from(b'P' + n - 1)),
            // The codes have holes where the keyboard of the VT220 had gaps.
            Key::F(n) => format!("\x1b[{}~", [15, 17, 18, 19, 20, 21, 23, 24][usize::from(n) - 5]),
        };
        text.into_bytes()
    }

    /// The name that tmux has for it.
    pub fn tmux_name(self) -> String {
        let name = match self {
            Key::Enter => "Enter",
            Key::Esc => "Escape",
            Key::Tab => "Tab",
            Key::BackTab => "BTab",
            Key::Backspace => "BSpace",
            Key::Delete => "DC",
            Key::Insert => "IC",
            Key::Up => "Up",
            Key::Down => "Down",
            Key::Left => "Left",
            Key::Right => "Right",
            Key::Home => "Home",
            Key::End => "End",
            Key::PageUp => "PPage",
            Key::PageDown => "NPage",
            Key::Char(' ') => "Space",
            Key::Char(c) => return c.to_string(),
            Key::Ctrl(' ') => "C-Space",
            Key::Ctrl(c) => return format!("C-{c}"),
            Key::Alt(c) => return format!("M-{c}"),
            Key::F(n) => return format!("F{n}"),
        };
        name.to_owned()
    }
}

fn control(c: char) -> u8 {
    match c.to_ascii_uppercase() {
        upper @ '@'..='_' => upper as u8 - b'@',
        ' ' => 0,
        '?' => 0x7f,
        _ => panic!("no terminal sends Ctrl-{c} as one byte"),
    }
}

/// The buttons as SGR mouse reports number them.
pub const LEFT: u8 = 0;
pub const DRAG_LEFT: u8 = 32;

pub fn wheel_button(wheel: Wheel) -> u8 {
    match wheel {
        Wheel::Up => 64,
        Wheel::Down => 65,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    Down,
    Release,
}

/// An SGR mouse report (mode 1006); columns and rows count from 0 here and from 1 on the wire.
pub fn mouse(button: u8, (col, row): (u16, u16), push: Push) -> String {
    let last = match push {
        Push::Down => 'M',
        Push::Release => 'm',
    };
    format!("\x1b[<{button};{};{}{last}", col + 1, row + 1)
}

/// Line ends are typed as Enter is, whichever they were.
pub fn pasted(text: &str) -> String {
    text.replace("\r\n", "\r").replace('\n', "\r")
}

pub fn bracketed(text: &str) -> String {
    format!("\x1b[200~{}\x1b[201~", pasted(text))
}
