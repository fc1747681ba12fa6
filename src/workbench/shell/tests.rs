//! Pictures of the shell, and what its questions do. The panes are left out, so that a picture changes with the shell
//! alone.

use rstest::rstest;

use super::*;
use crate::model::{Error, ErrorKind, FolderFormat, Platform};
use crate::workbench::command::{self, Scope, Typing};
use crate::workbench::draw;
use crate::workbench::ends::{DestinationEnd, Location, NewBundle, SourceEnd};
use crate::workbench::message::{Click, Message};
use crate::workbench::panes;
use crate::workbench::state::{Pane, State};
use crate::workbench::testing::{
    click, coloured, drawn, look, picture_at, press, state, text_of, text_with_colours, type_in,
};
use crate::workbench::theme::Theme;
use crate::workbench::update::update;
use crate::workbench::widgets::{Cursor, Field};

const ROOMY: (u16, u16) = (160, 45);

/// The popups, the notice and the footer at a size, on nothing.
fn alone(state: &mut State, size: (u16, u16), theme: Theme) -> ratatui::buffer::Buffer {
    update(state, Message::Resize(size.0, size.1));
    look(state);
    drawn(size, theme, |canvas| {
        for popup in &state.popups {
            panes::draw_popup(state, popup, canvas);
        }
        let screen = canvas.area();
        if let Some(notice) = &state.notice {
            let rows = notice_rows(notice, screen.width);
            let area = crate::workbench::canvas::Rect { y: screen.height - 1 - rows, height: rows, ..screen };
            draw_notice(notice, area, canvas);
        }
        if !state.popups.is_empty() {
            draw::footer(state, crate::workbench::canvas::line_of(screen, screen.height - 1), canvas);
        }
    })
}

/// One snapshot: at both sizes without colour, at 80×24 in each theme, and once too small, where the whole screen counts.
fn pictured(name: &str, state: &mut State) {
    let small = format!("60×15\n{}", picture_at(state, (60, 15)));
    let plain = [ROOMY, (80, 24)].map(|size| {
        let shown = text_of(&alone(state, size, Theme::Plain));
        format!("{}×{}\n{shown}", size.0, size.1)
    });
    let coloured = [Theme::Dark, Theme::Light, Theme::Ansi].map(|theme| {
        let shown = text_with_colours(&alone(state, (80, 24), theme));
        format!("80×24, {}\n{shown}", format!("{theme:?}").to_lowercase())
    });
    let all: Vec<_> = plain.into_iter().rev().chain([small]).chain(coloured).collect();
    insta::assert_snapshot!(name, all.join("\n\n"));
}

fn confirm(state: &mut State) -> Confirm {
    let _ = state;
    let lines = vec![
        "7 items: 2 create, 3 overwrite, 1 skip, 1 duplicate. Deletes nothing.".to_owned(),
        "A snapshot of what changes is taken first, so that it can be brought back by hand.".to_owned(),
    ];
    Confirm::new("Run dev → prod", lines, "run it", |state| {
        state.tell(Notice::info("went ahead"));
        Vec::new()
    })
}

fn ask(state: &mut State, error: Option<&str>) {
    let lines = vec!["Where to save the plan. A name without a folder goes into the current one.".to_owned()];
    let ask = Ask::new("Save the plan", lines, "save", Field::new("plan.json"), |state, field| {
        state.tell(Notice::info(format!("saved {}", field.text())));
        Vec::new()
    });
    match error {
        Some(error) => ask.error(error).open(state),
        None => ask.open(state),
    }
}

fn choices(state: &mut State) {
    let choice = |label: &str, help: &str, refused: Option<&str>| Choice {
        label: label.to_owned(),
        help: help.to_owned(),
        refused: refused.map(str::to_owned),
    };
    let choices = vec![
        choice("overwrite", "Write over what is at the destination", None),
        choice("skip", "Leave what is at the destination as it is", None),
        choice("duplicate", "", Some("secrets cannot be duplicated: a flow finds its secret by name")),
    ];
    let then = Action::new(|state: &mut State, at: usize| {
        state.tell(Notice::info(format!("choice {at}")));
        Vec::new()
    });
    Choose { title: "What to do with the marked".into(), choices, cursor: Cursor::default(), then }.open(state);
}

fn long_text() -> Vec<String> {
    let line = |n| match n % 5 {
        0 => format!(
            "{n}  a longer line of a report that has to be broken at the edge of the window, or else its end would never be read by anybody at all"
        ),
        1 => format!(
            "  {n}  one that stands in from the edge, and is so long that it needs a second line and even a third one, both of which stand in as well"
        ),
        _ => format!("{n}  short"),
    };
    (1..=40).map(line).collect()
}

#[test]
fn questions() {
    let mut state = state();
    confirm(&mut state).open(&mut state);
    pictured("confirm", &mut state);
    press(&mut state, "esc");
    assert!(state.popups.is_empty() && state.notice.is_none(), "no means that nothing happens");

    confirm(&mut state).word("prod").open(&mut state);
    pictured("confirm-word", &mut state);
    press(&mut state, "enter");
    assert_eq!(state.popups.len(), 1, "the word is not typed yet");
    pictured("confirm-word-refused", &mut state);
    type_in(&mut state, "prod");
    pictured("confirm-word-typed", &mut state);
    press(&mut state, "enter");
    assert_eq!(state.notice.as_ref().map(|notice| notice.text.as_str()), Some("went ahead"));
}

#[test]
fn a_long_question_keeps_its_answers_in_view() {
    let mut state = state();
    let mut confirm = confirm(&mut state);
    confirm.lines = long_text();
    confirm.word("prod").open(&mut state);
    pictured("confirm-long", &mut state);
    press(&mut state, "pagedown down");
    pictured("confirm-long-read", &mut state);
}

#[test]
fn lines_to_type() {
    let mut state = state();
    ask(&mut state, None);
    pictured("ask", &mut state);
    press(&mut state, "esc");
    ask(
        &mut state,
        Some(
            "plan.json: there is a file of this name, and it is no plan. Choose another name, or remove that file first.",
        ),
    );
    pictured("ask-error", &mut state);
    type_in(&mut state, "x");
    press(&mut state, "enter");
    assert_eq!(state.notice.as_ref().map(|notice| notice.text.as_str()), Some("saved plan.jsonx"));
}

#[test]
fn a_choice_that_is_refused_says_why() {
    let mut state = state();
    choices(&mut state);
    pictured("choose", &mut state);
    press(&mut state, "down down");
    pictured("choose-refused", &mut state);
    press(&mut state, "enter");
    assert_eq!(state.popups.len(), 1);
    pictured("choose-refused-told", &mut state);
    click(&mut state, "skip");
    click(&mut state, "skip");
    assert_eq!(state.notice.as_ref().map(|notice| notice.text.as_str()), Some("choice 1"));
}

#[test]
fn texts_are_broken_at_the_edge_and_scroll() {
    let mut state = state();
    View::new("Report of 20261121-014455-k3f9", long_text()).copy("all of it").open(&mut state);
    pictured("view", &mut state);
    update(&mut state, Message::Resize(80, 24));
    press(&mut state, "down");
    assert!(
        !text_of(&look(&mut state))
            .contains("a longer line of a report that has to be broken at the edge of the window")
    );
    press(&mut state, "end");
    pictured("view-end", &mut state);
    let effects = press(&mut state, "y");
    assert!(matches!(&effects[..], [crate::workbench::effect::Effect::Copy(text)] if text == "all of it"));
}

#[test]
fn help_and_palette_over_a_popup() {
    // Below is a popup of the shell: its commands are known here.
    let mut state = state();
    choices(&mut state);
    press(&mut state, "?");
    pictured("help", &mut state);
    type_in(&mut state, "row");
    pictured("help-filtered", &mut state);
    type_in(&mut state, "zzz");
    pictured("help-nothing", &mut state);
    press(&mut state, "esc enter");
    assert_eq!(state.notice.as_ref().map(|notice| notice.text.as_str()), Some("choice 0"));
}

#[test]
fn the_palette_finds_commands_by_name() {
    let mut state = state();
    press(&mut state, ":");
    type_in(&mut state, "look back");
    pictured("palette", &mut state);
    press(&mut state, "enter");
    assert_eq!((state.pane, state.popups.len()), (Pane::History, 0));
    press(&mut state, ":");
    type_in(&mut state, "nonsense");
    pictured("palette-nothing", &mut state);
    press(&mut state, "enter");
    assert_eq!(state.popups.len(), 1, "nothing was chosen, so nothing closes");
}

#[test]
fn notices() {
    let mut state = state();
    state.tell(Notice::info("copied the command line"));
    pictured("notice-info", &mut state);
    state.tell(Notice::warning("create: nothing is marked").hint("space marks a row"));
    pictured("notice-warning", &mut state);
    let error = Error::new(
        ErrorKind::Unreachable,
        "cannot reach prod at https://prod.example.com/a/rather/long/path: the connection was refused by the server",
    );
    let error =
        error.hint("is the server running, and is this its address? `e` in Locations changes it, `t` tests it again");
    state.tell_error(&error);
    pictured("notice-error", &mut state);
    press(&mut state, "!");
    pictured("messages", &mut state);
}

#[test]
fn a_notice_goes_by_itself() {
    let mut state = state();
    state.tell(Notice::info("copied"));
    for (seconds, is_there) in [(1, true), (5, true), (6, false)] {
        state.now = crate::workbench::testing::NOW.parse::<jiff::Timestamp>().unwrap()
            + jiff::SignedDuration::from_secs(seconds);
        update(&mut state, Message::Tick);
        assert_eq!(state.notice.is_some(), is_there, "after {seconds} s");
    }
    assert!(!state.told.is_empty());
}

#[test]
fn good_news_that_was_read_does_not_hide_the_next_step() {
    let mut state = state();
    for (seconds, severity, stays) in [(1, "info", true), (2, "info", false), (2, "error", true)] {
        let news = if severity == "info" { Notice::info("saved dev") } else { Notice::failure("no such folder") };
        state.tell(news);
        state.now += jiff::SignedDuration::from_secs(seconds);
        press(&mut state, "j");
        assert_eq!(state.notice.is_some(), stays, "{severity} after {seconds} s");
    }
    state.tell(Notice::info("saved dev"));
    press(&mut state, "5");
    assert!(state.notice.is_none(), "another pane has another next step");
}

fn remote(name: &str) -> Location {
    Location::Remote(name.to_owned())
}

fn source(location: Location) -> Option<SourceEnd> {
    Some(SourceEnd { location, platform: Platform::ALL[0], production: false, opened: None })
}

fn destination(name: &str, production: bool) -> Option<DestinationEnd> {
    Some(DestinationEnd::Remote { location: remote(name), platform: Platform::ALL[0], production })
}

fn heads(state: &mut State) -> String {
    let mut heads = Vec::new();
    for columns in [80, 160, 40, 20] {
        for pane in Pane::ALL {
            state.pane = pane;
            let buffer = drawn((columns, 1), Theme::Plain, |canvas| draw::tabs(state, canvas.area(), canvas));
            heads.push(format!("{}|", text_of(&buffer)));
        }
    }
    state.pane = Pane::Locations;
    heads.join("\n")
}

#[test]
fn the_head_says_where_a_change_goes() {
    let mut state = state();
    let mut all = vec![heads(&mut state)];
    let bundle = |path: &str| {
        Some(DestinationEnd::NewBundle(NewBundle {
            path: path.into(),
            sealed: false,
            compressed: false,
            redacted: false,
            folder: FolderFormat::default(),
            replace: false,
        }))
    };
    let hostile = "a\u{202e}\x1b[31m\u{200b}z\x07\u{9b}2J";
    let ends = [
        (source(remote("dev")), None),
        (None, destination("prod", true)),
        (source(remote("dev")), destination("prod", true)),
        (source(remote("dev")), destination("staging", false)),
        (
            source(Location::Bundle("/home/user/backups/2026/backup-of-november.tar.gz.enc".into())),
            destination("prod", true),
        ),
        (source(remote("dev")), bundle("/home/user/exports/an-export-with-a-long-name.json")),
        (source(remote("a-source-with-quite-a-long-name")), destination("a-destination-with-quite-a-long-name", true)),
        (
            source(remote("漢字漢字漢字漢字漢字漢字漢字")),
            destination("e\u{301}u\u{308}o\u{302}\u{323} 👨\u{200d}👩\u{200d}👧", true),
        ),
        (source(remote(hostile)), destination(hostile, true)),
    ];
    for (source, destination) in ends {
        (state.ends.source, state.ends.destination) = (source, destination);
        let head = heads(&mut state);
        assert!(head.lines().all(|line| !line.contains('\x1b') && !line.contains('\u{202e}')));
        all.push(head);
    }
    insta::assert_snapshot!("heads", all.join("\n\n"));
}

#[rstest]
#[case(Theme::Dark)]
#[case(Theme::Light)]
#[case(Theme::Ansi)]
fn production_has_a_word_and_a_colour(#[case] theme: Theme) {
    let mut state = state();
    state.ends.source = source(remote("dev"));
    state.ends.destination = destination("prod", true);
    let buffer = drawn((80, 1), theme, |canvas| draw::tabs(&state, canvas.area(), canvas));
    insta::assert_snapshot!(format!("production-{theme:?}").to_lowercase(), text_with_colours(&buffer));
}

#[test]
fn a_terminal_that_is_too_small_says_so_and_can_be_left() {
    let mut state = state();
    for size in [(79, 24), (80, 23), (60, 15), (40, 10), (20, 5), (10, 2), (3, 1), (1, 1), (1, 30), (300, 1)] {
        insta::assert_snapshot!(format!("small-{}x{}", size.0, size.1), picture_at(&mut state, size));
    }
    for (columns, rows) in [(79, 24), (1, 1), (0, 0)] {
        update(&mut state, Message::Resize(columns, rows));
        for keys in ["3", "?", ":", "enter", "space", "down", "tab", "esc"] {
            press(&mut state, keys);
        }
        assert!(state.popups.is_empty() && state.pane == Pane::Locations, "nothing that is not seen happens");
    }
    // A popup that is open below does not keep it from being left.
    update(&mut state, Message::Resize(80, 24));
    ask(&mut state, None);
    update(&mut state, Message::Resize(40, 10));
    coloured(&mut state, Theme::Dark);
    press(&mut state, "q");
    assert!(state.over);
}

#[test]
fn every_key_that_works_is_in_help() {
    for pane in Pane::ALL {
        let mut state = state();
        state.pane = pane;
        update(&mut state, Message::Resize(160, 45));
        press(&mut state, "f1");
        let mut shown = String::new();
        for _ in 0..30 {
            shown.push_str(&text_of(&look(&mut state)));
            press(&mut state, "pagedown");
        }
        for command in command::counting(Scope::Pane(pane)) {
            assert!(shown.contains(command.keys), "{pane:?}: `{}` is not shown", command.keys);
            let start: String = command.help.chars().take(30).collect();
            assert!(shown.contains(&start), "{pane:?}: {} is not explained", command.id);
        }
        for text in ["While typing", "ctrl-w", "shift-drag", pane.title()] {
            assert!(shown.contains(text), "{text} is missing");
        }
    }
}

#[test]
fn commands_that_cannot_be_used_say_why_in_help() {
    let mut state = state();
    press(&mut state, "?");
    type_in(&mut state, "messages");
    let shown = text_of(&alone(&mut state, (80, 24), Theme::Plain));
    assert!(shown.contains("not now: nothing was told yet"), "{shown}");
    pictured("help-not-now", &mut state);
}

#[test]
fn help_opens_while_typing() {
    let mut state = state();
    ask(&mut state, None);
    type_in(&mut state, "?");
    press(&mut state, "f1");
    assert_eq!(state.popups.len(), 2);
    let shown = text_of(&look(&mut state));
    assert!(shown.contains("Take what was typed") && shown.contains("Everywhere"), "{shown}");
    press(&mut state, "f1");
    assert_eq!(state.popups.len(), 1, "the same key closes it");
    assert!(text_of(&look(&mut state)).contains("plan.json?"));
}

#[test]
fn a_click_beside_a_popup_does_nothing() {
    let mut state = state();
    confirm(&mut state).open(&mut state);
    look(&mut state);
    let before = (state.pane, state.popups.len());
    for (column, row) in [(0, 0), (20, 0), (2, 3), (79, 20), (40, 12)] {
        if let Some(target) = state.seen.at(column, row) {
            update(&mut state, Message::Click(target, Click::Plain));
        }
        assert_eq!(state.seen.list_at(column, row), None, "the wheel turns nothing that lies below");
    }
    assert_eq!((state.pane, state.popups.len()), before);
    click(&mut state, "leave it");
    assert!(state.popups.is_empty());
}

#[test]
fn a_click_on_what_is_no_longer_there_does_nothing() {
    let mut state = state();
    confirm(&mut state).open(&mut state);
    let (_, target) = *{
        look(&mut state);
        state
            .seen
            .hits()
            .iter()
            .find(|(_, target)| *target == crate::workbench::canvas::Target::Command("confirm.yes"))
            .unwrap()
    };
    press(&mut state, "esc");
    update(&mut state, Message::Click(target, Click::Plain));
    assert!(state.notice.is_none(), "{:?}", state.notice);
}

#[test]
fn the_footer_names_keys_that_work() {
    let mut state = state();
    let shown = text_of(&look(&mut state));
    let footer = shown.lines().last().unwrap_or_default();
    assert!(footer.contains("? help") && footer.contains("q quit"), "{footer}");
    for command in command::all().filter(|command| command.footer > 0) {
        assert!(command.label.chars().count() <= 16, "{}: `{}` is long for the footer", command.id, command.label);
        assert!(command.typing != Typing::Only || command.scope != Scope::Everywhere || command.id == "help.typing");
    }
}

#[test]
fn a_wide_character_below_the_edge_of_a_popup_does_not_push_the_row_aside() {
    let area = crate::workbench::canvas::Rect::new(0, 0, 20, 3);
    let buffer = drawn((20, 3), Theme::Plain, |canvas| {
        for row in 0..3 {
            canvas.text(
                crate::workbench::canvas::line_of(area, row),
                " 漢漢漢漢漢漢漢漢漢",
                crate::workbench::theme::Role::Text,
            );
        }
        let inner = crate::workbench::canvas::Rect::new(4, 0, 11, 3);
        canvas.clear(inner);
        canvas.frame(inner, &[], true);
    });
    assert_eq!(
        text_of(&buffer).lines().collect::<Vec<_>>(),
        [" 漢 ┌─────────┐漢漢", " 漢 │         │漢漢", " 漢 └─────────┘漢漢"]
    );
}

#[test]
fn a_key_that_means_nothing_is_told_once_with_where_the_keys_are() {
    let mut state = state();
    press(&mut state, "f9");
    pictured("unknown-key", &mut state);
    press(&mut state, "f9");
    assert!(state.notice.is_none(), "{:?}", state.notice);
}

#[test]
fn escape_out_of_habit_tells_nothing_where_there_is_nothing_to_leave() {
    for pane in Pane::ALL {
        let mut state = state();
        state.pane = pane;
        press(&mut state, "esc esc");
        assert!(state.notice.is_none() && state.pane == pane, "{pane:?}: {:?}", state.notice);
    }
}

#[test]
fn what_is_typed_for_a_window_that_did_not_open_is_dropped_for_a_moment() {
    let mut state = state();
    state.ends.destination = destination("prod", true);
    state.pane = Pane::Plan;
    press(&mut state, "r");
    type_in(&mut state, "prod");
    press(&mut state, "enter");
    assert_eq!((state.popups.len(), state.pane), (0, Pane::Plan));
    pictured("typed-ahead", &mut state);
    state.now += jiff::SignedDuration::from_secs(1);
    press(&mut state, "5");
    assert_eq!(state.pane, Pane::History, "later it is meant");
}
