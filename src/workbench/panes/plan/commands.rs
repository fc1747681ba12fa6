//! The pane's commands: keys, words, and when they can be used.
//! Must not know: how any of them is carried out.

use super::state::{State as Plan, View};
use super::{choosing, deciding, launch, list, looking, question, saving};
use crate::model::Decision;
use crate::workbench::canvas::ListId;
use crate::workbench::command::{Availability, Command, Opens, Scope, Typing};
use crate::workbench::effect::Effect;
use crate::workbench::shell::Notice;
use crate::workbench::state::{Pane, State};

const HERE: Scope = Scope::Pane(Pane::Plan);

pub const COMMANDS: &[Command] = &[
    Command::new("plan.run", HERE, "r", "run …", "Run the plan: shows what it would do, and asks", launch::run)
        .footer(1)
        .opens(Opens::Question)
        .when(launch::can_run),
    Command::new(
        "plan.everything",
        HERE,
        "E",
        "everything",
        "Plan everything of the source, though nothing is picked",
        question::everything,
    )
    .footer(2)
    .when(|state| match state.plan.lack {
        Some(super::state::Lack::Picks) => Ok(()),
        _ if state.ends.source.is_none() => Err("no source is chosen".into()),
        _ if state.ends.destination.is_none() => Err("no destination is chosen".into()),
        _ if state.plan.everything.is_some() => Err("that is what is planned".into()),
        _ => Err("something is picked: 2 picks all".into()),
    }),
    Command::new(
        "plan.overwrite",
        HERE,
        "o",
        "overwrite",
        "Overwrite the destination's item, or all marked ones",
        |state| deciding::decide(state, Decision::Overwrite),
    )
    .footer(3)
    .when(|state| deciding::can_be(state, Decision::Overwrite)),
    Command::new("plan.skip", HERE, "s", "skip", "Leave the item out, or all marked ones", |state| {
        deciding::decide(state, Decision::Skip)
    })
    .footer(5)
    .when(deciding::can_decide),
    Command::new("plan.duplicate", HERE, "d", "duplicate", "Make a copy beside it, or of all marked ones", |state| {
        deciding::decide(state, Decision::Duplicate)
    })
    .footer(4)
    .when(|state| deciding::can_be(state, Decision::Duplicate)),
    Command::new(
        "plan.create",
        HERE,
        "c",
        "create",
        "Create what the destination lacks, or all marked ones",
        |state| deciding::decide(state, Decision::Create),
    )
    .footer(4)
    .when(|state| deciding::can_be(state, Decision::Create)),
    Command::new("plan.map", HERE, "m", "which one", "Say which one of the destination is meant", deciding::map)
        .footer(2)
        .when(deciding::can_map),
    Command::new("plan.undo", HERE, "z", "undo", "Take the newest decision back", deciding::undo)
        .footer(6)
        .when(|state| can(state.plan.sheet().is_some() && state.plan.edits.can_undo(), "nothing was decided here")),
    Command::new("plan.redo", HERE, "Z ctrl-r", "redo", "Do again what was taken back", deciding::redo)
        .when(|state| can(state.plan.sheet().is_some() && state.plan.edits.can_redo(), "nothing was taken back")),
    Command::new(
        "plan.reset",
        HERE,
        "backspace",
        "as policy",
        "Leave it to the policy again, or all marked ones",
        deciding::leave_to_policy,
    )
    .when(deciding::can_decide),
    Command::new(
        "plan.policy",
        HERE,
        "p",
        "policy",
        "Choose what happens to what is there already",
        choosing::choose_policy,
    )
    .footer(9)
    .when(choosing::decides),
    Command::new(
        "plan.mode",
        HERE,
        "M",
        "mode",
        "Choose to merge, or to replace and delete the rest",
        choosing::choose_mode,
    )
    .footer(11)
    .when(choosing::has_mode),
    Command::new(
        "plan.dependencies",
        HERE,
        "D",
        "dependencies",
        "Choose how items that are needed come along",
        choosing::choose_dependencies,
    ),
    Command::new(
        "plan.identical",
        HERE,
        "I",
        "identical",
        "Overwrite what is identical too, or skip it",
        question::switch_identical,
    )
    .when(choosing::decides),
    Command::new(
        "plan.blocked",
        HERE,
        "B",
        "blocked",
        "Leave types out that the destination cannot take, or let them stop a run",
        question::switch_blocked,
    )
    .when(has_schemas),
    Command::new(
        "plan.webhooks",
        HERE,
        "W",
        "webhooks",
        "Have the destination's webhooks off while it is written, or let them hear of it",
        question::switch_webhooks,
    )
    .when(choosing::has_webhooks),
    Command::new("plan.mark", HERE, "space", "mark", "Mark the item, to decide for several at once", list::mark)
        .when(in_items),
    Command::new("plan.range", HERE, "v", "range", "Begin a range here, or mark what lies between", |state| {
        list::range(&mut state.plan);
        Vec::new()
    })
    .when(in_items),
    Command::new("plan.mark-all", HERE, "*", "mark all", "Mark all items shown, or none", |state| {
        list::mark_all(&mut state.plan);
        Vec::new()
    })
    .footer(10)
    .when(in_items),
    Command::new(
        "plan.filter",
        HERE,
        "/",
        "filter",
        "Show only some: name, id, tag: decision: reason: kind: …",
        |state| {
            state.plan.filtering = true;
            Vec::new()
        },
    )
    .footer(12)
    .when(in_items),
    Command::new("plan.filter.keep", HERE, "enter", "keep", "Keep the filter and go back to the list", |state| {
        state.plan.filtering = false;
        Vec::new()
    })
    .typing(Typing::Only)
    .footer(1),
    Command::new("plan.filter.clear", HERE, "esc", "show all", "Take the filter away", list::clear_filter)
        .typing(Typing::Only)
        .footer(2),
    Command::new(
        "plan.quick",
        HERE,
        "F",
        "quick filter",
        "Show all, written, skipped, findings, or edited",
        list::next_quick,
    )
    .when(in_items),
    Command::new("plan.open", HERE, "enter", "diff", "Show the difference on the whole pane", looking::zoom)
        .footer(7)
        .when(can_open),
    Command::new(
        "plan.note",
        Scope::List(Pane::Plan, ListId::Notes),
        "enter",
        "its item",
        "Go to the item that the finding or effect is about",
        list::open_note,
    )
    .footer(2)
    .when(|state| can(state.plan.sheet().is_some_and(|sheet| !sheet.notes.is_empty()), "the list is empty")),
    Command::new("plan.focus", HERE, "tab", "other list", "Move in the difference, or back in the list", |state| {
        state.plan.in_difference = !state.plan.in_difference;
        Vec::new()
    })
    .when(in_items),
    Command::new("plan.next-change", HERE, "n", "next change", "Go to the next place that differs", |state| {
        change(state, true)
    })
    .footer(1)
    .when(in_difference),
    Command::new("plan.previous-change", HERE, "N", "previous", "Go to the place before that differs", |state| {
        change(state, false)
    })
    .footer(2)
    .when(in_difference),
    Command::new("plan.whole", HERE, "=", "whole", "Show the whole content, or only what differs", |state| {
        looking::switch_whole(&mut state.plan);
        Vec::new()
    })
    .footer(13)
    .when(has_difference),
    Command::new("plan.left", HERE, "left", "left", "Scroll the difference to the left", |state| {
        looking::scroll_sideways(&mut state.plan, false);
        Vec::new()
    })
    .when(has_difference),
    Command::new("plan.right", HERE, "right", "right", "Scroll the difference to the right", |state| {
        looking::scroll_sideways(&mut state.plan, true);
        Vec::new()
    })
    .when(has_difference),
    Command::new(
        "plan.notes",
        HERE,
        "f",
        "findings",
        "List effects and findings, each with all of its text",
        |state| {
            list::switch_notes(&mut state.plan);
            Vec::new()
        },
    )
    .footer(11)
    .when(has_plan),
    Command::new("plan.schemas", HERE, "t", "schemas", "List what differs between the schemas, by type", |state| {
        list::switch_schemas(&mut state.plan);
        Vec::new()
    })
    .footer(16)
    .when(has_schemas),
    Command::new(
        "plan.extras",
        HERE,
        "e",
        "only there",
        "Show what only the destination has, or hide it",
        list::switch_extras,
    )
    .when(|state| {
        has_plan(state)?;
        can(!question::is_export(state), "a new bundle holds nothing yet")
    }),
    Command::new("plan.save", HERE, "w", "save", "Save the plan to a file, to review, edit and apply", saving::save)
        .footer(8)
        .when(saving::can_save),
    Command::new("plan.load", HERE, "L", "load", "Load a saved plan with its ends and decisions", saving::load)
        .footer(16),
    Command::new(
        "plan.command",
        HERE,
        "y",
        "command line",
        "Show the command line that does the same",
        saving::command_line,
    )
    .footer(14)
    .when(has_plan),
    Command::new(
        "plan.again",
        HERE,
        "R",
        "plan again",
        "Read both ends again and plan; decisions stay",
        question::anew,
    )
    .footer(15)
    .when(|state| can(state.plan.work.is_none(), "it is being planned already")),
    Command::new(
        "plan.picks",
        HERE,
        "P",
        "my picks",
        "Plan what is picked, not what was loaded",
        question::leave_special,
    )
    .when(|state| can(state.plan.special.is_some(), "what is planned is what is picked")),
    Command::new("plan.back", HERE, "esc", "back", "Go back; cancel planning; take marks or filter away", back)
        .footer(3)
        .when(|state| can(goes_back(&state.plan), "there is nothing to go back from")),
];

fn can(it: bool, why_not: &'static str) -> Availability {
    if it { Ok(()) } else { Err(why_not.into()) }
}

fn has_plan(state: &State) -> Availability {
    can(state.plan.sheet().is_some(), "there is no plan yet")
}

fn has_schemas(state: &State) -> Availability {
    choosing::has_policy(state)?;
    has_plan(state)?;
    let has = state.plan.sheet().is_some_and(|sheet| sheet.rules().features.schemas);
    can(has, "types are alike on both sides of this platform")
}

fn in_items(state: &State) -> Availability {
    has_plan(state)?;
    can(state.plan.view == View::Items, "that works in the list; esc goes back there")
}

fn has_difference(state: &State) -> Availability {
    has_plan(state)?;
    can(
        !matches!(state.plan.view, View::Notes | View::Schemas) && state.plan.difference.comparison().is_some(),
        "no difference is shown",
    )
}

/// Where moving between changes is what somebody does.
fn in_difference(state: &State) -> Availability {
    has_difference(state)?;
    can(state.plan.in_difference, "⏎ or tab goes to the difference first")
}

fn can_open(state: &State) -> Availability {
    has_plan(state)?;
    match state.plan.view {
        View::Items => can(state.plan.difference.of.is_some(), "there is no difference to show"),
        View::Notes | View::Schemas => can(false, "that works in the list; esc goes back there"),
        View::Difference => can(false, "it fills the screen already"),
    }
}

fn change(state: &mut State, forward: bool) -> Vec<Effect> {
    if !looking::go_to_change(&mut state.plan, forward) {
        state.tell(Notice::info(if forward { "that was the last change" } else { "that was the first change" }));
    }
    Vec::new()
}

fn goes_back(plan: &Plan) -> bool {
    let waits = plan.work.as_ref().is_some_and(|work| !work.again);
    let filtered = !plan.filter.is_empty() || plan.quick != super::sift::Quick::All;
    let marked = plan.marks.range().is_some() || plan.marks.count() > 0;
    waits || plan.view != View::Items || plan.in_difference || (plan.sheet().is_some() && (marked || filtered))
}

/// One thing at a time, the nearest first.
fn back(state: &mut State) -> Vec<Effect> {
    let plan = &mut state.plan;
    if plan.work.as_ref().is_some_and(|work| !work.again) {
        question::cancel(plan);
    } else if plan.view != View::Items || plan.in_difference {
        (plan.view, plan.in_difference) = (View::Items, false);
    } else if plan.marks.range().is_some() {
        plan.marks.drop_range();
    } else if plan.marks.count() > 0 {
        let len = plan.sheet().map_or(0, |sheet| sheet.len());
        plan.marks.clear(len);
    } else {
        return list::clear_filter(state);
    }
    Vec::new()
}
