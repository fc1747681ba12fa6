//! Writes a plan's items to a server: new files first, in a transaction that deletes nothing, then everything else in one that
//! takes what is overwritten away and puts it back as it is to be. If the second fails, the first is taken back.
//! Must not know: frames, journals, the screen.

mod apart;
mod assets;
mod feed;
mod going;
mod kept;
mod missing;
mod names;
mod remarks;
mod replace;
mod restart;
mod rowwise;
mod tally;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arcstr::ArcStr;

use self::assets::Upload;
pub(in crate::platforms::strapi) use self::feed::End;
use self::feed::{Lost, Recipe};
pub(super) use self::kept::of_kept;
pub(super) use self::remarks::of as remarks;
pub(in crate::platforms::strapi) use self::remarks::without_creators;
pub(in crate::platforms::strapi) use self::replace::refuse_other_deletions;
pub(super) use self::restart::for_locales;
pub(super) use self::rowwise::{remarks as of_rows, remarks_of_replace as of_replaced_rows};
use self::transfer::{Ending, Outcome};
use super::{Remote, Spool, listing};
use crate::memory;
use crate::model::{
    Decision, Digest, Error, ErrorKind, EventSink, Finding, ItemKey, ItemOutcome, Kind, Mode, Plan, PlanItem,
    Rehearsal, Result, Step, StepOutcome, Work, code,
};
use crate::platforms::strapi::listing::{self as list, Extent, Listing};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::merge::Assignment;
use crate::platforms::strapi::schema::{FILE_TYPE, FOLDER_TYPE};
use crate::platforms::strapi::source::blocking;

/// The only step: a server can take back a transaction, and nothing that came before it.
pub(super) const MERGE: &str = "merge";

/// The same for a replace.
pub(super) const REPLACE: &str = "replace";

/// Everything of the plan that is written, at once.
pub(super) fn steps(plan: &Plan) -> Vec<Step> {
    let items: Vec<ItemKey> = plan.written().map(|item| item.key.clone()).collect();
    match items.is_empty() {
        true => Vec::new(),
        false => vec![Step { name: name(plan).to_owned(), items }],
    }
}

fn name(plan: &Plan) -> &'static str {
    match plan.options.mode {
        Mode::Merge => MERGE,
        Mode::Replace => REPLACE,
    }
}

/// Whether files and the rest take a transaction each.
fn two_transactions(plan: &Plan) -> Option<Finding> {
    let files = plan.written().filter(|item| item.key.kind == Kind::Asset).count();
    let is_all = files == plan.written().count();
    if files == 0 || (is_all && plan.written().all(|item| item.decision != Decision::Overwrite)) {
        return None;
    }
    Some(remarks::two_transactions(&format!("{files} files")))
}

/// What people are surprised by, said before a run.
pub(super) fn surprises(plan: &Plan) -> Vec<Finding> {
    let count = |kind: Kind| plan.written().filter(|item| item.key.kind == kind).count();
    let (entries, media) = (count(Kind::Entry), count(Kind::Asset));
    let mut remarks = Vec::new();
    if entries + media > 0 {
        remarks.push("a site on SQLite answers nobody while it is written to".to_owned());
        remarks.push(
            "`createdBy` and `updatedBy` of what is written are empty afterwards: servers refuse them".to_owned(),
        );
    }
    if media > 0 {
        let where_to = "the provider that the destination is set up with, which need not be that of the source";
        remarks.push(format!("the files of {media} media go to {where_to}"));
    }
    let remarks = remarks.into_iter().map(|remark| Finding::info(code::WRITTEN_OTHERWISE, remark));
    remarks.chain(two_transactions(plan)).collect()
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
    let (plan, source) = (work.plan.clone(), source_end(content).await?);
    let push = Push { remote, plan, source, content, asked: AtomicBool::new(false), events };
    let outcome = match work.plan.options.mode {
        Mode::Replace if remote.features.has_documents => push.replace().await?,
        Mode::Replace => push.replace_rows().await?,
        Mode::Merge if remote.features.has_documents => push.merge(&items).await?,
        Mode::Merge => push.merge_rows(&items).await?,
    };
    drop(push);
    let done = |key: &ItemKey| ItemOutcome { item: key.clone(), new_id: None, error: None };
    let (items, findings) = (step.items.iter().map(done).collect(), findings(&outcome));
    Ok(StepOutcome { items, findings, partial: outcome.partial, surprise: None })
}

/// After a replace: whether as much is there as was brought.
pub(super) async fn conclude(remote: &Remote, work: &Work<'_>) -> Result<()> {
    let Some(content) = work.content.filter(|_| work.plan.options.mode == Mode::Replace) else { return Ok(()) };
    // The items were just compared; what was pulled for that lies there, and of its index nobody asks any more.
    let spool = remote.listed().await?.spool;
    remote.let_go();
    same_amounts(work.plan.clone(), content, spool).await
}

/// Refuses a destination that does not hold as much as was brought.
pub(in crate::platforms::strapi) async fn same_amounts(
    plan: Arc<Plan>,
    content: &Path,
    there: Arc<Spool>,
) -> Result<()> {
    let source = Bundle::Folder(content.to_owned());
    blocking(move || tally::compare(&plan, &source, &Bundle::Folder(there.path().to_owned()))).await
}

/// Does all of it in one transaction that brings no files, and has it taken back.
pub(super) async fn rehearse(remote: &Remote, work: &Work<'_>, events: &dyn EventSink) -> Result<Rehearsal> {
    let content =
        work.content.ok_or_else(|| Error::new(ErrorKind::Internal, "there is no content to rehearse with"))?;
    let items: Vec<&PlanItem> = work.plan.written().collect();
    let (plan, source) = (work.plan.clone(), source_end(content).await?);
    let push = Push { remote, plan, source, content, asked: AtomicBool::new(false), events };
    let not_tried = not_rehearsed(&items);
    let rehearsed = match work.plan.options.mode {
        Mode::Replace => Err(Error::new(ErrorKind::Usage, "a replace is not rehearsed")),
        Mode::Merge if remote.features.has_documents => push.rehearse(&items).await,
        Mode::Merge => push.rehearse_rows(&items).await,
    };
    match rehearsed {
        Ok(outcome) => Ok(Rehearsal {
            rows: outcome.rows,
            relations: outcome.relations,
            deleted: outcome.deleted,
            refused: None,
            findings: findings(&outcome).into_iter().chain(not_tried).collect(),
        }),
        Err(error) if is_an_answer(error.kind()) => {
            Ok(Rehearsal { refused: Some(error), findings: not_tried.into_iter().collect(), ..Rehearsal::default() })
        }
        Err(error) => Err(error),
    }
}

/// Whether a run would end with the same; everything else is about this conversation.
fn is_an_answer(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Server | ErrorKind::Usage | ErrorKind::Stale | ErrorKind::Refused)
}

/// Bytes on a disk are in no transaction.
fn not_rehearsed(items: &[&PlanItem]) -> Option<Finding> {
    let files = items.iter().filter(|item| item.key.kind == Kind::Asset).count();
    (files > 0).then(|| {
        let message = format!(
            "{files} media: their records were rehearsed with everything else, in one transaction where the run takes two; \
             their files were not sent, so that room for them and their names on disk were not tried"
        );
        Finding::info(code::NOT_REHEARSED, message)
    })
}

/// What a run brings.
pub(in crate::platforms::strapi) async fn source_end(content: &Path) -> Result<End> {
    let bundle = Bundle::Folder(content.to_owned());
    let read = bundle.clone();
    let Listing { inventory, index, .. } = blocking(move || list::list(&read, Extent::Rows)).await?;
    let inventory = Arc::new(inventory.content_alone());
    Ok(End { bundle, index: Arc::new(index), seen: inventory.clone(), inventory, _spool: None })
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
    /// Whether the transfer that came last was asked to count.
    asked: AtomicBool,
    events: &'a dyn EventSink,
}

impl Push<'_> {
    async fn merge(&self, items: &[&PlanItem]) -> Result<Outcome> {
        let mut destination = self.destination().await?;
        self.refuse_changed(items, &destination)?;
        let mut files = Files::of(items, self.content, &self.source);
        if files.is_nothing() {
            return self.rows(items, destination, BTreeMap::new(), &files.renamed).await;
        }
        missing::refuse(&files.assignments, &self.source)?;
        if files.stand_ins_left(&destination) > 0 {
            // By a run that was killed between its two transactions.
            transfer::remove(&self.remote.channel, files.stand_ins()).await?;
            destination = self.destination().await?;
        }
        files.renamed = names::keep_apart(&mut files.uploads, &files.replaced, &destination).await?;
        let rest: Vec<&PlanItem> = items.iter().copied().filter(|item| !files.brings(&item.key)).collect();
        let (assignments, uploads) = (files.assignments.clone(), files.uploads.clone());
        let first = self.transfer(assignments, uploads, destination, BTreeMap::new(), &files.renamed).await;
        let brought = Brought { push: self, rows: Some(files.rows()) };
        let written = match first {
            Ok(outcome) if rest.is_empty() => Ok(outcome),
            Ok(first) => self.after_files(&files, &rest).await.map(|second| first.and(second)),
            Err(error) if self.asked.load(Ordering::SeqCst) => Err(error),
            Err(error) => {
                brought.stay();
                return Err(error);
            }
        };
        match written {
            Ok(outcome) => {
                brought.stay();
                Ok(outcome)
            }
            Err(error) => Err(self.without_files(brought, &files, &rest, error).await),
        }
    }

    async fn rehearse(&self, items: &[&PlanItem]) -> Result<Outcome> {
        let destination = self.destination().await?;
        self.refuse_changed(items, &destination)?;
        let recipe = Recipe {
            plan: self.plan.clone(),
            assignments: items.iter().filter_map(|item| Assignment::of(item)).collect(),
            source: self.source.clone(),
            destination,
            leftovers: BTreeMap::new(),
            renamed: BTreeSet::new(),
            replaced: None,
        };
        let make = move |pieces: &_| feed::hand_out(recipe, pieces);
        transfer::run(&self.remote.channel, make, Vec::new(), Ending::TakenBack, &self.asked, self.events).await
    }

    /// The second transaction: everything that is not done with the files.
    async fn after_files(&self, files: &Files, rest: &[&PlanItem]) -> Result<Outcome> {
        self.asked.store(false, Ordering::SeqCst);
        let destination = self.destination().await?;
        self.refuse_changed(rest, &destination)?;
        self.rows(rest, destination, files.stand_ins(), &files.renamed).await
    }

    /// The destination as it is now: row ids change with every edit there.
    async fn destination(&self) -> Result<End> {
        let _one = self.remote.pulling.lock().await;
        memory::give_back();
        let pulled = self.remote.whole().await?;
        let bundle = Bundle::Folder(pulled.spool.path().to_owned());
        let hold = |spool, index| self.remote.hold(super::Held { spool, index, with_files: Arc::default() });
        let locales = &self.plan.options.selection.locales;
        let seen = match locales.is_empty() {
            true => None,
            false => Some(listing::narrowed(&pulled, &self.remote.spools, locales).await?.0),
        };
        let inventory = Arc::new(pulled.inventory.content_alone());
        let seen = match seen {
            Some(seen) => {
                hold(seen.spool, seen.index);
                Arc::new(seen.inventory)
            }
            None => {
                hold(pulled.spool.clone(), pulled.index.clone());
                inventory.clone()
            }
        };
        Ok(End { bundle, index: pulled.index, inventory, seen, _spool: Some(pulled.spool) })
    }

    /// What is overwritten has to be what the plan was made from. Files are compared when the run begins.
    fn refuse_changed(&self, items: &[&PlanItem], destination: &End) -> Result<()> {
        let is_changed = |item: &&PlanItem| {
            let Some(id) = item.destination_id() else { return false };
            let there = destination.seen.find(&item.key.with_id(id));
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
        renamed: &BTreeSet<String>,
    ) -> Result<Outcome> {
        let assignments = items.iter().filter_map(|item| Assignment::of(item)).collect();
        self.transfer(assignments, Vec::new(), destination, leftovers, renamed).await
    }

    async fn transfer(
        &self,
        assignments: Vec<Assignment>,
        uploads: Vec<Upload>,
        destination: End,
        leftovers: BTreeMap<String, Vec<String>>,
        renamed: &BTreeSet<String>,
    ) -> Result<Outcome> {
        let (plan, source, renamed) = (self.plan.clone(), self.source.clone(), renamed.clone());
        let recipe = Recipe { plan, assignments, source, destination, leftovers, renamed, replaced: None };
        let make = move |pieces: &_| feed::hand_out(recipe, pieces);
        transfer::run(&self.remote.channel, make, uploads, Ending::Counts, &self.asked, self.events).await
    }

    /// Takes the rows of files back that were written before what failed. Gives the error that the run ends with.
    async fn without_files(&self, mut brought: Brought<'_>, files: &Files, rest: &[&PlanItem], error: Error) -> Error {
        let taken_back = async {
            // The server was asked to let it count, and its answer got lost.
            let in_doubt = self.asked.load(Ordering::SeqCst);
            let counts = in_doubt && self.is_written(files, rest, &self.destination().await?);
            match (brought.rows.take(), counts) {
                (Some(rows), false) => transfer::remove(&self.remote.channel, rows).await,
                _ => Ok(()),
            }
        };
        match taken_back.await {
            Ok(()) => error,
            Err(other) => {
                let count = files.assignments.len();
                let hint = format!(
                    "{count} new files could not be taken back ({other}); those that arrived are in the media library and \
                     used by nothing, and `haul runs resume` goes on with them"
                );
                Error::new(error.kind(), error.message().to_owned()).hint(hint).caused_by(error)
            }
        }
    }

    /// Whether the transaction that came after that of the files counts.
    fn is_written(&self, files: &Files, rest: &[&PlanItem], destination: &End) -> bool {
        match files.replaced.is_empty() {
            true => !rest.is_empty() && self.refuse_changed(rest, destination).is_err(),
            false => files.stand_ins_left(destination) == 0,
        }
    }
}

/// Files that came before what they belong to. Whoever is dropped with them takes them back.
struct Brought<'a> {
    push: &'a Push<'a>,
    rows: Option<BTreeMap<String, Vec<String>>>,
}

impl Brought<'_> {
    fn stay(mut self) {
        self.rows = None;
    }
}

impl Drop for Brought<'_> {
    fn drop(&mut self) {
        // What may count keeps its files; going on with the run settles it.
        let Some(rows) = self.rows.take().filter(|_| !self.push.asked.load(Ordering::SeqCst)) else { return };
        let channel = self.push.remote.channel.clone();
        let farewells = channel.farewells.clone();
        farewells.say(async move {
            // A server that does not answer keeps files that nothing uses; going on with the run finds them.
            let _ = transfer::remove(&channel, rows).await;
        });
    }
}

/// The files that a plan brings, and how they are called until everything else is there.
#[derive(Default)]
struct Files {
    assignments: Vec<Assignment>,
    uploads: Vec<Upload>,
    /// Documents of files that are overwritten.
    replaced: BTreeSet<String>,
    /// Hashes of files that get another one.
    renamed: BTreeSet<String>,
    /// Files that a killed run left, which were taken away.
    taken_away: u64,
}

impl Files {
    /// A file that is overwritten is brought under a stand-in, since the transaction that brings bytes deletes nothing.
    /// One whose bytes stay as they are is a row like others.
    fn of(items: &[&PlanItem], content: &Path, source: &End) -> Files {
        let mut files = Files::default();
        let is_new_folder =
            |item: &PlanItem| item.decision != Decision::Overwrite && item.key.type_.as_deref() == Some(FOLDER_TYPE);
        for item in items {
            let Some(assignment) = Assignment::of(item) else { continue };
            match item.key.kind {
                Kind::Asset if assignment.keeps_bytes => {}
                Kind::Asset if assignment.overwrites => {
                    let document = stand_in(&assignment.document);
                    files.replaced.insert(assignment.document.to_string());
                    files.assignments.push(Assignment { document, overwrites: false, ..assignment });
                }
                Kind::Asset => files.assignments.push(assignment),
                _ if is_new_folder(item) => files.assignments.push(assignment),
                _ => {}
            }
        }
        if files.assignments.iter().any(|assignment| assignment.item.kind == Kind::Asset) {
            let wanted: BTreeSet<&ItemKey> = files.assignments.iter().map(|assignment| &assignment.item).collect();
            files.uploads = uploads_in(content);
            files.uploads.retain(|upload| source.file_of(&upload.sidecar).is_some_and(|key| wanted.contains(&key)));
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
        let documents: Vec<String> = self.replaced.iter().map(|document| stand_in(document).to_string()).collect();
        if documents.is_empty() { BTreeMap::new() } else { BTreeMap::from([(FILE_TYPE.to_owned(), documents)]) }
    }

    /// How many files are there that stand in for others.
    fn stand_ins_left(&self, destination: &End) -> u64 {
        let stands_in = |assignment: &&Assignment| self.replaced.contains(&*stood_for(assignment));
        let keys = self.assignments.iter().filter(stands_in).map(|at| at.item.with_id(&*at.document));
        keys.filter(|key| destination.inventory.find(key).is_some()).count() as u64
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
fn stand_in(document: &str) -> ArcStr {
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
        Upload { path: folder.join(&name), sidecar, name, renamed: None, is_of_rows: false }
    };
    names.into_iter().map(upload).filter(|upload| upload.sidecar.is_file()).collect()
}
