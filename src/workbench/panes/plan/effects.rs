//! Carries this pane's effects out.
//! Must not know: the state.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;

use super::message::{Effect, Message, Planning, Refused, Stop};
use super::sheet::Sheet;
use super::{contents, edits, files, making, sift};
use crate::model::{Error, ErrorKind, ExportFormat, Seal};
use crate::wording::{export_command, transfer_command};
use crate::workbench::effect::{Desk, Tell};
use crate::workbench::ends::{DestinationEnd, Location};
use crate::workbench::typed_path::{expand, home};

pub async fn perform(desk: &Arc<Desk>, effect: Effect, tell: &Tell) {
    let message = match effect {
        Effect::Plan(planning) => plan(desk.clone(), *planning, tell).await,
        Effect::Sift { number, sheet, query, extras } => {
            let rows = move || sift::sift(&sheet, &query, extras.as_deref().unwrap_or_default());
            Some(Message::Sifted { number, rows: calculated(rows).await })
        }
        Effect::Extras { number, sheet, query } => {
            let (items, rows) = calculated(move || making::with_extras(&sheet, &query)).await;
            Some(Message::Extras { number, items, rows })
        }
        Effect::Judge { sheet, rows, decision } => {
            let judged = move || (edits::judge(&sheet, &rows, decision), sheet);
            let (judged, sheet) = calculated(judged).await;
            Some(Message::Judged { sheet, decision, judged })
        }
        Effect::Compare { generation, sheet, subject, cancel } => {
            let comparison = contents::compare(desk.clone(), sheet, subject);
            let comparison = unless(&cancel, comparison).await;
            comparison.map(|comparison| Message::Compared { generation, subject, comparison })
        }
        Effect::Count { generation, sheet, rows, cancel } => {
            unless(&cancel, contents::count(desk.clone(), sheet, rows, generation, tell)).await;
            None
        }
        Effect::Save { path, sheet, existing } => {
            let path = at_home(desk, &path);
            Some(calculated(move || files::save(&path, sheet.plan(), existing)).await)
        }
        Effect::Load { path } => {
            let (path, desk) = (at_home(desk, &path), desk.clone());
            Some(calculated(move || files::load(&desk, &path)).await)
        }
        Effect::Locate { title, source, destination, options } => {
            let desk = desk.clone();
            Some(calculated(move || files::located(&desk, title, source, destination, *options)).await)
        }
        Effect::Forget(sheet) => {
            calculated(move || drop(sheet)).await;
            None
        }
        Effect::CommandLine { sheet } => Some(calculated(move || Message::CommandLine(command_line(&sheet))).await),
    };
    if let Some(message) = message {
        tell.tell(message).await;
    }
}

/// `~` of a name that was typed is this user's home folder.
fn at_home(desk: &Desk, path: &Path) -> PathBuf {
    expand(Path::new(""), &path.display().to_string(), home(&desk.environment).as_deref())
}

/// On a thread where long calculation keeps nobody waiting. A defect there is a defect of the effect.
pub(super) async fn calculated<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()), // it is never aborted
    }
}

/// `None` once it was cancelled.
async fn unless<T>(cancel: &Stop, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => None,
        done = work => Some(done),
    }
}

/// Planning waits for servers and calculates in turn: both on a thread of its own. It answers whatever happens, unless
/// it was cancelled.
async fn plan(desk: Arc<Desk>, planning: Planning, tell: &Tell) -> Option<Message> {
    let (generation, cancel) = (planning.generation, planning.cancel.clone());
    unless(&cancel, tokio::time::sleep(planning.delay)).await?;
    let runtime = tokio::runtime::Handle::current();
    let work = async move { unless(&cancel, making::make(desk, planning)).await };
    match tokio::task::spawn_blocking(move || runtime.block_on(work)).await {
        Ok(answer) => answer.map(|answer| Message::Planned { generation, answer }),
        Err(error) => {
            let defect = Error::new(ErrorKind::Internal, "a defect of haul ended the planning");
            let answer = Err(Box::new(Refused { error: defect, edit: false }));
            tell.tell(Message::Planned { generation, answer }).await;
            std::panic::resume_unwind(error.into_panic())
        }
    }
}

/// The verb that does the same headless.
pub(super) fn command_line(sheet: &Sheet) -> String {
    let (asked, options) = (&sheet.asked, &sheet.plan().options);
    let source = place_word(&asked.source);
    match &asked.destination {
        DestinationEnd::Remote { location, .. } => transfer_command(&source, &place_word(location), options),
        DestinationEnd::NewBundle(bundle) => {
            let seal = if bundle.sealed { Seal::Key(SecretString::default()) } else { Seal::None };
            let format = ExportFormat { seal, ..making::preview_format(bundle, &options.selection) };
            let output = path_word(&bundle.path);
            let features = sheet.rules().features;
            export_command(&source, Some(&output), &options.selection, options.dependencies, &format, &features)
        }
    }
}

fn place_word(location: &Location) -> String {
    match location {
        Location::Bundle(path) => path_word(path),
        other => other.text(),
    }
}

/// A bare name could be that of a remote.
fn path_word(path: &Path) -> String {
    match path.components().count() > 1 || path.is_absolute() {
        true => path.display().to_string(),
        false => format!("./{}", path.display()),
    }
}
