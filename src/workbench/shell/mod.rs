//! What is everywhere: moving, changing panes, help, the palette, questions, notices, leaving.
//! Must not know: what any pane is for.

mod commands;
mod draw;
mod help;
mod leaving;
mod notice;
mod popup;
#[cfg(test)]
mod tests;
mod unmeant;

pub use commands::COMMANDS;
pub use draw::{answers, draw_popup, popup_frame};
pub use leaving::{question as leaving_question, quit};
pub use notice::{Notice, Told, draw_notice, notice_rows};
pub use popup::{Action, Ask, Choice, Choose, Confirm, Popup, View};
pub(super) use popup::{cursor, field, is_text, is_typing, name, resized, typed};
pub use unmeant::Unmeant;
pub(super) use unmeant::{did_not_open, is_ahead, is_habit, unknown};
