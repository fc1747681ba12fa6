//! The steps of a test at a terminal: start, type, click, wait, look, end. Waiting polls with a generous limit; whatever
//! does not come in time fails the test with the whole screen in the message.
//! Must not know: how a terminal is made.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use super::keys::{self, Key, Push, Wheel};
use super::picture::Picture;
use super::pty::Pty;
use super::tmux::Tmux;
use super::written::Written;

/// Machines that build are slow now and then; a test that passes never waits for this.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than a frame takes, and than programs let a burst of events settle.
const QUIET: Duration = Duration::from_millis(150);

/// Which terminal is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A pty and an emulator in this process.
    Pty,
    /// A real tmux with a server of its own.
    Tmux,
}

impl Kind {
    pub fn of_environment() -> Self {
        match std::env::var("HAUL_TEST_TERMINAL").as_deref() {
            Err(_) | Ok("" | "pty") => Kind::Pty,
            Ok("tmux") => Kind::Tmux,
            Ok(other) => panic!("HAUL_TEST_TERMINAL is pty or tmux, not {other}"),
        }
    }
}

/// Which mouse reports the program asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MouseWish {
    None,
    /// Buttons and the wheel.
    Buttons,
    /// And moves with a button held.
    Drags,
}

/// What a kind of terminal can do.
pub trait Terminal {
    fn picture(&mut self) -> Picture;
    fn press(&mut self, key: Key);
    fn write(&mut self, text: &str);
    fn paste(&mut self, text: &str);
    fn mouse_wish(&mut self) -> MouseWish;
    fn resize(&mut self, cols: u16, rows: u16);
    /// Returns when something may have changed, at the latest after the time given.
    fn wait_for_change(&mut self, at_most: Duration);
    /// Whether typed bytes wait for the program to read them.
    fn has_unread_input(&self) -> bool;
    /// How the program ended, once everything that it wrote was read.
    fn ended(&mut self) -> Option<ExitStatus>;
    fn raw_output(&mut self) -> Vec<u8>;
    /// Whether the line settings are those of before the start, where this terminal can tell.
    fn is_cooked(&self) -> Option<bool>;
    fn process_id(&mut self) -> u32;
    fn copied(&mut self) -> Option<String>;
}

pub struct Screen {
    terminal: Box<dyn Terminal>,
    kind: Kind,
    title: String,
}

impl Screen {
    /// Starts a program in a terminal of this size, with this environment and nothing else but `PATH` and `TERM`.
    #[track_caller]
    pub fn start(
        program: impl AsRef<Path>,
        arguments: &[&str],
        environment: &[(&str, &str)],
        cols: u16,
        rows: u16,
    ) -> Screen {
        let mut command = Command::new(program.as_ref());
        command.args(arguments).envs(environment.iter().copied());
        Screen::start_command(&command, cols, rows)
    }

    /// Starts what a command describes: its program, arguments, folder and the variables that were set on it. Nothing is
    /// inherited but `PATH`, where the command does not set it; where its streams lead is not looked at.
    #[track_caller]
    pub fn start_command(command: &Command, cols: u16, rows: u16) -> Screen {
        Screen::start_in(Kind::of_environment(), command, cols, rows)
    }

    #[track_caller]
    pub fn start_in(kind: Kind, command: &Command, cols: u16, rows: u16) -> Screen {
        let title = std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy);
        let title = title.collect::<Vec<_>>().join(" ");
        let terminal: Box<dyn Terminal> = match kind {
            Kind::Pty => Box::new(Pty::start(command, cols, rows)),
            Kind::Tmux => Box::new(Tmux::start(command, cols, rows)),
        };
        Screen { terminal, kind, title }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Types characters, all at once.
    #[track_caller]
    pub fn keys(&mut self, text: &str) -> &mut Self {
        self.terminal.write(text);
        self
    }

    #[track_caller]
    pub fn key(&mut self, key: Key) -> &mut Self {
        self.terminal.press(key);
        if key == Key::Esc {
            self.let_it_be_read();
        }
        self
    }

    /// Nobody presses the next key so soon after Esc that the two come as one, which would mean Alt and the key.
    fn let_it_be_read(&mut self) {
        let limit = Instant::now() + Duration::from_secs(2);
        let moment = Duration::from_millis(10);
        std::thread::sleep(moment);
        while self.terminal.has_unread_input() && Instant::now() < limit {
            std::thread::sleep(moment);
        }
        std::thread::sleep(moment);
    }

    /// Pastes as a terminal does: bracketed if the program asked for that, else as if it were typed.
    #[track_caller]
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.terminal.paste(text);
        self
    }

    /// Presses and releases the left button; columns and rows count from 0. A program that did not ask for the mouse
    /// gets nothing, as with a real terminal.
    #[track_caller]
    pub fn click(&mut self, col: u16, row: u16) -> &mut Self {
        self.report(MouseWish::Buttons, keys::LEFT, (col, row), Push::Down);
        self.report(MouseWish::Buttons, keys::LEFT, (col, row), Push::Release)
    }

    /// Clicks on the first character of a text, as soon as the screen shows it.
    #[track_caller]
    pub fn click_on(&mut self, text: &str) -> &mut Self {
        let (col, row) = self.wait_for(text).find(text).expect("it was waited for");
        self.click(col, row)
    }

    #[track_caller]
    pub fn scroll(&mut self, col: u16, row: u16, wheel: Wheel) -> &mut Self {
        self.report(MouseWish::Buttons, keys::wheel_button(wheel), (col, row), Push::Down)
    }

    /// Drags with the left button from one place to another.
    #[track_caller]
    pub fn drag(&mut self, from: (u16, u16), to: (u16, u16)) -> &mut Self {
        self.report(MouseWish::Buttons, keys::LEFT, from, Push::Down);
        self.report(MouseWish::Drags, keys::DRAG_LEFT, to, Push::Down);
        self.report(MouseWish::Buttons, keys::LEFT, to, Push::Release)
    }

    #[track_caller]
    fn report(&mut self, least: MouseWish, button: u8, place: (u16, u16), push: Push) -> &mut Self {
        if self.terminal.mouse_wish() >= least {
            self.terminal.write(&keys::mouse(button, place, push));
        }
        self
    }

    #[track_caller]
    pub fn resize(&mut self, cols: u16, rows: u16) -> &mut Self {
        self.terminal.resize(cols, rows);
        self
    }

    /// What is on the screen now.
    pub fn picture(&mut self) -> Picture {
        self.terminal.picture()
    }

    /// Column and row where a text is shown now, from 0.
    pub fn find(&mut self, text: &str) -> Option<(u16, u16)> {
        self.picture().find(text)
    }

    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> Picture {
        self.wait(&format!("{text:?} did not appear"), |picture| picture.contains(text))
    }

    #[track_caller]
    pub fn wait_gone(&mut self, text: &str) -> Picture {
        self.wait(&format!("{text:?} did not go"), |picture| !picture.contains(text))
    }

    #[track_caller]
    pub fn wait_until(&mut self, holds: impl FnMut(&Picture) -> bool) -> Picture {
        self.wait("what was waited for did not come", holds)
    }

    #[track_caller]
    fn wait(&mut self, failure: &str, mut holds: impl FnMut(&Picture) -> bool) -> Picture {
        let limit = Instant::now() + PATIENCE;
        loop {
            let ended = self.terminal.ended();
            let picture = self.picture();
            if holds(&picture) {
                return picture;
            }
            if let Some(status) = ended {
                panic!("{failure}: `{}` ended ({status}) and left\n{picture}", self.title);
            }
            let left = limit.saturating_duration_since(Instant::now());
            if left.is_zero() {
                panic!("{failure} within {PATIENCE:?}; `{}` shows\n{picture}", self.title);
            }
            self.terminal.wait_for_change(left.min(Duration::from_millis(100)));
        }
    }

    /// Waits until everything typed was read and the screen did not change for a moment. Where a test knows what must
    /// appear, waiting for that is safer.
    #[track_caller]
    pub fn wait_quiet(&mut self) -> Picture {
        self.wait_quiet_for(QUIET)
    }

    #[track_caller]
    pub fn wait_quiet_for(&mut self, quiet: Duration) -> Picture {
        let limit = Instant::now() + PATIENCE;
        let (mut last, mut since) = (self.picture(), Instant::now());
        loop {
            let ended = self.terminal.ended().is_some();
            let picture = self.picture();
            if picture != last || (self.terminal.has_unread_input() && !ended) {
                (last, since) = (picture, Instant::now());
            }
            if ended || since.elapsed() >= quiet {
                return last;
            }
            if Instant::now() > limit {
                panic!("`{}` did not come to rest within {PATIENCE:?}; it shows\n{last}", self.title);
            }
            self.terminal.wait_for_change(quiet.saturating_sub(since.elapsed()).max(Duration::from_millis(5)));
        }
    }

    /// Waits until the program ends by itself. What it wrote and showed can still be looked at.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        let limit = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.terminal.ended() {
                return status;
            }
            if Instant::now() > limit {
                let picture = self.picture();
                panic!("`{}` did not end within {PATIENCE:?}; it shows\n{picture}", self.title);
            }
            self.terminal.wait_for_change(Duration::from_millis(20));
        }
    }

    pub fn has_ended(&mut self) -> bool {
        self.terminal.ended().is_some()
    }

    /// Every byte that the program wrote so far.
    pub fn raw_output(&mut self) -> Vec<u8> {
        self.terminal.raw_output()
    }

    /// The modes and control sequences among those bytes.
    pub fn written(&mut self) -> Written {
        Written::read(&self.raw_output())
    }

    /// Whether the line settings (echo, line editing, signals of keys) are those of before the start. The pty can tell
    /// at any time; tmux only while the program runs.
    pub fn is_cooked(&self) -> Option<bool> {
        self.terminal.is_cooked()
    }

    /// Asserts that the program left the terminal as it found it.
    #[track_caller]
    pub fn assert_restored(&mut self) -> &mut Self {
        let mut left = self.written().left_behind();
        if self.is_cooked() == Some(false) {
            left.push("the line settings are not those of before".into());
        }
        let picture = self.picture();
        assert!(left.is_empty(), "`{}` left the terminal changed: {left:#?}\n{picture}", self.title);
        self
    }

    /// Asserts that the program wrote only the control sequences that a workbench needs, and those of `allowed` (named
    /// as in [`Written::controls`]): nothing of what it shows may steer the terminal.
    #[track_caller]
    pub fn assert_only_own_controls(&mut self, allowed: &[&str]) -> &mut Self {
        let foreign = self.written().foreign(allowed);
        assert!(foreign.is_empty(), "`{}` wrote {foreign:?}", self.title);
        self
    }

    pub fn process_id(&mut self) -> u32 {
        self.terminal.process_id()
    }

    /// What the program copied last with OSC 52.
    pub fn copied(&mut self) -> Option<String> {
        self.terminal.copied()
    }
}
