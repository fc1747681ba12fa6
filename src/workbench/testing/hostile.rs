//! Content can never steer the terminal: a corpus of hostile and merely unusual texts, put wherever foreign text is
//! shown.
//! Must not know: how text is cleaned.

use proptest::prelude::*;

use super::{World, assert_tame, look, state};
use crate::model::{Error, ErrorKind, Platform};
use crate::workbench::canvas::{Canvas, Rect, line_of, span};
use crate::workbench::ends::{DestinationEnd, Location, SourceEnd};
use crate::workbench::message::Message;
use crate::workbench::panes::content;
use crate::workbench::shell::{Action, Ask, Choice, Choose, Confirm, Notice, View};
use crate::workbench::state::{Pane, State};
use crate::workbench::theme::{Role, Theme};
use crate::workbench::update::update;
use crate::workbench::widgets::{Cursor, Field};

const HOSTILE: [(&str, &str); 48] = [
    ("nul", "a\0b"),
    (
        "all of C0",
        "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\t\n\u{b}\u{c}\r\u{e}\u{f}\u{10}\u{11}\u{12}\u{13}\u{14}\u{15}\u{16}\u{17}\u{18}\u{19}\u{1a}\u{1b}\u{1c}\u{1d}\u{1e}\u{1f}\u{7f}",
    ),
    (
        "all of C1",
        "\u{80}\u{81}\u{84}\u{85}\u{88}\u{8d}\u{8e}\u{8f}\u{90}\u{96}\u{97}\u{98}\u{9a}\u{9b}\u{9c}\u{9d}\u{9e}\u{9f}",
    ),
    ("red", "\x1b[31mred\x1b[0m"),
    ("clear", "\x1b[2J\x1b[H"),
    ("cursor", "\x1b[5A\x1b[999C\x1b7\x1b8\x1bc"),
    ("scroll region", "\x1b[1;1r\x1b[S"),
    ("alternate screen", "\x1b[?1049l\x1b[?25h\x1b[?1000l"),
    ("answerback", "\x1b[c\x1b[6n\x1b[>c\x05"),
    ("C1 sequences", "\u{9b}31m\u{9b}2J\u{9d}0;title\u{9c}"),
    ("title", "\x1b]0;owned\x07"),
    ("clipboard", "\x1b]52;c;cm0gLXJmIH4=\x07"),
    ("hyperlink", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\"),
    ("notification", "\x1b]9;4;1;50\x1b\\\x1b]777;notify;a;b\x07"),
    ("sixel and DCS", "\x1bPq#0;2;0;0;0~-\x1b\\\x1bP+q544e\x1b\\"),
    ("APC, PM, SOS", "\x1b_Gf=24\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\"),
    ("kitty keyboard", "\x1b[>1u\x1b[=5;1u\x1b[<u"),
    ("bracketed paste end", "\x1b[201~rm -rf ~\r"),
    ("overprint", "safe\rEVIL\x08\x08"),
    ("unfinished", "x\x1b["),
    ("bidi override", "\u{202e}gnp.exe\u{202c}"),
    ("bidi isolates", "\u{2066}a\u{2067}b\u{2068}c\u{2069}\u{200e}\u{200f}\u{61c}"),
    ("right to left", "שלום עולם سلام 123"),
    ("zero width", "ad\u{200b}mi\u{200c}n\u{200d}\u{2060}\u{feff}"),
    ("soft hyphen", "pro\u{ad}duction"),
    ("line separators", "a\u{2028}b\u{2029}c\u{85}d"),
    ("joiner of graphemes", "a\u{34f}b"),
    ("Hangul fillers", "\u{115f}\u{1160}\u{3164}\u{ffa0}"),
    ("variation selectors", "a\u{fe00}b\u{fe0f}c\u{e0100}d"),
    ("smuggled", "😀\u{e0148}\u{e0165}\u{e016c}"),
    ("tags", "\u{e0001}\u{e0041}\u{e007f}"),
    ("noncharacters", "\u{fffe}\u{ffff}\u{fdd0}\u{1fffe}\u{10ffff}"),
    ("private use", "\u{e0a0}\u{f8ff}\u{f0000}\u{100000}"),
    ("interlinear", "\u{fff9}a\u{fffa}b\u{fffb}"),
    ("marks first", "\u{301}\u{302}\u{323}x"),
    (
        "flood of marks",
        "Z\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}\u{35c}a\u{489}\u{489}\u{489}\u{489}\u{489}\u{489}\u{489}",
    ),
    ("Vietnamese, decomposed", "Vie\u{323}\u{302}t Nam"),
    ("Thai and Tamil", "กำลัง ภาษาไทย தமிழ்"),
    ("Devanagari and Khmer", "क्षत्रिय हिन्दी ភាសាខ្មែរ"),
    ("Persian", "می\u{200c}خواهم لا"),
    ("Hangul, decomposed", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
    ("wide", "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"),
    ("wide after one", "x漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"),
    ("full width", "ｆｕｌｌ　ｗｉｄｔｈ｜"),
    ("family", "👨\u{200d}👩\u{200d}👧\u{200d}👦 👩🏽\u{200d}💻"),
    ("emoji presentation", "❤\u{fe0f}☎\u{fe0f}1\u{fe0f}\u{20e3}✈\u{fe0e}"),
    ("flags", "🇩🇪🇵🇱🇫 🏴\u{e0067}\u{e0062}\u{e0065}\u{e007f} 🏳\u{fe0f}\u{200d}🌈"),
    ("box drawing", "│┐└─┤ ║ ▌"),
];

/// The right border stands in every row of every frame that is not covered.
fn assert_borders(buffer: &ratatui::buffer::Buffer) {
    let area = buffer.area;
    let at = |x: u16, y: u16| buffer[(x, y)].symbol();
    for (x, y) in (0..area.height).flat_map(|y| (0..area.width).map(move |x| (x, y))) {
        if at(x, y) != "┐" {
            continue;
        }
        let end = (y + 1..area.height).find(|below| !["│", "┤", "├"].contains(&at(x, *below)));
        let end = end.unwrap_or(area.height - 1);
        assert!(["┘", "┴", "┤"].contains(&at(x, end)), "the border at {x}, {y} breaks off at row {end}");
    }
}

fn framed(text: &str, columns: u16, cut: bool) {
    let area = Rect::new(0, 0, columns, 9);
    let buffer = super::drawn((columns, 9), Theme::Dark, |canvas| {
        let inner = canvas.frame(area, &[span(text, Role::Heading)], true);
        canvas.text(line_of(inner, 0), text, Role::Text);
        canvas.right(line_of(inner, 1), text, Role::Good);
        canvas.line(line_of(inner, 2), &[span("a", Role::Dim), span(text, Role::Key), span(text, Role::Bad)]);
        let rest = Rect { y: inner.y + 3, height: 2.min(inner.height), ..inner };
        canvas.paragraph(rest, text, Role::Text);
        let cursor = text.chars().count();
        canvas.field(line_of(inner, 5), (text.to_owned(), cursor), true);
        canvas.field(line_of(inner, 6), (text.to_owned(), cursor / 2), true);
        if cut {
            over(canvas, inner);
        }
    });
    assert_tame(&buffer);
    if !text.contains(['│', '┐', '─']) {
        let right = columns - 1;
        for y in 1..8 {
            assert_eq!(buffer[(right, y)].symbol(), "│", "{text:?} in {columns} columns, row {y}");
        }
        assert_eq!(replayed_column(&buffer, right), ["┐", "│", "│", "│", "│", "│", "│", "│", "┘"]);
    }
}

/// A popup over half of it.
fn over(canvas: &mut Canvas<'_>, inner: Rect) {
    let area = Rect { x: inner.x + inner.width / 2, width: inner.width / 3, ..inner };
    canvas.clear(area);
    canvas.frame(area, &[], false);
}

fn replayed_column(buffer: &ratatui::buffer::Buffer, x: u16) -> Vec<String> {
    super::replay(buffer).into_iter().map(|row| row[usize::from(x)].clone()).collect()
}

#[test]
fn a_frame_stays_a_frame_whatever_stands_in_it() {
    for (_, text) in HOSTILE {
        for columns in [4, 5, 6, 7, 12, 13, 31, 80] {
            framed(text, columns, false);
            framed(text, columns, true);
            framed(&text.repeat(20), columns, false);
        }
    }
}

proptest! {
    #[test]
    fn a_frame_stays_a_frame_whatever_anybody_thinks_of(text in any::<String>(), columns in 4u16..40) {
        // The emulator knows no half-width sound marks, which terminals give a column of their own.
        let text = text.replace(['\u{ff9e}', '\u{ff9f}'], "");
        framed(&text, columns, true);
    }
}

fn each(state: &mut State) {
    for size in [(80, 24), (60, 15)] {
        update(state, Message::Resize(size.0, size.1));
        assert_tame(&look(state));
    }
}

#[test]
fn no_name_error_notice_or_question_steers_the_terminal() {
    for (_, text) in HOSTILE {
        let mut state = state();
        let location = Location::Bundle(format!("/tmp/{text}").into());
        let end = SourceEnd { location, platform: Platform::Ziggy, production: false, opened: None };
        state.ends.source = Some(end);
        let location = Location::Address(text.to_owned());
        let end = DestinationEnd::Remote { location, platform: Platform::Ziggy, production: true };
        state.ends.destination = Some(end);
        state.tell(Notice::warning(text).hint(text));
        for pane in Pane::ALL {
            state.pane = pane;
            each(&mut state);
        }
        state.tell_error(&Error::new(ErrorKind::Io, text.repeat(9)).hint(text).at(text));
        each(&mut state);
        type Opens<'a> = Box<dyn FnOnce(&mut State) + 'a>;
        let mut popups: Vec<Opens<'_>> = vec![
            Box::new(|state| {
                Confirm::new(text, vec![text.repeat(9), text.into()], "go", |_| Vec::new()).word(text).open(state);
            }),
            Box::new(|state| {
                let field = Field::new(text);
                Ask::new(text, vec![text.into()], "go", field, |_, _| Vec::new()).error(text.repeat(5)).open(state);
            }),
            Box::new(|state| {
                let choice = |refused| Choice { label: text.into(), help: text.into(), refused };
                let choices = vec![choice(None), choice(Some(text.to_owned()))];
                let cursor = Cursor { at: 1, top: 0 };
                Choose { title: text.into(), choices, cursor, then: Action::new(|_, _| Vec::new()) }.open(state);
            }),
            Box::new(|state| View::new(text, vec![text.into(), text.repeat(9)]).open(state)),
        ];
        for popup in popups.drain(..) {
            popup(&mut state);
            each(&mut state);
            update(&mut state, Message::Resize(80, 24));
            super::press(&mut state, "f1");
            update(&mut state, Message::Paste(text.to_owned()));
            each(&mut state);
            state.popups.clear();
        }
        update(&mut state, Message::Resize(80, 24));
        super::press(&mut state, "!");
        each(&mut state);
    }
}

/// A bundle in which every text that a person sees is hostile.
fn bundle() -> Vec<u8> {
    let text = include_str!("../../../tests/data/ziggy/export-object.json");
    let mut bundle: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let flow = bundle["flows"][0].clone();
    // Borders within names would be taken for borders of the frame.
    let texts = HOSTILE.iter().filter(|(_, text)| !text.contains('┐'));
    let flows = texts.enumerate().map(|(at, (what, text))| {
        let mut flow = flow.clone();
        flow["uuid"] = format!("f1000000-0000-4000-8000-{at:012}").into();
        flow["name"] = format!("{what}: {text}").into();
        flow["tags"] = serde_json::json!([text, what]);
        flow["description"] = (*text).into();
        flow["nodes"][0]["data"]["name"] = (*text).into();
        flow
    });
    bundle["flows"] = flows.collect();
    serde_json::to_vec(&bundle).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_content_steers_the_terminal_from_browsing_to_the_report() {
    let mut world = World::new().await;
    let path = world.folder.path().join("\u{202e}gnp.\u{1b}[31mred\u{7}.json");
    std::fs::write(&path, bundle()).expect("written");
    let location = Location::Bundle(path);
    world.state.ends.source = Some(SourceEnd { location, platform: Platform::Ziggy, production: false, opened: None });
    let prod = Location::Remote("prod".to_owned());
    world.state.ends.destination =
        Some(DestinationEnd::Remote { location: prod, platform: Platform::Ziggy, production: false });
    let effects = content::source_changed(&mut world.state);
    world.begin(effects);
    world.settle().await;
    // Through the list and the details, picked, planned, looked at, carried out, watched, looked back at.
    let keys = "1 tab tab 2 tab down down down enter esc tab down down down down down enter down down esc a ? esc \
                3 down down enter tab esc tab f esc e esc r enter 4 V tab pageup down esc enter esc 5 down enter esc !";
    for key in keys.split_whitespace() {
        world.press(key).await;
        for size in [(160, 45), (80, 24)] {
            update(&mut world.state, Message::Resize(size.0, size.1));
            let buffer = look(&mut world.state);
            assert_tame(&buffer);
            if world.state.popups.is_empty() {
                assert_borders(&buffer);
            }
        }
    }
}
