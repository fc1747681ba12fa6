//! What is everywhere: moving, changing panes, help, the palette, questions, notices, leaving.
//! Must not know: what any pane is for.

mod commands;
mod draw;
mod notice;
mod popup;

pub use commands::COMMANDS;
pub use draw::{draw_popup, notice_line, popup_frame};
pub use notice::Notice;
pub use popup::{Action, Ask, Choice, Choose, Confirm, Popup, View};
pub(super) use popup::{cursor, field, is_typing, name, typed};
