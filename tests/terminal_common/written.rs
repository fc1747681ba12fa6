//! Reads back what a program wrote: which modes it left switched, and which control sequences it sent at all.
//! Must not know: what the screen looked like.

use std::collections::{BTreeMap, BTreeSet};

use vte::{Params, Perform};

/// What ratatui over crossterm writes: place, paint and erase cells, and switch the modes that a full screen needs.
const OF_A_WORKBENCH: [&str; 42] = [
    "LF",
    "CR",
    "ESC 7",
    "ESC 8",
    "CSI A",
    "CSI B",
    "CSI C",
    "CSI D",
    "CSI G",
    "CSI H",
    "CSI J",
    "CSI K",
    "CSI S",
    "CSI T",
    "CSI X",
    "CSI d",
    "CSI m",
    "CSI r",
    "CSI  q",
    "CSI >u",
    "CSI <u",
    "CSI ?u",
    "CSI c",
    "CSI ?7h",
    "CSI ?7l",
    "CSI ?25h",
    "CSI ?25l",
    "CSI ?1000h",
    "CSI ?1000l",
    "CSI ?1002h",
    "CSI ?1002l",
    "CSI ?1003h",
    "CSI ?1003l",
    "CSI ?1006h",
    "CSI ?1006l",
    "CSI ?1015h",
    "CSI ?1015l",
    "CSI ?1049h",
    "CSI ?1049l",
    "CSI ?2004h",
    "CSI ?2004l",
    "CSI ?2026h",
];
const ALSO_OF_A_WORKBENCH: [&str; 4] = ["CSI ?2026l", "CSI ?1004h", "CSI ?1004l", "CSI 6n"];

/// The modes that are on in a terminal nobody has touched: lines wrap, and the cursor shows.
const ON_AT_FIRST: [u16; 2] = [7, 25];

#[derive(Debug, Default)]
pub struct Written {
    modes: BTreeMap<u16, bool>,
    keyboard_pushes: i64,
    coloured: bool,
    scrolls_in_part: bool,
    application_keypad: bool,
    controls: BTreeSet<String>,
    open_string: bool,
}

impl Written {
    pub fn read(bytes: &[u8]) -> Self {
        let mut written = Written::default();
        vte::Parser::new().advance(&mut written, bytes);
        written
    }

    /// Everything that differs from an untouched terminal, in words; empty where all was restored.
    pub fn left_behind(&self) -> Vec<String> {
        let differing = self.modes.iter().filter(|(mode, on)| **on != ON_AT_FIRST.contains(mode));
        let mut left: Vec<String> = differing.map(|(mode, on)| name_of_mode(*mode, *on)).collect();
        let facts = [
            (self.keyboard_pushes > 0, "the keyboard protocol is still changed"),
            (self.coloured, "text would still be styled"),
            (self.scrolls_in_part, "only a part of the screen would scroll"),
            (self.application_keypad, "the keypad sends other codes"),
            (self.open_string, "a control string was never ended"),
        ];
        left.extend(facts.iter().filter(|(holds, _)| *holds).map(|(_, words)| (*words).to_owned()));
        left
    }

    /// The kinds of control sequences and characters it sent: "CSI m", "CSI ?1049h", "OSC 52", "BEL", "U+202E".
    pub fn controls(&self) -> &BTreeSet<String> {
        &self.controls
    }

    /// The kinds that a workbench has no use for, but for those allowed: content that steers the terminal.
    pub fn foreign(&self, allowed: &[&str]) -> Vec<String> {
        let known = |name: &str| {
            OF_A_WORKBENCH.contains(&name) || ALSO_OF_A_WORKBENCH.contains(&name) || allowed.contains(&name)
        };
        self.controls.iter().filter(|name| !known(name)).cloned().collect()
    }

    fn note(&mut self, name: impl Into<String>) {
        self.controls.insert(name.into());
    }

    fn style(&mut self, params: &Params) {
        let mut codes = params.iter().map(|code| code[0]);
        self.coloured = match codes.next() {
            None | Some(0) => false,
            // Back to the ordinary, one property at a time: whether all are is not followed up.
            Some(22..=29 | 39 | 49 | 59) => return,
            Some(_) => true,
        };
        self.coloured |= codes.any(|code| code != 0);
    }

    fn switch(&mut self, modes: &Params, on: bool) {
        for mode in modes.iter().map(|mode| mode[0]) {
            self.note(format!("CSI ?{mode}{}", if on { 'h' } else { 'l' }));
            self.modes.insert(mode, on);
            // Leaving the other screen brings the style of before.
            self.coloured &= mode != 1049 || on;
        }
    }
}

impl Perform for Written {
    fn print(&mut self, c: char) {
        let hides_or_turns = matches!(c,
            '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
        if hides_or_turns {
            self.note(format!("U+{:04X}", u32::from(c)));
        }
    }

    fn execute(&mut self, byte: u8) {
        let known = [(7, "BEL"), (8, "BS"), (9, "TAB"), (10, "LF"), (13, "CR")];
        let name = known.iter().find(|(code, _)| *code == byte).map(|(_, name)| (*name).to_owned());
        self.note(name.unwrap_or_else(|| format!("U+{byte:04X}")));
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.open_string = true;
        self.note(format!("DCS {action}"));
    }

    fn unhook(&mut self) {
        self.open_string = false;
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let number = params.first().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        self.note(format!("OSC {}", number.unwrap_or_default()));
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: char) {
        match (intermediates, action) {
            (b"?", 'h') => return self.switch(params, true),
            (b"?", 'l') => return self.switch(params, false),
            (b">", 'u') => self.keyboard_pushes += 1,
            (b"<", 'u') => self.keyboard_pushes -= params.iter().next().map_or(1, |count| i64::from(count[0].max(1))),
            (b"", 'm') => self.style(params),
            (b"", 'r') => self.scrolls_in_part = params.iter().any(|edge| edge[0] != 0),
            _ => {}
        }
        let marks = String::from_utf8_lossy(intermediates);
        let question =
            if action == 'n' { params.iter().map(|code| code[0].to_string()).collect() } else { String::new() };
        self.note(format!("CSI {marks}{question}{action}"));
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _: bool, byte: u8) {
        match (intermediates, byte) {
            // The end of a string, noted with its beginning.
            (b"", b'\\') => return,
            (b"", b'=') => self.application_keypad = true,
            (b"", b'>') => self.application_keypad = false,
            _ => {}
        }
        self.note(format!("ESC {}{}", String::from_utf8_lossy(intermediates), char::from(byte)));
    }
}

fn name_of_mode(mode: u16, on: bool) -> String {
    let name = match mode {
        1 => "application cursor keys",
        7 => "wrapping of lines",
        25 => "the cursor",
        1000 | 1002 | 1003 | 1006 | 1015 => "mouse reports",
        1004 => "focus reports",
        47 | 1047 | 1049 => "the alternate screen",
        2004 => "bracketed paste",
        2026 => "a synchronized update",
        _ => "a mode",
    };
    format!("{name} ({mode}) left {}", if on { "on" } else { "off" })
}
