//! What effects work with: this user's remotes and runs, and the locations that are open.
//! Must not know: the state of the screen. Credentials and keys that were typed stay here, in memory only.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::engine::{self, Relay, RunStore};
use crate::model::{Destination, Error, ErrorKind, EventSink, Reading, Result, RunEvent, Source};
use crate::platforms::{self, Farewells, KeySource, OpenOptions, Place, WriteOptions};
use crate::remotes::{Environment, Login, Paths, Remotes, parse_address};
use crate::workbench::ends::Location;

/// The surroundings of all effects.
pub struct Desk {
    pub environment: Environment,
    pub paths: Paths,
    /// Runs that go on. The loop waits for them at the end.
    pub tasks: TaskTracker,
    /// Cancelled when the workbench ends: every run stops in good order, and can be resumed.
    pub quitting: CancellationToken,
    /// Conversations with servers that were left midway. The loop waits for them too.
    pub farewells: Farewells,
    /// Counts what browsing and planning ask of servers.
    browsing: Arc<Relay>,
    heard: Arc<Heard>,
    typed: Mutex<Typed>,
    sources: Mutex<HashMap<Location, Arc<dyn Source>>>,
    /// Sources in the form that a destination needs, by both.
    suited: Mutex<HashMap<(Location, Location), Arc<dyn Source>>>,
    destinations: Mutex<HashMap<Location, Arc<dyn Destination>>>,
}

/// What locations last told of their reading.
#[derive(Default)]
struct Heard(Mutex<Option<Reading>>);

impl EventSink for Heard {
    fn emit(&self, event: RunEvent) {
        if let RunEvent::Reading { reading } = event {
            *locked(&self.0) = Some(reading);
        }
    }
}

/// What was typed at prompts.
#[derive(Default)]
struct Typed {
    logins: HashMap<Location, Login>,
    keys: HashMap<PathBuf, SecretString>,
}

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(hidden)")
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("paths", &self.paths).finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing here stops between two changes, so a panic elsewhere leaves it whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub fn new(environment: Environment, paths: Paths) -> Self {
        let (browsing, heard) = (Relay::new(), Arc::<Heard>::default());
        browsing.attach(heard.clone());
        Desk {
            environment,
            paths,
            tasks: TaskTracker::new(),
            quitting: CancellationToken::new(),
            farewells: Farewells::default(),
            browsing,
            heard,
            typed: Mutex::default(),
            sources: Mutex::default(),
            suited: Mutex::default(),
            destinations: Mutex::default(),
        }
    }

    pub fn remotes(&self) -> Result<Remotes> {
        Remotes::open(&self.paths, &self.environment)
    }

    pub fn store(&self) -> RunStore {
        RunStore::at(self.paths.state_dir())
    }

    /// Requests that browsing and planning have sent so far.
    pub fn requests(&self) -> u64 {
        self.browsing.requests()
    }

    /// How far the reading is that browsing or planning waits for.
    pub fn reading(&self) -> Option<Reading> {
        locked(&self.heard.0).clone()
    }

    /// A login that somebody typed, for as long as the workbench is open.
    pub fn remember_login(&self, location: &Location, login: Login) {
        self.forget(location);
        locked(&self.typed).logins.insert(location.clone(), login);
    }

    /// A key that somebody typed for an archive.
    pub fn remember_key(&self, path: PathBuf, key: SecretString) {
        self.forget(&Location::Bundle(path.clone()));
        locked(&self.typed).keys.insert(path, key);
    }

    /// The key that opened an archive, if one was typed.
    pub fn key_of(&self, path: &std::path::Path) -> Option<SecretString> {
        locked(&self.typed).keys.get(path).cloned()
    }

    /// Opens a location anew the next time, with what was typed for it before.
    pub fn reopen(&self, location: &Location) {
        locked(&self.sources).remove(location);
        locked(&self.suited).retain(|(from, to), _| from != location && to != location);
        locked(&self.destinations).remove(location);
    }

    /// Opens a location anew the next time, with what is typed then.
    pub fn forget(&self, location: &Location) {
        self.reopen(location);
        let mut typed = locked(&self.typed);
        typed.logins.remove(location);
        if let Location::Bundle(path) = location {
            typed.keys.remove(path);
        }
    }

    /// The location for browsing and planning; opened once and kept.
    pub async fn source(&self, location: &Location) -> Result<Arc<dyn Source>> {
        if let Some(known) = locked(&self.sources).get(location) {
            return Ok(known.clone());
        }
        let opened = self.open_source(location, self.browsing.clone()).await?;
        locked(&self.sources).insert(location.clone(), opened.clone());
        Ok(opened)
    }

    /// The source in the form that the destination needs, as it is now; kept for everything that rests on this plan.
    pub async fn suit(&self, from: &Location, to: &Location) -> Result<Arc<dyn Source>> {
        let (source, destination) = (self.source(from).await?, self.destination(to).await?);
        let suited = engine::suited(source, &*destination).await?;
        locked(&self.suited).insert((from.clone(), to.clone()), suited.clone());
        Ok(suited)
    }

    /// The one that the last plan between these two was made with.
    pub async fn suited(&self, from: &Location, to: &Location) -> Result<Arc<dyn Source>> {
        let known = locked(&self.suited).get(&(from.clone(), to.clone())).cloned();
        match known {
            Some(known) => Ok(known),
            None => self.suit(from, to).await,
        }
    }

    /// The location as a destination to plan for; opened once and kept.
    pub async fn destination(&self, location: &Location) -> Result<Arc<dyn Destination>> {
        if let Some(known) = locked(&self.destinations).get(location) {
            return Ok(known.clone());
        }
        let opened = self.open_destination(location, self.browsing.clone(), WriteOptions::default()).await?;
        locked(&self.destinations).insert(location.clone(), opened.clone());
        Ok(opened)
    }

    /// A connection of its own, as each run has it: its requests are counted by the relay.
    pub async fn open_source(&self, location: &Location, relay: Arc<Relay>) -> Result<Arc<dyn Source>> {
        let (place, options) = self.how_to_open(location, relay).await?;
        Ok(platforms::open_source(&place, &options).await?.into())
    }

    /// A connection of its own to write through.
    pub async fn open_destination(
        &self,
        location: &Location,
        relay: Arc<Relay>,
        write: WriteOptions,
    ) -> Result<Arc<dyn Destination>> {
        let (place, options) = self.how_to_open(location, relay).await?;
        let options = OpenOptions { write, ..options };
        Ok(platforms::open_destination(&place, &options).await?.into())
    }

    async fn how_to_open(&self, location: &Location, relay: Arc<Relay>) -> Result<(Place, OpenOptions)> {
        let mut options = OpenOptions {
            events: relay,
            spool: self.paths.state_dir().join("spool"),
            farewells: self.farewells.clone(),
            ..OpenOptions::default()
        };
        options.net.waits = Some(self.paths.state_dir().join("waits"));
        let typed = locked(&self.typed).logins.get(location).cloned();
        let place = match location {
            Location::Remote(name) => {
                let remotes = self.remotes()?;
                let remote = remotes.get(name)?;
                options.login = match typed {
                    Some(login) => Some(login),
                    None => remotes.login(&remote).await?,
                };
                Place::Remote { platform: remote.platform, url: remote.url, name: Some(name.clone()) }
            }
            Location::Address(text) => {
                let (platform, url) = parse_address(text).unwrap_or_else(|| {
                    Err(Error::new(ErrorKind::UnknownLocation, format!("`{text}` does not begin with a platform")))
                })?;
                options.login = typed;
                Place::Remote { platform, url, name: None }
            }
            Location::Bundle(path) => {
                options.keys = self.key_of(path).map_or(KeySource::None, KeySource::Given);
                Place::Path(path.clone())
            }
        };
        Ok((place, options))
    }

    /// A defect on purpose, for the tests of what happens then. Nothing in a release build.
    #[expect(clippy::panic, reason = "that is what is tested")]
    pub fn panic_if_told(&self, place: &str) {
        if cfg!(debug_assertions) && self.environment.get("HAUL_TEST_PANIC") == Some(place) {
            panic!("told to panic in {place}");
        }
    }
}
