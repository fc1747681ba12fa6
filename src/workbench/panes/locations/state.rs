//! What the pane knows of this user's locations, and where somebody is in it.
//! Must not know: how anything of it is found out.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{Access, ErrorBrief, Kind, LocationInfo, Platform, Rules};
use crate::platforms::BundleLook;
use crate::workbench::canvas::ListId;
use crate::workbench::ends::Location;
use crate::workbench::widgets::{Cursor, Field};

/// What the pane shows.
#[derive(Debug, Default)]
pub struct State {
    pub remotes: Listed<Entry>,
    pub bundles: Listed<Entry>,
    /// What was found out about locations, whichever list they stand in.
    pub looks: BTreeMap<Location, Look>,
    pub sources: SideView,
    pub destinations: SideView,
    pub side: Side,
    /// Keys go into the filter of the side.
    pub filtering: bool,
    /// What is to follow once a location was opened.
    pub pending: Option<Pending>,
    /// The newest question to the disk or a server; answers to older ones are dropped.
    pub asked: u64,
    /// The newest reading of both lists.
    pub reading: u64,
    /// The default source was looked for.
    pub preselected: bool,
    /// Goes there as soon as it is in a list.
    pub go_to: Option<Location>,
    /// Where the picker was last.
    pub folder: Option<PathBuf>,
    /// A message that lets times on the screen go on is under way.
    pub ticking: bool,
}

impl State {
    /// A number for a question, higher than all before.
    pub fn next(&mut self) -> u64 {
        self.asked += 1;
        self.asked
    }

    pub fn view(&self, side: Side) -> &SideView {
        match side {
            Side::Source => &self.sources,
            Side::Destination => &self.destinations,
        }
    }

    pub fn view_mut(&mut self, side: Side) -> &mut SideView {
        match side {
            Side::Source => &mut self.sources,
            Side::Destination => &mut self.destinations,
        }
    }

    /// All that is known, remotes first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.remotes.items.iter().chain(&self.bundles.items)
    }

    pub fn entry(&self, location: &Location) -> Option<&Entry> {
        self.entries().find(|entry| entry.location == *location)
    }

    pub fn look(&self, location: &Location) -> &Look {
        self.looks.get(location).unwrap_or(&Look::NONE)
    }
}

/// A list that is read in the background.
#[derive(Debug)]
pub struct Listed<T> {
    pub items: Vec<T>,
    /// `false` until the first reading came back.
    pub known: bool,
    /// Why it cannot be read.
    pub error: Option<ErrorBrief>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Listed { items: Vec::new(), known: false, error: None }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Source,
    Destination,
}

impl Side {
    pub const BOTH: [Side; 2] = [Side::Source, Side::Destination];

    pub fn list(self) -> ListId {
        match self {
            Side::Source => ListId::Sources,
            Side::Destination => ListId::Destinations,
        }
    }

    pub fn of(list: ListId) -> Option<Side> {
        Side::BOTH.into_iter().find(|side| side.list() == list)
    }

    pub fn other(self) -> Side {
        match self {
            Side::Source => Side::Destination,
            Side::Destination => Side::Source,
        }
    }
}

/// Where somebody is in one of the two lists.
#[derive(Debug, Default)]
pub struct SideView {
    pub cursor: Cursor,
    /// The row before the newest move, for stepping over headings.
    pub before: usize,
    pub filter: Field,
}

/// A location that can be chosen.
#[derive(Clone, Debug)]
pub struct Entry {
    pub location: Location,
    /// As it is shown.
    pub name: String,
    pub platform: Platform,
    pub about: About,
}

#[derive(Clone, Debug)]
pub enum About {
    Remote(RemoteFacts),
    /// An address without a name, used before.
    Address,
    /// `None` for one that was used before and is not recognised now.
    Bundle(Option<BundleLook>),
}

/// A remote as the configuration has it, without its credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFacts {
    pub url: String,
    pub user: Option<String>,
    /// Where its credential is: `in the keyring`. Never the credential, and never a command, which may hold one.
    pub credential: String,
    pub default_source: bool,
    pub production: bool,
    pub read_only: bool,
    /// Why it cannot be edited here.
    pub fixed: Option<String>,
}

impl Entry {
    pub fn remote(&self) -> Option<&RemoteFacts> {
        match &self.about {
            About::Remote(facts) => Some(facts),
            About::Address | About::Bundle(_) => None,
        }
    }

    pub fn is_production(&self) -> bool {
        self.remote().is_some_and(|facts| facts.production)
    }

    /// A bundle that a key opens, as far as a look from outside tells.
    pub fn is_sealed(&self) -> bool {
        matches!(self.about, About::Bundle(Some(BundleLook { sealed: true, .. })))
    }
}

/// What was found out about a location.
#[derive(Debug, Default)]
pub struct Look {
    /// The newest question; while `waiting`, its answer is to come.
    pub asked: u64,
    pub waiting: bool,
    /// When the question was asked.
    pub since: Option<Timestamp>,
    pub found: Option<Result<Found, ErrorBrief>>,
    /// When the last answer came.
    pub at: Option<Timestamp>,
}

impl Look {
    const NONE: Look = Look { asked: 0, waiting: false, since: None, found: None, at: None };

    pub fn opened(&self) -> Option<&Found> {
        self.found.as_ref()?.as_ref().ok()
    }

    pub fn error(&self) -> Option<&ErrorBrief> {
        self.found.as_ref()?.as_ref().err()
    }
}

/// A location that could be opened.
#[derive(Clone, Debug)]
pub struct Found {
    pub info: LocationInfo,
    pub rules: Arc<Rules>,
    pub access: Access,
    /// What is inside, once it was counted.
    pub counts: Option<Counts>,
    /// The count is under way.
    pub counting: bool,
}

/// What a location holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In the order of the platform's rules.
    pub kinds: Vec<(Kind, u64)>,
    pub items: u64,
    pub bytes: u64,
    /// What the listing has to say, such as what the account may not see.
    pub notes: Vec<String>,
}

/// What is to follow once a location was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub location: Location,
    pub asked: u64,
    pub then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It becomes the end of this side.
    Choose(Side),
    /// It becomes the source without a word, or not: nobody asked for it.
    Preselect,
    /// It was to be tested.
    Test,
}
