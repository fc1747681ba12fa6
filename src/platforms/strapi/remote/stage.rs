//! Leads one stage from the socket to a sink on a thread that may block, so that the server prepares a piece while the one
//! before is written. Between them at most two pieces wait.
//! Must not know: what a sink does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::model::{Error, ErrorKind, EventSink, Reading, Result, RunEvent};
use crate::platforms::strapi::wire::{Chunk, Session, Step, Totals};

/// What a sink has taken so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    pub rows: u64,
    pub bytes: u64,
    /// The file at hand.
    pub current: Option<String>,
    /// Nothing more is wanted.
    pub enough: bool,
}

/// Takes the pieces of a stage.
pub(super) trait Sink: Send + 'static {
    /// What was taken so far, this piece included.
    fn take(&mut self, data: &str) -> Result<Taken>;
}

/// How often a listener is told how far a stage is.
const WORD: Duration = Duration::from_millis(100);

/// Pulls a stage into a sink, and hands the sink back.
pub(super) async fn pull<S: Sink>(session: &mut Session, step: Step, sink: S, events: &dyn EventSink) -> Result<S> {
    let totals = session.start(step).await?;
    let mut teller = Teller { events, step, totals, told: None };
    teller.tell(&Taken::default());
    let worker = Worker::new(sink);
    let mut ended = Ok(());
    loop {
        let chunk = match session.next().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) => {
                ended = Err(error);
                break;
            }
        };
        // A worker that takes no more has failed, and says why below.
        if worker.give(chunk).await.is_err() {
            break;
        }
        let taken = worker.taken();
        teller.tell_now_and_then(&taken);
        if taken.enough {
            break;
        }
    }
    let (sink, taken) = worker.finish().await?;
    ended?;
    teller.tell(&taken);
    session.end().await?;
    Ok(sink)
}

struct Teller<'a> {
    events: &'a dyn EventSink,
    step: Step,
    totals: Option<Totals>,
    told: Option<Instant>,
}

impl Teller<'_> {
    fn tell_now_and_then(&mut self, taken: &Taken) {
        if self.told.is_none_or(|told| told.elapsed() >= WORD) {
            self.tell(taken);
        }
    }

    fn tell(&mut self, taken: &Taken) {
        self.told = Some(Instant::now());
        let reading = Reading {
            what: if self.step == Step::Assets { "files".to_owned() } else { self.step.as_str().to_owned() },
            rows: taken.rows,
            rows_total: self.totals.map(|totals| totals.count),
            bytes: taken.bytes,
            bytes_total: self.totals.map(|totals| totals.bytes),
            current: taken.current.clone(),
        };
        self.events.emit(RunEvent::Reading { reading });
    }
}

/// The thread that works through pieces.
struct Worker<S> {
    pieces: mpsc::Sender<Chunk>,
    taken: Arc<Mutex<Taken>>,
    work: JoinHandle<Result<S>>,
}

impl<S: Sink> Worker<S> {
    fn new(mut sink: S) -> Self {
        let (pieces, mut waiting) = mpsc::channel::<Chunk>(1);
        let taken = Arc::new(Mutex::new(Taken::default()));
        let shared = taken.clone();
        let work = tokio::task::spawn_blocking(move || {
            while let Some(chunk) = waiting.blocking_recv() {
                *shared.lock().unwrap_or_else(PoisonError::into_inner) = sink.take(chunk.data())?;
            }
            Ok(sink)
        });
        Worker { pieces, taken, work }
    }

    async fn give(&self, chunk: Chunk) -> std::result::Result<(), ()> {
        self.pieces.send(chunk).await.map_err(drop)
    }

    fn taken(&self) -> Taken {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until everything is worked through.
    async fn finish(self) -> Result<(S, Taken)> {
        drop(self.pieces);
        let sink = self.work.await;
        let sink = sink.map_err(|error| Error::new(ErrorKind::Internal, "a stage broke off").caused_by(error))??;
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok((sink, taken))
    }
}
