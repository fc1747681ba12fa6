//! Popups that every pane can open: a question, a line to type, a choice, a text; and help and the palette.
//! Must not know: who asked.

use std::borrow::Cow;

use super::draw::{columns_of_view, lines_of_question};
use super::help::rows_of_top;
use crate::model::text::printable;
use crate::workbench::canvas::{ListId, wrap};
use crate::workbench::effect::Effect;
use crate::workbench::state::State;
use crate::workbench::widgets::{Cursor, Field};

type Do<T> = Box<dyn FnOnce(&mut State, T) -> Vec<Effect> + Send>;

/// What follows an answer.
pub struct Action<T = ()>(Option<Do<T>>);

impl<T> Action<T> {
    pub fn new(work: impl FnOnce(&mut State, T) -> Vec<Effect> + Send + 'static) -> Self {
        Action(Some(Box::new(work)))
    }

    pub fn run(mut self, state: &mut State, answer: T) -> Vec<Effect> {
        self.0.take().map_or_else(Vec::new, |work| work(state, answer))
    }
}

impl<T> std::fmt::Debug for Action<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Action")
    }
}

/// A question with yes and no. With a `word`, yes is to type that word.
#[derive(Debug)]
pub struct Confirm {
    pub title: String,
    pub lines: Vec<String>,
    /// A line that begins so tells what is deleted, and looks like it.
    pub warns: Option<&'static str>,
    /// What yes does, in few words.
    pub yes: Cow<'static, str>,
    /// What no does.
    pub no: &'static str,
    pub word: Option<(String, Field)>,
    pub then: Action,
    /// How far a long text was read.
    pub(super) cursor: Cursor,
}

/// A line to type.
#[derive(Debug)]
pub struct Ask {
    pub title: String,
    pub lines: Vec<String>,
    /// What enter does, as two words.
    pub yes: &'static str,
    pub field: Field,
    /// What was wrong with the last answer.
    pub error: Option<String>,
    pub then: Action<Field>,
}

/// One of several.
#[derive(Debug)]
pub struct Choose {
    pub title: String,
    pub choices: Vec<Choice>,
    pub cursor: Cursor,
    /// Gets the place of the choice.
    pub then: Action<usize>,
}

#[derive(Clone, Debug)]
pub struct Choice {
    pub label: String,
    pub help: String,
    /// Why it cannot be chosen.
    pub refused: Option<String>,
}

/// A text to read.
#[derive(Debug)]
pub struct View {
    pub title: String,
    pub lines: Vec<String>,
    pub cursor: Cursor,
    /// What `y` copies.
    pub copy: Option<String>,
    /// The lines as they fit the screen.
    wrapped: Vec<String>,
}

/// The popups of the shell.
#[derive(Debug)]
pub enum Popup {
    /// The keys of the scope that it was opened from.
    Help {
        filter: Field,
        cursor: Cursor,
    },
    Palette {
        field: Field,
        cursor: Cursor,
    },
    Confirm(Confirm),
    Ask(Ask),
    Choose(Choose),
    View(View),
}

impl Confirm {
    /// A question that needs a plain yes.
    pub fn new(
        title: impl Into<String>,
        lines: Vec<String>,
        yes: impl Into<Cow<'static, str>>,
        then: impl FnOnce(&mut State) -> Vec<Effect> + Send + 'static,
    ) -> Self {
        let then = Action::new(move |state, ()| then(state));
        let (title, yes, cursor) = (title.into(), yes.into(), Cursor::default());
        Confirm { title, lines, warns: None, yes, no: "leave it", word: None, then, cursor }
    }

    /// The line that begins so tells what is deleted.
    #[must_use]
    pub fn warns(self, beginning: &'static str) -> Self {
        Confirm { warns: Some(beginning), ..self }
    }

    /// What no does, where leaving something means something else here.
    #[must_use]
    pub fn no(self, no: &'static str) -> Self {
        Confirm { no, ..self }
    }

    /// The answer is this word, typed.
    #[must_use]
    pub fn word(mut self, word: impl Into<String>) -> Self {
        self.word = Some((word.into(), Field::default()));
        self
    }

    pub fn is_answered(&self) -> bool {
        // What is shown is what has to be typed.
        self.word.as_ref().is_none_or(|(word, field)| field.text().trim() == printable(word))
    }

    pub fn open(self, state: &mut State) {
        state.open(crate::workbench::state::Popup::Shell(Popup::Confirm(self)));
    }
}

impl Ask {
    pub fn new(
        title: impl Into<String>,
        lines: Vec<String>,
        yes: &'static str,
        field: Field,
        then: impl FnOnce(&mut State, Field) -> Vec<Effect> + Send + 'static,
    ) -> Self {
        Ask { title: title.into(), lines, yes, field, error: None, then: Action::new(then) }
    }

    #[must_use]
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }

    pub fn open(self, state: &mut State) {
        state.open(crate::workbench::state::Popup::Shell(Popup::Ask(self)));
    }
}

impl Choose {
    pub fn open(self, state: &mut State) {
        state.open(crate::workbench::state::Popup::Shell(Popup::Choose(self)));
    }
}

impl View {
    pub fn new(title: impl Into<String>, lines: Vec<String>) -> Self {
        View { title: title.into(), lines, cursor: Cursor::default(), copy: None, wrapped: Vec::new() }
    }

    /// `y` copies this.
    #[must_use]
    pub fn copy(self, text: impl Into<String>) -> Self {
        View { copy: Some(text.into()), ..self }
    }

    pub fn open(mut self, state: &mut State) {
        self.wrap(state.size.0);
        state.open(crate::workbench::state::Popup::Shell(Popup::View(self)));
    }

    fn wrap(&mut self, screen: u16) {
        let columns = usize::from(columns_of_view(screen));
        self.wrapped = self.lines.iter().flat_map(|line| wrap(&printable(line), columns)).collect();
    }

    pub(super) fn shown(&self) -> &[String] {
        &self.wrapped
    }
}

/// After the screen got another size.
pub fn resized(state: &mut State) {
    let columns = state.size.0;
    for popup in &mut state.popups {
        if let crate::workbench::state::Popup::Shell(Popup::View(view)) = popup {
            view.wrap(columns);
        }
    }
}

/// Whether a list is a text to read, which scrolls where others move a cursor.
pub fn is_text(state: &State, list: ListId) -> bool {
    let is_read = |popup: &Popup| matches!(popup, Popup::View(_) | Popup::Confirm(_));
    match state.popups.last() {
        Some(crate::workbench::state::Popup::Shell(popup)) => list == ListId::Popup && is_read(popup),
        _ => false,
    }
}

/// The scope of its commands.
pub fn name(popup: &Popup) -> &'static str {
    match popup {
        Popup::Help { .. } => "help",
        Popup::Palette { .. } => "palette",
        Popup::Confirm(_) => "confirm",
        Popup::Ask(_) => "ask",
        Popup::Choose(_) => "choose",
        Popup::View(_) => "view",
    }
}

pub fn is_typing(popup: &Popup) -> bool {
    match popup {
        Popup::Help { .. } | Popup::Palette { .. } | Popup::Ask(_) => true,
        Popup::Confirm(confirm) => confirm.word.is_some(),
        Popup::Choose(_) | Popup::View(_) => false,
    }
}

pub fn field(popup: &mut Popup) -> Option<&mut Field> {
    match popup {
        Popup::Help { filter, .. } => Some(filter),
        Popup::Palette { field, .. } => Some(field),
        Popup::Confirm(confirm) => confirm.word.as_mut().map(|(_, field)| field),
        Popup::Ask(ask) => Some(&mut ask.field),
        Popup::Choose(_) | Popup::View(_) => None,
    }
}

/// After a change of the field.
pub fn typed(popup: &mut Popup) {
    match popup {
        Popup::Help { cursor, .. } | Popup::Palette { cursor, .. } => *cursor = Cursor::default(),
        Popup::Ask(ask) => ask.error = None,
        Popup::Confirm(_) | Popup::Choose(_) | Popup::View(_) => {}
    }
}

/// The list of the popup, and how many rows it has.
pub fn cursor(state: &mut State) -> Option<(&mut Cursor, usize)> {
    let rows = rows_of_top(state);
    let Some(crate::workbench::state::Popup::Shell(popup)) = state.popups.last_mut() else { return None };
    match popup {
        Popup::Help { cursor, .. } | Popup::Palette { cursor, .. } => Some((cursor, rows)),
        Popup::Choose(choose) => Some((&mut choose.cursor, choose.choices.len())),
        Popup::View(view) => Some((&mut view.cursor, view.wrapped.len())),
        Popup::Confirm(confirm) => {
            let rows = lines_of_question(&confirm.lines).len();
            Some((&mut confirm.cursor, rows))
        }
        Popup::Ask(_) => None,
    }
}
