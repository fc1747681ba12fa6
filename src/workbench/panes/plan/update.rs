//! What follows from the answers to this pane's effects.
//! Must not know: how they were found.

use super::message::Message;
use super::{answering, deciding, list, looking, question, saving};
use crate::workbench::effect;
use crate::workbench::state::State;

pub fn update(state: &mut State, message: Message) -> Vec<effect::Effect> {
    match message {
        Message::Planned { generation, answer } => return answering::planned(state, generation, answer),
        Message::Sifted { number, rows } => return list::sifted(state, number, rows),
        Message::Extras { number, items, rows } => return list::extras(state, number, items, rows),
        Message::Judged { sheet, decision, judged } => return deciding::judged(state, &sheet, decision, judged),
        Message::Compared { generation, subject, comparison } => {
            looking::compared(&mut state.plan, generation, subject, comparison);
        }
        Message::Counted { generation, fields } => {
            if generation == state.plan.generation {
                state.plan.fields.extend(fields);
            }
        }
        Message::Saved { path } => saving::saved(state, &path),
        Message::InTheWay { path } => return saving::in_the_way(state, path),
        Message::NotSaved(error) => state.tell_error(&error),
        Message::Loaded(loaded) => return question::open(state, *loaded),
        Message::NotLoaded { what, error } => saving::not_loaded(state, &what, error),
        Message::CommandLine(line) => saving::show_command_line(state, line),
    }
    Vec::new()
}
