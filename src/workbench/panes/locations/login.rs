//! The form that asks for a login: after a location refused the one it has, or has none.
//! Must not know: how a login is sent.

use super::choose;
use super::form::{Form, Id, Line, Purpose, Value};
use super::state::{Entry, Then};
use crate::model::{ErrorBrief, ErrorKind};
use crate::platforms;
use crate::remotes::Login;
use crate::workbench::effect;
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::Field;

/// The form for a location that did not open.
pub fn form(entry: &Entry, error: &ErrorBrief, then: Then) -> Form {
    let takes_passwords = platforms::rules(entry.platform).features.password_login;
    let user = entry.remote().and_then(|facts| facts.user.clone()).unwrap_or_default();
    let mut lines = Vec::new();
    if takes_passwords {
        lines.push(Line::text(Id::User, "user", user.as_str(), "empty where you have a token instead of a password"));
    }
    let label = if takes_passwords { "password" } else { "token" };
    let secret =
        Line::new(Id::Secret, label, Value::Text(Field::hidden()), "it is not shown, and kept until you leave");
    lines.push(secret);
    let purpose = Purpose::Login { location: entry.location.clone(), then };
    let mut form = Form::new(format!("Log in to {}", entry.name), purpose, "log in", lines);
    // That there is no credential is why it is asked for; everything else has gone wrong.
    match error.code {
        ErrorKind::NoCredential if entry.remote().is_none_or(|facts| facts.credential.starts_with("none")) => {
            form.intro = Some(format!("{} has no credential of its own.", entry.name));
        }
        _ => form.error = Some(ErrorBrief { hint: None, ..error.clone() }),
    }
    if !user.is_empty() {
        form.focus(Id::Secret);
    }
    form
}

/// Tries what was typed. The form is closed; it comes back with the error if that does not fit.
pub fn submit(state: &mut Workbench, form: &mut Form) -> Option<Vec<effect::Effect>> {
    let user = Some(form.text(Id::User).to_owned()).filter(|user| !user.is_empty());
    let Purpose::Login { location, then } = &form.purpose else { return None };
    let (location, then) = (location.clone(), *then);
    let Some(Value::Text(field)) = form.line_mut(Id::Secret).map(|line| &mut line.value) else { return None };
    if field.is_empty() {
        form.refuse(Id::Secret, "type it, or leave with esc");
        return None;
    }
    let login = Login { user, secret: field.take_secret() };
    Some(choose::log_in(state, location, login, then))
}
