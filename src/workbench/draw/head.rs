//! How the first line is shared between the tabs and both ends: what gives way first where it is narrow.
//! Must not know: how any of it is drawn.

use super::{ends_columns, panes};
use crate::model::text::columns;
use crate::workbench::state::{Pane, State};

/// How a tab is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Title {
    Whole,
    /// Its beginning, with a full stop.
    Short,
    /// Only its number.
    None,
}

/// The tabs as they fit the line.
#[derive(Clone, Debug)]
pub struct Head {
    titles: [Title; 5],
    /// Whether a step that is done has its sign.
    ticks: bool,
    /// Columns between tabs.
    pub gap: u16,
}

impl Head {
    fn new(state: &State, others: Title, ticks: bool, gap: u16) -> Self {
        let title = |pane: Pane| if pane == state.pane { Title::Whole } else { others };
        Head { titles: Pane::ALL.map(title), ticks, gap }
    }

    /// Nothing had to give way.
    pub fn is_roomy(&self) -> bool {
        self.gap > 1 && self.titles == [Title::Whole; 5]
    }

    pub fn tab(&self, state: &State, pane: Pane) -> String {
        let mut text = pane.number().to_string();
        let title = match self.titles[pane.number() - 1] {
            Title::Whole => pane.title(),
            Title::Short => short(pane),
            Title::None => "",
        };
        let sign = panes::sign(state, pane);
        let sign = if self.ticks || sign != "✓" { &*sign } else { "" };
        for piece in [title, sign].into_iter().filter(|piece| !piece.is_empty()) {
            text.push(' ');
            text.push_str(piece);
        }
        // The tab that is open stands out without colour too.
        if pane == state.pane { format!(" {text} ") } else { text }
    }

    /// Columns of all tabs, with one before them.
    pub fn columns(&self, state: &State) -> usize {
        let tabs = Pane::ALL.map(|pane| columns(&self.tab(state, pane)));
        1 + tabs.iter().sum::<usize>() + (tabs.len() - 1) * usize::from(self.gap)
    }
}

fn short(pane: Pane) -> &'static str {
    match pane {
        Pane::Locations => "Loc.",
        Pane::Content => "Cont.",
        Pane::Plan => "Plan",
        Pane::Transfers => "Transf.",
        Pane::History => "Hist.",
    }
}

/// The tabs, and the columns that are left for both ends.
pub fn arrange(state: &State, width: usize) -> (Head, usize) {
    let (whole, least) = ends_columns(state);
    let head = |others, ticks, gap| Head::new(state, others, ticks, gap);
    // Gaps, then signs, then the ends of titles, then those of names. Numbers alone are for terminals too small to work in.
    let in_turn = [
        (head(Title::Whole, true, 2), whole),
        (head(Title::Whole, true, 1), whole),
        (head(Title::Whole, false, 1), whole),
        (head(Title::Short, true, 1), whole),
        (head(Title::Short, false, 1), whole),
        (head(Title::Short, false, 1), least),
    ];
    let fitting = in_turn.into_iter().find(|(head, ends)| head.columns(state) + ends <= width);
    let head = fitting.map_or_else(|| head(Title::None, true, 2), |(head, _)| head);
    let room = width.saturating_sub(head.columns(state));
    (head, room)
}
