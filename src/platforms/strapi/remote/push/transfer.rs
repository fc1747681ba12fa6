//! Leads one transfer that writes: everything or nothing of it counts.
//! Must not know: how pieces are put together.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use super::assets::{self, Upload};
use super::feed::{List, Lost, Piece, Pieces};
use super::going::MOST_DELETED;
use crate::model::{Digest, Error, ErrorKind, EventSink, ItemKey, Result, RunEvent};
use crate::platforms::strapi::source::blocking;
use crate::platforms::strapi::wire::{Channel, Features, Goes, Restore, Session, Step};

/// Whether what a transfer did counts in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Counts,
    /// It was a rehearsal.
    TakenBack,
}

/// What a transfer did.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub rows: u64,
    pub relations: u64,
    /// Documents that went, in all or in some of their locales.
    pub deleted: u64,
    pub lost: Lost,
    pub warnings: Vec<String>,
    /// Items that lost relations, with the semantic digests of the rest.
    pub partial: Vec<(ItemKey, Digest)>,
}

impl Outcome {
    /// Of two transfers, one after the other.
    pub fn and(mut self, later: Outcome) -> Outcome {
        self.partial.extend(later.partial);
        self.warnings.extend(later.warnings);
        Outcome {
            rows: self.rows + later.rows,
            relations: self.relations + later.relations,
            deleted: self.deleted + later.deleted,
            lost: later.lost,
            warnings: self.warnings,
            partial: self.partial,
        }
    }
}

/// Writes what is handed out piece by piece, and these files. `asked` tells afterwards whether the server was asked to let it count: then
/// an error leaves open whether it does.
pub(super) async fn run(
    channel: &Channel,
    make: impl FnOnce(&mpsc::Sender<Piece>) -> Result<()> + Send + 'static,
    files: Vec<Upload>,
    ending: Ending,
    asked: &AtomicBool,
    events: &dyn EventSink,
) -> Result<Outcome> {
    asked.store(false, Ordering::SeqCst);
    let (give, mut pieces) = mpsc::channel(2);
    let work = tokio::spawn(blocking(move || make(&give)));
    let sent = send(channel, &mut pieces, files, ending, asked, events).await;
    drop(pieces);
    let made = work.await.map_err(|error| Error::new(ErrorKind::Internal, "a merge broke off").caused_by(error));
    match (sent, made.and_then(|made| made)) {
        // Whoever cannot send stops taking pieces; the reason is the sender's.
        (Err(error), Err(other)) if other.kind() == ErrorKind::Interrupted => Err(error),
        (_, Err(error)) | (Err(error), Ok(())) => Err(error),
        (Ok(outcome), Ok(())) => Ok(outcome),
    }
}

async fn send(
    channel: &Channel,
    pieces: &mut Pieces,
    files: Vec<Upload>,
    ending: Ending,
    asked: &AtomicBool,
    events: &dyn EventSink,
) -> Result<Outcome> {
    let Some(Piece::Goes { restore, lost, partial }) = pieces.recv().await else {
        return Err(Error::new(ErrorKind::Interrupted, "the merge was not put together"));
    };
    let files_go = restore.empties_files;
    let restore = Restore { assets: files_go || !files.is_empty(), ..restore };
    let deleted = restore.documents();
    let (session, features) = Session::push(channel, &restore).await?;
    let mut transfer = Transfer {
        session,
        features,
        open: None,
        outcome: Outcome { lost, deleted, partial, ..Outcome::default() },
        throttle: channel.throttle,
    };
    match transfer.carry_out(&restore, pieces, &files, events).await {
        Ok(()) if ending == Ending::TakenBack => transfer.take_back().await,
        Ok(()) => transfer.end(asked).await,
        Err(error) => {
            transfer.session.abandon().await;
            Err(error)
        }
    }
}

/// A transfer that goes on.
struct Transfer {
    session: Session,
    features: Features,
    /// The stage that is open, and how much was sent in it.
    open: Option<(Step, u64)>,
    outcome: Outcome,
    /// A pause for each row.
    throttle: Duration,
}

impl Transfer {
    async fn carry_out(
        &mut self,
        restore: &Restore,
        pieces: &mut Pieces,
        files: &[Upload],
        events: &dyn EventSink,
    ) -> Result<()> {
        if restore.names_something() {
            self.session.delete(restore).await?;
        }
        let mut next = pieces.recv().await;
        while let Some(Piece::Rows(list)) = next {
            self.list(Step::Entities, list, events).await?;
            next = pieces.recv().await;
        }
        self.shut().await?;
        if restore.assets {
            self.files(files, events).await?;
        }
        loop {
            match next {
                Some(Piece::Links(list)) => self.list(Step::Links, list, events).await?,
                Some(Piece::Settings(list)) => self.list(Step::Configuration, list, events).await?,
                Some(Piece::Goes { .. } | Piece::Rows(_)) => {}
                None => break,
            }
            next = pieces.recv().await;
        }
        self.shut().await?;
        self.refuse_skipped()
    }

    async fn list(&mut self, step: Step, list: List, events: &dyn EventSink) -> Result<()> {
        if self.open.is_none_or(|(open, _)| open != step) {
            self.shut().await?;
            self.session.open(step).await?;
            self.open = Some((step, 0));
        }
        self.session.give(step, &list.json).await?;
        if !self.throttle.is_zero() {
            tokio::time::sleep(self.throttle.saturating_mul(u32::try_from(list.count).unwrap_or(u32::MAX))).await;
        }
        if let Some((_, sent)) = &mut self.open {
            *sent += list.count;
        }
        match step {
            Step::Entities => self.outcome.rows += list.count,
            Step::Links => self.outcome.relations += list.count,
            Step::Configuration | Step::Assets => {}
        }
        events.emit(RunEvent::BytesMoved { bytes: list.json.len() as u64 });
        Ok(())
    }

    async fn shut(&mut self) -> Result<()> {
        match self.open.take() {
            Some((step, sent)) => self.session.shut(step, sent).await,
            None => Ok(()),
        }
    }

    async fn files(&mut self, files: &[Upload], events: &dyn EventSink) -> Result<()> {
        self.session.open(Step::Assets).await?;
        for file in files {
            let mut parts = assets::Parts::open(file, &self.features)?;
            while let Some(part) = parts.next()? {
                self.session.give(Step::Assets, &part.json).await?;
                events.emit(RunEvent::BytesMoved { bytes: part.bytes });
            }
        }
        self.session.shut(Step::Assets, files.len() as u64).await
    }

    /// A server skips relations whose ends it does not know and goes on; here every one was meant to arrive.
    fn refuse_skipped(&mut self) -> Result<()> {
        let warnings = self.session.take_warnings();
        let skipped = warnings.iter().find(|warning| warning.contains("kipp")).cloned();
        self.outcome.warnings.extend(warnings);
        match skipped {
            Some(skipped) => {
                Err(Error::new(ErrorKind::Server, format!("the server would leave relations out: {skipped}"))
                    .hint("nothing was changed; did somebody write to the destination meanwhile? Start again"))
            }
            None => Ok(()),
        }
    }

    /// Says that nothing of it counts, and waits for the server to say so too.
    async fn take_back(mut self) -> Result<Outcome> {
        let outcome = std::mem::take(&mut self.outcome);
        self.session.take_back().await?;
        Ok(outcome)
    }

    async fn end(mut self, asked: &AtomicBool) -> Result<Outcome> {
        let outcome = std::mem::take(&mut self.outcome);
        asked.store(true, Ordering::SeqCst);
        self.session.finish().await?;
        Ok(outcome)
    }
}

/// Deletes documents by their type. Each type is a transaction of its own, for one condition holds for all its types.
pub(super) async fn remove(channel: &Channel, documents: BTreeMap<String, Vec<String>>) -> Result<()> {
    for (uid, ids) in documents {
        for ids in ids.chunks(MOST_DELETED) {
            let goes = Goes::Documents(ids.to_vec());
            delete(channel, Restore { types: vec![uid.clone()], goes, ..Restore::default() }).await?;
        }
    }
    Ok(())
}

/// A transaction that deletes and does nothing else.
pub(super) async fn delete(channel: &Channel, restore: Restore) -> Result<()> {
    let (mut session, _) = Session::push(channel, &restore).await?;
    match session.delete(&restore).await {
        Ok(()) => session.finish().await,
        Err(error) => {
            session.abandon().await;
            Err(error)
        }
    }
}
