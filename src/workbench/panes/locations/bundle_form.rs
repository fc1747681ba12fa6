//! The form of a new bundle: where it is written, and in which form.
//! Must not know: how a bundle is written. What seals it is asked for when the run starts.

use std::path::Path;

use super::choose;
use super::effects::Effect;
use super::form::{Form, Id, Line, Purpose, Value};
use super::scan::{self, Writable};
use super::state::Side;
use crate::model::{ErrorBrief, FolderFormat, Internals, Manifest};
use crate::platforms;
use crate::workbench::effect;
use crate::workbench::ends::{DestinationEnd, Ends, Location, NewBundle};
use crate::workbench::shell::{Confirm, Notice};
use crate::workbench::state::{Popup, State as Workbench};
use crate::workbench::typed_path;

/// Opens the form; the source has to be known, for it says which forms there are.
pub fn open(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(source) = &state.ends.source else {
        state.tell(
            Notice::warning("choose the source first: it says what kind of file is written").hint("tab goes there"),
        );
        return Vec::new();
    };
    let platform = source.platform;
    let features = platforms::rules(platform).features;
    let before = match &state.ends.destination {
        Some(DestinationEnd::NewBundle(bundle)) => Some(bundle.clone()),
        _ => None,
    };
    let mut lines = vec![Line::text(
        Id::File,
        "file",
        before.as_ref().map_or_else(|| default_name(state), |bundle| bundle.path.display().to_string()),
        if features.folders { "a path: a folder of that name is made" } else { "a path; the ending comes by itself" },
    )];
    let checked = |of: fn(&NewBundle) -> bool, otherwise: bool| Value::Check(before.as_ref().map_or(otherwise, of));
    if features.sealed_archives {
        lines.push(Line::new(
            Id::Sealed,
            "encrypted",
            checked(|bundle| bundle.sealed, true),
            "the key is asked for when the run starts",
        ));
        lines.push(Line::new(
            Id::Compressed,
            "compressed",
            checked(|bundle| bundle.compressed, true),
            "with gzip: smaller, and slower to write",
        ));
    }
    if features.redact {
        lines.push(Line::new(
            Id::Redacted,
            "redact",
            checked(|bundle| bundle.redacted, false),
            "credentials in clear text are replaced, and listed in the report",
        ));
    }
    if features.folders {
        lines.push(Line::new(
            Id::WithInternal,
            "states",
            checked(|bundle| bundle.folder.internals == Internals::Keep, true),
            "which objects are published; without it all of them arrive as drafts",
        ));
        lines.push(Line::new(
            Id::Manifest,
            "manifest",
            checked(|bundle| bundle.folder.manifest == Manifest::Beside, false),
            "a list of all files with their hashes, for haul verify",
        ));
    }
    let purpose = Purpose::NewBundle { platform, folder: state.settings.folder.clone() };
    choose::open_form(state, Form::new("New bundle", purpose, "choose it", lines));
    Vec::new()
}

/// As the command line calls an output that nobody named.
fn default_name(state: &Workbench) -> String {
    let name = state.now.strftime("export_%Y%m%d%H%M%S").to_string();
    let folder = &state.settings.folder;
    match folder.as_os_str().is_empty() || folder.as_os_str() == "." {
        true => format!("./{name}"),
        false => folder.join(name).display().to_string(),
    }
}

fn bundle_of(form: &Form, folder: &Path) -> NewBundle {
    NewBundle {
        path: typed_path::in_folder(form.text(Id::File), folder),
        sealed: form.is_checked(Id::Sealed),
        compressed: form.is_checked(Id::Compressed),
        redacted: form.is_checked(Id::Redacted),
        folder: FolderFormat {
            internals: if form.is_checked(Id::WithInternal) { Internals::Keep } else { Internals::Leave },
            manifest: if form.is_checked(Id::Manifest) { Manifest::Beside } else { Manifest::None },
        },
        replace: false,
    }
}

/// What will be written, or why that cannot be.
pub fn outcome(form: &Form) -> Option<Result<String, String>> {
    let Purpose::NewBundle { platform, folder } = &form.purpose else { return None };
    let (platform, bundle) = (*platform, bundle_of(form, folder));
    if bundle.path.as_os_str().is_empty() {
        return Some(Err("type where to write it".to_owned()));
    }
    Some(match scan::final_path(platform, &bundle) {
        Ok(path) => Ok(path.display().to_string()),
        Err(error) => Err(error
            .hint_text()
            .map_or_else(|| error.message().to_owned(), |hint| format!("{}; {hint}", error.message()))),
    })
}

/// Takes the form: looks at the disk before it is believed.
pub fn submit(state: &mut Workbench, form: &mut Form) -> Vec<effect::Effect> {
    form.forget_errors();
    let Purpose::NewBundle { folder, .. } = &form.purpose else { return Vec::new() };
    let bundle = bundle_of(form, folder);
    match outcome(form) {
        None => Vec::new(),
        Some(Err(why)) => {
            form.refuse(Id::File, why);
            Vec::new()
        }
        Some(Ok(path)) => {
            let asked = state.locations.next();
            form.waiting = Some(asked);
            vec![Effect::Output { asked, bundle: NewBundle { path: path.into(), ..bundle } }.into()]
        }
    }
}

/// The disk was looked at.
pub fn looked(state: &mut Workbench, asked: u64, answer: Result<Writable, ErrorBrief>) -> Vec<effect::Effect> {
    let Some(Popup::Locations(super::Popup::Form(form))) = state.popups.last_mut() else { return Vec::new() };
    if form.waiting != Some(asked) {
        return Vec::new();
    }
    form.waiting = None;
    match answer {
        Err(error) => {
            let hint = error.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            form.refuse(Id::File, format!("{}{hint}", error.message));
            Vec::new()
        }
        Ok(Writable::Exists(bundle)) if is_source(&state.ends, &bundle) => {
            form.refuse(Id::File, "this is the source, which is read while the new one is written");
            Vec::new()
        }
        Ok(Writable::Free(bundle)) => {
            state.popups.pop();
            take(state, bundle)
        }
        Ok(Writable::Exists(bundle)) => {
            let lines = vec![format!(
                "{} exists. It stays as it is until the run has written the new one whole.",
                bundle.path.display()
            )];
            Confirm::new("Replace the file", lines, "replace it", move |state| {
                // The form lies below the question.
                state.popups.pop();
                take(state, NewBundle { replace: true, ..bundle })
            })
            .open(state);
            Vec::new()
        }
    }
}

fn is_source(ends: &Ends, bundle: &NewBundle) -> bool {
    ends.source.as_ref().is_some_and(|source| source.location == Location::Bundle(bundle.path.clone()))
}

fn take(state: &mut Workbench, bundle: NewBundle) -> Vec<effect::Effect> {
    choose::set_destination(state, DestinationEnd::NewBundle(bundle));
    choose::go_on(state, Side::Destination)
}
