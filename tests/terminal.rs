//! The terminal for tests, tried on small programs. With `HAUL_TEST_TERMINAL=tmux` the same steps go through tmux.
#![cfg(unix)]

mod terminal_common;

use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::time::Duration;

use rstest::rstest;
use terminal_common::{CHANGING, Color, Key, Kind, Mode, Picture, Screen, Wheel, Written, compare, normalise};

fn shell(script: &str) -> Screen {
    Screen::start("/bin/sh", &["-c", script], &[], 80, 24)
}

/// The message of a step that must fail.
fn failure(step: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(step)).expect_err("it must fail");
    payload.downcast_ref::<String>().cloned().expect("a message")
}

/// A program that says which bytes it got, in hexadecimal, as soon as it has got so many.
fn listener(before: &str, bytes: usize) -> Screen {
    let script = format!(
        "stty raw -echo; printf '{before}ready\\r\\n'; dd bs=1 count={bytes} 2>/dev/null | od -An -v -tx1 | \
         while read -r line; do printf '%s\\r\\n' \"$line\"; done; printf 'end\\r\\n'"
    );
    let mut screen = shell(&script);
    screen.wait_for("ready");
    screen
}

/// The bytes that a listener got.
fn heard(screen: &mut Screen) -> Vec<u8> {
    let rows = screen.wait_for("end").rows();
    let lines = rows.iter().skip_while(|row| *row != "ready").skip(1).take_while(|row| *row != "end");
    lines.flat_map(|line| line.split(' ')).map(|byte| u8::from_str_radix(byte, 16).expect("a byte")).collect()
}

#[test]
fn what_is_typed_reaches_the_program() {
    let mut screen = Screen::start("/bin/cat", &[], &[], 80, 24);
    screen.keys("first").key(Key::Enter);
    // Once as the line echoes it, once from the program.
    screen.wait_until(|picture| picture.find_all("first") == [(0, 0), (0, 1)]);
    screen.keys("žlutý").key(Key::Backspace).key(Key::Char('í')).key(Key::Enter).wait_for("žlutí");
    assert!(!screen.has_ended());
    assert!(screen.key(Key::Ctrl('d')).end().success());
}

#[test]
fn keys_of_the_line_raise_signals() {
    let mut screen = shell("trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.05; done");
    screen.wait_for("ready");
    assert_eq!(screen.key(Key::Ctrl('c')).end().code(), Some(7));
    assert!(screen.picture().contains("caught"), "{}", screen.picture());

    let mut screen = shell("echo ready; exec sleep 600");
    screen.wait_for("ready");
    assert_eq!(screen.key(Key::Ctrl('c')).end().signal(), Some(2));
}

#[test]
fn the_program_knows_the_size_and_learns_of_another() {
    let script = "stty size; trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done";
    let mut screen = Screen::start("/bin/sh", &["-c", script], &[], 100, 30);
    let picture = screen.wait_for("ready");
    assert!(picture.contains("30 100"), "{picture}");
    assert_eq!(picture.size(), (100, 30));
    let picture = screen.resize(60, 12).wait_for("12 60");
    assert_eq!(picture.size(), (60, 12));
}

#[test]
fn the_terminal_is_the_controlling_one() {
    let mut screen = shell("echo to the terminal itself >/dev/tty; stty -a </dev/tty");
    assert!(screen.end().success());
    let picture = screen.picture();
    assert!(picture.contains("to the terminal itself") && picture.contains("isig"), "{picture}");
}

#[test]
fn nothing_of_whoever_runs_the_test_is_inherited() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("/usr/bin/env");
    command.env("GREETING", "two words").env("PATH", "/bin").current_dir(folder.path());
    let mut screen = Screen::start_command(&command, 80, 24);
    assert!(screen.end().success());
    let mut rows = screen.picture().rows();
    rows.retain(|row| !row.is_empty() && !row.starts_with("TMUX"));
    rows.sort();
    let [greeting, path, term] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((greeting.as_str(), path.as_str()), ("GREETING=two words", "PATH=/bin"));
    assert!(term.ends_with("-256color"), "{term}");

    let mut command = Command::new("/bin/pwd");
    let mut screen = Screen::start_command(command.current_dir(folder.path()), 80, 24);
    assert!(screen.end().success());
    let real = folder.path().canonicalize().expect("it is there");
    assert_eq!(screen.picture().rows()[0], real.display().to_string());
}

#[rstest]
#[case(Key::Enter, b"\r")]
#[case(Key::Esc, b"\x1b")]
#[case(Key::Tab, b"\t")]
#[case(Key::BackTab, b"\x1b[Z")]
#[case(Key::Backspace, b"\x7f")]
#[case(Key::Delete, b"\x1b[3~")]
#[case(Key::Insert, b"\x1b[2~")]
#[case(Key::Up, b"\x1b[A")]
#[case(Key::Down, b"\x1b[B")]
#[case(Key::Right, b"\x1b[C")]
#[case(Key::Left, b"\x1b[D")]
#[case(Key::PageUp, b"\x1b[5~")]
#[case(Key::PageDown, b"\x1b[6~")]
#[case(Key::Ctrl('c'), b"\x03")]
#[case(Key::Alt('x'), b"\x1bx")]
#[case(Key::Char(' '), b" ")]
#[case(Key::F(1), b"\x1bOP")]
#[case(Key::F(5), b"\x1b[15~")]
#[case(Key::F(12), b"\x1b[24~")]
fn a_key_sends_the_bytes_that_terminals_send(#[case] key: Key, #[case] bytes: &[u8]) {
    let mut screen = listener("", bytes.len());
    assert_eq!(heard(screen.key(key)), bytes);
}

#[test]
fn home_and_end_have_the_codes_of_this_terminal() {
    // tmux speaks as the terminals whose name it takes; crossterm knows both.
    let (home, end): (&[u8], &[u8]) = match Kind::of_environment() {
        Kind::Pty => (b"\x1b[H", b"\x1b[F"),
        Kind::Tmux => (b"\x1b[1~", b"\x1b[4~"),
    };
    assert_eq!(heard(listener("", home.len()).key(Key::Home)), home);
    assert_eq!(heard(listener("", end.len()).key(Key::End)), end);
}

#[test]
fn cursor_keys_follow_the_mode_that_the_program_chose() {
    assert_eq!(heard(listener("\\033[?1h", 3).key(Key::Up)), b"\x1bOA");
}

#[test]
fn escape_is_never_joined_with_the_next_key() {
    let script = "stty raw -echo; printf 'ready\\r\\n'; for n in 1 2; do \
                  dd bs=16 count=1 2>/dev/null | od -An -tx1 | tr '\\n' '\\r'; printf '\\n'; done";
    let mut screen = shell(script);
    screen.wait_for("ready");
    screen.key(Key::Esc).keys("x").end();
    assert_eq!(screen.picture().rows()[1..3], [" 1b", " 78"], "{}", screen.picture());
}

const MOUSE_ON: &str = "\\033[?1000h\\033[?1002h\\033[?1006h";

#[test]
fn the_mouse_reports_where_and_what() {
    let clicked = b"\x1b[<0;5;3M\x1b[<0;5;3m";
    assert_eq!(heard(listener(MOUSE_ON, clicked.len()).click(4, 2)), clicked);
    let turned = b"\x1b[<64;80;24M\x1b[<65;1;1M";
    let mut screen = listener(MOUSE_ON, turned.len());
    assert_eq!(heard(screen.scroll(79, 23, Wheel::Up).scroll(0, 0, Wheel::Down)), turned);
    let dragged = b"\x1b[<0;2;2M\x1b[<32;9;4M\x1b[<0;9;4m";
    assert_eq!(heard(listener(MOUSE_ON, dragged.len()).drag((1, 1), (8, 3))), dragged);
}

#[test]
fn a_text_on_the_screen_can_be_clicked() {
    let on_ready = b"\x1b[<0;1;1M\x1b[<0;1;1m";
    assert_eq!(heard(listener(MOUSE_ON, on_ready.len()).click_on("ready")), on_ready);
}

#[test]
fn a_program_that_did_not_ask_for_the_mouse_gets_nothing() {
    let mut screen = listener("", 1);
    screen.click(4, 2).scroll(4, 2, Wheel::Up).keys("k");
    assert_eq!(heard(&mut screen), b"k");
    // Moves are a wish of their own.
    let clicked = b"\x1b[<0;2;2M\x1b[<0;9;4m";
    let mut screen = listener("\\033[?1000h\\033[?1006h", clicked.len());
    assert_eq!(heard(screen.drag((1, 1), (8, 3))), clicked);
}

#[test]
fn a_paste_is_bracketed_where_the_program_asked_for_it() {
    let plain = b"one\rtwo";
    assert_eq!(heard(listener("", plain.len()).paste("one\ntwo")), plain);
    let bracketed = b"\x1b[200~one\rtwo\x1b[201~";
    assert_eq!(heard(listener("\\033[?2004h", bracketed.len()).paste("one\ntwo")), bracketed);
}

#[test]
fn a_long_paste_arrives_whole() {
    let mut screen = shell("stty raw -echo; printf 'ready\\r\\n'; head -c 100000 | cksum");
    screen.wait_for("ready");
    let text = "0123456789".repeat(10_000);
    screen.paste(&text).end();
    let sum = "4002145000 100000";
    assert!(screen.picture().contains(sum), "{}", screen.picture());
}

#[test]
fn questions_to_the_terminal_are_answered() {
    let ask = |question: &str, bytes: usize| {
        let script = format!(
            "stty raw -echo; printf 'abc{question}'; dd bs=1 count={bytes} 2>/dev/null | od -An -v -tx1; printf '\\rend'"
        );
        let mut screen = shell(&script);
        screen.end();
        screen.picture().to_text()
    };
    assert!(ask("\\033[6n", 6).contains("1b 5b 31 3b 34 52"), "row 1, column 4");
    assert!(ask("\\033[5n", 4).contains("1b 5b 30 6e"), "all is well");
    assert!(ask("\\033[c", 3).contains("1b 5b 3f"), "what it is");
}

#[test]
fn what_the_program_copies_can_be_read() {
    let mut screen = shell("printf '\\033]52;c;aGF1bCBydW5z\\007'; echo done");
    assert_eq!((screen.end().code(), screen.copied().as_deref()), (Some(0), Some("haul runs")));
    assert_eq!(screen.written().foreign(&["OSC 52"]), [""; 0]);
}

#[test]
fn every_byte_that_was_written_is_kept() {
    let mut screen = shell("stty -opost; printf 'a\\033[31mb\\033[0m\\n\\302\\251'");
    screen.end();
    assert_eq!(screen.raw_output(), "a\x1b[31mb\x1b[0m\n©".as_bytes());
}

const ENTER: &str = "\\033[?1049h\\033[?25l\\033[?1000h\\033[?1006h\\033[?2004h\\033[?7l\\033[>1u\\033[1;31mred";
const LEAVE: &str = "\\033[?1000l\\033[?1006l\\033[?2004l\\033[?7h\\033[<1u\\033[0m\\033[?1049l\\033[?25h";

#[test]
fn a_terminal_that_was_given_back_is_told_from_one_that_was_not() {
    let mut screen = shell(&format!("old=$(stty -g); stty raw; printf '{ENTER}{LEAVE}'; stty $old"));
    screen.end();
    screen.assert_restored().assert_only_own_controls(&[]);

    let mut screen = shell(&format!("printf '{ENTER}'"));
    screen.end();
    let message = failure(|| {
        screen.assert_restored();
    });
    for part in ["the alternate screen", "the cursor (25)", "mouse", "paste", "wrapping", "keyboard", "styled", "red"] {
        assert!(message.contains(part), "{part} is missing: {message}");
    }
}

#[test]
fn line_settings_that_were_not_given_back_are_seen() {
    let mut screen = shell("stty raw -echo; printf 'raw'; sleep 600");
    screen.wait_for("raw");
    assert_eq!(screen.is_cooked(), Some(false));
    let mut screen = shell("printf 'cooked'; sleep 600");
    screen.wait_for("cooked");
    assert_eq!(screen.is_cooked(), Some(true));

    // Only the pty outlives its program.
    let mut command = Command::new("/bin/sh");
    let mut screen = Screen::start_in(Kind::Pty, command.args(["-c", "stty -echo"]), 80, 24);
    screen.end();
    assert!(failure(|| drop(screen.assert_restored().picture())).contains("line settings"));
}

#[test]
fn control_sequences_of_content_are_found() {
    let bytes = "a\u{7}b\x1b]0;title\x07c\x1b[5id\u{9b}e\u{202e}f\x1bPq#0\x1b\\g\x1b[?1hh\x1b[mi\r\n";
    let found = Written::read(bytes.as_bytes());
    assert_eq!(found.foreign(&[]), ["BEL", "CSI ?1h", "CSI i", "DCS q", "OSC 0", "U+009B", "U+202E"]);
    assert_eq!(found.foreign(&["BEL", "CSI i", "CSI ?1h", "DCS q", "OSC 0", "U+009B"]), ["U+202E"]);
    assert_eq!(found.left_behind(), ["application cursor keys (1) left on"]);
    assert_eq!(Written::read(b"\x1bPq never ended").left_behind(), ["a control string was never ended"]);
    assert_eq!(Written::read(b"\x1b[1;31mbold\x1b[39m").left_behind(), ["text would still be styled"]);
}

#[test]
fn a_frame_is_seen_whole_or_not_at_all() {
    let script = "printf 'old'; sleep 0.1; printf '\\033[?2026h\\rne'; sleep 0.5; printf 'w\\033[?2026l'; sleep 600";
    // Only the pty sees each byte as it comes.
    let mut screen = Screen::start_in(Kind::Pty, Command::new("/bin/sh").args(["-c", script]), 80, 24);
    screen.wait_for("old");
    let changed = screen.wait_until(|picture| !picture.contains("old"));
    assert_eq!(changed.rows()[0], "new");
}

#[test]
fn waiting_fails_with_the_whole_screen() {
    let mut screen = shell("printf 'all that there is\\nsecond line'; exit 3");
    let message = failure(|| drop(screen.wait_for("something else")));
    for part in
        ["\"something else\" did not appear", "all that there is", "second line", "exit status: 3", "/bin/sh -c"]
    {
        assert!(message.contains(part), "{part} is missing: {message}");
    }
    let mut screen = shell("echo here");
    screen.wait_for("here");
    assert!(failure(|| drop(screen.wait_gone("here"))).contains("did not go"));
}

#[test]
fn waiting_for_quiet_outlasts_a_program_that_is_busy() {
    let mut screen = shell("for n in 1 2 3 4 5 6; do echo line $n; sleep 0.05; done; exec cat");
    screen.wait_for("line 1");
    let picture = screen.wait_quiet_for(Duration::from_secs(1));
    assert!(picture.contains("line 6") && !screen.has_ended(), "{picture}");
}

#[test]
fn a_program_goes_with_its_screen() {
    let mut screen = shell("echo ready; trap '' HUP INT TERM; while :; do sleep 0.05; done");
    screen.wait_for("ready");
    let process = rustix::process::Pid::from_raw(screen.process_id().cast_signed()).expect("not zero");
    rustix::process::test_kill_process(process).expect("it runs");
    drop(screen);
    let gone = || rustix::process::test_kill_process(process).is_err();
    // tmux, not this process, is its parent and has to notice.
    let limit = std::time::Instant::now() + Duration::from_secs(20);
    while !gone() && std::time::Instant::now() < limit {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(gone(), "process {process:?} is still there");
}

const PAINTED: &str = "\x1b[1;32mbold green\x1b[0m plain \x1b[38;5;208;44mon blue\x1b[0m\r\n日本 wide \x1b[7m<&\">\x1b[0m\r\n\
                       \x1b[2m┌─┐\x1b[0m\r\n\x1b[3;4;38;2;1;2;3mrgb\x1b[0m ▌█░ e\u{301}\x1b[?25l";

#[test]
fn a_picture_has_text_colours_and_places() {
    let script = format!("printf '%s' '{}'", PAINTED.replace('\r', ""));
    let mut screen = shell(&format!("{script}; exec sleep 600"));
    let picture = screen.wait_for("rgb");
    assert_eq!(picture.rows()[..3], ["bold green plain on blue", "日本 wide <&\">", "┌─┐"]);
    assert_eq!(picture.rows()[3], "rgb ▌█░ e\u{301}");
    assert_eq!(picture.to_text().lines().count(), 24);
    assert_eq!((picture.find("wide"), picture.find("<&")), (Some((5, 1)), Some((10, 1))), "wide ones take two columns");
    assert_eq!(picture.find("on blue\n日本 wide <&\">\n┌"), None, "lines are whole");
    assert_eq!(picture.find("日本 wide <&\">\n┌"), Some((0, 1)));
    let bold = picture.cell(0, 0);
    assert_eq!((bold.text.as_str(), bold.bold, bold.foreground), ("b", true, Color::Idx(2)));
    let blue = picture.cell(17, 0);
    assert_eq!((blue.foreground, blue.background), (Color::Idx(208), Color::Idx(4)));
    let rgb = picture.cell(0, 3);
    assert_eq!((rgb.foreground, rgb.italic, rgb.underline), (Color::Rgb(1, 2, 3), true, true));
    assert!(picture.cell(10, 1).reverse && picture.cell(1, 2).dim && picture.cursor.is_none());
    assert_eq!(picture, Picture::painted(80, 24, PAINTED.as_bytes()), "both terminals show the same");
}

#[test]
fn the_coloured_text_of_a_picture_paints_the_same_picture() {
    let picture = Picture::painted(40, 6, PAINTED.as_bytes());
    let ansi = picture.to_ansi().trim_end_matches('\n').replace('\n', "\r\n");
    assert_eq!(Picture::painted(40, 6, format!("{ansi}\x1b[?25l").as_bytes()), picture);
    assert_eq!(Picture::painted(9, 2, b"plain").to_ansi(), "plain\n\n");
}

/// Asserts that tags are closed in order and attributes quoted, that nothing is left over, and returns the texts.
fn read_svg(svg: &str) -> Vec<String> {
    let (mut open, mut texts) = (Vec::new(), Vec::new());
    for (n, part) in svg.split('<').enumerate() {
        let Some((tag, text)) = part.split_once('>') else {
            assert_eq!((n, part), (0, ""), "text before the first tag");
            continue;
        };
        let name = tag.trim_matches('/').split(' ').next().expect("a name").to_owned();
        assert!(tag.matches('"').count().is_multiple_of(2) && !tag.contains('&'), "{tag}");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert!(open.is_empty() || !text.contains('>'), "{text}");
        let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "\u{1}");
        assert!(!plain.contains('&'), "{text}");
        if !plain.trim().is_empty() {
            texts.push(plain.replace('\u{1}', "&"));
        }
    }
    assert!(open.is_empty(), "{open:?} are open");
    texts
}

#[test]
fn a_picture_becomes_svg() {
    let svg = Picture::painted(40, 6, PAINTED.as_bytes()).to_svg();
    let texts = read_svg(&svg);
    assert_eq!(texts, ["bold", "green", "plain", "on", "blue", "日", "本", "wide", "<&\">", "rgb", "e\u{301}"]);
    for part in ["viewBox=\"0 0 384 132\"", "font-weight=\"bold\"", "fill=\"#ff8700\"", "fill=\"#010203\"", "monospace"]
    {
        assert!(svg.contains(part), "{part} is missing: {svg}");
    }
    assert_eq!(svg.matches("http").count(), 1, "the name space and nothing to fetch");
    // ┌─┐ is one path: a line across and two down.
    assert_eq!(svg.matches("<path").count(), 1);
    assert!(svg.contains("d=\"M16.5 57.5H34.5M16.5 57V66M34.5 57V66\""), "{svg}");
}

#[test]
fn what_differs_between_runs_is_replaced_in_the_same_width() {
    let text = "│ 127.0.0.1:43121 │ run 20261121-020627-k2x9 │ 2026-11-21 02:06:27 │";
    assert_eq!(normalise(text, CHANGING), "│ 127.0.0.1:40000 │ run 20260101-120000-aaaa │ 2026-01-01 12:00:00 │");
    let seconds: &[(&str, &str)] = &[(r"\d+\.\d s *", "N s"), (r" *\d+ KiB", "N KiB")];
    for text in ["│1.2 s    │  12 KiB│", "│12.3 s   │ 999 KiB│"] {
        assert_eq!(normalise(text, seconds), "│N s      │   N KiB│");
    }
    assert_eq!(normalise("漢字漢字|", &[("漢字漢字", "字")]), "字      |");
    assert!(failure(|| drop(normalise("1 s", &[(r"\d s", "seconds")]))).contains("wider"));
}

#[test]
fn a_normalised_picture_keeps_its_colours() {
    let taken = Picture::painted(30, 2, "字 \x1b[31mtook 12.3 s\x1b[0m |\r\nx".as_bytes());
    let normalised = taken.normalised(&[(r"\d+\.\d s", "N s"), ("字", "é")]);
    assert_eq!(normalised.rows(), ["é  took N s    |", "x"]);
    let expected = Picture::painted(30, 2, "é  \x1b[31mtook N s   \x1b[0m |\r\nx".as_bytes());
    assert_eq!(normalised, expected);
}

#[test]
fn a_capture_is_compared_and_renewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("docs/01-start.txt");
    let message = compare(&path, "one\ntwo\n", Mode::Compare).expect_err("it is not there");
    assert!(message.contains("missing") && message.contains("one\ntwo"), "{message}");
    compare(&path, "one\ntwo\n", Mode::Renew).expect("written");
    compare(&path, "one\ntwo\n", Mode::Compare).expect("the same");
    let message = compare(&path, "one\nthree\n", Mode::Compare).expect_err("it differs");
    for part in ["01-start.txt", "-two", "+three", "HAUL_UPDATE_CAPTURES=1 cargo test --test terminal"] {
        assert!(message.contains(part), "{part} is missing: {message}");
    }
}
