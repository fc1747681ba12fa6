//! Hears what a run does, and tells the screen: ten times a second at most, and never faster than the screen takes it.
//! Must not know: how a run is carried out.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

use super::Message;
use super::fold::{Deed, Fold, Update};
use super::state::Number;
use crate::model::{EventSink, Progress, RunEvent};
use crate::workbench::effect::Tell;

/// Between two messages of a run.
const PAUSE: Duration = Duration::from_millis(100);

/// Tells what is new while the work goes on. Without room for a message the news add up.
pub async fn until_the_end<T>(ear: &Ear, number: Number, tell: &Tell, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    let mut pause = tokio::time::interval(PAUSE);
    pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let tell_news = async {
        loop {
            pause.tick().await;
            ear.measure();
            if ear.has_news() {
                let Some(room) = tell.room().await else { break };
                room.send(Message::Progressed(number, Box::new(ear.take())).into());
            }
        }
        // Nobody listens any more; the work ends by itself.
        std::future::pending().await
    };
    tokio::select! {
        biased;
        ended = &mut work => ended,
        never = tell_news => never,
    }
}

/// Hears what a run does, for a screen that looks now and then.
#[derive(Debug)]
pub struct Ear {
    fold: Mutex<Fold>,
    began: Instant,
    newest: Mutex<Newest>,
}

/// Where the counts come from.
#[derive(Debug)]
enum Newest {
    /// Of a run, from the engine: right even where events were left out.
    Watched(watch::Receiver<Progress>),
    /// Folded here, from every event.
    Folded(Box<Progress>),
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ear {
    pub fn new(deed: Deed) -> Self {
        Ear {
            fold: Mutex::new(Fold::new(deed)),
            began: Instant::now(),
            newest: Mutex::new(Newest::Folded(Box::default())),
        }
    }

    pub fn fold(&self) -> MutexGuard<'_, Fold> {
        locked(&self.fold)
    }

    pub fn watch(&self, progress: watch::Receiver<Progress>) {
        *locked(&self.newest) = Newest::Watched(progress);
    }

    pub fn measure(&self) {
        let mut fold = self.fold();
        match &*locked(&self.newest) {
            Newest::Watched(progress) => fold.count(&progress.borrow()),
            Newest::Folded(progress) => fold.count(progress),
        }
        fold.measure(self.began.elapsed());
    }

    fn has_news(&self) -> bool {
        self.fold().has_news()
    }

    pub fn take(&self) -> Update {
        self.fold().take()
    }
}

impl EventSink for Ear {
    fn emit(&self, event: RunEvent) {
        if let Newest::Folded(progress) = &mut *locked(&self.newest) {
            progress.absorb(&event);
        }
        self.fold().absorb(&event, Timestamp::now());
    }
}
