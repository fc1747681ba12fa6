//! Writes a plan that replaces to a server of v4: new files first, beside those that are there, then one transaction that empties the
//! types that are replaced and brings all rows and settings. Files that came first get records of their own, which go with the others.
//! Must not know: frames, journals, how rows are put together.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering;

use super::{Brought, First, Recipe};
use crate::model::{
    Decision, EffectKind, Error, ErrorKind, Finding, Inventory, ItemIndex, Kind, Plan, PlanItem, ReferenceView, Result,
    code,
};
use crate::platforms::strapi::merge::Assignment;
use crate::platforms::strapi::remote::push::apart::{Apart, keep_apart};
use crate::platforms::strapi::remote::push::assets::Upload;
use crate::platforms::strapi::remote::push::feed::{End, Replaced};
use crate::platforms::strapi::remote::push::replace::refuse_other_deletions;
use crate::platforms::strapi::remote::push::transfer::Outcome;
use crate::platforms::strapi::remote::push::{Push, missing, names, remarks, uploads_in};
use crate::platforms::strapi::schema::{FILE_TYPE, FOLDER_TYPE};
use crate::platforms::strapi::v4::{Besides, beside};

/// What there is to know of such a plan; an error for one that cannot be carried out.
pub(in crate::platforms::strapi::remote) fn remarks_of_replace(
    plan: &Plan,
    source: &Inventory,
) -> Result<Vec<Finding>> {
    let replaced = plan.replaced();
    let writes_files = plan.written().any(|item| item.key.kind == Kind::Asset);
    let splits = !replaced.contains(&(Kind::Asset, None)) && replaced.contains(&(Kind::Entry, Some(FOLDER_TYPE)));
    if splits && writes_files {
        let message =
            "folders of the media library are not replaced apart from its files, of which this plan brings some";
        return Err(Error::new(ErrorKind::Usage, message)
            .hint("name both types, `plugin::upload.folder` and `plugin::upload.file`, or neither"));
    }
    let mut findings = remarks::of(plan, source)?;
    let is_said = findings.iter().any(|finding| finding.code == code::TWO_TRANSACTIONS);
    if writes_files && !plan.options.one_transaction && !is_said {
        let sentence = "files come first, in a transaction of their own that deletes nothing; if the one after it fails, their records \
                        are taken back, and if the run is killed between the two they stay, used by nothing, until `haul runs resume`";
        findings.push(Finding::info(code::TWO_TRANSACTIONS, sentence));
    }
    Ok(findings)
}

impl Push<'_> {
    /// All of the plan, whatever was settled before: it counts as a whole.
    pub(in crate::platforms::strapi::remote::push) async fn replace_rows(&self) -> Result<Outcome> {
        let plan = self.plan.clone();
        let items: Vec<&PlanItem> = plan.written().collect();
        let before = self.remote.held();
        let there = self.without_what_was_left(&items).await?;
        self.refuse_changed(&items, &there)?;
        refuse_other_deletions(&plan, &there.inventory, 0, |_| false)?;
        missing::refuse_untold(&plan, &self.source)?;
        if plan.options.one_transaction {
            let uploads = of_rows(uploads_in(self.content));
            return self.all_rows(&items, there, &First::default(), uploads).await;
        }
        let first = if self.replaces_files() {
            let apart = keep_apart(self.remote, uploads_in(self.content), before, &there).await?;
            self.standing_in(&items, apart)
        } else {
            let mut first = First::of(&items, self.content, &self.source);
            let overwritten = first.replaced.keys().cloned().collect();
            first.renamed = names::keep_apart(&mut first.uploads, &overwritten, &there).await?;
            first
        };
        match first.assignments.is_empty() {
            true => self.all_rows(&items, there, &first, Vec::new()).await,
            false => self.replace_in_two(&items, there, &first).await,
        }
    }

    fn replaces_files(&self) -> bool {
        self.plan.replaced().contains(&(Kind::Asset, None))
    }

    /// Every file that is sent under a record of its own, since the transaction that brings bytes deletes nothing.
    fn standing_in(&self, items: &[&PlanItem], apart: Apart) -> First {
        let Apart { uploads, renamed, rows } = apart;
        let is_sent = |item: &PlanItem| rows.iter().any(|row| self.source.is_row_of(*row, &item.key));
        let sent = items.iter().filter(|item| item.key.kind == Kind::Asset && is_sent(item));
        let assignments = sent.filter_map(|item| {
            let assignment = Assignment::of(item)?;
            let document =
                if assignment.overwrites { beside(&assignment.document).into() } else { assignment.document };
            Some(Assignment { document, overwrites: false, keeps_bytes: false, ..assignment })
        });
        First { assignments: assignments.collect(), uploads: of_rows(uploads), renamed, ..First::default() }
    }

    async fn replace_in_two(&self, items: &[&PlanItem], before: End, first: &First) -> Result<Outcome> {
        let assignments = first.assignments.clone();
        let (renamed, destination) = (first.renamed.clone(), before.clone());
        let recipe = Recipe { renamed, brings_files: true, ..self.recipe(assignments, destination) };
        let brought = self.transaction(recipe, first.uploads.clone()).await;
        if brought.is_err() && !self.asked.load(Ordering::SeqCst) {
            return brought;
        }
        self.asked.store(false, Ordering::SeqCst);
        let there = self.destination().await?;
        let came = self.came(first, &before, &there).await?;
        let going = Brought { push: self, going: Some(self.going(&there, came.iter().copied().collect()).await?) };
        let held = there.clone();
        let written = async {
            // Whether it counts was not said: what came of it goes.
            brought?;
            self.refuse_changed(&self.not_begun(items, first), &there)?;
            refuse_other_deletions(&self.plan, &there.inventory, 0, |item| came.contains(&item.index()))?;
            self.all_rows(&self.rest(items, first), there, first, Vec::new()).await
        };
        match written.await {
            Ok(outcome) => {
                going.stay();
                Ok(outcome)
            }
            Err(error) => {
                let in_doubt = self.asked.load(Ordering::SeqCst);
                let counts = async { Ok(in_doubt && self.is_replaced(&held, &self.destination().await?)) };
                Err(self.without_rows(going, first.assignments.len(), counts, error).await)
            }
        }
    }

    /// One transaction that empties what is replaced and brings everything.
    async fn all_rows(&self, items: &[&PlanItem], there: End, first: &First, uploads: Vec<Upload>) -> Result<Outcome> {
        let Replaced { types, configuration, gone, empties_files } = Replaced::of(&self.plan, &there.inventory);
        let assignments = items.iter().filter_map(|item| Assignment::of(item)).collect();
        let recipe = Recipe {
            besides: Besides { files: first.replaced.clone(), whole: types, gone },
            renamed: first.renamed.clone(),
            configuration,
            empties_files,
            ..self.recipe(assignments, there)
        };
        self.transaction(recipe, uploads).await
    }

    /// What is written with the second transaction: files that stand in for others come again with it.
    fn rest<'i>(&self, items: &[&'i PlanItem], first: &First) -> Vec<&'i PlanItem> {
        let again = self.replaces_files();
        items.iter().copied().filter(|item| again || !first.brings(&item.key)).collect()
    }

    /// What is as it was after the first transaction.
    fn not_begun<'i>(&self, items: &[&'i PlanItem], first: &First) -> Vec<&'i PlanItem> {
        let came = |item: &PlanItem| item.decision == Decision::Create && first.brings(&item.key);
        self.rest(items, first).into_iter().filter(|item| !came(item)).collect()
    }

    /// What came with the first transaction: where files are replaced, records of the names that were sent that were not there
    /// before.
    async fn came(&self, first: &First, before: &End, there: &End) -> Result<BTreeSet<ItemIndex>> {
        if !self.replaces_files() {
            return Ok(first.there(there, |_| true).into_iter().collect());
        }
        let highest = rows_of(before, FILE_TYPE).into_iter().max().unwrap_or_default();
        let sent: HashSet<String> = first.uploads.iter().map(Upload::name_there).collect();
        let files = files_called(there, &sent).await?;
        Ok(files.into_iter().filter(|(row, _)| *row > highest).map(|(_, item)| item).collect())
    }

    /// The destination without the records of files that a run left that was killed between its two transactions: nothing leads to
    /// them, and the plan does not show them.
    async fn without_what_was_left(&self, items: &[&PlanItem]) -> Result<End> {
        let there = self.destination().await?;
        let names = uploads_in(self.content).into_iter().flat_map(|upload| {
            let renamed = Upload { renamed: upload.main_hash(), ..upload.clone() };
            [upload.name, renamed.name_there()]
        });
        let files: BTreeSet<ItemIndex> =
            files_called(&there, &names.collect()).await?.into_iter().map(|(_, item)| item).collect();
        let created = items.iter().filter(|item| item.key.kind == Kind::Asset && item.decision == Decision::Create);
        let created = created.filter_map(|item| there.inventory.find(&item.key.with_id(item.destination_id()?)));
        let mut left: BTreeSet<ItemIndex> =
            created.map(|item| item.index()).filter(|item| files.contains(item)).collect();
        left.extend(self.not_shown(&there.inventory, &files));
        for item in there.inventory.items() {
            for reference in item.reference_views() {
                if let ReferenceView::Id { item: Some(used), .. } = reference {
                    left.remove(&used);
                }
            }
        }
        if left.is_empty() {
            return Ok(there);
        }
        self.remove_rows(&there, left.into_iter().collect()).await?;
        self.destination().await
    }

    /// Files that would be deleted without being shown, where they are all of these names.
    fn not_shown(&self, there: &Inventory, files: &BTreeSet<ItemIndex>) -> Vec<ItemIndex> {
        let is_file = |item: &ItemIndex| there.item(*item).kind() == Kind::Asset;
        let left_over: Vec<ItemIndex> = self.plan.left_over(there).into_iter().filter(is_file).collect();
        let shown = self.plan.effects.iter();
        let shown = shown.filter(|effect| effect.effect == EffectKind::Delete && effect.kind == Kind::Asset);
        let surplus = (left_over.len() as u64).saturating_sub(shown.map(|effect| effect.count).sum());
        let of_these: Vec<ItemIndex> = left_over.into_iter().filter(|item| files.contains(item)).collect();
        if of_these.len() as u64 == surplus { of_these } else { Vec::new() }
    }

    /// Whether no row of before is there any more of the types that are emptied.
    fn is_replaced(&self, before: &End, now: &End) -> bool {
        let types = Replaced::of(&self.plan, &before.inventory).types;
        let rows = |end: &End| -> HashSet<(&str, u64)> {
            types.iter().flat_map(|uid| rows_of(end, uid).into_iter().map(move |row| (uid.as_str(), row))).collect()
        };
        let (before, now) = (rows(before), rows(now));
        before.is_disjoint(&now) && before != now
    }
}

fn of_rows(uploads: Vec<Upload>) -> Vec<Upload> {
    uploads.into_iter().map(|upload| Upload { is_of_rows: true, ..upload }).collect()
}

fn rows_of(end: &End, uid: &str) -> Vec<u64> {
    let rows = end.index.types.find(uid).map(|type_| end.index.rows.of_type(type_));
    rows.into_iter().flatten().map(|(row, _)| row).collect()
}

/// Files that have one of these names on disk, with their rows.
async fn files_called(there: &End, names: &HashSet<String>) -> Result<Vec<(u64, ItemIndex)>> {
    let Some(type_) = there.index.types.find(FILE_TYPE) else { return Ok(Vec::new()) };
    let called = names::by_row(there).await?.into_iter().filter(|(_, name)| names.contains(name));
    Ok(called.filter_map(|(row, _)| Some((row, there.index.rows.get(type_, row)?.item))).collect())
}
