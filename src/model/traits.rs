//! What a platform can do: hand out content, and take it.
//! Must not know: any platform, or who calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Access, Digest, Error, EventSink, Finding, Inventory, ItemIndex, ItemKey, LocationInfo, Plan, PlanItem,
    PlanOptions, Result, Rules, SchemaComparison, Schemas, SecretValues,
};

/// An item's content, as the platform writes it. Kept raw where nothing has to change.
#[derive(Clone, Debug)]
pub struct Record {
    pub key: ItemKey,
    pub json: Box<RawValue>,
}

/// A location that content can be taken from.
#[async_trait]
pub trait Source: Send + Sync {
    /// Complete after [`Source::list`]: a version is often known only then.
    fn info(&self) -> LocationInfo;

    fn rules(&self) -> &Rules;

    /// Whether this is content at rest, which holds only what somebody chose: everything of it is all of it.
    fn is_bundle(&self) -> bool {
        false
    }

    /// What is known of the login; complete once the location is open.
    fn access(&self) -> Access {
        if self.is_bundle() { Access::read_only() } else { Access::default() }
    }

    /// Every item with what a listing tells; cheap locations examine each at once.
    async fn list(&self) -> Result<Inventory>;

    /// Reads the items' content and adds digests, references, needs and findings to the inventory. Items that
    /// were examined already cost nothing. After an error the inventory is of no use any more.
    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()>;

    /// The content of items, in the order asked for. An item that is gone is an error that names it.
    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>>;

    /// The file behind an item of this source's inventory, fetched where it is not at hand. `None` where there is none, where it
    /// has more than so many bytes, and where a location hands out no single files.
    async fn file(&self, inventory: &Inventory, item: ItemIndex, most: u64) -> Result<Option<Vec<u8>>> {
        let _ = (inventory, item, most);
        Ok(None)
    }

    /// The exact digest of content that was read, as [`Source::examine`] gives it; `None` where content alone does
    /// not tell. It spares a run reading its source twice.
    fn exact_digest(&self, record: &Record) -> Option<Digest> {
        let _ = record;
        None
    }

    /// Writes a bundle of the platform's own format.
    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported>;

    /// Fills a folder with the content of items, as the destinations of this platform read it ([`Work::content`]). Called
    /// where [`super::Features::unloads`] says so.
    async fn unload(&self, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
        let _ = (request, events);
        Err(Error::new(super::ErrorKind::Internal, "this location hands out records, not folders"))
    }

    /// The entries of a type that have a value in an attribute, each with a hash over type, attribute, locale and value that is
    /// equal wherever these are. Asked after [`Source::list`], where [`super::Features::match_by`] says so.
    /// [`super::ErrorKind::UnknownItem`] where there is no such type or attribute, with what may have been meant.
    async fn values(&self, by: &super::MatchBy) -> Result<Vec<(ItemIndex, u64)>> {
        Err(Error::new(super::ErrorKind::Usage, format!("nothing here is found by {by}")))
    }

    /// What the location says of its types. Cheap where it was listed; asked where [`super::Features::schemas`] says so.
    async fn schemas(&self) -> Result<Schemas> {
        Ok(Schemas::default())
    }

    /// What differs between the schemas of two locations of this platform, and what that means for content that moves from
    /// the first to the second. A function of the two: the location lends its platform only.
    fn compare_schemas(&self, source: &Schemas, destination: &Schemas) -> SchemaComparison {
        let _ = (source, destination);
        SchemaComparison::default()
    }

    /// This source in the form that a destination needs, where the two have different ones: its items have other keys then,
    /// and its inventory says what was done. `None` where it can be taken as it is. Asked once, before anything is listed or
    /// once that told a version; what comes of it is asked no more.
    async fn suited(&self, destination: &LocationInfo) -> Result<Option<Arc<dyn Source>>> {
        let _ = destination;
        Ok(None)
    }

    /// What a source that [`Source::suited`] gave calls the item that a listing of the other one knows by this id, as a
    /// person types it; `None` for what is called as before. Asked after [`Source::list`].
    fn renamed(&self, typed: &str) -> Option<String> {
        let _ = typed;
        None
    }

    /// The locales that it is looked at through; empty for all.
    fn locales(&self) -> &[String] {
        &[]
    }

    /// This source as it looks through some locales: rows of others are not there. Refuses one that it does not know, there
    /// and then or when it is listed. Asked where [`super::Features::locales`] says so, after [`Source::suited`].
    async fn narrowed(&self, locales: &[String]) -> Result<Arc<dyn Source>> {
        let _ = locales;
        Err(no_locales(&self.info()))
    }

    /// Checks a bundle to its last byte. `None` for a location that is no bundle.
    async fn check(&self) -> Result<Option<Check>> {
        Ok(None)
    }
}

/// A location that cannot be looked at through some of its locales.
fn no_locales(info: &LocationInfo) -> Error {
    Error::new(super::ErrorKind::Usage, format!("{} cannot be narrowed to locales", info.location))
        .hint("leave --locales out")
}

/// What a source puts into a run's folder.
#[derive(Debug)]
pub struct UnloadRequest<'a> {
    /// The examined inventory of this source.
    pub inventory: &'a Inventory,
    /// The items that the run writes.
    pub items: &'a [ItemIndex],
    /// Empty, and private to this user.
    pub folder: &'a Path,
    /// Whether the files of assets are put there beside their records.
    pub files: Files,
}

/// What an export writes, and where.
#[derive(Debug)]
pub struct ExportRequest<'a> {
    /// The examined inventory of this source.
    pub inventory: &'a Inventory,
    /// The items to write, dependencies included.
    pub items: &'a [ItemIndex],
    /// Written whole or not at all. `None` for standard output.
    pub output: Option<&'a Path>,
    pub format: &'a ExportFormat,
}

/// The form of a bundle. What a platform's bundles do not have is left at its default.
#[derive(Clone, Debug)]
pub struct ExportFormat {
    pub seal: Seal,
    pub squeeze: Squeeze,
    pub layout: Layout,
    /// An output that exists is replaced rather than refused.
    pub existing: Existing,
    /// Whether files travel with their records.
    pub files: Files,
    /// Credentials in clear text are kept, or replaced and listed.
    pub credentials: Credentials,
    pub folder: FolderFormat,
}

/// What only bundles have that are folders of records ([`super::Features::folders`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FolderFormat {
    pub internals: Internals,
    pub manifest: Manifest,
}

/// Whether records say what the server alone knows of them, such as their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Internals {
    #[default]
    Leave,
    Keep,
}

/// Whether a list of all files with their hashes lies beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manifest {
    #[default]
    None,
    Beside,
}

/// Whether an archive is encrypted.
#[derive(Clone, Debug)]
pub enum Seal {
    Key(SecretString),
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Squeeze {
    Gzip,
    None,
}

/// Whether a bundle is one file, or the folder that this would be packed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    Archive,
    /// Neither compressed nor sealed.
    Folder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    Refuse,
    Replace,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    With,
    RecordsOnly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    Keep,
    Redact,
}

/// What an export wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The path with its final extension; `None` for standard output.
    pub path: Option<PathBuf>,
    pub bytes: u64,
    pub findings: Vec<Finding>,
}

/// The outcome of verifying a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Blocking findings mean damage.
    pub findings: Vec<Finding>,
    /// Items that were read.
    pub items: u64,
    pub bytes: u64,
}

/// What a run writes, and what it needs to know for that.
#[derive(Debug)]
pub struct Work<'a> {
    pub plan: &'a Arc<Plan>,
    /// The source's content of every item that is written; nothing where [`super::Features::unloads`] says so.
    pub records: &'a BTreeMap<ItemKey, Record>,
    /// The folder that the source filled, where [`super::Features::unloads`] says so.
    pub content: Option<&'a Path>,
}

impl Work<'_> {
    pub fn item(&self, key: &ItemKey) -> Result<&PlanItem> {
        self.plan.item(key).ok_or_else(|| Error::new(super::ErrorKind::Internal, format!("{key} is in no plan")))
    }
}

/// A part of a run that is written at once: one upload, one request. The unit of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The platform's own name for it; unique within the run.
    pub name: String,
    pub items: Vec<ItemKey>,
}

/// What became of one item of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemOutcome {
    pub item: ItemKey,
    /// The id at the destination, where it is not the one that the plan says.
    pub new_id: Option<String>,
    /// Why it failed; `None` when done.
    pub error: Option<String>,
}

/// What became of a step.
#[derive(Debug, Default)]
pub struct StepOutcome {
    pub items: Vec<ItemOutcome>,
    pub findings: Vec<Finding>,
    /// Items of which a reference had to be left out, since it leads nowhere at the destination, with the semantic digest of
    /// what was written of them: that is all that the destination can hold.
    pub partial: Vec<(ItemKey, Digest)>,
    /// The reply was not what the plan expects: the run stops after this step.
    pub surprise: Option<Error>,
}

/// What came of doing a run and taking it back.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// What was written before it was taken back, as the destination counts it.
    pub rows: u64,
    pub relations: u64,
    /// Documents that went.
    pub deleted: u64,
    /// What the run would end with.
    pub refused: Option<Error>,
    /// What was noticed, and what cannot be rehearsed.
    pub findings: Vec<Finding>,
}

/// A location that content can be written to.
#[async_trait]
pub trait Destination: Source {
    /// Refuses what it cannot do whatever there is to write, before anything is listed.
    fn refuse_options(&self, options: &PlanOptions) -> Result<()> {
        let _ = options;
        Ok(())
    }

    /// What a run does, in order. Every written item of the plan is in exactly one step.
    fn steps(&self, plan: &Plan) -> Vec<Step>;

    /// The same, once the content is at hand: for platforms where what refers to what decides the order.
    async fn steps_with(&self, plan: &Plan, content: Option<&Path>) -> Result<Vec<Step>> {
        let _ = content;
        Ok(self.steps(plan))
    }

    /// Items that an earlier start of the run began to write and that may be half written, or that it changed by writing others,
    /// by what the platform noted in the run's folder: however they stand now, [`Destination::perform`] knows how to go on with
    /// them.
    fn underway(&self, plan: &Plan, content: Option<&Path>) -> Result<BTreeSet<ItemKey>> {
        let _ = (plan, content);
        Ok(BTreeSet::new())
    }

    /// Items of the destination that the run changes although it does not write them: a snapshot holds them too.
    fn touched(&self, plan: &Plan, destination: &Inventory) -> Vec<ItemIndex> {
        let _ = (plan, destination);
        Vec::new()
    }

    /// What follows from a plan for what the destination stores, seen with the schemas of the source. Asked where
    /// [`super::Features::foresees`] says so, before the plan is shown; changes nothing.
    async fn foresee(&self, plan: &Plan, source: &Schemas) -> Result<(Vec<Finding>, Vec<super::Effect>)> {
        let _ = (plan, source);
        Ok((Vec::new(), Vec::new()))
    }

    /// What a run of the plan costs, where requests are counted. A function of the plan: nothing is asked.
    fn forecast(&self, plan: &Plan) -> Option<super::Forecast> {
        let _ = plan;
        None
    }

    /// Switches off what tells others of changes, as the plan says that it will be ([`PlanOptions::pause_webhooks`]), and notes
    /// in the run's folder what that is before it does. Called once for each start of a run, right before its first step.
    async fn pause(&self, work: &Work<'_>, events: &dyn EventSink) -> Result<()> {
        let _ = (work, events);
        Ok(())
    }

    /// Switches on what [`Destination::pause`] switched off, in this start of the run or an earlier one, apart from what the
    /// plan wrote meanwhile (`is_done`) and what somebody else changed. Called at the end of every start, whatever became of
    /// it. Says what was done, and what was left off; an error where that could not be done.
    async fn unpause(
        &self,
        work: &Work<'_>,
        is_done: &(dyn for<'k> Fn(&'k ItemKey) -> bool + Sync),
    ) -> Result<Vec<Finding>> {
        let _ = (work, is_done);
        Ok(Vec::new())
    }

    /// Carries out one step. Called once for each, in order, unless a crash left open whether it was done.
    async fn perform(&self, step: &Step, work: &Work<'_>, events: &dyn EventSink) -> Result<StepOutcome>;

    /// After the last step: what is left to do or to know (values to fill in, tests, saved versions).
    async fn conclude(&self, work: &Work<'_>, events: &dyn EventSink) -> Result<Vec<Finding>>;

    /// Gives a secret its values after a run, where the report says that it has none (`secret-without-value`). `item` is
    /// called as the destination calls it: see [`super::ReportItem::destination_key`]. An error never repeats a value;
    /// [`super::ErrorKind::Usage`] where the platform has nothing of the kind.
    async fn fill(&self, item: &ItemKey, values: &SecretValues) -> Result<()> {
        let _ = values;
        Err(Error::new(super::ErrorKind::Usage, format!("{item} cannot be given a value here"))
            .hint("fill it in where the destination lets you"))
    }

    /// This destination as it looks through some locales. What it writes there follows the plan, whose selection names the
    /// same ones: other locales of a document stay as they are.
    fn narrowed_to(&self, locales: &[String]) -> Result<Arc<dyn Destination>> {
        let _ = locales;
        Err(no_locales(&self.info()))
    }

    /// Does what a run would do and takes all of it back, so that nothing of it stays, also after an error. What the
    /// destination refuses is part of the answer; an error means that there is none. Asked where
    /// [`super::Features::rehearse`] says so.
    async fn rehearse(&self, work: &Work<'_>, events: &dyn EventSink) -> Result<Rehearsal> {
        let _ = (work, events);
        Err(Error::new(super::ErrorKind::Internal, "this destination cannot rehearse"))
    }

    /// What can be said of a plan only by the platform. Called before the plan is shown; changes nothing.
    async fn remarks(&self, plan: &Plan, source: &Inventory, destination: &Arc<Inventory>) -> Result<Vec<Finding>>;
}
