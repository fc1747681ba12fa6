//! The picture on top of `README.md`: the plan with a difference, in colours.

use crate::page::FOLDER;
use crate::terminal_common::{Key, Picture, Screen, capture_svg};
use crate::walk::Home;

#[test]
fn the_picture_of_the_readme() {
    let home = Home::new();
    let mut command = home.haul(&["demo", "--latency", "0"]);
    command.env("COLORTERM", "truecolor").env("HAUL_THEME", "dark");
    let mut screen = Screen::start_command(&command, 100, 30);
    screen.wait_for("not checked yet");
    screen.key(Key::Enter).wait_for("is the source");
    screen.key(Key::Enter).wait_for("of 84 picked");
    screen.keys("/tag:billing").wait_for("of 10 picked");
    screen.key(Key::Enter).keys("a").wait_for("10 of 10 picked");
    screen.keys("3").wait_for("D dependencies");
    screen.keys("p").wait_for("What happens to");
    screen.key(Key::Down).wait_for("what differs is");
    screen.key(Key::Enter).wait_for("overwrite · ");
    screen.wait_until(|picture| !picture.contains("planning") && picture.contains("effects:"));
    while !screen.picture().contains("▸● Invoice approval") {
        let before = cursor(&screen.picture());
        screen.key(Key::Down).wait_until(|picture| cursor(picture) != before);
    }
    screen.wait_for("fields differ");
    let picture = screen.wait_until(|picture| picture.contains("~   \"timeout\"") && picture.contains("r runs it"));
    capture_svg(FOLDER, "plan", &picture);
    screen.keys("q").end();
    screen.assert_restored();
}

/// The row that the cursor of the list is in.
fn cursor(picture: &Picture) -> Option<(u16, u16)> {
    picture.find("│▸")
}
