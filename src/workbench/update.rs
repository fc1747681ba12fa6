//! One message makes one new state. Does no input or output: what is to be done outside is an effect.
//! Must not know: clocks, files, sockets, the terminal.

use super::canvas::{ListId, Target};
use super::command::{self, Command};
use super::effect::Effect;
use super::key::Key;
use super::message::{Click, Message};
use super::panes::{self, content, history, locations, plan, transfers};
use super::shell::{self, Notice};
use super::state::State;
use super::widgets::Move;
use crate::model::Severity;

pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => by_hand(state, |state| press(state, key)),
        Message::Paste(text) => by_hand(state, |state| paste(state, &text)),
        Message::Click(target, how) => by_hand(state, |state| click(state, target, how)),
        Message::Scroll(list, rows) => scroll(state, list, rows),
        Message::Resize(columns, rows) => {
            state.size = (columns, rows);
            shell::resized(state);
            Vec::new()
        }
        Message::Tick => {
            let now = state.now;
            state.notice.take_if(|notice| notice.is_over(now));
            Vec::new()
        }
        Message::Stop => {
            state.over = true;
            Vec::new()
        }
        Message::Defect(report) => {
            state.tell(Notice::warning("a defect of haul ended what was going on").hint(report));
            Vec::new()
        }
        Message::Locations(message) => locations::update(state, message),
        Message::Content(message) => content::update(state, message),
        Message::Plan(message) => plan::update(state, message),
        Message::Transfers(message) => transfers::update(state, message),
        Message::History(message) => history::update(state, message),
    }
}

/// Something that a person does: what the last thing that they did was answered with has been read by now.
fn by_hand(state: &mut State, work: impl FnOnce(&mut State) -> Vec<Effect>) -> Vec<Effect> {
    let now = state.now;
    let before = state.notice.take().filter(|notice| !notice.answers && !notice.was_read(now));
    let pane = state.pane;
    let effects = work(state);
    match &mut state.notice {
        Some(notice) => notice.answers = true,
        // Good news of one pane would hide the next step on another.
        None => state.notice = before.filter(|notice| state.pane == pane || notice.severity != Severity::Info),
    }
    effects
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    if state.is_cramped() {
        return press_cramped(state, key);
    }
    if shell::is_ahead(state, key) {
        return Vec::new();
    }
    if let Some(command) = state.settings.keymap.command(state, key) {
        if (command.available)(state).is_err() {
            shell::did_not_open(state, command);
            if shell::is_habit(key) {
                return Vec::new();
            }
        }
        return use_command(state, command);
    }
    if state.is_typing() && panes::field(state).is_some_and(|field| field.key(key)) {
        return panes::typed(state);
    }
    if !state.is_typing() {
        shell::unknown(state, key);
    }
    Vec::new()
}

/// A cramped terminal shows neither panes nor popups: only leaving and drawing anew can be meant, and an answer to the
/// question whether to leave.
fn press_cramped(state: &mut State, key: Key) -> Vec<Effect> {
    if shell::leaving_question(state).is_some() {
        let answer = state.settings.keymap.command(state, key);
        return answer.map_or_else(Vec::new, |command| use_command(state, command));
    }
    let harmless = ["quit", "quit.now", "redraw", "suspend"].into_iter().filter_map(command::find);
    let meant = harmless.into_iter().find(|command| state.settings.keymap.keys(command).contains(&key));
    meant.map_or_else(Vec::new, |command| use_command(state, command))
}

/// Does what a command says, or tells why it cannot be done now.
pub fn use_command(state: &mut State, command: &'static Command) -> Vec<Effect> {
    match (command.available)(state) {
        Ok(()) => {
            state.used = Some(command.id);
            (command.run)(state)
        }
        Err(why) => {
            state.tell(Notice::warning(format!("{}: {why}", command.label)));
            Vec::new()
        }
    }
}

fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(field) = state.is_typing().then(|| panes::field(state)).flatten() {
        // Several lines are meant for the pane: a list of ids, not a word to look for.
        if text.trim_end().lines().count() <= 1 || field.is_hidden() {
            field.paste(text);
            return panes::typed(state);
        }
    }
    panes::pasted(state, text)
}

fn click(state: &mut State, target: Target, how: Click) -> Vec<Effect> {
    match target {
        Target::Pane(pane) if state.popups.is_empty() => panes::show(state, pane),
        Target::Command(id) => {
            // What was clicked may have gone since it was drawn.
            let counts = command::counting(state.scope()).find(|command| command.id == id);
            counts.map_or_else(Vec::new, |command| use_command(state, command))
        }
        Target::Row(list, row) if how == Click::Plain => click_row(state, list, row),
        Target::List(list) => {
            panes::focus(state, list);
            Vec::new()
        }
        Target::Row(..) | Target::Check(..) | Target::Field(_) => panes::clicked(state, target, how),
        Target::Pane(_) | Target::Popup => Vec::new(),
    }
}

/// The first click goes there, a second one opens it.
fn click_row(state: &mut State, list: ListId, row: usize) -> Vec<Effect> {
    let was_there =
        panes::focused(state) == Some(list) && panes::cursor(state, list).is_some_and(|(at, _)| at.at == row);
    panes::focus(state, list);
    if was_there {
        let opens = panes::opens(list, state).and_then(command::find);
        return opens.map_or_else(Vec::new, |command| use_command(state, command));
    }
    go_in(state, list, Move::To(row))
}

/// Moves in the list that has the focus.
pub fn go(state: &mut State, step: Move) -> Vec<Effect> {
    match panes::focused(state) {
        Some(list) => go_in(state, list, step),
        None => Vec::new(),
    }
}

fn go_in(state: &mut State, list: ListId, step: Move) -> Vec<Effect> {
    let height = state.seen.height(list);
    let is_text = shell::is_text(state, list);
    let Some((cursor, rows)) = panes::cursor(state, list) else { return Vec::new() };
    let before = cursor.at;
    if is_text {
        cursor.read(step, rows, height);
    } else {
        cursor.go(step, rows, height);
    }
    if cursor.at == before { Vec::new() } else { panes::moved(state, list) }
}

fn scroll(state: &mut State, list: ListId, by: isize) -> Vec<Effect> {
    let height = state.seen.height(list);
    let Some((cursor, rows)) = panes::cursor(state, list) else { return Vec::new() };
    let before = cursor.at;
    cursor.scroll(by, rows, height);
    if cursor.at == before { Vec::new() } else { panes::moved(state, list) }
}
