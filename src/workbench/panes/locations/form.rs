//! A form: labelled fields, one below the other, with errors under the field that they belong to.
//! Must not know: what is done with what was typed; each purpose has a file of its own.

use std::path::PathBuf;

use super::state::Then;
use crate::model::{ErrorBrief, Platform};
use crate::remotes::Remote;
use crate::workbench::ends::Location;
use crate::workbench::widgets::{Cursor, Field};

/// What a form is filled in for.
#[derive(Debug)]
pub enum Purpose {
    Add,
    /// The remote as the configuration has it.
    Edit(Box<Remote>),
    Login {
        location: Location,
        then: Then,
    },
    NewBundle {
        platform: Platform,
        /// Where a name without a folder goes.
        folder: PathBuf,
    },
}

/// Which field it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    Name,
    Platform,
    Url,
    User,
    Credential,
    Secret,
    Variable,
    Command,
    Production,
    ReadOnly,
    File,
    Sealed,
    Compressed,
    Redacted,
    WithInternal,
    Manifest,
}

/// What a field holds.
#[derive(Debug)]
pub enum Value {
    Text(Field),
    /// One of several, changed with left and right.
    Choice {
        options: Vec<String>,
        at: usize,
    },
    Check(bool),
    /// Shown, and not to be changed.
    Fixed(String),
}

/// One line of a form.
#[derive(Debug)]
pub struct Line {
    pub id: Id,
    pub label: &'static str,
    pub value: Value,
    /// Shown while the field has the focus.
    pub help: &'static str,
    pub error: Option<String>,
}

#[derive(Debug)]
pub struct Form {
    pub title: String,
    pub purpose: Purpose,
    /// Said above the fields.
    pub intro: Option<String>,
    pub lines: Vec<Line>,
    /// Among the lines that are in view.
    pub cursor: Cursor,
    /// What belongs to no field.
    pub error: Option<ErrorBrief>,
    /// The question that the form waits for.
    pub waiting: Option<u64>,
    /// What enter does, as two words.
    pub yes: &'static str,
}

impl Line {
    pub fn new(id: Id, label: &'static str, value: Value, help: &'static str) -> Self {
        Line { id, label, value, help, error: None }
    }

    pub fn text(id: Id, label: &'static str, text: impl Into<String>, help: &'static str) -> Self {
        Line::new(id, label, Value::Text(Field::new(text)), help)
    }
}

impl Form {
    pub fn new(title: impl Into<String>, purpose: Purpose, yes: &'static str, lines: Vec<Line>) -> Self {
        let cursor = Cursor::default();
        Form { title: title.into(), purpose, intro: None, lines, cursor, error: None, waiting: None, yes }
    }

    /// The places of the lines that are in view: some depend on what is chosen in others.
    pub fn visible(&self) -> Vec<usize> {
        (0..self.lines.len()).filter(|&at| self.is_visible(self.lines[at].id)).collect()
    }

    fn is_visible(&self, id: Id) -> bool {
        let way = self.choice(Id::Credential).map(super::remote_form::Way::of);
        match id {
            Id::Secret => way.is_none_or(|way| way == super::remote_form::Way::Typed),
            Id::Variable => way == Some(super::remote_form::Way::Variable),
            Id::Command => way == Some(super::remote_form::Way::Command),
            Id::User => super::remote_form::takes_passwords(self),
            _ => true,
        }
    }

    /// What a line is called: where nobody takes a password, the secret is a token.
    pub fn label_of(&self, line: &Line) -> &'static str {
        match line.id {
            Id::Secret if !super::remote_form::takes_passwords(self) => "token",
            _ => line.label,
        }
    }

    pub fn line(&self, id: Id) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    pub fn line_mut(&mut self, id: Id) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == id)
    }

    /// The text of a field that is no secret.
    pub fn text(&self, id: Id) -> &str {
        match self.line(id).map(|line| &line.value) {
            Some(Value::Text(field)) => field.text().trim(),
            Some(Value::Fixed(text)) => text,
            _ => "",
        }
    }

    pub fn is_checked(&self, id: Id) -> bool {
        matches!(self.line(id).map(|line| &line.value), Some(Value::Check(true)))
    }

    /// What is chosen in a field.
    pub fn choice(&self, id: Id) -> Option<&str> {
        match &self.line(id)?.value {
            Value::Choice { options, at } => options.get(*at).map(String::as_str),
            Value::Fixed(text) => Some(text),
            Value::Text(_) | Value::Check(_) => None,
        }
    }

    /// The line that has the focus.
    pub fn current(&self) -> Option<&Line> {
        self.lines.get(*self.visible().get(self.cursor.at)?)
    }

    pub fn current_mut(&mut self) -> Option<&mut Line> {
        let at = *self.visible().get(self.cursor.at)?;
        self.lines.get_mut(at)
    }

    /// Gives a field the focus.
    pub fn focus(&mut self, id: Id) {
        if let Some(at) = self.visible().iter().position(|&at| self.lines[at].id == id) {
            self.cursor.at = at;
        }
    }

    /// Moves the focus, around at the ends.
    pub fn step(&mut self, by: isize) {
        let len = self.visible().len().max(1);
        self.cursor.at = (self.cursor.at + len).saturating_add_signed(by) % len;
    }

    /// Turns a check box over, or goes on in a choice.
    pub fn turn(&mut self, by: isize) {
        let Some(line) = self.current_mut() else { return };
        line.error = None;
        match &mut line.value {
            Value::Check(checked) => *checked = !*checked,
            Value::Choice { options, at } => {
                let len = options.len().max(1);
                *at = (*at + len).saturating_add_signed(by) % len;
            }
            Value::Text(_) | Value::Fixed(_) => {}
        }
        self.error = None;
    }

    /// Puts an error under a field, and the cursor there.
    pub fn refuse(&mut self, id: Id, why: impl Into<String>) {
        match self.line_mut(id) {
            Some(line) => line.error = Some(why.into()),
            None => return,
        }
        self.focus(id);
    }

    pub fn forget_errors(&mut self) {
        self.error = None;
        self.lines.iter_mut().for_each(|line| line.error = None);
    }
}
