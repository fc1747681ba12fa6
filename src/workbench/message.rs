//! What can happen: somebody does something at the terminal, or an effect answers.
//! Must not know: what follows from it.

use super::canvas::{ListId, Target};
use super::key::Key;
use super::panes::{content, history, locations, plan, transfers};

/// A fact that `update` makes a new state of.
#[derive(Debug)]
pub enum Message {
    Key(Key),
    Paste(String),
    Click(Target, Click),
    /// The wheel over a list, in rows.
    Scroll(ListId, isize),
    Resize(u16, u16),
    /// Only the time went on.
    Tick,
    /// The program is to end: a signal, or the terminal is gone.
    Stop,
    /// An effect failed by a defect of its own; the text says where the report is.
    Defect(String),
    Locations(locations::Message),
    Content(content::Message),
    Plan(plan::Message),
    Transfers(transfers::Message),
    History(history::Message),
}

/// How something was clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Click {
    Plain,
    /// With shift or ctrl held.
    Extend,
}
