//! Plans as files, and the ends that they name.
//! Must not know: the state of the pane, what a plan file looks like.

use std::path::Path;
use std::sync::Arc;

use super::answering;
use super::message::{Loaded, Message};
use crate::files::{Readers, write_whole_with};
use crate::model::{Error, ErrorKind, Existing, Plan, PlanOptions, Platform, Result};
use crate::planner;
use crate::platforms::{self, Located, Place};
use crate::remotes::parse_address;
use crate::workbench::effect::Desk;
use crate::workbench::ends::{DestinationEnd, Location, SourceEnd};

/// A plan file beyond this is none that Haul wrote.
const LARGEST: u64 = 1 << 30;

/// Saves a plan, whole or not at all.
pub(super) fn save(path: &Path, plan: &Plan, existing: Existing) -> Message {
    if path.is_dir() {
        let error = Error::new(ErrorKind::OutputExists, format!("{} is a folder", path.display()));
        return Message::NotSaved(error.hint("choose another name"));
    }
    if existing == Existing::Refuse && path.symlink_metadata().is_ok() {
        return Message::InTheWay { path: path.to_owned() };
    }
    match write_whole_with(path, Readers::Umask, |out| planner::file::write_to(plan, out)) {
        Ok(()) => Message::Saved { path: path.to_owned() },
        Err(error) => Message::NotSaved(error),
    }
}

/// Reads a plan and finds its ends.
pub(super) fn load(desk: &Desk, path: &Path) -> Message {
    match read(desk, path) {
        Ok(loaded) => Message::Loaded(Box::new(loaded)),
        Err(error) => Message::NotLoaded { what: path.display().to_string(), error },
    }
}

fn read(desk: &Desk, path: &Path) -> Result<Loaded> {
    let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
    if path.metadata().map_err(failed)?.len() > LARGEST {
        return Err(Error::new(ErrorKind::InvalidPlan, format!("{} is too large for a plan", path.display())));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let (plan, edits) = planner::file::read(&text)?;
    planner::file::check(&plan, &edits, platforms::rules(plan.destination.platform))?;
    let remotes = desk.remotes()?;
    let source = location_of(platforms::relocate(&plan.source, &remotes)?)?;
    let destination = location_of(platforms::relocate(&plan.destination, &remotes)?)?;
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let edited: Vec<String> = edits
        .keys()
        .map(|key| plan.item(key).map_or_else(|| key.to_string(), |item| item.name.to_string()))
        .take(answering::NAMED + 1)
        .collect();
    let title = match edits.len() {
        0 => name,
        _ => format!("{name}, edited in it: {}", answering::named(&edited, edits.len())),
    };
    let mut options = plan.options.clone();
    options.decisions.extend(edits);
    ends(desk, title, source, destination, options, Some(Arc::new(plan)))
}

/// The ends of a question, with what has to be known of them to be chosen.
pub(super) fn located(
    desk: &Desk,
    title: String,
    source: Location,
    destination: Location,
    options: PlanOptions,
) -> Message {
    match ends(desk, title.clone(), source, destination, options, None) {
        Ok(loaded) => Message::Loaded(Box::new(loaded)),
        Err(error) => Message::NotLoaded { what: title, error },
    }
}

fn ends(
    desk: &Desk,
    title: String,
    source: Location,
    destination: Location,
    options: PlanOptions,
    saved: Option<Arc<Plan>>,
) -> Result<Loaded> {
    let destination = destination_end(desk, destination)?;
    // Content moves only within a platform, so that of the destination is that of a bundle too.
    let DestinationEnd::Remote { platform, .. } = destination else {
        return Err(Error::new(ErrorKind::Usage, "a new bundle has no plan to be made again"));
    };
    let source = source_end(desk, source, platform)?;
    Ok(Loaded { source, destination, options, title, saved })
}

fn location_of(located: Located) -> Result<Location> {
    match (located.remote, located.place) {
        (Some(remote), _) => Ok(Location::Remote(remote.name.to_string())),
        (None, Place::Remote { .. }) => Ok(Location::Address(located.shown)),
        (None, Place::Path(path)) => Ok(Location::Bundle(path)),
        (None, Place::Stdio) => {
            Err(Error::new(ErrorKind::UnknownLocation, "standard input cannot be read from the workbench"))
        }
    }
}

fn source_end(desk: &Desk, location: Location, platform: Platform) -> Result<SourceEnd> {
    let production = remote(desk, &location)?.is_some_and(|(_, production)| production);
    Ok(SourceEnd { location, platform, production, opened: None })
}

fn destination_end(desk: &Desk, location: Location) -> Result<DestinationEnd> {
    platforms::can_be_destination(&platforms::locate(&location.text(), &desk.remotes()?)?)?;
    match remote(desk, &location)? {
        Some((platform, production)) => Ok(DestinationEnd::Remote { location, platform, production }),
        None => Err(Error::new(ErrorKind::Usage, format!("{} is no remote to write to", location.text()))),
    }
}

/// The platform of a server, and whether it is marked as production.
fn remote(desk: &Desk, location: &Location) -> Result<Option<(Platform, bool)>> {
    match location {
        Location::Remote(name) => {
            let remote = desk.remotes()?.get(name)?;
            Ok(Some((remote.platform, remote.production)))
        }
        Location::Address(address) => match parse_address(address) {
            Some(parsed) => Ok(Some((parsed?.0, false))),
            None => Err(Error::new(ErrorKind::UnknownLocation, format!("`{address}` is no address of a server"))),
        },
        Location::Bundle(_) => Ok(None),
    }
}
