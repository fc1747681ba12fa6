//! Opens the ends of a verb: credentials, keys, network settings and the sink of events come together here.
//! Must not know: what is done with them afterwards.

use std::sync::Arc;

use super::context::Context;
use super::credentials::{self, Typed};
use super::lacking::{NeedsFeatures, refuse_lacking};
use super::output::{Output, ProgressView};
use crate::engine::Relay;
use crate::model::{Destination, Error, ErrorKind, EventSink, Result, Rules, RunEvent, Source};
use crate::net::NetOptions;
use crate::platforms::{self, KeySource, Located, OpenOptions, Place, WriteOptions};
use crate::wording::seconds;

/// Opens locations for one verb.
pub struct Opener<'a> {
    pub context: &'a Context,
    pub net: NetOptions,
    pub write: WriteOptions,
    pub relay: Arc<Relay>,
    /// Options that were given and that not every platform has.
    pub options: Vec<&'a dyn NeedsFeatures>,
}

/// Until something goes on that is shown: a server that lets nobody in yet is told of.
#[derive(Debug)]
struct WhileOpening(Output);

/// What somebody may take for a program that hangs; the pauses between two tries are shorter.
const LONG: u64 = 5_000;

impl EventSink for WhileOpening {
    fn emit(&self, event: RunEvent) {
        match event {
            RunEvent::Waited { milliseconds, why } if milliseconds >= LONG => {
                self.0.note(&format!("waiting {}: {why}", seconds(milliseconds as f64 / 1000.0)));
            }
            _ => {}
        }
    }
}

impl<'a> Opener<'a> {
    pub fn new(context: &'a Context, net: NetOptions, options: Vec<&'a dyn NeedsFeatures>) -> Self {
        let relay = Relay::new();
        relay.attach(Arc::new(WhileOpening(context.output)));
        Opener { context, net, write: WriteOptions::default(), relay, options }
    }

    /// Shows what goes on at the locations until the view is dropped or a run begins.
    pub fn watch(&self, title: impl Into<String>) -> Arc<ProgressView> {
        let view = Arc::new(ProgressView::new(self.context.output, title));
        self.relay.attach(view.clone());
        view
    }

    /// Opens for reading.
    pub async fn source(&self, located: &Located, typed: Typed<'_>, keys: KeySource) -> Result<Arc<dyn Source>> {
        self.refuse_what_the_remote_lacks(located)?;
        let options = self.open_options(located, typed, keys).await?;
        let source: Arc<dyn Source> = platforms::open_source(&located.place, &options).await?.into();
        self.refuse_lacking(source.rules())?;
        Ok(source)
    }

    /// Opens for writing.
    pub async fn destination(&self, located: &Located, typed: Typed<'_>) -> Result<Arc<dyn Destination>> {
        self.refuse_what_the_remote_lacks(located)?;
        let options = self.open_options(located, typed, KeySource::None).await?;
        Ok(platforms::open_destination(&located.place, &options).await?.into())
    }

    async fn open_options(&self, located: &Located, typed: Typed<'_>, keys: KeySource) -> Result<OpenOptions> {
        let login = credentials::login(self.context, located, typed).await?;
        Ok(OpenOptions {
            net: NetOptions { waits: Some(self.context.waits()?), ..self.net.clone() },
            login,
            keys,
            events: self.relay.clone(),
            write: self.write.clone(),
            spool: self.context.spool()?,
            farewells: self.context.farewells.clone(),
        })
    }

    fn refuse_lacking(&self, rules: &Rules) -> Result<()> {
        refuse_lacking(rules, &[&self.options[..], &[&self.net]].concat())
    }

    /// Of a remote the platform is known before anything is asked of it.
    fn refuse_what_the_remote_lacks(&self, located: &Located) -> Result<()> {
        match &located.place {
            Place::Remote { platform, .. } => self.refuse_lacking(platforms::rules(*platform)),
            Place::Path(_) | Place::Stdio => Ok(()),
        }
    }
}

impl std::fmt::Debug for Opener<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener").finish_non_exhaustive()
    }
}

/// Content moves between locations of one platform only.
pub fn refuse_two_platforms(source: &dyn Source, destination: &dyn Source) -> Result<()> {
    let (from, to) = (source.info(), destination.info());
    if from.platform == to.platform {
        return Ok(());
    }
    let message =
        format!("{} holds content of {}, and {} is of {}", from.location, from.platform, to.location, to.platform);
    Err(Error::new(ErrorKind::Usage, message).hint("both ends have to be of one platform"))
}
