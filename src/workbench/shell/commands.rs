//! The commands of everywhere, and those of the shell's popups.
//! Must not know: panes beyond their names.

use super::draw::columns_of_view;
use super::popup::{Popup, View};
use super::{help, quit};
use crate::workbench::command::{Availability, Command, Scope, Typing};
use crate::workbench::effect::Effect;
use crate::workbench::state::{self, Pane, State};
use crate::workbench::widgets::{Cursor, Field, Move};
use crate::workbench::{panes, update};

const EVERYWHERE: Scope = Scope::Everywhere;

pub const COMMANDS: &[Command] = &[
    Command::new("pane.locations", EVERYWHERE, "1", "locations", "Choose source and destination", |state| {
        panes::show(state, Pane::Locations)
    }),
    Command::new("pane.content", EVERYWHERE, "2", "content", "Pick content of the source", |state| {
        panes::show(state, Pane::Content)
    }),
    Command::new("pane.plan", EVERYWHERE, "3", "plan", "See what would happen to each item", |state| {
        panes::show(state, Pane::Plan)
    }),
    Command::new("pane.transfers", EVERYWHERE, "4", "transfers", "Watch what is running", |state| {
        panes::show(state, Pane::Transfers)
    }),
    Command::new("pane.history", EVERYWHERE, "5", "history", "Look back at all runs", |state| {
        panes::show(state, Pane::History)
    }),
    Command::new("move.up", EVERYWHERE, "up k", "up", "Move up a row", |state| update::go(state, Move::Up))
        .typing(Typing::Never),
    Command::new("move.down", EVERYWHERE, "down j", "down", "Move down a row", |state| update::go(state, Move::Down)),
    Command::new("move.up.typing", EVERYWHERE, "up ctrl-p", "up", "Move up while typing", |state| {
        update::go(state, Move::Up)
    })
    .typing(Typing::Only),
    Command::new("move.down.typing", EVERYWHERE, "down ctrl-n", "down", "Move down while typing", |state| {
        update::go(state, Move::Down)
    })
    .typing(Typing::Only),
    Command::new("move.page-up", EVERYWHERE, "pageup ctrl-b", "page up", "Move up a page", |state| {
        update::go(state, Move::PageUp)
    })
    .typing(Typing::Also),
    Command::new("move.page-down", EVERYWHERE, "pagedown ctrl-f", "page down", "Move down a page", |state| {
        update::go(state, Move::PageDown)
    })
    .typing(Typing::Also),
    Command::new("move.first", EVERYWHERE, "home g", "first", "Move to the first row", |state| {
        update::go(state, Move::First)
    }),
    Command::new("move.last", EVERYWHERE, "end G", "last", "Move to the last row", |state| {
        update::go(state, Move::Last)
    }),
    Command::new("help", EVERYWHERE, "? f1", "help", "Show all keys that work here", open_help).footer(98),
    Command::new("help.typing", EVERYWHERE, "f1", "help", "Show all keys that work here, while typing", open_help)
        .typing(Typing::Only)
        .footer(98),
    Command::new("palette", EVERYWHERE, ": ctrl-p", "commands", "Find a command by its name", |state| {
        open(state, Popup::Palette { field: Field::default(), cursor: Cursor::default() })
    })
    .footer(100),
    Command::new("messages", EVERYWHERE, "!", "messages", "Read again what was told above the footer", messages)
        .when(something_was_told),
    Command::new("redraw", EVERYWHERE, "ctrl-l", "redraw", "Draw the screen anew", |_| vec![Effect::Redraw])
        .typing(Typing::Also),
    Command::new("suspend", EVERYWHERE, "ctrl-z", "suspend", "Go back to the shell for a while; fg continues", |_| {
        vec![Effect::Suspend]
    })
    .typing(Typing::Also),
    Command::new("quit", EVERYWHERE, "q", "quit", "Leave the workbench", quit).footer(99),
    Command::new("quit.now", EVERYWHERE, "ctrl-c", "quit", "Leave the workbench, from anywhere", quit)
        .typing(Typing::Also),
    // Popups
    popup("help.close", "help", "esc f1", "close", "Close the help", close).typing(Typing::Also).footer(1),
    popup("help.run", "help", "enter", "use it", "Use the command under the cursor", help::run_chosen)
        .typing(Typing::Also)
        .footer(2),
    popup("palette.run", "palette", "enter", "use it", "Use the command under the cursor", help::run_chosen)
        .typing(Typing::Also)
        .footer(1),
    popup("palette.close", "palette", "esc", "close", "Close the palette", close).typing(Typing::Also).footer(2),
    popup("confirm.yes", "confirm", "enter", "go ahead", "Answer yes", yes)
        .typing(Typing::Also)
        .footer(1)
        .when(is_answered),
    popup("confirm.yes-key", "confirm", "y", "yes", "Answer yes", yes),
    popup("confirm.no", "confirm", "esc", "no", "Answer no: nothing happens", close).typing(Typing::Also).footer(2),
    popup("confirm.no-key", "confirm", "n q", "no", "Answer no: nothing happens", close),
    popup("ask.yes", "ask", "enter", "accept", "Take what was typed", answer).typing(Typing::Also).footer(1),
    popup("ask.close", "ask", "esc", "leave it", "Close the question: nothing happens", close)
        .typing(Typing::Also)
        .footer(2),
    popup("choose.take", "choose", "enter space", "choose", "Take the choice under the cursor", take).footer(1),
    popup("choose.close", "choose", "esc q", "leave it", "Close: nothing is chosen", close).footer(2),
    popup("view.close", "view", "esc enter q", "close", "Close the text", close).footer(1),
    popup("view.copy", "view", "y", "copy", "Copy to the clipboard", copy).footer(2).when(|state| match top(state) {
        Some(Popup::View(view)) if view.copy.is_some() => Ok(()),
        _ => Err("there is nothing to copy here".into()),
    }),
];

const fn popup(
    id: &'static str,
    name: &'static str,
    keys: &'static str,
    label: &'static str,
    help: &'static str,
    run: fn(&mut State) -> Vec<Effect>,
) -> Command {
    Command::new(id, Scope::Popup(name), keys, label, help, run)
}

fn open_help(state: &mut State) -> Vec<Effect> {
    open(state, Popup::Help { filter: Field::default(), cursor: Cursor::default() })
}

fn messages(state: &mut State) -> Vec<Effect> {
    let lines = state.told.lines(&state.settings.zone, columns_of_view(state.size.0));
    View::new("Messages, the newest first", lines).open(state);
    Vec::new()
}

fn something_was_told(state: &State) -> Availability {
    if state.told.is_empty() { Err("nothing was told yet".into()) } else { Ok(()) }
}

fn is_answered(state: &State) -> Availability {
    match top(state) {
        Some(Popup::Confirm(confirm)) if !confirm.is_answered() => Err("the word above has to be typed first".into()),
        _ => Ok(()),
    }
}

fn open(state: &mut State, popup: Popup) -> Vec<Effect> {
    state.open(state::Popup::Shell(popup));
    Vec::new()
}

fn top(state: &State) -> Option<&Popup> {
    match state.popups.last() {
        Some(state::Popup::Shell(popup)) => Some(popup),
        _ => None,
    }
}

fn close(state: &mut State) -> Vec<Effect> {
    state.popups.pop();
    Vec::new()
}

fn yes(state: &mut State) -> Vec<Effect> {
    match state.popups.pop() {
        Some(state::Popup::Shell(Popup::Confirm(confirm))) if confirm.is_answered() => confirm.then.run(state, ()),
        other => {
            state.popups.extend(other);
            Vec::new()
        }
    }
}

fn answer(state: &mut State) -> Vec<Effect> {
    match state.popups.pop() {
        Some(state::Popup::Shell(Popup::Ask(ask))) => ask.then.run(state, ask.field),
        other => {
            state.popups.extend(other);
            Vec::new()
        }
    }
}

fn take(state: &mut State) -> Vec<Effect> {
    match state.popups.pop() {
        Some(state::Popup::Shell(Popup::Choose(choose))) => {
            let at = choose.cursor.at;
            match choose.choices.get(at).map(|choice| choice.refused.clone()) {
                Some(None) => choose.then.run(state, at),
                Some(Some(why)) => {
                    state.tell(super::Notice::warning(why));
                    choose.open(state);
                    Vec::new()
                }
                None => Vec::new(),
            }
        }
        other => {
            state.popups.extend(other);
            Vec::new()
        }
    }
}

fn copy(state: &mut State) -> Vec<Effect> {
    let text = match top(state) {
        Some(Popup::View(view)) => view.copy.clone(),
        _ => None,
    };
    let Some(text) = text else { return Vec::new() };
    state.tell(super::Notice::info("copied to the clipboard"));
    vec![Effect::Copy(text)]
}
