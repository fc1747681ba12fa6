//! Writes a plan's items to a server of v4: new files first, in a transaction that deletes nothing, then everything else in one.
//! A file that is replaced gets its successor with the first and goes with the second. If that fails, the first is taken back.
//! Must not know: frames, how rows are put together.

mod replace;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;

pub(in crate::platforms::strapi::remote) use self::replace::remarks_of_replace;
use super::assets::Upload;
use super::feed::{End, Lists, Lost, Piece, give, partial, settings};
use super::transfer::{self, Ending, Outcome};
use super::{Push, names, uploads_in};
use crate::model::{Decision, Error, ErrorKind, Finding, ItemIndex, ItemKey, Kind, Plan, PlanItem, Result, code};
use crate::platforms::strapi::merge::{Assignment, Side};
use crate::platforms::strapi::schema::{FILE_TYPE, FOLDER_TYPE};
use crate::platforms::strapi::source::blocking;
use crate::platforms::strapi::v4::{Besides, Going, Prepared, RowMerge, beside, going_alone};
use crate::platforms::strapi::wire::{Channel, Goes, Restore};

/// A run takes one transaction or two, and what is left if the second fails.
pub(in crate::platforms::strapi::remote) fn remarks(plan: &Plan) -> Option<Finding> {
    let brings = |item: &&PlanItem| {
        item.key.kind == Kind::Asset && Assignment::of(item).is_some_and(|assignment| !assignment.keeps_bytes)
    };
    let (files, all) = (plan.written().filter(brings).count(), plan.written().count());
    let replaces = plan.written().filter(brings).any(|item| item.decision == Decision::Overwrite);
    let sentence = "files come first, in a transaction of their own that deletes nothing; if the one after it fails, their records are \
                    taken back and their bytes stay on the disk, used by nothing";
    (files > 0 && (files < all || replaces)).then(|| Finding::info(code::TWO_TRANSACTIONS, sentence))
}

/// What one transaction is made from.
struct Recipe {
    plan: Arc<Plan>,
    assignments: Vec<Assignment>,
    besides: Besides,
    source: End,
    destination: End,
    /// Hashes of files that get another one.
    renamed: BTreeSet<String>,
    brings_files: bool,
    /// Settings and webhooks go, and come from the source.
    configuration: bool,
    /// The server deletes all of its files itself.
    empties_files: bool,
}

impl Recipe {
    /// Puts it together until the last piece was taken, or nobody takes more.
    fn hand_out(&self, pieces: &mpsc::Sender<Piece>) -> Result<()> {
        let source = Side::new(&self.source.index, &self.source.inventory);
        let destination = Side::new(&self.destination.index, &self.destination.inventory);
        let merge = RowMerge::new(
            &self.plan,
            &self.assignments,
            &self.besides,
            (&source, &self.source.bundle),
            (&destination, &self.destination.bundle),
        )?;
        let mut prepared = Prepared::new(&merge, &self.renamed)?;
        let lost = Lost { of_source: prepared.unheld.of_source, of_kept: prepared.unheld.of_kept };
        let (mut types, goes) = condition(prepared.going.clone());
        if self.brings_files && types.is_empty() {
            // Where another provider keeps the files, their rows are told so only if their type is named.
            types.push(FILE_TYPE.to_owned());
        }
        let unheld = &prepared.unheld;
        let partial = partial(&unheld.links, &unheld.of, &self.source.bundle, &source)?;
        let (configuration, empties_files) = (self.configuration, self.empties_files);
        let restore = Restore { types, goes, configuration, empties_files, ..Restore::default() };
        give(pieces, Piece::Goes { restore, lost, partial })?;
        let mut rows = Lists::new(pieces, Piece::Rows);
        prepared.each_row(|line| rows.add(&line))?;
        rows.finish()?;
        let mut links = Lists::new(pieces, Piece::Links);
        prepared.each_link(|line| links.add(&line))?;
        links.finish()?;
        if self.configuration { settings(&self.source.bundle, pieces) } else { Ok(()) }
    }
}

fn condition(going: Going) -> (Vec<String>, Goes) {
    let Going { types, rows, made, undated, whole } = going;
    let goes = if whole && !types.is_empty() { Goes::All } else { Goes::Rows { ids: rows, made, undated } };
    (types, goes)
}

/// What comes with the first transaction.
#[derive(Default)]
struct First {
    assignments: Vec<Assignment>,
    uploads: Vec<Upload>,
    /// Files that are replaced, and what is called so while both are there.
    replaced: BTreeMap<String, String>,
    renamed: BTreeSet<String>,
}

impl First {
    fn of(items: &[&PlanItem], content: &std::path::Path, source: &End) -> First {
        let mut first = First::default();
        let is_new_folder =
            |item: &PlanItem| item.decision == Decision::Create && item.key.type_.as_deref() == Some(FOLDER_TYPE);
        for item in items {
            // A file whose bytes stay as they are is a row like others.
            let Some(assignment) = Assignment::of(item).filter(|assignment| !assignment.keeps_bytes) else { continue };
            if item.key.kind == Kind::Asset && assignment.overwrites {
                let successor = beside(&assignment.document);
                first.replaced.insert(assignment.document.to_string(), successor.clone());
                first.assignments.push(Assignment { document: successor.into(), overwrites: false, ..assignment });
            } else if item.key.kind == Kind::Asset || is_new_folder(item) {
                first.assignments.push(assignment);
            }
        }
        if first.assignments.iter().any(|assignment| assignment.item.kind == Kind::Asset) {
            let wanted: BTreeSet<&ItemKey> = first.assignments.iter().map(|assignment| &assignment.item).collect();
            first.uploads = uploads_in(content);
            first.uploads.retain(|upload| source.file_of(&upload.sidecar).is_some_and(|key| wanted.contains(&key)));
            first.uploads.iter_mut().for_each(|upload| upload.is_of_rows = true);
        }
        first
    }

    fn brings(&self, key: &ItemKey) -> bool {
        self.assignments.iter().any(|assignment| assignment.item == *key)
    }

    /// What came with it, where it is there.
    fn there(&self, end: &End, wanted: impl Fn(&Assignment) -> bool) -> Vec<ItemIndex> {
        let wanted = self.assignments.iter().filter(|assignment| wanted(assignment));
        let keys = wanted.map(|assignment| assignment.item.with_id(assignment.document.clone()));
        keys.filter_map(|key| end.inventory.find(&key)).map(|item| item.index()).collect()
    }

    /// Successors whose predecessors are there too.
    fn successors(&self, end: &End) -> Vec<ItemIndex> {
        self.there(end, |assignment| self.replaced.values().any(|name| **name == *assignment.document))
    }
}

impl Push<'_> {
    pub(super) async fn merge_rows(&self, items: &[&PlanItem]) -> Result<Outcome> {
        let mut there = self.destination().await?;
        self.refuse_changed(items, &there)?;
        let mut first = First::of(items, self.content, &self.source);
        if first.assignments.is_empty() {
            return self.everything_else(items, &first, there).await;
        }
        let left = first.successors(&there);
        if !left.is_empty() {
            // By a run that was killed between its two transactions.
            self.remove_rows(&there, left).await?;
            there = self.destination().await?;
        }
        let replaced = first.replaced.keys().cloned().collect();
        first.renamed = names::keep_apart(&mut first.uploads, &replaced, &there).await?;
        let renamed = first.renamed.clone();
        let recipe = Recipe { renamed, brings_files: true, ..self.recipe(first.assignments.clone(), there) };
        let brought = self.transaction(recipe, first.uploads.clone()).await?;
        let rest: Vec<&PlanItem> = items.iter().copied().filter(|item| !first.brings(&item.key)).collect();
        if rest.is_empty() && first.replaced.is_empty() {
            return Ok(brought);
        }
        self.second(&first, &rest).await.map(|written| brought.and(written))
    }

    /// Everything in one transaction that brings no files and is taken back.
    pub(super) async fn rehearse_rows(&self, items: &[&PlanItem]) -> Result<Outcome> {
        let there = self.destination().await?;
        self.refuse_changed(items, &there)?;
        let recipe = self.recipe(items.iter().filter_map(|item| Assignment::of(item)).collect(), there);
        let make = move |pieces: &_| recipe.hand_out(pieces);
        transfer::run(&self.remote.channel, make, Vec::new(), Ending::TakenBack, &self.asked, self.events).await
    }

    /// One that deletes nothing besides, and brings no files.
    fn recipe(&self, assignments: Vec<Assignment>, destination: End) -> Recipe {
        Recipe {
            plan: self.plan.clone(),
            assignments,
            besides: Besides::default(),
            source: self.source.clone(),
            destination,
            renamed: BTreeSet::new(),
            brings_files: false,
            configuration: false,
            empties_files: false,
        }
    }

    /// The transaction that comes after that of the files.
    async fn second(&self, first: &First, rest: &[&PlanItem]) -> Result<Outcome> {
        self.asked.store(false, Ordering::SeqCst);
        let there = self.destination().await?;
        let brought = Brought { push: self, going: Some(self.going(&there, first.there(&there, |_| true)).await?) };
        let written = async {
            self.refuse_changed(rest, &there)?;
            self.everything_else(rest, first, there).await
        };
        match written.await {
            Ok(outcome) => {
                brought.stay();
                Ok(outcome)
            }
            Err(error) => {
                // The server was asked to let it count, and its answer got lost.
                let in_doubt = self.asked.load(Ordering::SeqCst);
                let counts = async { Ok(in_doubt && self.rows_are_written(first, rest, &self.destination().await?)) };
                Err(self.without_rows(brought, first.assignments.len(), counts, error).await)
            }
        }
    }

    async fn everything_else(&self, items: &[&PlanItem], first: &First, there: End) -> Result<Outcome> {
        let recipe = Recipe {
            besides: Besides { files: first.replaced.clone(), ..Besides::default() },
            renamed: first.renamed.clone(),
            ..self.recipe(items.iter().filter_map(|item| Assignment::of(item)).collect(), there)
        };
        self.transaction(recipe, Vec::new()).await
    }

    async fn transaction(&self, recipe: Recipe, uploads: Vec<Upload>) -> Result<Outcome> {
        let make = move |pieces: &_| recipe.hand_out(pieces);
        let outcome =
            transfer::run(&self.remote.channel, make, uploads, Ending::Counts, &self.asked, self.events).await;
        outcome.map_err(|error| match error.kind() {
            ErrorKind::Server | ErrorKind::Unreachable if !self.asked.load(Ordering::SeqCst) => {
                let hint = "nothing of this transaction counts; a server of v4 ends when its database refuses a row, so look \
                            whether it still runs";
                Error::new(error.kind(), error.message().to_owned()).hint(hint).caused_by(error)
            }
            _ => error,
        })
    }

    /// Takes back what was written before what failed, unless that counts after all. Gives the error that the run ends with.
    async fn without_rows(
        &self,
        mut brought: Brought<'_>,
        count: usize,
        counts: impl Future<Output = Result<bool>>,
        error: Error,
    ) -> Error {
        let taken_back = async {
            match (brought.going.take(), counts.await?) {
                (Some(going), false) => remove(&self.remote.channel, going).await,
                _ => Ok(()),
            }
        };
        match taken_back.await {
            Ok(()) => error,
            Err(other) => {
                let hint = format!(
                    "{count} new files could not be taken back ({other}); those that arrived are in the media library and \
                     used by nothing, and `haul runs resume` goes on with them"
                );
                Error::new(error.kind(), error.message().to_owned()).hint(hint).caused_by(error)
            }
        }
    }

    fn rows_are_written(&self, first: &First, rest: &[&PlanItem], there: &End) -> bool {
        match first.replaced.is_empty() {
            true => !rest.is_empty() && self.refuse_changed(rest, there).is_err(),
            false => first.successors(there).is_empty(),
        }
    }

    async fn remove_rows(&self, there: &End, items: Vec<ItemIndex>) -> Result<()> {
        remove(&self.remote.channel, self.going(there, items).await?).await
    }

    /// Rows by what deletes them, which is looked at as a deletion in a merge is.
    async fn going(&self, there: &End, items: Vec<ItemIndex>) -> Result<Going> {
        let there = there.clone();
        blocking(move || going_alone(&Side::new(&there.index, &there.inventory), &there.bundle, &items)).await
    }
}

async fn remove(channel: &Channel, going: Going) -> Result<()> {
    let (types, goes) = condition(going);
    let restore = Restore { types, goes, ..Restore::default() };
    match restore.names_something() {
        true => transfer::delete(channel, restore).await,
        false => Ok(()),
    }
}

/// Files that came before what they belong to. Whoever is dropped with them takes them back.
struct Brought<'a> {
    push: &'a Push<'a>,
    going: Option<Going>,
}

impl Brought<'_> {
    fn stay(mut self) {
        self.going = None;
    }
}

impl Drop for Brought<'_> {
    fn drop(&mut self) {
        // What may count keeps its files; going on with the run settles it.
        let Some(going) = self.going.take().filter(|_| !self.push.asked.load(Ordering::SeqCst)) else { return };
        let channel = self.push.remote.channel.clone();
        let farewells = channel.farewells.clone();
        farewells.say(async move {
            // A server that does not answer keeps files that nothing uses; going on with the run finds them.
            let _ = remove(&channel, going).await;
        });
    }
}
