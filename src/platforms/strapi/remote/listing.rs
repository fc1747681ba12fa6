//! Pulls all rows of a server into a folder, and lists that.
//! Must not know: files of assets, what a listing is for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::rows::Rows;
use super::spool::Spool;
use super::stage;
use crate::model::{Error, ErrorKind, Finding, Inventory, ItemIndex, Kind, Result, code};
use crate::platforms::strapi::definitions;
use crate::platforms::strapi::layout::Stage;
use crate::platforms::strapi::listing::{self, Extent, Index, Listing};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::narrow::{self, Locales};
use crate::platforms::strapi::source::blocking;
use crate::platforms::strapi::suit::{Renaming, Shape, Suited};
use crate::platforms::strapi::wire::{Channel, Features, Session, Step};

/// A server as it was a moment ago.
pub(super) struct Pulled {
    pub spool: Arc<Spool>,
    pub features: Features,
    pub inventory: Inventory,
    pub index: Arc<Index>,
}

pub(super) async fn pull(channel: &Channel, spools: &Path) -> Result<Pulled> {
    rows(channel, spools).await?.listed(Vec::new()).await
}

/// What was pulled, as it looks through some locales, with those that it knows.
pub(super) async fn narrowed(pulled: &Pulled, spools: &Path, locales: &[String]) -> Result<(Pulled, Locales)> {
    let spool = new_spool(spools).await?;
    let (whole, locales) = (pulled.spool.clone(), locales.to_vec());
    let work = move || {
        let known = narrow::narrow(&Bundle::Folder(whole.path().to_owned()), spool.path(), &locales)?;
        Ok((spool, known))
    };
    let (spool, known) = blocking(work).await?;
    // What was said of the whole holds for the part; what its listing says is said again.
    let unread = Unread { spool: Arc::new(spool), features: pulled.features.clone(), warnings: Vec::new() };
    let mut narrowed = unread.listed(Vec::new()).await?;
    let told = |finding: &&Finding| finding.code == code::SERVER_WARNING || finding.code == code::CONVERTED;
    narrowed.inventory.findings.extend(pulled.inventory.findings.iter().filter(told).cloned());
    Ok((narrowed, known))
}

/// The same in another form, with how that renamed what the server holds.
pub(super) async fn pull_as(form: &Shape, channel: &Channel, spools: &Path) -> Result<(Pulled, Renaming)> {
    let pulled = rows(channel, spools).await?;
    let (pulled, suited) = pulled.suited(new_spool(spools).await?, form.clone()).await?;
    let mut pulled = pulled.listed(suited.findings).await?;
    form.complete(&mut pulled.inventory);
    Ok((pulled, suited.renaming))
}

/// All rows of a server, not looked at yet.
struct Unread {
    spool: Arc<Spool>,
    features: Features,
    warnings: Vec<String>,
}

async fn new_spool(spools: &Path) -> Result<Spool> {
    let root = spools.to_owned();
    blocking(move || Spool::new(&root)).await
}

async fn rows(channel: &Channel, spools: &Path) -> Result<Unread> {
    let spool = Arc::new(new_spool(spools).await?);
    let (mut session, features, metadata) = Session::pull(channel).await?;
    let schemas = session.schemas().await?;
    let folder = spool.clone();
    blocking(move || keep(&folder, &metadata, &schemas)).await?;
    for (step, stage) in
        [(Step::Entities, Stage::Entities), (Step::Links, Stage::Links), (Step::Configuration, Stage::Configuration)]
    {
        let rows = Rows::create(stage, &spool.rows(stage))?;
        let rows = stage::pull(&mut session, step, rows, &*channel.events).await?;
        blocking(move || rows.finish()).await?;
    }
    let warnings = session.take_warnings();
    session.finish().await?;
    Ok(Unread { spool, features, warnings })
}

impl Unread {
    /// In another form; the pull itself is not needed any more then.
    async fn suited(self, spool: Spool, form: Shape) -> Result<(Unread, Suited)> {
        let work = move || {
            let bundle = Bundle::Folder(self.spool.path().to_owned());
            let old = || Error::new(ErrorKind::Protocol, "the server sent content of another version than its own");
            let suited = form.write(&bundle, spool.path())?.ok_or_else(old)?;
            Ok((Unread { spool: Arc::new(spool), ..self }, suited))
        };
        blocking(work).await
    }

    async fn listed(self, remarks: Vec<Finding>) -> Result<Pulled> {
        let Unread { spool, features, warnings } = self;
        let bundle = Bundle::Folder(spool.path().to_owned());
        let Listing { mut inventory, index, .. } = blocking(move || again(&bundle)).await?;
        inventory.findings.extend(remarks);
        inventory.findings.extend(warnings.into_iter().map(|warning| Finding::warning(code::SERVER_WARNING, warning)));
        Ok(Pulled { spool, features, inventory, index: Arc::new(index) })
    }
}

/// The schemas alone, which no stage has to be pulled for.
pub(super) async fn schemas(channel: &Channel) -> Result<Vec<Box<RawValue>>> {
    let (mut session, ..) = Session::pull(channel).await?;
    let schemas = session.schemas().await?;
    session.finish().await?;
    definitions::of_answer(by_uid(&schemas)?.into_values())
}

/// A server's answer.
fn by_uid(schemas: &RawValue) -> Result<BTreeMap<Cow<'_, str>, &RawValue>> {
    serde_json::from_str(schemas.get())
        .map_err(|error| Error::new(ErrorKind::Protocol, format!("the server's schemas are none ({error})")))
}

/// Lists what was pulled. Assets are known by their rows and links; digests they get with their files.
pub(in crate::platforms::strapi) fn again(bundle: &Bundle) -> Result<Listing> {
    let mut listing = listing::list(bundle, Extent::Rows)?;
    trace_assets(&mut listing.inventory, |_| true);
    Ok(listing)
}

/// Of assets without files only what they refer to is known.
pub(super) fn trace_assets(inventory: &mut Inventory, is_without: impl Fn(ItemIndex) -> bool) {
    let assets = inventory.items().filter(|item| item.kind() == Kind::Asset).map(|item| item.index());
    let without: Vec<_> = assets.filter(|&item| is_without(item)).collect();
    without.into_iter().for_each(|item| inventory.trace_only(item));
}

/// What comes as one answer rather than in stages.
fn keep(spool: &Spool, metadata: &RawValue, schemas: &RawValue) -> Result<()> {
    let path = spool.metadata();
    let failed = |error| Error::io(format_args!("cannot write {}", path.display()), error);
    fs::write(&path, indented(metadata.get())).map_err(failed)?;
    let mut rows = Rows::create(Stage::Schemas, &spool.rows(Stage::Schemas))?;
    by_uid(schemas)?.values().try_for_each(|schema| rows.put(schema.get()))?;
    rows.finish()
}

/// As the official export writes it.
fn indented(json: &str) -> String {
    let value: serde_json::Result<serde_json::Value> = serde_json::from_str(json);
    value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| json.to_owned())
}
