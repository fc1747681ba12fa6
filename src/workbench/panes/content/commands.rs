//! What can be done in the pane.
//! Must not know: how it is done.

use super::state::{Popup, Stage};
use super::{findings, ids, looking, narrowing, picking, update};
use crate::workbench::canvas::ListId;
use crate::workbench::command::{Availability, Command, Scope, Typing};
use crate::workbench::effect::Effect;
use crate::workbench::state::{Pane, State};
use crate::workbench::widgets::Move;

const fn here(
    id: &'static str,
    keys: &'static str,
    label: &'static str,
    help: &'static str,
    run: fn(&mut State) -> Vec<Effect>,
) -> Command {
    Command::new(id, Scope::Pane(Pane::Content), keys, label, help, run).when(listed)
}

const fn in_list(
    list: ListId,
    id: &'static str,
    keys: &'static str,
    label: &'static str,
    help: &'static str,
    run: fn(&mut State) -> Vec<Effect>,
) -> Command {
    Command::new(id, Scope::List(Pane::Content, list), keys, label, help, run).when(listed)
}

const fn in_ids(
    id: &'static str,
    keys: &'static str,
    label: &'static str,
    help: &'static str,
    run: fn(&mut State) -> Vec<Effect>,
) -> Command {
    Command::new(id, Scope::Popup("ids"), keys, label, help, run).typing(Typing::Also)
}

pub const COMMANDS: &[Command] = &[
    in_list(ListId::Items, "content.pick", "space", "pick", "Pick or unpick the item, or the range", picking::toggle)
        .when(some_shown)
        .footer(1),
    in_list(ListId::Items, "content.details", "enter", "open", "Give the details the whole width", looking::zoom)
        .when(some_shown)
        .footer(7),
    in_list(
        ListId::Groups,
        "content.group",
        "enter space",
        "only these",
        "Narrow the list to the group, or no longer; fold a section",
        narrowing::choose_group,
    )
    .footer(1),
    in_list(
        ListId::Groups,
        "content.group-pick",
        "p",
        "pick them all",
        "Pick every item of the group; once more unpicks them",
        narrowing::pick_group,
    )
    .when(on_group)
    .footer(2),
    in_list(ListId::Details, "content.zoom", "enter", "zoom", "Give the details the whole width, or no longer", {
        looking::zoom
    })
    .footer(1),
    in_list(ListId::Details, "content.right", "right l", "right", "Show the columns further right", |state| {
        looking::sideways(state, true)
    }),
    in_list(ListId::Details, "content.left", "left h", "left", "Show the columns further left", |state| {
        looking::sideways(state, false)
    }),
    here("content.all", "a", "all shown", "Pick everything that the list shows", picking::all_shown)
        .when(some_rows)
        .footer(2),
    here("content.none", "A", "none shown", "Unpick everything that the list shows", picking::none_shown)
        .when(some_rows_picked),
    here("content.ids", "u", "by id", "Pick by ids that you type or paste", |state| ids::open(state, ""))
        .when(list_in_view)
        .footer(3),
    here(
        "content.filter",
        "/",
        "filter",
        "Narrow the list by words: sms tag:billing locale:de is:draft !not ^start ~fuzzy",
        narrowing::type_filter,
    )
    .when(list_in_view)
    .footer(4),
    Command::new(
        "content.filter.keep",
        Scope::Pane(Pane::Content),
        "enter tab",
        "keep it",
        "Go to the list; the filter stays",
        narrowing::keep_filter,
    )
    .typing(Typing::Only)
    .footer(1),
    Command::new(
        "content.filter.clear",
        Scope::Pane(Pane::Content),
        "esc",
        "clear",
        "Clear the filter",
        narrowing::clear_filter,
    )
    .typing(Typing::Only)
    .footer(2),
    here("content.next-list", "tab", "lists", "Go to the groups, the details, the list in turn", |state| {
        turn(state, true)
    })
    .footer(6),
    here("content.previous-list", "shift-tab", "list before", "Go to the list before", |state| turn(state, false)),
    here("content.list-left", "left h", "left", "Go to the list on the left", |state| beside(state, ListId::Groups)),
    here("content.list-right", "right l", "right", "Go to the list on the right", |state| {
        beside(state, ListId::Details)
    }),
    here("content.range", "v", "range", "Mark a range from here; space picks all of it", picking::mark_range)
        .when(some_rows)
        .footer(8),
    here("content.range-up", "shift-up", "range up", "Extend the range up", |state| {
        picking::extend_range(state, Move::Up)
    })
    .when(some_rows),
    here("content.range-down", "shift-down", "range down", "Extend the range down", |state| {
        picking::extend_range(state, Move::Down)
    })
    .when(some_rows),
    here("content.invert", "i", "invert", "Pick what is not picked of the list, and unpick what is", {
        picking::invert_shown
    })
    .when(some_rows),
    here("content.clear", "c", "clear picks", "Unpick everything, shown or not", picking::clear).when(some_picked),
    here("content.undo", "z", "undo", "Take the last change of the picks back", picking::undo).when(some_past),
    here("content.dependencies", "D", "dependencies", "Choose how what the picks need comes along", {
        picking::choose_dependencies
    })
    .when(list_in_view)
    .footer(9),
    here("content.needed", "d", "needed", "Show or hide the part of the list that says what comes along", |state| {
        state.content.look.needed = !state.content.look.needed;
        Vec::new()
    }),
    here("content.finding", "f", "next finding", "Go to the next finding about the picks", findings::next)
        .when(some_finding)
        .footer(10),
    here("content.sort", "S", "sort", "Sort by kind, name, newest, size in turn", narrowing::sort).when(list_in_view),
    here("content.copy-id", "y", "copy id", "Copy the id to the clipboard", looking::copy_id)
        .when(some_shown)
        .footer(11),
    here("content.copy-content", "Y", "copy JSON", "Copy the item's content to the clipboard", looking::copy_content)
        .when(some_content)
        .footer(12),
    here("content.refresh", "R", "list again", "List the source again; what is picked stays picked", |state| {
        update::list(state, None)
    })
    .when(some_source),
    here("content.back", "esc", "back", "Step back: out of the range, the whole width, the filter, the groups", {
        narrowing::back
    }),
    Command::new(
        "content.go-on",
        Scope::Pane(Pane::Content),
        "enter",
        "go on",
        "Do what helps while there is no list: choose a source, type a key, try again",
        update::go_on,
    )
    .when(no_list)
    .footer(1),
    in_ids("content.ids.pick", "enter", "pick them", "Pick what was found", ids::pick).when(ids::can_pick).footer(1),
    in_ids("content.ids.close", "esc", "leave it", "Close: nothing is picked", ids::close).footer(2),
];

/// From the list to the groups first: they are what narrows it.
const LISTS: [ListId; 3] = [ListId::Items, ListId::Groups, ListId::Details];

fn turn(state: &mut State, forward: bool) -> Vec<Effect> {
    let look = &mut state.content.look;
    let at = LISTS.iter().position(|list| *list == look.focus).unwrap_or(0);
    look.focus = LISTS[(at + if forward { 1 } else { LISTS.len() - 1 }) % LISTS.len()];
    look.zoom = false;
    Vec::new()
}

/// From the list to the one on that side, and back to the list from the other.
fn beside(state: &mut State, side: ListId) -> Vec<Effect> {
    let look = &mut state.content.look;
    if look.focus != side {
        look.focus = if look.focus == ListId::Items { side } else { ListId::Items };
    }
    Vec::new()
}

fn refused(is: bool, why: &'static str) -> Availability {
    if is { Err(why.into()) } else { Ok(()) }
}

fn listed(state: &State) -> Availability {
    match (&state.content.stock, &state.content.stage) {
        (Some(_), _) => Ok(()),
        (None, Stage::NoSource) => Err("choose a source with 1 first".into()),
        (None, Stage::Listing { .. }) => Err("the source is still being listed".into()),
        (None, _) => Err("the source could not be listed".into()),
    }
}

fn list_in_view(state: &State) -> Availability {
    listed(state)?;
    refused(state.content.look.zoom, "go back to the list with esc first")
}

fn some_rows(state: &State) -> Availability {
    list_in_view(state)?;
    some_shown(state)
}

fn some_rows_picked(state: &State) -> Availability {
    list_in_view(state)?;
    some_picked(state)
}

fn some_shown(state: &State) -> Availability {
    listed(state)?;
    refused(state.content.shown.is_empty(), "the list is empty")
}

fn some_picked(state: &State) -> Availability {
    listed(state)?;
    refused(state.content.picks.items.is_empty(), "nothing is picked")
}

fn some_past(state: &State) -> Availability {
    refused(state.content.picks.past.is_empty(), "nothing was picked or unpicked")
}

fn some_finding(state: &State) -> Availability {
    refused(state.content.needed.findings.is_empty(), "there is no finding about what is picked")
}

fn some_source(state: &State) -> Availability {
    refused(state.ends.source.is_none(), "choose a source with 1 first")?;
    refused(matches!(state.content.stage, Stage::Listing { .. }), "it is being listed")
}

fn on_group(state: &State) -> Availability {
    listed(state)?;
    refused(narrowing::group(&state.content).is_none(), "move to a group first")
}

fn some_content(state: &State) -> Availability {
    let read = matches!(state.content.details.content, super::state::Content::Read { .. });
    refused(!read, "the content was not read yet")
}

fn no_list(state: &State) -> Availability {
    let content = &state.content;
    refused(content.stock.is_some() || matches!(content.stage, Stage::Listing { .. }), "the list is there")
}

/// The scope of the popup's commands.
pub fn popup_name(popup: &Popup) -> &'static str {
    match popup {
        Popup::Ids(_) => "ids",
    }
}
