//! How the workbench ends: left, by a defect, by a signal, with its terminal gone. The terminal is always given back.
#![cfg(unix)]

mod terminal_common;

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use terminal_common::{Key, Screen};

/// Far beyond what any of this takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// One user's folders, and the terminal of this user.
struct User {
    folder: tempfile::TempDir,
}

impl User {
    fn new() -> Self {
        let user = User { folder: tempfile::tempdir().expect("a folder") };
        for name in ["tmp", "config", "home"] {
            std::fs::create_dir(user.path(name)).expect("created");
        }
        user
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_haul"));
        command.args(arguments).current_dir(self.folder.path());
        self.surround(&mut command, variables);
        command
    }

    fn surround(&self, command: &mut Command, variables: &[(&str, &str)]) {
        command.env("HAUL_CREDENTIAL_STORE", "file").env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        command.env("HAUL_CONFIG_DIR", self.path("config")).env("HAUL_STATE_DIR", self.path("state"));
        command.envs(variables.iter().copied());
    }

    /// The demo on a screen of 80×24, as soon as it shows its first pane.
    fn demo(&self, variables: &[(&str, &str)]) -> Screen {
        let mut screen = Screen::start_command(&self.command(&["demo"], variables), 80, 24);
        screen.wait_for("5 History");
        screen
    }

    fn names_in(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(folder)) else { return Vec::new() };
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8")).collect()
    }

    /// The one report of a defect.
    fn crash_report(&self) -> String {
        let names = self.names_in("state/crashes");
        assert_eq!(names.len(), 1, "{names:?}");
        std::fs::read_to_string(self.path("state/crashes").join(&names[0])).expect("readable")
    }
}

fn send(screen: &mut Screen, signal: Signal) {
    let id = i32::try_from(screen.process_id()).expect("a process");
    kill_process(Pid::from_raw(id).expect("a process"), signal).expect("it goes on");
}

/// It ended with this code, and the terminal is as it was.
fn assert_ends(screen: &mut Screen, code: i32) {
    assert_eq!(screen.end().code(), Some(code), "{}", screen.picture());
    screen.assert_restored().assert_only_own_controls(&[]);
}

#[test]
fn it_is_left_with_q_and_nothing_of_the_demo_stays() {
    let user = User::new();
    let mut screen = user.demo(&[]);
    assert!(!user.names_in("tmp").is_empty(), "the demo has a folder while it runs");
    screen.key(Key::Char('q'));
    assert_ends(&mut screen, 0);
    assert_eq!(user.names_in("tmp"), [""; 0]);
    assert_eq!(user.names_in("state"), [""; 0], "nothing of this user was touched");
    assert!(screen.picture().to_text().trim().is_empty(), "{}", screen.picture());
}

#[test]
fn it_is_left_with_ctrl_c_from_within_a_field() {
    let user = User::new();
    let mut screen = user.demo(&[]);
    screen.keys(":").wait_for("Commands");
    screen.keys("some text").wait_for("some text");
    screen.key(Key::Ctrl('c'));
    assert_ends(&mut screen, 0);
}

#[test]
fn it_is_drawn_anew_on_demand() {
    let user = User::new();
    let mut screen = user.demo(&[]);
    screen.wait_quiet();
    let before = screen.raw_output().len();
    screen.key(Key::Ctrl('l')).wait_quiet();
    let anew = String::from_utf8_lossy(&screen.raw_output()[before..]).into_owned();
    assert!(anew.contains("\u{1b}[2J") && anew.contains("History"), "{anew:?}");
    screen.keys("q");
    assert_ends(&mut screen, 0);
}

#[test]
fn nobody_sees_half_a_frame() {
    let user = User::new();
    let mut screen = user.demo(&[]);
    screen.keys("?").wait_for("Keys");
    screen.key(Key::Esc).wait_gone("Keys");
    screen.keys("q");
    assert_ends(&mut screen, 0);
    let written = String::from_utf8_lossy(&screen.raw_output()).into_owned();
    let (begin, end) = ("\u{1b}[?2026h", "\u{1b}[?2026l");
    let drawn = written.split(&format!("{end}\u{1b}[?2004l")).next().unwrap_or_default();
    let mut pieces = drawn.split(begin);
    let before = pieces.next().unwrap_or_default();
    assert!(!before.contains("History"), "drawn before the first frame: {before:?}");
    let frames: Vec<_> = pieces.collect();
    assert!(frames.len() >= 3, "{frames:?}");
    for frame in frames {
        assert!(frame.ends_with(end) && frame.matches(end).count() == 1, "drawn after a frame: {frame:?}");
    }
}

#[test]
fn without_a_terminal_the_help_is_as_it_was() {
    let user = User::new();
    let output = user.command(&[], &[]).env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success() && output.stderr.is_empty() && !text.contains('\u{1b}'), "{text:?}");
    assert!(text.contains("haul demo") && text.contains("haul --help"), "{text}");
}

#[test]
fn a_mistake_in_the_configuration_is_told_before_the_screen_opens() {
    let user = User::new();
    for (config, said) in [
        ("[workbench]\n\nthem = \"dark\"\n", "config.toml: line 3: `workbench` has an unknown key `them`"),
        ("[workbench.keys]\n\"quit\" = \"ctlr-q\"\n", "config.toml: line 2: `quit`: `ctlr-q` is no key"),
    ] {
        std::fs::write(user.path("config/config.toml"), config).expect("written");
        let mut screen = Screen::start_command(&user.command(&[], &[]), 200, 24);
        assert_eq!(screen.end().code(), Some(2), "{}", screen.picture());
        assert!(screen.picture().contains(said), "{}", screen.picture());
        assert!(!screen.written().controls().contains("CSI ?1049h"), "the terminal was not touched");
        screen.assert_restored();
    }
    let log = [("HAUL_LOG", "/nowhere/at/all")];
    let mut screen = Screen::start_command(&user.command(&["demo"], &log), 200, 24);
    assert_eq!(screen.end().code(), Some(1));
    assert!(screen.picture().contains("cannot write the log /nowhere/at/all"), "{}", screen.picture());
}

#[test]
fn what_the_user_prefers_counts() {
    let user = User::new();
    let config = "[workbench]\nmouse = false\ntheme = \"dark\"\n[workbench.keys]\n\"quit\" = \"Q\"\n";
    std::fs::write(user.path("config/config.toml"), config).expect("written");
    let mut screen = Screen::start_command(&user.command(&[], &[]), 80, 24);
    screen.wait_for("Q quit");
    assert!(!screen.written().controls().contains("CSI ?1000h"), "the mouse is the terminal's");
    screen.keys("qQ");
    assert_ends(&mut screen, 0);
    let of = |variables: &[(&str, &str)]| {
        let mut screen = Screen::start_command(&user.command(&[], variables), 80, 24);
        let picture = screen.wait_for("Q quit").to_ansi();
        screen.keys("Q");
        assert_ends(&mut screen, 0);
        picture
    };
    assert!(of(&[]).contains("38;2;"), "the theme that was chosen has colours");
    let plain = of(&[("NO_COLOR", "1")]);
    assert!(!plain.contains("38;") && !plain.contains("48;") && !plain.contains("[3"), "{plain:?}");
}

#[test]
fn a_defect_in_update_or_draw_ends_it_with_a_report() {
    for place in ["update", "draw"] {
        let user = User::new();
        let mut command = user.command(&["demo"], &[("HAUL_TEST_PANIC", place)]);
        command.env("RUST_BACKTRACE", "1");
        let mut screen = Screen::start_command(&command, 100, 30);
        if place == "update" {
            screen.wait_for("5 History");
            screen.keys("2");
        }
        assert_ends(&mut screen, 1);
        let report = user.crash_report();
        assert!(report.contains(&format!("told to panic in {place}")) && report.contains("src/workbench"), "{report}");
        let picture = screen.picture();
        let text = picture.to_text().replace('\n', "");
        assert!(text.contains("a defect of haul") && text.contains("state/crashes/haul-crash-"), "{picture}");
        assert_eq!(user.names_in("tmp"), [""; 0]);
    }
}

#[test]
fn a_defect_in_an_effect_leaves_it_usable_and_is_not_forgotten() {
    let user = User::new();
    let mut screen = user.demo(&[("HAUL_TEST_PANIC", "effect")]);
    screen.wait_for("a defect of haul");
    screen.keys("?").wait_for("Keys");
    screen.key(Key::Esc).wait_gone("Keys");
    screen.keys("5").wait_for("Runs");
    screen.keys("q");
    assert_ends(&mut screen, 1);
    assert!(screen.picture().to_text().replace('\n', "").contains("state/crashes/haul-crash-"), "{}", screen.picture());
    assert!(!user.names_in("state/crashes").is_empty());
}

/// Chooses prod and dev, and picks every flow.
fn pick(screen: &mut Screen) {
    screen.wait_until(|picture| picture.find_all("PRODUCTION").len() == 6);
    screen.key(Key::Down).key(Key::Down).key(Key::Down).key(Key::Enter).wait_for("prod → ?");
    screen.wait_quiet();
    screen.key(Key::Enter).wait_for("prod → dev");
    screen.keys("2").wait_for("0 of ");
    screen.keys("a").wait_gone("0 of ");
}

#[test]
fn a_defect_in_a_run_leaves_it_usable_and_is_not_forgotten() {
    let user = User::new();
    let mut screen = user.demo(&[("HAUL_TEST_PANIC", "run")]);
    pick(&mut screen);
    start_run(&mut screen);
    screen.wait_for("defect");
    screen.keys("2").wait_for("picked");
    screen.keys("q");
    assert_ends(&mut screen, 1);
    assert!(user.crash_report().contains("told to panic in run"));
}

/// Plans what is missing, and starts the run.
fn start_run(screen: &mut Screen) {
    screen.keys("3").wait_for(" create · ");
    screen.wait_quiet();
    screen.keys("r").wait_for("esc leave it");
    screen.key(Key::Enter).wait_for("Runs");
}

#[test]
fn signals_end_it_in_good_order() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 143)] {
        let user = User::new();
        let mut screen = user.demo(&[]);
        send(&mut screen, signal);
        assert_ends(&mut screen, code);
        assert_eq!(user.names_in("tmp"), [""; 0], "{signal:?}");
    }
}

#[test]
fn a_signal_during_a_run_stops_the_run_first() {
    let user = User::new();
    let mut screen = Screen::start_command(&user.command(&["demo", "--latency", "200"], &[]), 80, 24);
    screen.wait_for("5 History");
    pick(&mut screen);
    start_run(&mut screen);
    send(&mut screen, Signal::TERM);
    assert_ends(&mut screen, 143);
    assert!(screen.picture().contains("stopping what runs"), "{}", screen.picture());
}

/// Starts it in a terminal of its own, shows it, and takes the terminal away.
fn hung_up(user: &User) -> ExitStatus {
    let (pty, line) = pty_process::blocking::open().expect("a pty");
    pty.resize(pty_process::Size::new(24, 80)).expect("sized");
    let command = user.command(&["demo"], &[]);
    let mut child = pty_process::blocking::Command::new(command.get_program()).args(command.get_args());
    child = child.env_clear().env("PATH", "/usr/bin:/bin").env("TERM", "xterm-256color");
    child = child.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = child.spawn(line).expect("it starts");
    let mut screen = File::from(pty.as_fd().try_clone_to_owned().expect("one more descriptor"));
    let (mut seen, mut bytes) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&seen).contains("History") {
        let count = screen.read(&mut bytes).expect("it shows something");
        seen.extend_from_slice(&bytes[..count]);
    }
    drop((screen, pty));
    let limit = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        if Instant::now() > limit {
            let _ = child.kill();
            unreachable!("it goes on without a terminal");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_its_terminal_it_ends_in_good_order() {
    let user = User::new();
    let status = hung_up(&user);
    let report = user.names_in("state/crashes").first().map(|_| user.crash_report());
    assert_eq!(status.code(), Some(143), "{report:?}");
    assert_eq!(report, None, "it ends without a defect");
    assert_eq!(user.names_in("tmp"), [""; 0], "the demo's folder is gone");
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_it_back() {
    let user = User::new();
    let mut shell = Command::new("/bin/sh");
    shell.arg("-i").env("PS1", "shell> ").env("ENV", "").current_dir(user.folder.path());
    user.surround(&mut shell, &[]);
    let mut screen = Screen::start_command(&shell, 80, 24);
    screen.wait_for("shell> ");
    screen.keys(concat!(env!("CARGO_BIN_EXE_haul"), " demo")).key(Key::Enter).wait_for("5 History");
    screen.key(Key::Ctrl('z')).wait_for("Stopped");
    assert!(!screen.picture().contains("5 History"), "{}", screen.picture());
    let left = screen.written().left_behind();
    assert!(left.iter().all(|what| !what.contains("1049") && !what.contains("mouse")), "{left:?}");
    screen.resize(100, 30);
    screen.keys("fg").key(Key::Enter).wait_for("5 History");
    screen.wait_until(|picture| picture.rows().last().is_some_and(|row| row.contains("? help")));
    screen.keys("q");
    screen.wait_until(|picture| picture.rows().iter().any(|row| row.trim_end() == "shell>"));
    screen.keys("exit").key(Key::Enter);
    screen.end();
    screen.assert_restored();
}

#[test]
fn what_is_done_and_told_is_logged_on_demand() {
    let user = User::new();
    let log = user.path("haul.log");
    let mut screen = user.demo(&[("HAUL_LOG", log.to_str().expect("UTF-8"))]);
    screen.keys("2").wait_quiet();
    screen.keys("q");
    assert_ends(&mut screen, 0);
    let text = std::fs::read_to_string(&log).expect("readable");
    assert!(text.contains(" opens\n") && text.contains("command pane.content\n"), "{text}");
    assert_eq!(mode_of(&log), 0o600);
}

fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("there").permissions().mode() & 0o777
}
