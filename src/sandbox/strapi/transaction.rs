//! The one transaction of a push: it works on a copy, and on SQLite nobody else gets at the database meanwhile.
//! Must not know: what is written.

use tokio::sync::OwnedMutexGuard;

use super::{Site, failure::Failure, store::Database};
use crate::sandbox::switch::{DatabaseKind, LeakedTransaction};

#[derive(Debug, Default)]
pub(super) enum Transaction {
    #[default]
    None,
    /// Begun, but another one holds the database.
    Waiting,
    Open(Box<Work>),
    /// Committed or rolled back: whatever comes now waits for ever.
    Over,
}

#[derive(Debug)]
pub(super) struct Work {
    database: Database,
    guard: OwnedMutexGuard<()>,
}

pub(super) fn begin(site: &Site) -> Transaction {
    match site.gate.clone().try_lock_owned() {
        Ok(guard) => Transaction::Open(Box::new(Work { database: site.database().clone(), guard })),
        Err(_) => Transaction::Waiting,
    }
}

impl Transaction {
    pub async fn open(&mut self, site: &Site) -> Result<&mut Database, Failure> {
        if let Self::Waiting = self {
            let guard = site.gate.clone().lock_owned().await;
            *self = Self::Open(Box::new(Work { database: site.database().clone(), guard }));
        }
        match self {
            Self::Open(work) => Ok(&mut work.database),
            _ => Err(Failure::Hang),
        }
    }

    pub fn commit(&mut self, site: &Site) {
        match std::mem::replace(self, Self::Over) {
            Self::Open(work) => {
                let Work { database, guard } = *work;
                *site.database() = database;
                drop(guard);
            }
            Self::None => *self = Self::None,
            Self::Waiting | Self::Over => {}
        }
    }

    pub fn roll_back(&mut self) {
        if !matches!(self, Self::None) {
            *self = Self::Over;
        }
    }

    /// The action `rollback`: a second one, or one after `close`, is never answered.
    pub fn roll_back_on_request(&mut self) -> Result<(), Failure> {
        if let Self::Over = self {
            return Err(Failure::Hang);
        }
        self.roll_back();
        Ok(())
    }

    /// `end` without `close` or `rollback`: nobody ever ends it, and on SQLite the database is held until a restart.
    pub fn leak(&mut self, site: &Site) {
        let switches = site.switches();
        if let Self::Open(work) = std::mem::take(self)
            && switches.leaked_transaction == LeakedTransaction::Hangs
            && switches.database == DatabaseKind::Sqlite
        {
            site.leaked().push(work.guard);
        }
    }
}
