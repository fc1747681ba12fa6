//! Writes a plan that replaces: new files first, beside those that are there, then one transaction that deletes what goes and
//! brings all rows and settings. A failure leaves the old site or the new one, at worst with unused files beside it.
//! Must not know: frames, journals, how rows are put together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use super::apart::{Apart, keep_apart};
use super::assets::Upload;
use super::feed::{self, End, Recipe, Replaced};
use super::transfer::{self, Ending, Outcome};
use super::{Brought, Files, Push, missing, stand_in, uploads_in};
use crate::model::{Decision, EffectKind, Error, ErrorKind, Inventory, ItemKey, ItemRef, Kind, Plan, PlanItem, Result};
use crate::platforms::strapi::merge::Assignment;
use crate::platforms::strapi::schema::FILE_TYPE;

impl Replaced {
    pub(super) fn of(plan: &Plan, destination: &Inventory) -> Replaced {
        let scope = plan.replaced();
        let types = scope.iter().filter_map(|(kind, type_)| match kind {
            Kind::Asset => Some(FILE_TYPE.to_owned()),
            _ => type_.map(str::to_owned),
        });
        Replaced {
            types: types.collect(),
            configuration: scope.contains(&(Kind::Configuration, None)),
            gone: plan.left_over(destination),
            empties_files: plan.options.one_transaction && scope.contains(&(Kind::Asset, None)),
        }
    }
}

impl Push<'_> {
    /// All of the plan, whatever was settled before: it counts as a whole.
    pub(super) async fn replace(&self) -> Result<Outcome> {
        let plan = self.plan.clone();
        let items: Vec<&PlanItem> = plan.written().collect();
        let before = self.remote.held();
        let mut destination = self.destination().await?;
        let mut files = standing_in(&items);
        files.taken_away = files.stand_ins_left(&destination);
        if files.taken_away > 0 {
            // By a run that was killed between its two transactions.
            transfer::remove(&self.remote.channel, files.stand_ins()).await?;
            destination = self.destination().await?;
        }
        self.refuse_changed(&items, &destination)?;
        self.refuse_other_deletions(&files, &destination)?;
        missing::refuse_untold(&plan, &self.source)?;
        let uploads = uploads_in(self.content);
        if self.plan.options.one_transaction {
            return self.all(&items, destination, uploads, &Files::default()).await;
        }
        let Apart { uploads, renamed, rows } = keep_apart(self.remote, uploads, before, &destination).await?;
        files.renamed = renamed;
        files.assignments.retain(|assignment| rows.iter().any(|row| self.source.is_row_of(*row, &assignment.item)));
        if uploads.is_empty() {
            let files = Files { renamed: files.renamed, ..Files::default() };
            return self.all(&items, destination, Vec::new(), &files).await;
        }
        self.in_two(&items, destination, uploads, files).await
    }

    async fn in_two(
        &self,
        items: &[&PlanItem],
        destination: End,
        uploads: Vec<Upload>,
        files: Files,
    ) -> Result<Outcome> {
        let first =
            self.transfer(files.assignments.clone(), uploads, destination, BTreeMap::new(), &files.renamed).await;
        let brought = Brought { push: self, rows: Some(files.rows()) };
        let written = match first {
            Ok(_) => self.all_again(items, &files).await,
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
            Err(error) => Err(self.without_files(brought, &files, items, error).await),
        }
    }

    /// The second transaction, on the destination as it is with the new files.
    async fn all_again(&self, items: &[&PlanItem], files: &Files) -> Result<Outcome> {
        self.asked.store(false, Ordering::SeqCst);
        let destination = self.destination().await?;
        self.refuse_changed(items, &destination)?;
        self.refuse_other_deletions(files, &destination)?;
        self.all(items, destination, Vec::new(), files).await
    }

    /// One transaction that deletes what goes and brings everything.
    async fn all(&self, items: &[&PlanItem], destination: End, uploads: Vec<Upload>, files: &Files) -> Result<Outcome> {
        let replaced = Replaced::of(&self.plan, &destination.inventory);
        let leftovers = match replaced.types.contains(FILE_TYPE) {
            true => BTreeMap::new(),
            false => files.stand_ins(),
        };
        let recipe = Recipe {
            plan: self.plan.clone(),
            assignments: items.iter().filter_map(|item| Assignment::of(item)).collect(),
            source: self.source.clone(),
            destination,
            leftovers,
            renamed: files.renamed.clone(),
            replaced: Some(replaced),
        };
        let make = move |pieces: &_| feed::hand_out(recipe, pieces);
        transfer::run(&self.remote.channel, make, uploads, Ending::Counts, &self.asked, self.events).await
    }

    fn refuse_other_deletions(&self, files: &Files, destination: &End) -> Result<()> {
        let stand_ins: BTreeSet<String> = files.stand_ins().into_values().flatten().collect();
        let stands_in = |item: ItemRef<'_>| item.kind() == Kind::Asset && stand_ins.contains(item.id());
        refuse_other_deletions(&self.plan, &destination.inventory, files.taken_away, stands_in)
    }
}

/// What goes has to be as much as the plan shows, apart from files that stand in for others: those of a run that was killed are taken
/// away before, and are shown by a plan that was made after it but not by that run's own.
pub(in crate::platforms::strapi) fn refuse_other_deletions(
    plan: &Plan,
    destination: &Inventory,
    taken_away: u64,
    stands_in: impl Fn(ItemRef<'_>) -> bool,
) -> Result<()> {
    let mut now: BTreeMap<(Kind, Option<&str>), u64> = BTreeMap::new();
    let mut extra: Vec<ItemKey> = Vec::new();
    for item in plan.left_over(destination) {
        let item = destination.item(item);
        if !stands_in(item) {
            *now.entry((item.kind(), item.type_())).or_default() += 1;
            extra.push(item.key());
        }
    }
    let shown = plan.effects.iter().filter(|effect| effect.effect == EffectKind::Delete);
    let shown: BTreeMap<_, _> = shown.map(|effect| ((effect.kind, effect.type_.as_deref()), effect.count)).collect();
    let is_shown = |of: &(Kind, Option<&str>)| {
        let counted = |counts: &BTreeMap<_, u64>| counts.get(of).copied().unwrap_or_default();
        let gone = counted(&shown).checked_sub(counted(&now));
        gone == Some(0) || *of == (Kind::Asset, None) && gone == Some(taken_away)
    };
    let Some((kind, type_)) = now.keys().chain(shown.keys()).find(|of| !is_shown(of)).copied() else {
        return Ok(());
    };
    let what = type_.unwrap_or(kind.as_str());
    let message = format!("the plan shows other deletions of {what} than there would be now");
    extra.retain(|key| key.kind == kind && key.type_.as_deref() == type_);
    Err(Error::new(ErrorKind::Stale, message).hint("nothing was changed; make a new plan").items(extra))
}

/// Every file under another document until the rows come, since the transaction that brings bytes deletes nothing.
fn standing_in(items: &[&PlanItem]) -> Files {
    let mut files = Files::default();
    for item in items.iter().filter(|item| item.key.kind == Kind::Asset && item.decision != Decision::Skip) {
        let Some(assignment) = Assignment::of(item) else { continue };
        files.replaced.insert(assignment.document.to_string());
        let document = stand_in(&assignment.document);
        files.assignments.push(Assignment { document, overwrites: false, ..assignment });
    }
    files
}
