//! One state of the screen in every size, in colour and without, as one text to compare.
//! Must not know: panes.

use super::{SIZES, look, text_of, text_with_colours};
use crate::workbench::message::Message;
use crate::workbench::state::State;
use crate::workbench::theme::Theme;
use crate::workbench::update::update;

/// The screen at each size: plain as a terminal without colour shows it, then with its colours. The state is left as it
/// was.
pub fn gallery(state: &mut State) -> String {
    let (size, theme, notice) = (state.size, state.settings.theme, state.notice.clone());
    let mut text = String::new();
    for (columns, rows) in SIZES {
        update(state, Message::Resize(columns, rows));
        state.settings.theme = Theme::Plain;
        text.push_str(&format!("═══ {columns}×{rows}\n{}\n", text_of(&look(state))));
        state.settings.theme = Theme::Dark;
        text.push_str(&format!("═══ {columns}×{rows} in colour\n{}", text_with_colours(&look(state))));
    }
    update(state, Message::Resize(size.0, size.1));
    (state.settings.theme, state.notice) = (theme, notice);
    look(state);
    text
}
