//! A terminal that is a real tmux: a server of its own with a private socket, ended with the screen.
//! Must not know: tests.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use super::keys::Key;
use super::picture::Picture;
use super::pty::{has_unread_input, open_line};
use super::screen::{MouseWish, Terminal};

const CONFIGURATION: &str = "\
set -g status off
set -g remain-on-exit on
set -g remain-on-exit-format ''
set -g default-terminal screen-256color
set -s escape-time 0
set -s set-clipboard on
";

/// Starts the program only after its output is recorded. The environment is the one given, and what tmux itself tells.
const WAIT_THEN_START: &str = r#"
tmux -S "$1" wait-for start
shift
exec env -i TERM="$TERM" TMUX="$TMUX" TMUX_PANE="$TMUX_PANE" "$@"
"#;

pub struct Tmux {
    folder: tempfile::TempDir,
    line: PathBuf,
    process: u32,
    status: Option<ExitStatus>,
}

impl Tmux {
    pub fn start(command: &Command, cols: u16, rows: u16) -> Tmux {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("tmux.conf"), CONFIGURATION).expect("written");
        let mut tmux = Tmux { folder, line: PathBuf::new(), process: 0, status: None };
        let (cols, rows) = (cols.to_string(), rows.to_string());
        let mut words: Vec<OsString> =
            ["new-session", "-d", "-x", &cols, "-y", &rows].iter().map(OsString::from).collect();
        if let Some(folder) = command.get_current_dir() {
            words.extend(["-c".into(), folder.into()]);
        }
        words.extend(["--", "sh", "-c", WAIT_THEN_START, "sh"].map(OsString::from));
        words.push(tmux.socket().into());
        words.push("PATH=/usr/bin:/bin".into());
        words.extend(command.get_envs().filter_map(|(name, value)| {
            let mut assignment = name.to_owned();
            assignment.push("=");
            assignment.push(value?);
            Some(assignment)
        }));
        words.push(command.get_program().into());
        words.extend(command.get_args().map(Into::into));
        tmux.call(&words);
        tmux.line = PathBuf::from(tmux.ask("#{pane_tty}"));
        tmux.process = tmux.ask("#{pane_pid}").parse().expect("a process id");
        std::fs::write(tmux.raw_path(), b"").expect("written");
        tmux.run(&["pipe-pane", "-O", &format!("exec cat >>'{}'", tmux.raw_path().display())]);
        tmux.run(&["wait-for", "-S", "start"]);
        tmux
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    fn raw_path(&self) -> PathBuf {
        self.folder.path().join("raw")
    }

    fn command(&self) -> Command {
        let mut command = Command::new("tmux");
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("SHELL", "/bin/sh");
        command.arg("-u").arg("-S").arg(self.socket()).arg("-f").arg(self.folder.path().join("tmux.conf"));
        command
    }

    fn run(&self, words: &[&str]) -> String {
        self.call(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    fn call(&self, words: &[OsString]) -> String {
        let output = self.command().args(words).output().expect("tmux starts (HAUL_TEST_TERMINAL asks for it)");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {words:?}: {complaint}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn ask(&self, format: &str) -> String {
        self.run(&["display-message", "-p", format]).trim_end().to_owned()
    }
}

impl Terminal for Tmux {
    fn picture(&mut self) -> Picture {
        let facts = "#{pane_width} #{pane_height} #{cursor_x} #{cursor_y} #{cursor_flag}";
        let answer = self.run(&["display-message", "-p", facts, ";", "capture-pane", "-p", "-e", "-N"]);
        let (facts, rows_shown) = answer.split_once('\n').expect("the facts are a line");
        let facts: Vec<u16> = facts.split(' ').map(|fact| fact.parse().expect("a number")).collect();
        let [cols, rows, col, row, cursor] = facts[..] else { panic!("not five facts: {facts:?}") };
        let mut bytes = String::new();
        for (row, text) in rows_shown.lines().enumerate() {
            bytes += &format!("\x1b[{};1H{text}", row + 1);
        }
        let mut picture = Picture::painted(cols, rows, bytes.as_bytes());
        picture.cursor = (cursor == 1).then_some((col, row));
        picture
    }

    fn press(&mut self, key: Key) {
        self.run(&["send-keys", "--", &key.tmux_name()]);
    }

    fn write(&mut self, text: &str) {
        // Byte by byte, as tmux would take "Enter" or a ";" at the end for more than text. A command has a limit of 16 KiB.
        for part in text.as_bytes().chunks(1000) {
            let bytes: Vec<String> = part.iter().map(|byte| format!("{byte:02x}")).collect();
            let words = ["send-keys", "-H"].into_iter().chain(bytes.iter().map(String::as_str));
            self.run(&words.collect::<Vec<_>>());
        }
    }

    fn paste(&mut self, text: &str) {
        let path = self.folder.path().join("pasted");
        std::fs::write(&path, text).expect("written");
        let path = path.to_str().expect("UTF-8");
        self.run(&["load-buffer", "-b", "pasted", path, ";", "paste-buffer", "-p", "-d", "-b", "pasted"]);
    }

    fn mouse_wish(&mut self) -> MouseWish {
        let wishes = self.ask("#{mouse_any_flag} #{mouse_button_flag} #{mouse_all_flag} #{mouse_sgr_flag}");
        match wishes.split(' ').collect::<Vec<_>>()[..] {
            ["0", ..] => MouseWish::None,
            [_, _, _, "0"] => panic!("the program asked for mouse reports, but not in SGR"),
            [_, "0", "0", _] => MouseWish::Buttons,
            _ => MouseWish::Drags,
        }
    }

    fn resize(&mut self, cols: u16, rows: u16) {
        self.run(&["resize-window", "-x", &cols.to_string(), "-y", &rows.to_string()]);
    }

    fn wait_for_change(&mut self, at_most: Duration) {
        std::thread::sleep(at_most.min(Duration::from_millis(30)));
    }

    fn has_unread_input(&self) -> bool {
        has_unread_input(&self.line)
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            let answer = self.ask("#{pane_dead}|#{pane_dead_status}|#{pane_dead_signal}");
            self.status = match answer.split('|').collect::<Vec<_>>()[..] {
                ["1", "", ""] => {
                    // The line is closed and the process not collected: tmux 3.3a now and then misses its signal, until
                    // the next child ends.
                    self.run(&["run-shell", "true"]);
                    None
                }
                ["1", code, ""] => Some(ExitStatus::from_raw(code.parse::<i32>().expect("a number") << 8)),
                ["1", _, signal] => Some(ExitStatus::from_raw(signal_number(signal))),
                _ => None,
            };
        }
        self.status
    }

    fn raw_output(&mut self) -> Vec<u8> {
        // What tmux has read, it has handed on; the cat may not have written it yet.
        let mut bytes = std::fs::read(self.raw_path()).expect("readable");
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let now = std::fs::read(self.raw_path()).expect("readable");
            if now.len() == bytes.len() {
                return now;
            }
            bytes = now;
        }
    }

    fn is_cooked(&self) -> Option<bool> {
        // A server gives the line back when its program has ended.
        if self.status.is_some() {
            return None;
        }
        let settings = rustix::termios::tcgetattr(open_line(&self.line).ok()?).ok()?;
        use rustix::termios::LocalModes;
        Some(settings.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG))
    }

    fn process_id(&mut self) -> u32 {
        self.process
    }

    fn copied(&mut self) -> Option<String> {
        let output = self.command().arg("show-buffer").output().expect("tmux starts");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// By name or by number, as this tmux was built.
fn signal_number(signal: &str) -> i32 {
    let names =
        [("HUP", 1), ("INT", 2), ("QUIT", 3), ("ABRT", 6), ("KILL", 9), ("SEGV", 11), ("PIPE", 13), ("TERM", 15)];
    let bare = signal.trim_start_matches("SIG").to_ascii_uppercase();
    let known = names.iter().find(|(name, _)| *name == bare).map(|(_, number)| *number);
    known.or_else(|| bare.parse().ok()).unwrap_or_else(|| panic!("an unknown signal: {signal}"))
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let dead = self.command().args(["display-message", "-p", "#{pane_dead}"]).output();
        if dead.is_ok_and(|answer| answer.stdout.starts_with(b"0"))
            && let Some(process) = i32::try_from(self.process).ok().and_then(rustix::process::Pid::from_raw)
        {
            // It may have ended a moment ago.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
        // The server of this socket alone; there is none where the start failed.
        let _ = self.command().arg("kill-server").output();
    }
}
