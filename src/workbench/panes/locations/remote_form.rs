//! The form of a remote: to add one, or to change one.
//! Must not know: where remotes and credentials are kept.

use std::str::FromStr;

use url::Url;

use super::choose;
use super::describe;
use super::effects::Effect;
use super::form::{Form, Id, Line, Purpose, Value};
use super::rows;
use crate::model::{Error, ErrorKind, Platform};
use crate::platforms;
use crate::remotes::{
    CredentialChange, CredentialRef, NewCredential, NewRemote, Remote, RemoteChange, RemoteName, address_text,
    parse_address, parse_url,
};
use crate::workbench::effect;
use crate::workbench::ends::Location;
use crate::workbench::shell::{Confirm, Notice};
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::Field;

/// How a credential is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Keep,
    Typed,
    Variable,
    Command,
    None,
}

const KEEP: &str = "keep it";
const TYPED: &str = "typed here";
const VARIABLE: &str = "from a variable";
const COMMAND: &str = "from a command";
const NONE: &str = "none, ask me";

impl Way {
    pub fn of(text: &str) -> Way {
        match text {
            TYPED => Way::Typed,
            VARIABLE => Way::Variable,
            COMMAND => Way::Command,
            NONE => Way::None,
            _ => Way::Keep,
        }
    }
}

/// Whether the platform of the form takes a user and a password.
pub fn takes_passwords(form: &Form) -> bool {
    platform_of(form).is_none_or(|platform| platforms::rules(platform).features.password_login)
}

fn platform_of(form: &Form) -> Option<Platform> {
    let text = form.choice(Id::Platform)?;
    Platform::ALL.into_iter().find(|platform| platform.as_str() == text)
}

/// Opens the form for a new remote.
pub fn open_new(state: &mut Workbench) -> Vec<effect::Effect> {
    let options = platforms::available_remotes().iter().map(|platform| platform.as_str().to_owned()).collect();
    let mut lines = vec![
        Line::text(Id::Name, "name", "", "short, such as prod or stage-2: letters, digits, - and _"),
        Line::new(Id::Platform, "platform", Value::Choice { options, at: 0 }, "what runs there"),
        Line::text(Id::Url, "url", "", "where it is, such as https://cms.example.com"),
        Line::text(Id::User, "user", "", "whom to log in as; empty where the credential is a token"),
    ];
    lines.extend(credential_lines(&[TYPED, VARIABLE, COMMAND, NONE]));
    lines.extend(mark_lines(false, false));
    choose::open_form(state, Form::new("New remote", Purpose::Add, "save and test", lines));
    Vec::new()
}

fn credential_lines(ways: &[&str]) -> [Line; 4] {
    let options = ways.iter().map(|&way| way.to_owned()).collect();
    [
        Line::new(
            Id::Credential,
            "credential",
            Value::Choice { options, at: 0 },
            "typed ones are kept in the keyring, or where there is none in a file that only you can read",
        ),
        Line::new(Id::Secret, "password", Value::Text(Field::hidden()), "the password or token; it is not shown"),
        Line::text(Id::Variable, "variable", "", "the variable of the environment that holds it, read each time"),
        Line::text(Id::Command, "command", "", "its first line of output is the credential, each time"),
    ]
}

fn mark_lines(production: bool, read_only: bool) -> [Line; 2] {
    [
        Line::new(
            Id::Production,
            "production",
            Value::Check(production),
            "shown in its own colour; a run asks for the name before it writes there",
        ),
        Line::new(Id::ReadOnly, "read-only", Value::Check(read_only), "can be a source, and never a destination"),
    ]
}

/// Looks up what the form to change a remote begins with.
pub fn edit(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(name) = remote_under(state) else { return Vec::new() };
    let asked = state.locations.next();
    vec![Effect::Edit { asked, name }.into()]
}

fn remote_under(state: &Workbench) -> Option<String> {
    let entry = rows::entry_under(state)?;
    entry.remote().map(|_| entry.name.clone())
}

/// Opens the form with what the configuration has.
pub fn open_edit(state: &mut Workbench, remote: Remote) {
    let keep = match &remote.credential {
        CredentialRef::None => NONE.to_owned(),
        CredentialRef::Stored(kind) => format!("{KEEP} {}", describe::stored(*kind)),
        CredentialRef::Env(name) => format!("{KEEP} from {name}"),
        CredentialRef::Command(_) => format!("{KEEP} from its command"),
    };
    let mut ways = vec![&*keep, TYPED, VARIABLE, COMMAND];
    if remote.credential != CredentialRef::None {
        ways.push(NONE);
    }
    let platform = Value::Fixed(remote.platform.as_str().to_owned());
    let mut lines = vec![
        Line::text(Id::Name, "name", remote.name.as_str(), "another name renames it; its credential moves along"),
        Line::new(Id::Platform, "platform", platform, "stays as it is: another platform is another remote"),
        Line::text(Id::Url, "url", address_text(&remote.url), "where it is, such as https://cms.example.com"),
        Line::text(
            Id::User,
            "user",
            remote.user.clone().unwrap_or_default(),
            "whom to log in as; empty where the credential is a token",
        ),
    ];
    lines.extend(credential_lines(&ways));
    lines.extend(mark_lines(remote.production, remote.read_only));
    let title = format!("Edit {}", remote.name);
    let refused = was_refused(state, &remote);
    let mut form = Form::new(title, Purpose::Edit(Box::new(remote)), "save and test", lines);
    match refused {
        true => ask_for_another(&mut form),
        false => form.focus(Id::Url),
    }
    choose::open_form(state, form);
}

/// Whether its own login did not fit when it was tried last.
fn was_refused(state: &Workbench, remote: &Remote) -> bool {
    let look = state.locations.look(&Location::Remote(remote.name.to_string()));
    matches!(remote.credential, CredentialRef::Stored(_))
        && look.error().is_some_and(|error| error.code == ErrorKind::Unauthorized)
}

/// What was kept did not fit: another one is what the form is opened for.
fn ask_for_another(form: &mut Form) {
    if let Some(Value::Choice { options, at }) = form.line_mut(Id::Credential).map(|line| &mut line.value) {
        *at = options.iter().position(|option| option == TYPED).unwrap_or(*at);
    }
    form.intro = Some("The login that is kept was refused. Left empty, the password stays as it is.".to_owned());
    form.focus(Id::Secret);
}

/// What was typed, once it is right in itself.
struct Typed {
    name: RemoteName,
    platform: Platform,
    url: Url,
    user: Option<String>,
    /// `None` keeps the one there is.
    credential: Option<NewCredential>,
}

/// Takes the form as it stands: an effect, or errors under its fields.
pub fn save(state: &mut Workbench, form: &mut Form) -> Vec<effect::Effect> {
    let taken = |name: &RemoteName| {
        let same = |facts: &str| RemoteName::from_str(facts).is_ok_and(|known| known == *name);
        state.locations.remotes.items.iter().any(|entry| entry.remote().is_some() && same(&entry.name))
    };
    let Some(typed) = read(form) else { return Vec::new() };
    let own = matches!(&form.purpose, Purpose::Edit(remote) if remote.name == typed.name);
    if !own && taken(&typed.name) {
        form.refuse(Id::Name, format!("a remote is called {} already", typed.name));
        return Vec::new();
    }
    let asked = state.locations.next();
    form.waiting = Some(asked);
    let (production, read_only) = (form.is_checked(Id::Production), form.is_checked(Id::ReadOnly));
    let Typed { name, platform, url, user, credential } = typed;
    let effect = match &form.purpose {
        Purpose::Edit(remote) => {
            let credential = credential.map_or(CredentialChange::Keep, CredentialChange::Replace);
            let change = Box::new(RemoteChange { url, user, credential, production, read_only });
            let rename = (name != remote.name).then_some(name);
            Effect::Change { asked, name: remote.name.to_string(), rename, change }
        }
        _ => {
            let credential = credential.unwrap_or(NewCredential::None);
            let new = Box::new(NewRemote { name, platform, url, user, credential, production, read_only });
            Effect::Add { asked, new }
        }
    };
    vec![effect.into()]
}

fn read(form: &mut Form) -> Option<Typed> {
    form.forget_errors();
    let name = RemoteName::parse(form.text(Id::Name));
    let platform = platform_of(form)?;
    // `PLATFORM:URL`, as the command line takes it, is right too.
    let url = match (form.text(Id::Url), parse_address(form.text(Id::Url))) {
        (_, Some(address)) => address.map(|(_, url)| url).map_err(|error| told(&error)),
        (text, None) if !text.contains("://") => {
            Err("it begins with https:// or http://, such as https://cms.example.com".to_owned())
        }
        (text, None) => parse_url(text).map_err(|error| told(&error)),
    };
    let user = Some(form.text(Id::User).to_owned()).filter(|user| !user.is_empty() && takes_passwords(form));
    let credential = credential_of(form);
    // From the last to the first, so that the cursor stands at the first that is wrong.
    if let Err((id, why)) = &credential {
        form.refuse(*id, *why);
    }
    if let Err(why) = &url {
        form.refuse(Id::Url, why);
    }
    if let Err(error) = &name {
        let empty = form.text(Id::Name).is_empty();
        form.refuse(Id::Name, if empty { "type a short name, such as prod" } else { error.message() });
    }
    Some(Typed { name: name.ok()?, platform, url: url.ok()?, user, credential: credential.ok()? })
}

fn told(error: &Error) -> String {
    let hint = error.hint_text().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{}{hint}", error.message())
}

fn credential_of(form: &Form) -> Result<Option<NewCredential>, (Id, &'static str)> {
    let edits = matches!(form.purpose, Purpose::Edit(_));
    match form.choice(Id::Credential).map_or(Way::Keep, Way::of) {
        Way::Keep => Ok(None),
        // Where there was none, nothing changes.
        Way::None => Ok(Some(NewCredential::None)),
        Way::Typed => match form.line(Id::Secret).map(|line| &line.value) {
            Some(Value::Text(field)) if !field.is_empty() => {
                // A copy: what was typed stays in the field until it is saved, so that an error loses nothing.
                Ok(Some(NewCredential::Store(field.clone().take_secret())))
            }
            _ if edits => Ok(None),
            _ => Err((Id::Secret, "type the password or token, or choose another way above")),
        },
        Way::Variable => match form.text(Id::Variable) {
            "" => Err((Id::Variable, "name the variable, such as CMS_TOKEN")),
            name if name.contains(['=', ' ', '$']) => Err((Id::Variable, "only its name, such as CMS_TOKEN")),
            name => Ok(Some(NewCredential::Env(name.to_owned()))),
        },
        Way::Command => match form.text(Id::Command) {
            "" => Err((Id::Command, "type the command, such as `pass show cms`")),
            line => Ok(Some(NewCredential::Command(line.to_owned()))),
        },
    }
}

/// Asks whether to forget the remote under the cursor.
pub fn remove(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(entry) = rows::entry_under(state) else { return Vec::new() };
    let Some(facts) = entry.remote() else { return Vec::new() };
    let name = entry.name.clone();
    let mut lines = vec![format!("Haul forgets {name} ({}).", facts.url)];
    if facts.credential.starts_with("in ") {
        lines.push(format!("Its credential goes with it: it is {}.", facts.credential));
    }
    lines.push("Nothing changes at the server, and reports of past runs stay.".to_owned());
    Confirm::new(format!("Remove {name}"), lines, "remove it", move |_| vec![Effect::Remove { name }.into()])
        .open(state);
    Vec::new()
}

/// Makes the remote under the cursor the one that is chosen as the source at the start.
pub fn prefer(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(name) = remote_under(state) else { return Vec::new() };
    vec![Effect::Prefer { name }.into()]
}

/// Says where a credential went that was typed.
pub fn tell_saved(state: &mut Workbench, remote: &Remote) {
    let place = match &remote.credential {
        CredentialRef::Stored(kind) => format!("; its credential is {}", describe::stored(*kind)),
        _ => String::new(),
    };
    state.tell(Notice::info(format!("saved {}{place}", remote.name)));
}
