//! What is known of the row under the cursor, line by line.
//! Must not know: how it was found out. A credential is never among it.

use super::rows::{self, Row};
use super::state::{About, Counts, Entry, Found, Side};
use crate::model::{ErrorBrief, ErrorKind};
use crate::platforms::BundleLook;
use crate::wording;
use crate::workbench::canvas::{Canvas, Rect, span, split_top};
use crate::workbench::ends::{DestinationEnd, Location};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

/// A line in a role; it is broken where it is too long.
type Line = (Role, String);

pub fn draw(state: &Workbench, area: Rect, canvas: &mut Canvas<'_>) {
    let (title, lines) = lines(state);
    let inside = canvas.frame(area, &[span(title, Role::Strong)], false);
    let mut rest = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    for (role, text) in lines {
        let used = canvas.paragraph(rest, &text, role);
        rest = split_top(rest, used).1;
    }
}

fn lines(state: &Workbench) -> (String, Vec<Line>) {
    let side = state.locations.side;
    match rows::under(state, side) {
        Some(Row::Entry(entry)) => (entry.name.clone(), entry_lines(state, side, entry)),
        Some(Row::AddRemote) => (
            "Remotes".to_owned(),
            vec![
                (Role::Text, "A remote is a running server with a short name, such as dev or prod.".to_owned()),
                (Role::Dim, "⏎ or n adds one; o opens a file instead, which needs no server".to_owned()),
            ],
        ),
        Some(Row::OpenFile) => (
            "Open a file".to_owned(),
            vec![
                (Role::Text, "A bundle on the disk: an archive, an unpacked one, or an export file.".to_owned()),
                (Role::Dim, "what is inside counts, not the name; a path or PLATFORM:URL can be typed too".to_owned()),
            ],
        ),
        Some(Row::NewBundle) => ("New bundle".to_owned(), new_bundle_lines(state)),
        Some(Row::Heading(_) | Row::Note(_) | Row::Trouble(_)) | None => (String::new(), trouble_lines(state)),
    }
}

fn trouble_lines(state: &Workbench) -> Vec<Line> {
    let error = state.locations.remotes.error.as_ref();
    let lines = error.map(|error| {
        let hint = error.hint.iter().map(|hint| (Role::Dim, hint.clone()));
        std::iter::once((Role::Bad, format!("✗ {}", error.message))).chain(hint).collect()
    });
    lines.unwrap_or_default()
}

fn new_bundle_lines(state: &Workbench) -> Vec<Line> {
    let Some(DestinationEnd::NewBundle(bundle)) = &state.ends.destination else {
        return vec![
            (Role::Text, "What is picked is written into a new file, and no server is changed.".to_owned()),
            (Role::Dim, "⏎ asks where, and how it is written".to_owned()),
        ]
        .into_iter()
        .chain(gone_with_demo(state))
        .collect();
    };
    let marks = [
        (bundle.sealed, "encrypted, the key is asked for when the run starts"),
        (bundle.compressed, "compressed"),
        (bundle.redacted, "credentials in clear text are replaced"),
        (bundle.replace, "replaces the file that is there"),
    ];
    let marks: Vec<_> = marks.into_iter().filter(|(is, _)| *is).map(|(_, text)| text).collect();
    vec![
        (Role::Text, format!("writes {}", bundle.path.display())),
        (Role::Text, marks.join(" · ")),
        (Role::Dim, "⏎ changes it".to_owned()),
    ]
    .into_iter()
    .chain(gone_with_demo(state))
    .collect()
}

/// What a demo saves where nobody said otherwise.
fn gone_with_demo(state: &Workbench) -> Option<Line> {
    let folder = state.settings.folder.display();
    let text = || format!("this is the demo: what is saved in {folder} is gone when it ends");
    state.settings.fleeting.then(|| (Role::Warning, text()))
}

fn entry_lines(state: &Workbench, side: Side, entry: &Entry) -> Vec<Line> {
    let mut lines = Vec::new();
    if side == Side::Destination
        && let Some((why, hint)) = rows::refusal_at_length(state, entry)
    {
        let why = why.strip_prefix(&format!("{} ", entry.name)).map_or(&*why, |why| why).to_owned();
        lines.push((Role::Warning, format!("! {why}; {hint}")));
    }
    let look = state.locations.look(&entry.location);
    if look.waiting {
        lines.push((Role::Info, "… opening it".to_owned()));
    }
    // That something is locked, or not spoken to yet, is told in other words.
    let told = |error: &&ErrorBrief| {
        error.code == ErrorKind::NoKey || (error.code == ErrorKind::UnknownLocation && !lines.is_empty())
    };
    if let Some(error) = look.error().filter(|error| !told(error)) {
        lines.push((Role::Bad, format!("✗ {}{}", error.message, ago(state, entry))));
        lines.extend(hint(error).map(|hint| (Role::Dim, hint.to_owned())));
    }
    lines.push((Role::Text, joined(place(entry, look.opened()))));
    if let Some(found) = look.opened() {
        lines.push((Role::Text, joined(inside(state, entry, found))));
        lines.extend(rights(found));
        lines.extend(
            found.counts.iter().flat_map(|counts| &counts.notes).map(|note| (Role::Warning, format!("! {note}"))),
        );
    } else if !look.waiting && look.error().is_none_or(|error| error.code == ErrorKind::NoKey) {
        lines.push((Role::Dim, not_opened(entry).to_owned()));
    }
    if let Some(facts) = entry.remote() {
        lines.extend(marks(facts));
    }
    lines
}

/// What to do about an error, here rather than on the command line.
fn hint(error: &ErrorBrief) -> Option<&str> {
    match error.code {
        ErrorKind::WrongKey => Some("⏎ asks for the key again"),
        ErrorKind::NoCredential | ErrorKind::Unauthorized => Some("⏎ asks for a login; e changes the one that is kept"),
        ErrorKind::Unreachable | ErrorKind::TimedOut => {
            Some(error.hint.as_deref().unwrap_or("t tries again; e changes the url"))
        }
        _ => error.hint.as_deref(),
    }
}

fn joined(parts: Vec<String>) -> String {
    parts.join(" · ")
}

fn ago(state: &Workbench, entry: &Entry) -> String {
    let at = state.locations.look(&entry.location).at;
    at.map_or_else(String::new, |at| format!(", {}", wording::ago(at, state.now)))
}

/// Where it is, and who is signed in.
fn place(entry: &Entry, found: Option<&Found>) -> Vec<String> {
    let mut parts = Vec::new();
    match &entry.about {
        About::Remote(facts) => {
            parts.push(facts.url.clone());
            parts.extend(found.and_then(account).or_else(|| facts.user.as_ref().map(|user| format!("as {user}"))));
        }
        About::Address => {
            parts.push(entry.name.clone());
            parts.extend(found.and_then(account));
        }
        About::Bundle(look) => {
            if let Location::Bundle(path) = &entry.location {
                let path = path.display().to_string();
                parts.extend((path != entry.name).then_some(path));
            }
            parts.extend(look.as_ref().map(|look| form(entry, look)));
        }
    }
    parts.extend(found.and_then(|found| found.info.version.as_ref()).map(|version| format!("version {version}")));
    parts
}

fn account(found: &Found) -> Option<String> {
    let account = found.access.account.as_ref()?;
    let role = found.access.role.as_ref().map(|role| format!(" ({role})")).unwrap_or_default();
    Some(format!("signed in as {account}{role}"))
}

/// `strapi archive, encrypted, 1.2 MiB`.
fn form(entry: &Entry, look: &BundleLook) -> String {
    let sealed = if look.sealed { ", encrypted" } else { "" };
    let size = if look.bytes > 0 { format!(", {}", wording::bytes(look.bytes)) } else { String::new() };
    format!("{} {}{sealed}{size}", entry.platform, look.form.as_str())
}

/// What it holds, and since when that is known.
fn inside(state: &Workbench, entry: &Entry, found: &Found) -> Vec<String> {
    let mut parts = Vec::new();
    match (&found.counts, found.counting) {
        (Some(counts), _) => parts.push(kinds(counts)),
        (None, true) => parts.push("counting what is inside …".to_owned()),
        (None, false) => parts.push("opened; t counts what is inside".to_owned()),
    }
    if let Some(at) = state.locations.look(&entry.location).at {
        parts.push(format!("checked {}", wording::ago(at, state.now)));
    }
    parts
}

fn kinds(counts: &Counts) -> String {
    if counts.items == 0 {
        return "nothing inside".to_owned();
    }
    // The order of writing begins with what others need; what people look for comes last in it.
    let kinds: Vec<_> = counts.kinds.iter().rev().map(|(kind, count)| wording::plural(*count, kind.as_str())).collect();
    let size = if counts.bytes > 0 { format!(", {}", wording::bytes(counts.bytes)) } else { String::new() };
    format!("{}{size}", kinds.join(", "))
}

fn rights(found: &Found) -> Vec<Line> {
    let line = |role, what: &str, words: &[String]| {
        (!words.is_empty()).then(|| (role, format!("{what}: {}", words.join(", "))))
    };
    [line(Role::Text, "may", &found.access.rights), line(Role::Warning, "limits", &found.access.limits)]
        .into_iter()
        .flatten()
        .collect()
}

fn not_opened(entry: &Entry) -> &'static str {
    match &entry.about {
        About::Remote(_) | About::Address => "not checked yet: t tests it, ⏎ chooses it",
        About::Bundle(_) if entry.is_sealed() => "locked: ⏎ asks for the key",
        About::Bundle(_) => "not opened yet: ⏎ chooses it, t counts what is inside",
    }
}

fn marks(facts: &super::state::RemoteFacts) -> Vec<Line> {
    let mut parts = vec![format!("credential {}", facts.credential)];
    if facts.read_only {
        parts.push("read-only: never a destination".to_owned());
    }
    if facts.default_source {
        parts.push("chosen at the start".to_owned());
    }
    parts.extend(facts.fixed.clone());
    let mut lines = vec![(Role::Dim, joined(parts))];
    if facts.production {
        lines.insert(0, (Role::Bad, "PRODUCTION: a run asks for its name before it writes there".to_owned()));
    }
    lines
}
