//! Work on a thread that may block: what reads, inflates, hashes and writes.
//! Must not know: what is worked on.

use tokio::sync::mpsc;

use crate::model::{Error, ErrorKind, EventSink, Result, RunEvent};

/// Runs what reads, inflates and hashes on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Error::new(ErrorKind::Internal, "reading the bundle broke off").caused_by(error)),
    }
}

/// The way of a working thread to whoever listens.
#[derive(Clone, Debug)]
pub(super) struct Progress(mpsc::Sender<RunEvent>);

impl Progress {
    /// An error once nobody waits for the outcome any more.
    pub fn tell(&self, event: RunEvent) -> Result<()> {
        self.0.blocking_send(event).map_err(|_| Error::new(ErrorKind::Interrupted, "nobody waits for it any more"))
    }
}

/// Like [`blocking`], for work that tells how far it is.
pub(super) async fn telling<T: Send + 'static>(
    events: &dyn EventSink,
    work: impl FnOnce(Progress) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (progress, mut told) = mpsc::channel(64);
    let mut work = std::pin::pin!(blocking(move || work(Progress(progress))));
    loop {
        tokio::select! {
            biased;
            Some(event) = told.recv() => events.emit(event),
            outcome = &mut work => return outcome,
        }
    }
}
