//! Takes the facts of a run to whoever listens. A slow or absent listener costs the run nothing.
//! Must not know: what the facts are about, or how they are shown.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc, watch};

use crate::model::{EventSink, Finding, Progress, RunEnd, RunEvent};

/// Events that wait in the channel itself.
const CHANNEL: usize = 256;
/// Waiting events beyond which those that only describe progress are dropped.
const CROWDED: usize = 4_096;
/// Waiting events beyond which all but the last are dropped; a listener this far behind has the journal and report.
const FULL: usize = 262_144;

/// Folds every event into the run's [`Progress`] at once, and forwards it as fast as the listener takes it.
#[derive(Debug)]
pub(super) struct Hub {
    waiting: Mutex<Waiting>,
    progress: watch::Sender<Progress>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<RunEvent>,
    ended: bool,
}

/// The two ends that a listener gets.
pub(super) struct Ends {
    pub events: mpsc::Receiver<RunEvent>,
    pub progress: watch::Receiver<Progress>,
}

impl Hub {
    /// Starts the task that forwards; it ends after the last event, or when nobody listens any more.
    pub fn start() -> (Arc<Hub>, Ends) {
        let (progress, seen) = watch::channel(Progress::default());
        let (sender, events) = mpsc::channel(CHANNEL);
        let hub = Arc::new(Hub { waiting: Mutex::default(), progress, wake: Notify::new() });
        tokio::spawn(hub.clone().forward(sender));
        (hub, Ends { events, progress: seen })
    }

    /// The last word. Whatever is emitted after it is dropped.
    pub fn end(&self, end: RunEnd) {
        self.emit(RunEvent::Ended { end });
    }

    pub fn requests(&self) -> u64 {
        self.progress.borrow().requests
    }

    async fn forward(self: Arc<Self>, sender: mpsc::Sender<RunEvent>) {
        loop {
            let (next, ended) = {
                let mut waiting = self.lock();
                (waiting.pop(), waiting.ended)
            };
            match next {
                Some(event) => {
                    if sender.send(event).await.is_err() {
                        return; // nobody listens any more; the fold goes on without this task
                    }
                }
                None if ended => return,
                None => self.wake.notified().await,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A panic of somebody else leaves the queue whole: nothing here stops between two changes.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventSink for Hub {
    fn emit(&self, event: RunEvent) {
        let mut waiting = self.lock();
        if waiting.ended {
            return;
        }
        waiting.ended = matches!(event, RunEvent::Ended { .. });
        self.progress.send_modify(|progress| progress.absorb(&event));
        waiting.push(event);
        drop(waiting);
        self.wake.notify_one();
    }
}

impl Waiting {
    /// The oldest. Room for very many is given back once the last was taken.
    fn pop(&mut self) -> Option<RunEvent> {
        let oldest = self.events.pop_front();
        if self.events.is_empty() && self.events.capacity() > CROWDED {
            self.events = VecDeque::new();
        }
        oldest
    }

    fn push(&mut self, event: RunEvent) {
        if let (RunEvent::BytesMoved { bytes }, Some(RunEvent::BytesMoved { bytes: sum })) =
            (&event, self.events.back_mut())
        {
            *sum += bytes;
            return;
        }
        if let (RunEvent::Reading { .. }, Some(last @ RunEvent::Reading { .. })) = (&event, self.events.back_mut()) {
            *last = event;
            return;
        }
        let limit = match event {
            RunEvent::BytesMoved { .. }
            | RunEvent::Reading { .. }
            | RunEvent::Said { .. }
            | RunEvent::RequestSent { .. }
            | RunEvent::Waited { .. }
            | RunEvent::StepStarted { .. }
            | RunEvent::ItemStarted { .. } => CROWDED,
            RunEvent::Started { .. }
            | RunEvent::StageEntered { .. }
            | RunEvent::ItemFinished { .. }
            | RunEvent::Found { .. } => FULL,
            RunEvent::Ended { .. } => usize::MAX,
        };
        if self.events.len() < limit {
            self.events.push_back(event);
        }
    }
}

/// What a platform may say while a run works through it. Stages, results and the end are the run's own words.
pub(super) struct PlatformSink<'a> {
    hub: &'a Hub,
    found: Mutex<Vec<Finding>>,
}

impl<'a> PlatformSink<'a> {
    pub fn new(hub: &'a Hub) -> Self {
        PlatformSink { hub, found: Mutex::default() }
    }

    /// What was found so far; the run records it before it tells anybody.
    pub fn take_found(&self) -> Vec<Finding> {
        std::mem::take(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl EventSink for PlatformSink<'_> {
    fn emit(&self, event: RunEvent) {
        match event {
            RunEvent::Found { finding } => {
                self.found.lock().unwrap_or_else(PoisonError::into_inner).push(finding);
            }
            event if is_from_a_platform(&event) => self.hub.emit(event),
            _ => {}
        }
    }
}

fn is_from_a_platform(event: &RunEvent) -> bool {
    matches!(
        event,
        RunEvent::StepStarted { .. }
            | RunEvent::ItemStarted { .. }
            | RunEvent::BytesMoved { .. }
            | RunEvent::Reading { .. }
            | RunEvent::Said { .. }
            | RunEvent::RequestSent { .. }
            | RunEvent::Waited { .. }
    )
}

/// The sink that locations are opened with, before there is a run to report to. It counts requests from the
/// beginning, so that the report's count covers planning too, and passes events on to whoever is attached.
#[derive(Default)]
pub struct Relay {
    target: Mutex<Option<Arc<dyn EventSink>>>,
    requests: AtomicU64,
}

impl Relay {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// From now on events go here.
    pub fn attach(&self, target: Arc<dyn EventSink>) {
        *self.target() = Some(target);
    }

    /// From now on events go nowhere.
    pub fn detach(&self) {
        *self.target() = None;
    }

    /// Requests sent so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    fn target(&self) -> MutexGuard<'_, Option<Arc<dyn EventSink>>> {
        self.target.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventSink for Relay {
    fn emit(&self, event: RunEvent) {
        if matches!(event, RunEvent::RequestSent { .. }) {
            self.requests.fetch_add(1, Ordering::Relaxed);
        }
        // Cloned out of the lock: a target may take its time.
        let target = self.target().clone();
        if let Some(target) = target.filter(|_| is_from_a_platform(&event)) {
            target.emit(event);
        }
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("requests", &self.requests()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Decision, ItemKey, ItemResult, Kind};

    fn finished(n: u32) -> RunEvent {
        let item = ItemKey::new(Kind::Object, n.to_string());
        RunEvent::ItemFinished { item, decision: Decision::Create, result: ItemResult::Done, error: None }
    }

    #[tokio::test]
    async fn a_listener_that_does_not_look_misses_bytes_but_no_item_and_not_the_end() {
        let (hub, mut ends) = Hub::start();
        for n in 0..20_000 {
            hub.emit(RunEvent::BytesMoved { bytes: 1 });
            hub.emit(finished(n));
        }
        hub.end(RunEnd::Succeeded);
        hub.end(RunEnd::Cancelled);
        hub.emit(finished(0));
        let progress = ends.progress.borrow_and_update().clone();
        assert_eq!((progress.tally.done, progress.bytes), (20_000, 20_000));
        assert_eq!(progress.end, Some(RunEnd::Succeeded));
        let (mut items, mut last) = (0, None);
        while let Some(event) = ends.events.recv().await {
            items += u32::from(matches!(event, RunEvent::ItemFinished { .. }));
            last = Some(event);
        }
        assert_eq!(items, 20_000);
        assert_eq!(last, Some(RunEvent::Ended { end: RunEnd::Succeeded }));
    }

    #[tokio::test]
    async fn a_listener_that_went_away_stops_nothing() {
        let (hub, ends) = Hub::start();
        let Ends { events, progress } = ends;
        drop(events);
        for n in 0..1_000 {
            hub.emit(finished(n));
            tokio::task::yield_now().await;
        }
        assert_eq!(progress.borrow().tally.done, 1_000);
    }

    #[tokio::test]
    async fn a_platform_cannot_speak_for_the_run() {
        let (hub, mut ends) = Hub::start();
        let sink = PlatformSink::new(&hub);
        sink.emit(RunEvent::Ended { end: RunEnd::Succeeded });
        sink.emit(finished(1));
        sink.emit(RunEvent::Found { finding: Finding::info("x", "y") });
        sink.emit(RunEvent::BytesMoved { bytes: 7 });
        assert_eq!(sink.take_found().len(), 1);
        assert_eq!(ends.events.recv().await, Some(RunEvent::BytesMoved { bytes: 7 }));
        assert_eq!(ends.progress.borrow().tally.done, 0);
    }

    #[test]
    fn a_relay_counts_before_anybody_listens() {
        let relay = Relay::new();
        let sent = || RunEvent::RequestSent { method: "GET".into(), path: "/".into(), status: None };
        relay.emit(sent());
        relay.attach(Arc::new(()));
        relay.emit(sent());
        assert_eq!(relay.requests(), 2);
    }
}
