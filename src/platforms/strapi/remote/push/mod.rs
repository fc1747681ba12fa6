//! Writes a plan's items to a server: new files first, in a transaction that deletes nothing, then everything else in one that
//! takes what is overwritten away and puts it back as it is to be. If the second fails, the first is taken back.
//! Must not know: frames, journals, the screen.

mod assets;
mod feed;
mod names;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use self::assets::Upload;
use self::feed::{End, Lost, Recipe};
use self::transfer::{Ending, Outcome};
use super::{Remote, listing};
use crate::model::{
    Decision, Digest, Error, ErrorKind, EventSink, Finding, ItemKey, ItemOutcome, Kind, Plan, PlanItem, Result, Step,
    StepOutcome, Work, code,
};
use crate::platforms::strapi::listing::{self as list, Extent, Listing};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::merge::Assignment;
use crate::platforms::strapi::schema::FILE_TYPE;
use crate::platforms::strapi::source::blocking;

/// Where the media library keeps its files.
const FOLDER_TYPE: &str = "plugin::upload.folder";

/// The only step: a server can take back a transaction, and nothing that came before it.
pub(super) const MERGE: &str = "merge";

/// Everything of the plan that is written, at once.
pub(super) fn steps(plan: &Plan) -> Vec<Step> {
    let items: Vec<ItemKey> = plan.written().map(|item| item.key.clone()).collect();
    match items.is_empty() {
        true => Vec::new(),
        false => vec![Step { name: MERGE.to_owned(), items }],
    }
}

pub(super) async fn perform(
    remote: &Remote,
    step: &Step,
    work: &Work<'_>,
    events: &dyn EventSink,
) -> Result<StepOutcome> {
    let content = work.content.ok_or_else(|| Error::new(ErrorKind::Internal, "there is no content to write"))?;
    let asked: BTreeSet<&ItemKey> = step.items.iter().collect();
    let items: Vec<&PlanItem> = work.plan.written().filter(|item| asked.contains(&item.key)).collect();
    let push = Push { remote, plan: Arc::new(work.plan.clone()), source: source_end(content).await?, content, events };
    let outcome = push.merge(&items).await?;
    let done = |key: &ItemKey| ItemOutcome { item: key.clone(), new_id: None, error: None };
    Ok(StepOutcome { items: step.items.iter().map(done).collect(), findings: findings(&outcome), surprise: None })
}

async fn source_end(content: &Path) -> Result<End> {
    let bundle = Bundle::Folder(content.to_owned());
    let read = bundle.clone();
    let Listing { inventory, index, .. } = blocking(move || list::list(&read, Extent::Rows)).await?;
    Ok(End { bundle, index: Arc::new(index), inventory: Arc::new(inventory) })
}

fn findings(outcome: &Outcome) -> Vec<Finding> {
    let Lost { of_source, of_kept } = outcome.lost;
    let mut findings = Vec::new();
    if of_source > 0 {
        let message =
            format!("{of_source} relations of what was written lead to nothing at the destination and were left out");
        findings.push(Finding::warning(code::LEFT_OUT_REFERENCE, message));
    }
    if of_kept > 0 {
        let message =
            format!("{of_kept} relations of other documents led to a locale or version that is not there any more");
        findings.push(Finding::warning(code::DANGLING_REFERENCE, message));
    }
    findings.extend(outcome.warnings.iter().map(|warning| Finding::warning(code::SERVER_WARNING, warning.clone())));
    findings
}

/// A run's write.
struct Push<'a> {
    remote: &'a Remote,
    plan: Arc<Plan>,
    source: End,
    content: &'a Path,
    events: &'a dyn EventSink,
}

impl Push<'_> {
    async fn merge(&self, items: &[&PlanItem]) -> Result<Outcome> {
        let destination = self.destination().await?;
        self.refuse_changed(items, &destination)?;
        let files = Files::of(items, self.content);
        names::refuse_taken(&files.uploads, &files.replaced, &destination).await?;
        if files.is_nothing() {
            return self.rows(items, destination, BTreeMap::new()).await;
        }
        self.transfer(files.assignments.clone(), files.uploads.clone(), destination, BTreeMap::new()).await?;
        let written = async {
            let destination = self.destination().await?;
            let rest: Vec<&PlanItem> = items.iter().copied().filter(|item| !files.brings(&item.key)).collect();
            self.rows(&rest, destination, files.stand_ins()).await
        };
        match written.await {
            Ok(outcome) => Ok(outcome),
            Err(error) => Err(self.without_files(&files, error).await),
        }
    }

    /// The destination as it is now: row ids change with every edit there.
    async fn destination(&self) -> Result<End> {
        let _one = self.remote.pulling.lock().await;
        let pulled = listing::pull(&self.remote.channel, &self.remote.spools).await?;
        let inventory = Arc::new(pulled.inventory);
        let bundle = Bundle::Folder(pulled.spool.path().to_owned());
        let index = pulled.index.clone();
        self.remote.hold(super::Held { spool: pulled.spool, index: pulled.index, with_files: Arc::default() });
        Ok(End { bundle, index, inventory })
    }

    /// What is overwritten has to be what the plan was made from. Files are compared when the run begins.
    fn refuse_changed(&self, items: &[&PlanItem], destination: &End) -> Result<()> {
        let is_changed = |item: &&PlanItem| {
            let Some(id) = item.destination_id() else { return false };
            let there = destination.inventory.find(&item.key.with_id(id));
            let exact = |digests: crate::model::Digests| -> Digest { digests.exact };
            match item.decision {
                Decision::Overwrite if item.key.kind == Kind::Asset => there.is_none(),
                Decision::Overwrite => {
                    there.and_then(|there| there.digests()).map(exact) != item.destination.map(exact)
                }
                Decision::Create | Decision::Duplicate => there.is_some(),
                Decision::Skip => false,
            }
        };
        let changed: Vec<ItemKey> = items.iter().filter(|item| is_changed(item)).map(|item| item.key.clone()).collect();
        match changed.first() {
            None => Ok(()),
            Some(first) => {
                let message = format!("{first} and {} more changed at the destination meanwhile", changed.len() - 1);
                Err(Error::new(ErrorKind::Stale, message).hint("nothing was changed; make a new plan").items(changed))
            }
        }
    }

    async fn rows(
        &self,
        items: &[&PlanItem],
        destination: End,
        leftovers: BTreeMap<String, Vec<String>>,
    ) -> Result<Outcome> {
        let assignments = items.iter().filter_map(|item| Assignment::of(item)).collect();
        self.transfer(assignments, Vec::new(), destination, leftovers).await
    }

    async fn transfer(
        &self,
        assignments: Vec<Assignment>,
        uploads: Vec<Upload>,
        destination: End,
        leftovers: BTreeMap<String, Vec<String>>,
    ) -> Result<Outcome> {
        let (plan, source) = (self.plan.clone(), self.source.clone());
        let recipe = Arc::new(Recipe { plan, assignments, source, destination, leftovers });
        transfer::run(&self.remote.channel, recipe, uploads, Ending::Commit, self.events).await
    }

    /// Takes the rows of files back that were written before what failed. Gives the error that the run ends with.
    async fn without_files(&self, files: &Files, error: Error) -> Error {
        let taken_back = async {
            let destination = self.destination().await?;
            self.transfer(Vec::new(), Vec::new(), destination, files.rows()).await
        };
        match taken_back.await {
            Ok(_) => error,
            Err(other) => {
                let count = files.assignments.len();
                let hint = format!(
                    "{count} new files could not be taken back ({other}); they are in the media library and used by nothing"
                );
                Error::new(error.kind(), error.message().to_owned()).hint(hint).caused_by(error)
            }
        }
    }
}

/// The files that a plan brings, and how they are called until everything else is there.
struct Files {
    assignments: Vec<Assignment>,
    uploads: Vec<Upload>,
    /// Documents of files that are overwritten.
    replaced: BTreeSet<String>,
}

impl Files {
    /// A file that is overwritten is brought under a stand-in, since the transaction that brings bytes deletes nothing.
    fn of(items: &[&PlanItem], content: &Path) -> Files {
        let mut files = Files { assignments: Vec::new(), uploads: Vec::new(), replaced: BTreeSet::new() };
        let is_new_folder =
            |item: &PlanItem| item.decision == Decision::Create && item.key.type_.as_deref() == Some(FOLDER_TYPE);
        for item in items {
            let Some(assignment) = Assignment::of(item) else { continue };
            match item.key.kind {
                Kind::Asset if assignment.overwrites => {
                    let document = stand_in(&assignment.document);
                    files.replaced.insert(assignment.document.into());
                    files.assignments.push(Assignment { document, overwrites: false, ..assignment });
                }
                Kind::Asset => files.assignments.push(assignment),
                _ if is_new_folder(item) => files.assignments.push(assignment),
                _ => {}
            }
        }
        if files.assignments.iter().any(|assignment| assignment.item.kind == Kind::Asset) {
            files.uploads = uploads_in(content);
        }
        files
    }

    fn is_nothing(&self) -> bool {
        self.assignments.is_empty()
    }

    /// Whether an item is done once the files are there.
    fn brings(&self, key: &ItemKey) -> bool {
        let is_it = |assignment: &&Assignment| assignment.item == *key;
        self.assignments.iter().find(is_it).is_some_and(|assignment| !self.replaced.contains(&*stood_for(assignment)))
    }

    /// What goes again with the second transaction.
    fn stand_ins(&self) -> BTreeMap<String, Vec<String>> {
        let documents: Vec<String> = self.replaced.iter().map(|document| stand_in(document).into()).collect();
        if documents.is_empty() { BTreeMap::new() } else { BTreeMap::from([(FILE_TYPE.to_owned(), documents)]) }
    }

    /// All rows that came with the files.
    fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for assignment in &self.assignments {
            let uid = assignment.item.type_.as_deref().unwrap_or(FILE_TYPE);
            rows.entry(uid.to_owned()).or_default().push(assignment.document.to_string());
        }
        rows
    }
}

/// What a file is called while the one that it replaces is still there.
fn stand_in(document: &str) -> Box<str> {
    format!("{document}-haul").into()
}

fn stood_for(assignment: &Assignment) -> String {
    assignment.document.strip_suffix("-haul").unwrap_or_default().to_owned()
}

/// The files of a folder that was unloaded, each with its record.
fn uploads_in(content: &Path) -> Vec<Upload> {
    let folder = content.join("assets/uploads");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    let upload = |name: String| {
        let sidecar = content.join(format!("assets/metadata/{name}.json"));
        Upload { path: folder.join(&name), sidecar, name }
    };
    names.into_iter().map(upload).filter(|upload| upload.sidecar.is_file()).collect()
}
