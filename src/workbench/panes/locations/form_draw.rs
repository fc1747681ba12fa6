//! Draws forms.
//! Must not know: what a form is for, beyond what it says of itself.

use super::bundle_form;
use super::form::{Form, Line, Value};
use crate::model::text::printable;
use crate::workbench::canvas::{Canvas, Rect, Target, line_of, span, split_left, wrap};
use crate::workbench::shell::{self, popup_frame};
use crate::workbench::theme::Role;

const WIDTH: u16 = 70;
/// Columns of the labels.
const LABEL: u16 = 13;

/// A line of the popup.
enum Drawn<'a> {
    Text(Role, String),
    /// A field, and its place among those in view.
    Field(usize, &'a Line),
    Answers,
}

pub fn draw(form: &Form, canvas: &mut Canvas<'_>) {
    let lines = lines(form);
    let area = popup_frame(canvas, &form.title, WIDTH, lines.len() as u16);
    for (row, line) in (0u16..).zip(lines) {
        let at = line_of(area, row);
        match line {
            Drawn::Text(role, text) => drop(canvas.text(at, &text, role)),
            Drawn::Field(place, line) => field(form, place, line, at, canvas),
            Drawn::Answers => answers(form, at, canvas),
        }
    }
}

fn lines(form: &Form) -> Vec<Drawn<'_>> {
    let mut lines = Vec::new();
    let text = |lines: &mut Vec<Drawn<'_>>, role, text: &str, indent: u16| {
        let columns = usize::from(WIDTH - indent);
        let indent = " ".repeat(usize::from(indent));
        let wrapped = wrap(&printable(text), columns).into_iter();
        lines.extend(wrapped.map(|line| Drawn::Text(role, format!("{indent}{line}"))));
    };
    if let Some(intro) = &form.intro {
        text(&mut lines, Role::Text, intro, 0);
        lines.push(Drawn::Text(Role::Text, String::new()));
    }
    for (place, at) in form.visible().into_iter().enumerate() {
        let line = &form.lines[at];
        lines.push(Drawn::Field(place, line));
        if let Some(error) = &line.error {
            text(&mut lines, Role::Bad, &format!("✗ {error}"), LABEL);
        }
    }
    lines.push(Drawn::Text(Role::Text, String::new()));
    match bundle_form::outcome(form) {
        Some(Ok(path)) => text(&mut lines, Role::Text, &format!("writes {path}"), 0),
        Some(Err(why)) => text(&mut lines, Role::Warning, &format!("! {why}"), 0),
        None => {}
    }
    match (&form.error, form.current()) {
        (Some(error), _) => {
            text(&mut lines, Role::Bad, &format!("✗ {}", error.message), 0);
            if let Some(hint) = &error.hint {
                text(&mut lines, Role::Dim, hint, 0);
            }
        }
        (None, Some(line)) => text(&mut lines, Role::Dim, line.help, 0),
        (None, None) => {}
    }
    lines.push(Drawn::Answers);
    lines
}

fn field(form: &Form, place: usize, line: &Line, at: Rect, canvas: &mut Canvas<'_>) {
    let has_focus = place == form.cursor.at;
    let (label, value) = split_left(at, LABEL);
    let role = if has_focus { Role::Strong } else { Role::Text };
    canvas.line(label, &[span(if has_focus { "▸ " } else { "  " }, Role::Key), span(form.label_of(line), role)]);
    match &line.value {
        Value::Text(field) => canvas.field(value, field.shown(), has_focus && form.waiting.is_none()),
        Value::Choice { options, at } => {
            let chosen = options.get(*at).map_or("", String::as_str);
            let (before, after) = if options.len() > 1 { ("‹ ", " ›") } else { ("", "") };
            canvas.line(value, &[span(before, Role::Key), span(chosen, role), span(after, Role::Key)]);
        }
        Value::Check(checked) => drop(canvas.text(value, if *checked { "[x]" } else { "[ ]" }, role)),
        Value::Fixed(text) => drop(canvas.text(value, text, Role::Dim)),
    }
    canvas.hit(at, Target::Field(place));
}

fn answers(form: &Form, at: Rect, canvas: &mut Canvas<'_>) {
    if form.waiting.is_some() {
        canvas.text(at, "one moment …", Role::Info);
        return;
    }
    shell::answers(at, [form.yes, "leave it"], Role::Key, ("form.save", "form.close"), canvas);
}
