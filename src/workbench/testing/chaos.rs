//! A cat on the keyboard: a hundred thousand random keys, clicks, pastes and turns of the wheel and a thousand random
//! sizes, over two servers. Nothing panics, and the way out always works.
//! Must not know: what any key means.

use std::time::Duration;

use super::{World, look};
use crate::workbench::canvas::ListId;
use crate::workbench::command;
use crate::workbench::key::Key;
use crate::workbench::message::{Click, Message};
use crate::workbench::state::{Pane, State};

const MESSAGES: usize = 100_000;
const RESIZES: usize = 1_000;
/// A frame after so many messages.
const DRAWN: usize = 25;
/// Effects get a moment after so many.
const PAUSE: usize = 50;
const SEED: u64 = 0x005e_ed0f_2026;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Every key that means something somewhere, and some that mean nothing.
fn keys() -> Vec<Key> {
    let known = command::all().flat_map(|command| command.keys.split(' '));
    let more = ["ä", "漢", "f5", "ctrl-y", "alt-x", "insert", "delete", "ctrl-left", "ctrl-w", "ctrl-u", "shift-up"];
    known.chain(more).filter_map(|key| key.parse().ok()).collect()
}

/// What is typed into fields leads to no path and no command that does anything.
fn is_harmless(state: &State, key: Key) -> bool {
    !state.is_typing() || key.character().is_none_or(|c| !"/~.".contains(c))
}

fn any_message(state: &State, keys: &[Key], dice: &mut Dice) -> Option<Message> {
    let (columns, rows) = state.size;
    Some(match dice.below(20) {
        0..14 => Message::Key(Some(*dice.one(keys)).filter(|key| is_harmless(state, *key))?),
        14..17 => {
            let how = *dice.one(&[Click::Plain, Click::Extend]);
            let hits = state.seen.hits();
            let (_, target) = hits.get(dice.below(hits.len()))?;
            Message::Click(*target, how)
        }
        17 => {
            let (x, y) = (dice.below(columns.into()) as u16, dice.below(rows.into()) as u16);
            Message::Click(state.seen.at(x, y)?, Click::Plain)
        }
        18 => {
            let lists = [ListId::Items, ListId::Groups, ListId::PlanItems, ListId::Log, ListId::Past, ListId::Popup];
            Message::Scroll(*dice.one(&lists), dice.below(9) as isize - 4)
        }
        _ => Message::Paste((*dice.one(&["", "one", "a b\nc", "\x1b[31m\u{202e}", "漢字 漢字\n\n"])).to_owned()),
    })
}

fn any_size(dice: &mut Dice) -> Message {
    match dice.below(3) {
        0 => Message::Resize(80 + dice.below(100) as u16, 24 + dice.below(40) as u16),
        1 => Message::Resize(1 + dice.below(300) as u16, 1 + dice.below(100) as u16),
        _ => Message::Resize(80, 24),
    }
}

/// In a process of its own, in a folder of its own: what is typed may be the name of a file to save.
#[test]
fn no_key_click_or_size_breaks_the_workbench_or_locks_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let this = std::env::current_exe().expect("this test");
    let child = "workbench::testing::chaos::a_cat_on_the_keyboard";
    let mut command = std::process::Command::new(this);
    command.args([child, "--exact", "--ignored", "--nocapture"]).current_dir(folder.path());
    let output = command.output().expect("it starts");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test above, in a folder that goes away"]
async fn a_cat_on_the_keyboard() {
    let mut world = World::new().await;
    let (keys, mut dice) = (keys(), Dice(SEED));
    // From both ends, picks and a plan on, so that there is something to break.
    world.press("enter down enter a 3").await;
    let mut shown = [0_usize; Pane::ALL.len()];
    for number in 0..MESSAGES {
        let message = match number % (MESSAGES / RESIZES) {
            0 => Some(any_size(&mut dice)),
            _ => any_message(&world.state, &keys, &mut dice),
        };
        if let Some(message) = message {
            world.take(message);
        }
        shown[world.state.pane.number() - 1] += 1;
        // Leaving is allowed, and then everything goes on.
        world.state.over = false;
        if number % DRAWN == 0 {
            look(&mut world.state);
        }
        if number % PAUSE == 0 {
            world.take_waiting();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    assert!(shown.iter().all(|times| *times > MESSAGES / 100), "it was everywhere: {shown:?}");
    the_way_out_works(&mut world).await;
}

async fn the_way_out_works(world: &mut World) {
    world.take(Message::Resize(80, 24));
    for _ in 0..20 {
        world.press_once("esc").await;
    }
    assert!(world.state.popups.is_empty() && !world.state.is_typing(), "{:?}", world.state.popups);
    world.press_once("1").await;
    assert_eq!(world.state.pane, Pane::Locations);
    world.press_once("q").await;
    if !world.state.over {
        world.press_once("enter").await;
    }
    assert!(world.state.over, "q leaves: {:?}", world.state.popups);
    world.desk.quitting.cancel();
}
