//! All that the screen shows, as plain values.
//! Must not know: terminals, tasks, files. Only `update` changes it.

use jiff::Timestamp;

use super::canvas::Seen;
use super::command::Scope;
use super::ends::Ends;
use super::keymap::Keymap;
use super::panes::{self, content, history, locations, plan, transfers};
use super::shell::{self, Notice, Told, Unmeant};
use super::theme::Theme;

/// The five panes, in the order of the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pane {
    #[default]
    Locations,
    Content,
    Plan,
    Transfers,
    History,
}

impl Pane {
    pub const ALL: [Pane; 5] = [Pane::Locations, Pane::Content, Pane::Plan, Pane::Transfers, Pane::History];

    pub fn title(self) -> &'static str {
        match self {
            Pane::Locations => "Locations",
            Pane::Content => "Content",
            Pane::Plan => "Plan",
            Pane::Transfers => "Transfers",
            Pane::History => "History",
        }
    }

    pub fn number(self) -> usize {
        Pane::ALL.iter().position(|pane| *pane == self).map_or(0, |at| at + 1)
    }
}

/// What lies on top of the panes. Each pane has popups of its own, and the shell has those of everywhere.
#[derive(Debug)]
pub enum Popup {
    Shell(shell::Popup),
    Locations(locations::Popup),
    Content(content::Popup),
    Plan(plan::Popup),
    Transfers(transfers::Popup),
    History(history::Popup),
}

/// What somebody set up, and what the terminal can do.
#[derive(Clone, Debug)]
pub struct Settings {
    pub theme: Theme,
    pub keymap: Keymap,
    /// A bell rings at the end of runs that took so many seconds; 0 for never.
    pub bell_after: u64,
    /// Where files are saved that are given without a folder.
    pub folder: std::path::PathBuf,
    /// What to try, on the demo.
    pub hint: Option<String>,
    /// Times are shown in it.
    pub zone: jiff::tz::TimeZone,
    /// Whether clicks come here, and not to the terminal.
    pub mouse: bool,
    /// The terminal shows any colour, so that pictures can be looked at.
    pub pictures: bool,
    /// Nothing of it is kept when the workbench is left: a demo.
    pub fleeting: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            theme: Theme::default(),
            keymap: Keymap::default(),
            bell_after: 10,
            folder: ".".into(),
            hint: None,
            zone: jiff::tz::TimeZone::UTC,
            mouse: true,
            pictures: false,
            fleeting: false,
        }
    }
}

/// The state of the workbench.
#[derive(Debug)]
pub struct State {
    /// The newest time that the loop told; nothing below asks a clock.
    pub now: Timestamp,
    pub settings: Settings,
    pub pane: Pane,
    pub ends: Ends,
    pub locations: locations::State,
    pub content: content::State,
    pub plan: plan::State,
    pub transfers: transfers::State,
    pub history: history::State,
    /// The last is on top.
    pub popups: Vec<Popup>,
    pub notice: Option<Notice>,
    /// What was told lately.
    pub told: Told,
    pub unmeant: Unmeant,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// What the newest frame showed.
    pub seen: Seen,
    /// The command that was used last, for the log.
    pub used: Option<&'static str>,
    /// The loop ends after this message.
    pub over: bool,
}

impl State {
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        State {
            now,
            settings,
            pane: Pane::default(),
            ends: Ends::default(),
            locations: locations::State::default(),
            content: content::State::default(),
            plan: plan::State::default(),
            transfers: transfers::State::default(),
            history: history::State::default(),
            popups: Vec::new(),
            notice: None,
            told: Told::default(),
            unmeant: Unmeant::default(),
            size: (80, 24),
            seen: Seen::default(),
            used: None,
            over: false,
        }
    }

    /// Whose commands count.
    pub fn scope(&self) -> Scope {
        match self.popups.last() {
            Some(popup) => Scope::Popup(panes::popup_scope(popup)),
            None => Scope::Pane(self.pane),
        }
    }

    /// The list whose commands count besides: the one that has the focus, unless a popup lies on top.
    pub fn list_scope(&self) -> Option<Scope> {
        let list = self.popups.is_empty().then(|| panes::focused(self)).flatten()?;
        Some(Scope::List(self.pane, list))
    }

    /// Whether characters go into a field.
    pub fn is_typing(&self) -> bool {
        panes::is_typing(self)
    }

    /// Too small for choosing and deciding; watching works.
    pub fn is_cramped(&self) -> bool {
        self.size.0 < 80 || self.size.1 < 24
    }

    /// Whether something on the screen moves by itself, so that the loop has to tell the time.
    pub fn moves(&self) -> bool {
        self.transfers.is_moving() || self.notice.is_some() || panes::is_waiting(self)
    }

    pub fn open(&mut self, popup: Popup) {
        self.popups.push(popup);
    }

    /// Tells something in the line above the footer, until it is read.
    pub fn tell(&mut self, notice: Notice) {
        self.told.push(self.now, notice.clone());
        self.notice = Some(notice.at(self.now));
    }

    pub fn tell_error(&mut self, error: &crate::model::Error) {
        self.tell(Notice::error(error));
    }
}
