//! What the pane has done outside of the state: reading the lists, opening locations, changing remotes, looking at the
//! disk.
//! Must not know: what is drawn.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use super::describe;
use super::message::Message;
use super::scan;
use super::state::{Counts, Entry, Found};
use crate::model::{Error, ErrorKind, Inventory, LocationInfo, Result, Rules, Source};
use crate::remotes::{Login, NewRemote, Recent, Remote, RemoteChange, RemoteName};
use crate::workbench::effect::{Desk, Tell};
use crate::workbench::ends::{Location, NewBundle};

/// What this pane has done outside of the state.
#[derive(Debug)]
pub enum Effect {
    /// Reads the remotes, and bundles in a folder and in the current one.
    Read {
        reading: u64,
        folder: PathBuf,
    },
    /// Opens a location, and counts what it holds.
    Check {
        location: Location,
        asked: u64,
        with: With,
        count: bool,
    },
    /// Looks up what an edit form begins with.
    Edit {
        asked: u64,
        name: String,
    },
    Add {
        asked: u64,
        new: Box<NewRemote>,
    },
    Change {
        asked: u64,
        name: String,
        rename: Option<RemoteName>,
        change: Box<RemoteChange>,
    },
    Remove {
        name: String,
    },
    /// Preselects a remote as the source.
    Prefer {
        name: String,
    },
    /// Keeps a place among the recent ones.
    Remember {
        place: String,
    },
    /// Goes to what somebody chose or typed in a picker.
    Go {
        asked: u64,
        base: PathBuf,
        text: String,
    },
    /// Looks whether a new bundle can be written.
    Output {
        asked: u64,
        bundle: NewBundle,
    },
}

/// What a location is opened with.
#[derive(Debug)]
pub enum With {
    /// Its own credential, or what was typed before.
    Kept,
    Login(Login),
    Key(SecretString),
}

pub async fn perform(desk: &Arc<Desk>, effect: Effect, tell: &Tell) {
    match effect {
        Effect::Read { reading, folder } => read(desk, reading, folder, tell).await,
        Effect::Check { location, asked, with, count } => check(desk, location, asked, with, count, tell).await,
        Effect::Edit { asked, name } => {
            let answer = blocking(desk, move |desk| desk.remotes()?.editable(&name)).await;
            tell.tell(Message::Editable { asked, answer: answer.map(Box::new).map_err(|error| error.brief()) }).await;
        }
        Effect::Add { asked, new } => {
            let answer = add(desk, *new).await;
            tell.tell(Message::Saved { asked, before: None, answer: answer.map_err(|error| error.brief()) }).await;
        }
        Effect::Change { asked, name, rename, change } => {
            let answer = change_remote(desk, &name, rename, *change).await;
            tell.tell(Message::Saved { asked, before: Some(name), answer: answer.map_err(|error| error.brief()) })
                .await;
        }
        Effect::Remove { name } => {
            let answer = remove(desk, &name).await;
            tell.tell(Message::Removed { name, answer: answer.map_err(|error| error.brief()) }).await;
        }
        Effect::Prefer { name } => {
            let wanted = name.clone();
            let answer = blocking(desk, move |desk| desk.remotes()?.use_as_source(&wanted).map(|_| ())).await;
            tell.tell(Message::Preferred { name, answer: answer.map_err(|error| error.brief()) }).await;
        }
        Effect::Remember { place } => {
            // A list of what was used lately is a comfort: nobody is bothered when it cannot be kept.
            let _ = blocking(desk, move |desk| Recent::add(&desk.paths, &place)).await;
        }
        Effect::Go { asked, base, text } => {
            let answer = blocking(desk, move |desk| scan::go(&desk.environment, &base, &text)).await;
            let answer = answer.map_err(|error| error.brief());
            tell.tell(Message::Arrived { asked, answer }).await;
        }
        Effect::Output { asked, bundle } => {
            let answer = blocking(desk, move |desk| scan::output(&desk.environment, bundle)).await;
            tell.tell(Message::Output { asked, answer: answer.map_err(|error| error.brief()) }).await;
        }
    }
}

/// Work on files, on a thread that may wait for a disk.
async fn blocking<T: Send + 'static>(
    desk: &Arc<Desk>,
    work: impl FnOnce(&Desk) -> Result<T> + Send + 'static,
) -> Result<T> {
    let desk = desk.clone();
    match tokio::task::spawn_blocking(move || work(&desk)).await {
        Ok(answer) => answer,
        Err(error) => Err(Error::new(ErrorKind::Internal, "looking at the disk broke off").caused_by(error)),
    }
}

/// Remotes first: nobody waits for a slow disk with bundles to see them.
async fn read(desk: &Arc<Desk>, reading: u64, folder: PathBuf, tell: &Tell) {
    let remotes = blocking(desk, |desk| {
        let remotes = desk.remotes()?.list()?;
        let entries = remotes.iter().map(|remote| describe::remote(remote, &desk.environment));
        Ok(entries.chain(scan::recent_addresses(&desk.paths)).collect::<Vec<Entry>>())
    });
    let remotes = remotes.await.map_err(|error| error.brief());
    tell.tell(Message::Remotes { reading, remotes }).await;
    let bundles = blocking(desk, move |desk| Ok(scan::bundles(&desk.environment, &desk.paths, &folder)));
    let bundles = bundles.await.map_err(|error| error.brief());
    tell.tell(Message::Bundles { reading, bundles }).await;
}

async fn check(desk: &Arc<Desk>, location: Location, asked: u64, with: With, count: bool, tell: &Tell) {
    let typed = !matches!(with, With::Kept);
    match (with, &location) {
        (With::Login(login), _) => desk.remember_login(&location, login),
        (With::Key(key), Location::Bundle(path)) => desk.remember_key(path.clone(), key),
        (With::Kept | With::Key(_), _) => desk.reopen(&location),
    }
    let source = match open(desk, &location).await {
        Ok(source) => source,
        Err(error) => {
            if typed {
                // What was typed did not fit, and must not stand in the way of what is configured.
                desk.forget(&location);
            }
            return tell.tell(Message::Opened { location, asked, answer: Err(error.brief()) }).await;
        }
    };
    let found = Found {
        info: source.info(),
        rules: Arc::new(source.rules().clone()),
        access: source.access(),
        counts: None,
        counting: count,
    };
    tell.tell(Message::Opened { location: location.clone(), asked, answer: Ok(Box::new(found)) }).await;
    if count {
        let answer = counted(&*source).await.map_err(|error| error.brief());
        tell.tell(Message::Counted { location, asked, answer }).await;
    }
}

/// Opening a bundle reads and deciphers, which must not hold up other effects.
async fn open(desk: &Arc<Desk>, location: &Location) -> Result<Arc<dyn Source>> {
    if !location.is_bundle() {
        return desk.source(location).await;
    }
    let (desk, location, runtime) = (desk.clone(), location.clone(), tokio::runtime::Handle::current());
    match tokio::task::spawn_blocking(move || runtime.block_on(desk.source(&location))).await {
        Ok(answer) => answer,
        Err(error) => Err(Error::new(ErrorKind::Internal, "opening it broke off").caused_by(error)),
    }
}

async fn counted(source: &dyn Source) -> Result<(LocationInfo, Counts)> {
    let inventory = source.list().await?;
    Ok((source.info(), counts(&inventory, source.rules())))
}

fn counts(inventory: &Inventory, rules: &Rules) -> Counts {
    let mut counts = Counts {
        kinds: rules.kinds.iter().map(|rules| (rules.kind, 0)).collect(),
        notes: notes(inventory),
        ..Counts::default()
    };
    for item in inventory.items().filter(|item| !item.facts().deleted) {
        match counts.kinds.iter_mut().find(|(kind, _)| *kind == item.kind()) {
            Some((_, count)) => *count += 1,
            None => counts.kinds.push((item.kind(), 1)),
        }
        counts.items += 1;
        counts.bytes += item.size();
    }
    counts.kinds.retain(|(_, count)| *count > 0);
    counts
}

/// What a listing has to say of the whole location, each once.
fn notes(inventory: &Inventory) -> Vec<String> {
    let whole = inventory.findings.iter().filter(|finding| finding.item.is_none());
    let mut notes: Vec<String> = whole.map(|finding| finding.message.clone()).collect();
    notes.dedup();
    notes
}

async fn add(desk: &Arc<Desk>, new: NewRemote) -> Result<Remote> {
    let location = Location::Remote(new.name.to_string());
    let added = desk.remotes()?.add(new).await?;
    desk.forget(&location);
    Ok(added)
}

async fn change_remote(
    desk: &Arc<Desk>,
    name: &str,
    rename: Option<RemoteName>,
    change: RemoteChange,
) -> Result<Remote> {
    let remotes = desk.remotes()?;
    let changed = remotes.change(name, change).await?;
    // What was typed for it, and what is open, was for what it was before.
    desk.forget(&Location::Remote(name.to_owned()));
    match rename {
        Some(new) => {
            desk.forget(&Location::Remote(new.to_string()));
            remotes.rename(name, &new).await
        }
        None => Ok(changed),
    }
}

async fn remove(desk: &Arc<Desk>, name: &str) -> Result<()> {
    desk.remotes()?.remove(name).await?;
    desk.forget(&Location::Remote(name.to_owned()));
    Ok(())
}
