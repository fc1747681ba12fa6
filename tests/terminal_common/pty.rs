//! A terminal in this process: a pty, the controlling one of the program, and an emulator that reads it.
//! Must not know: tests.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, mpsc};
use std::time::{Duration, Instant};

use base64::Engine as _;
use rustix::termios::{Termios, tcgetattr};
use vt100::{MouseProtocolEncoding, MouseProtocolMode};

use super::keys::{self, CursorKeys, Key};
use super::picture::Picture;
use super::screen::{MouseWish, Terminal};

/// A program that does not read what is typed for so long hangs.
const TYPING_LIMIT: Duration = Duration::from_secs(60);

pub struct Pty {
    pty: pty_process::blocking::Pty,
    /// The end of the program, by its name.
    line: PathBuf,
    settings_before: Termios,
    child: Child,
    status: Option<ExitStatus>,
    keyboard: mpsc::Sender<(Vec<u8>, mpsc::Sender<std::io::Result<()>>)>,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    emulator: vt100::Parser<Answers>,
    raw: Vec<u8>,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the emulator does not panic")
    }
}

impl Pty {
    pub fn start(command: &Command, cols: u16, rows: u16) -> Pty {
        let child_of = |pts| {
            let mut child = pty_process::blocking::Command::new(command.get_program()).args(command.get_args());
            child = child.env_clear().env("PATH", "/usr/bin:/bin").env("TERM", "xterm-256color");
            child = child.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            if let Some(folder) = command.get_current_dir() {
                child = child.current_dir(folder);
            }
            child.spawn(pts).unwrap_or_else(|error| panic!("{command:?} does not start: {error}"))
        };
        // Between the birth of a pty and its close-on-exec flag no other test may start a program: it would hold this
        // terminal open.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let (pty, line, settings_before, child) = {
            let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let (pty, pts) = pty_process::blocking::open().expect("a pty");
            pty.resize(pty_process::Size::new(rows, cols)).expect("sized");
            let line = rustix::pty::ptsname(pty.as_fd(), Vec::new()).expect("it has a name").into_string();
            let settings = tcgetattr(pty.as_fd()).expect("it has settings");
            (pty, PathBuf::from(line.expect("UTF-8")), settings, child_of(pts))
        };
        let file = || File::from(pty.as_fd().try_clone_to_owned().expect("one more descriptor"));
        let emulator = vt100::Parser::new_with_callbacks(rows, cols, 0, Answers::default());
        let state = Mutex::new(State { emulator, raw: Vec::new(), closed: false });
        let shared = Arc::new(Shared { state, changed: Condvar::new() });
        let keyboard = attach_keyboard(file());
        attach_emulator(file(), keyboard.clone(), Arc::clone(&shared));
        Pty { pty, line, settings_before, child, status: None, keyboard, shared }
    }

    fn send(&mut self, bytes: impl Into<Vec<u8>>) {
        let (done, wait) = mpsc::channel();
        self.keyboard.send((bytes.into(), done)).expect("the keyboard is there as long as the terminal");
        match wait.recv_timeout(TYPING_LIMIT) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => panic!("cannot type, the program has ended ({error}):\n{}", self.picture()),
            Err(_) => panic!("the program did not read within {TYPING_LIMIT:?}:\n{}", self.picture()),
        }
    }
}

/// Types from a thread of its own, so that a program that reads nothing cannot stop a test for ever.
fn attach_keyboard(mut pty: File) -> mpsc::Sender<(Vec<u8>, mpsc::Sender<std::io::Result<()>>)> {
    let (keyboard, typed) = mpsc::channel::<(Vec<u8>, mpsc::Sender<_>)>();
    std::thread::spawn(move || {
        for (bytes, done) in typed {
            // Nobody waits for the answers of the emulator.
            let _ = done.send(pty.write_all(&bytes));
        }
    });
    keyboard
}

fn attach_emulator(
    mut pty: File,
    keyboard: mpsc::Sender<(Vec<u8>, mpsc::Sender<std::io::Result<()>>)>,
    shared: Arc<Shared>,
) {
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        loop {
            match pty.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Linux says EIO when the last program has closed its end, others the end of the file.
                Ok(0) | Err(_) => break,
                Ok(count) => {
                    let mut state = shared.lock();
                    state.raw.extend_from_slice(&buffer[..count]);
                    state.emulator.process(&buffer[..count]);
                    let answers = std::mem::take(&mut state.emulator.callbacks_mut().bytes);
                    drop(state);
                    if !answers.is_empty() {
                        // Fails only where the terminal is gone.
                        let _ = keyboard.send((answers, mpsc::channel().0));
                    }
                    shared.changed.notify_all();
                }
            }
        }
        shared.lock().closed = true;
        shared.changed.notify_all();
    });
}

impl Terminal for Pty {
    fn picture(&mut self) -> Picture {
        let state = self.shared.lock();
        let unfinished = state.emulator.callbacks().before_update.as_deref();
        Picture::of(unfinished.unwrap_or(state.emulator.screen()))
    }

    fn press(&mut self, key: Key) {
        let application = self.shared.lock().emulator.screen().application_cursor();
        self.send(key.bytes(if application { CursorKeys::Application } else { CursorKeys::Normal }));
    }

    fn write(&mut self, text: &str) {
        self.send(text);
    }

    fn paste(&mut self, text: &str) {
        let bracketed = self.shared.lock().emulator.screen().bracketed_paste();
        self.send(if bracketed { keys::bracketed(text) } else { keys::pasted(text) });
    }

    fn mouse_wish(&mut self) -> MouseWish {
        let state = self.shared.lock();
        let screen = state.emulator.screen();
        let wish = match screen.mouse_protocol_mode() {
            MouseProtocolMode::None => return MouseWish::None,
            MouseProtocolMode::Press | MouseProtocolMode::PressRelease => MouseWish::Buttons,
            MouseProtocolMode::ButtonMotion | MouseProtocolMode::AnyMotion => MouseWish::Drags,
        };
        let encoding = screen.mouse_protocol_encoding();
        assert!(
            encoding == MouseProtocolEncoding::Sgr,
            "the program asked for mouse reports in {encoding:?}, not in SGR"
        );
        wish
    }

    fn resize(&mut self, cols: u16, rows: u16) {
        self.shared.lock().emulator.screen_mut().set_size(rows, cols);
        self.pty.resize(pty_process::Size::new(rows, cols)).expect("sized");
    }

    fn wait_for_change(&mut self, at_most: Duration) {
        let state = self.shared.lock();
        let bytes = state.raw.len();
        // An end of the program does not always come with bytes, and it is the caller who looks for it.
        let at_most = if state.closed { at_most.min(Duration::from_millis(5)) } else { at_most };
        let unchanged = |state: &mut State| state.raw.len() == bytes && !state.closed;
        if state.closed {
            drop(state);
            std::thread::sleep(at_most);
        } else {
            drop(self.shared.changed.wait_timeout_while(state, at_most, unchanged));
        }
    }

    fn has_unread_input(&self) -> bool {
        has_unread_input(&self.line)
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().expect("it is our child");
            if self.status.is_some() {
                self.read_the_rest();
            }
        }
        self.status
    }

    fn raw_output(&mut self) -> Vec<u8> {
        self.shared.lock().raw.clone()
    }

    fn is_cooked(&self) -> Option<bool> {
        let settings = |of: &Termios| (of.input_modes, of.output_modes, of.control_modes, of.local_modes);
        let now = tcgetattr(self.pty.as_fd()).expect("it has settings");
        Some(settings(&now) == settings(&self.settings_before))
    }

    fn process_id(&mut self) -> u32 {
        self.child.id()
    }

    fn copied(&mut self) -> Option<String> {
        self.shared.lock().emulator.callbacks().copied.clone()
    }
}

impl Pty {
    /// What the program wrote before it ended may still be on its way. A child of it can hold the terminal open longer
    /// than anybody wants to wait.
    fn read_the_rest(&self) {
        let limit = Instant::now() + Duration::from_secs(2);
        let mut state = self.shared.lock();
        while !state.closed && Instant::now() < limit {
            let waited = self.shared.changed.wait_timeout(state, Duration::from_millis(50));
            state = waited.expect("the emulator does not panic").0;
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if self.status.is_none() {
            // It may have ended a moment ago.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Looks at the program's end of a terminal from outside, without making it ours.
pub fn open_line(line: &std::path::Path) -> std::io::Result<File> {
    let flags = rustix::fs::OFlags::NOCTTY.bits().cast_signed();
    File::options().read(true).write(true).custom_flags(flags).open(line)
}

pub fn has_unread_input(line: &std::path::Path) -> bool {
    // A line that is gone holds nothing.
    open_line(line).and_then(|file| Ok(rustix::io::ioctl_fionread(&file)?)).is_ok_and(|bytes| bytes > 0)
}

/// What a terminal answers when it is asked, and what the emulator leaves to others.
#[derive(Default)]
struct Answers {
    bytes: Vec<u8>,
    copied: Option<String>,
    /// The screen as it was before a synchronized update (mode 2026) that is not finished.
    before_update: Option<Box<vt100::Screen>>,
}

impl vt100::Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        action: char,
    ) {
        let param = params.first().and_then(|param| param.first()).copied().unwrap_or(0);
        match (first, param, action) {
            (Some(b'?'), 2026, 'h') => self.before_update = Some(Box::new(screen.clone())),
            (Some(b'?'), 2026, 'l') => self.before_update = None,
            // A VT220 with colours. Programs ask this last, to see which of their other questions got no answer.
            (None, 0, 'c') => self.bytes.extend_from_slice(b"\x1b[?62;22c"),
            (None, 5, 'n') => self.bytes.extend_from_slice(b"\x1b[0n"),
            (None, 6, 'n') => {
                let (row, col) = screen.cursor_position();
                self.bytes.extend_from_slice(format!("\x1b[{};{}R", row + 1, col + 1).as_bytes());
            }
            _ => {}
        }
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap_or_default();
        self.copied = Some(String::from_utf8_lossy(&bytes).into_owned());
    }
}
