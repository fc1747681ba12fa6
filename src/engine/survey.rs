//! Reads both locations as far as a plan needs, and asks the planner.
//! Must not know: how matching or deciding works.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{
    Destination, Error, ErrorKind, Following, Inventory, ItemIndex, LocationInfo, Plan, PlanOptions, Result,
    SchemaComparison, Selection, Source,
};

use crate::planner::{self, Closure, PlanRequest};

/// A plan, and the examined inventories that it rests on. Cheap to copy: the inventories are shared.
#[derive(Clone, Debug)]
pub struct Survey {
    pub plan: Plan,
    pub source: Arc<Inventory>,
    pub destination: Arc<Inventory>,
    /// What the selection picked of the source, in the order of its inventory.
    pub picked: Vec<ItemIndex>,
    /// What differs between the schemas of the two.
    pub schemas: Arc<SchemaComparison>,
}

/// The source in the form that the destination needs: what a survey and a run between the two have to be given.
pub async fn suited(source: Arc<dyn Source>, destination: &dyn Destination) -> Result<Arc<dyn Source>> {
    Ok(source.suited(&destination.info()).await?.unwrap_or(source))
}

/// A source as it looks through the locales that a selection names.
pub async fn through_locales(source: Arc<dyn Source>, selection: &Selection) -> Result<Arc<dyn Source>> {
    match source.locales() == selection.locales {
        true => Ok(source),
        false => source.narrowed(&selection.locales).await,
    }
}

/// The same for a destination.
pub(super) fn destination_through_locales(
    destination: Arc<dyn Destination>,
    selection: &Selection,
) -> Result<Arc<dyn Destination>> {
    match destination.locales() == selection.locales {
        true => Ok(destination),
        false => destination.narrowed_to(&selection.locales),
    }
}

/// Both ends as a survey and a run between the two need them: the source in the form of the destination, and both through the
/// locales that are meant.
pub async fn fitted(
    source: Arc<dyn Source>,
    destination: Arc<dyn Destination>,
    selection: &Selection,
) -> Result<(Arc<dyn Source>, Arc<dyn Destination>)> {
    let destination = destination_through_locales(destination, selection)?;
    let source = through_locales(suited(source, &*destination).await?, selection).await?;
    Ok((source, destination))
}

/// Lists both locations at once, examines what the plan touches, and plans. Changes nothing. The source is one that
/// [`suited`] gave, or both are what [`fitted`] gave.
pub async fn survey(source: &dyn Source, destination: &dyn Destination, mut options: PlanOptions) -> Result<Survey> {
    same_platform(&source.info(), &destination.info())?;
    destination.refuse_options(&options)?;
    refuse_other_locales(source.locales(), destination.locales(), &options.selection)?;
    let (mut ours, mut theirs) = tokio::try_join!(source.list(), destination.list())?;
    for by in &options.match_by {
        for (values, inventory) in [(source.values(by).await?, &mut ours), (destination.values(by).await?, &mut theirs)]
        {
            values.into_iter().for_each(|(item, value)| inventory.add_unique(item, value));
        }
    }
    for id in &mut options.selection.ids {
        if let Some(renamed) = source.renamed(id) {
            *id = renamed;
        }
    }
    planner::refuse_unknown_reach(&options.reach, &ours, source.rules())?;
    let mut picked = pick(source, &mut ours, &options.selection).await?;
    if !options.selection.carries_files() {
        picked = planner::without_media(&ours, picked, source.rules());
    }
    let schemas = Arc::new(compare_schemas(source, destination).await?);
    let known = Known { source: Arc::new(ours), destination: Arc::new(theirs), picked, schemas };
    plan_between(source, destination, known, options).await
}

/// What differs between the schemas of two locations of a platform; nothing where it has none.
pub async fn compare_schemas(source: &dyn Source, destination: &dyn Source) -> Result<SchemaComparison> {
    if !source.rules().features.schemas {
        return Ok(SchemaComparison::default());
    }
    let (ours, theirs) = tokio::try_join!(source.schemas(), destination.schemas())?;
    Ok(source.compare_schemas(&ours, &theirs))
}

/// Plans again between the inventories of a survey, with another policy, other decisions or other dependencies.
/// Nothing is listed again, and nothing is read but what only the new plan touches. What was picked stays picked: the
/// selection of `options` is not looked at, and the plan keeps that of the survey.
///
/// Errors are those of [`survey`]. A decision that is not legal for its item is [`ErrorKind::Usage`], one for an item
/// that is no part of the plan [`ErrorKind::UnknownItem`]; both name the items, and the survey is as good as before.
pub async fn replan(
    survey: &Survey,
    source: &dyn Source,
    destination: &dyn Destination,
    options: PlanOptions,
) -> Result<Survey> {
    let options = PlanOptions { selection: survey.plan.options.selection.clone(), ..options };
    let known = Known {
        source: survey.source.clone(),
        destination: survey.destination.clone(),
        picked: survey.picked.clone(),
        schemas: survey.schemas.clone(),
    };
    plan_between(source, destination, known, options).await
}

/// What a plan is made from, as far as it is known.
struct Known {
    source: Arc<Inventory>,
    destination: Arc<Inventory>,
    picked: Vec<ItemIndex>,
    schemas: Arc<SchemaComparison>,
}

/// Examines what the plan touches, and plans.
async fn plan_between(
    source: &dyn Source,
    destination: &dyn Destination,
    known: Known,
    options: PlanOptions,
) -> Result<Survey> {
    let Known { source: mut ours, destination: mut theirs, picked, schemas } = known;
    let known = planner::closure(&ours, &picked, source.rules(), options.following());
    if !known.unexamined.is_empty() {
        needs(source, Arc::make_mut(&mut ours), &picked, options.following()).await?;
    }
    let known = planner::closure(&ours, &picked, source.rules(), options.following());
    let members: Vec<_> = known.items.iter().map(|(item, _)| *item).collect();
    if members.iter().any(|&item| ours.item(item).digests().is_none()) {
        source.examine(Arc::make_mut(&mut ours), &members).await?;
    }
    let sides = Sides { source, destination, picked: &picked, options: &options, schemas: &schemas };
    let touched = planner::matches(&sides.request(&ours, &theirs))?;
    if touched.iter().any(|&item| theirs.item(item).digests().is_none()) {
        destination.examine(Arc::make_mut(&mut theirs), &touched).await?;
    }
    let mut plan = planner::plan(sides.request(&ours, &theirs))?;
    let remarks = destination.remarks(&plan, &ours, &theirs).await?;
    plan.findings.extend(remarks);
    if destination.rules().features.foresees {
        let (findings, effects) = destination.foresee(&plan, &source.schemas().await?).await?;
        plan.findings.extend(findings);
        plan.effects.extend(effects);
        plan.effects.sort();
    }
    plan.findings.sort();
    plan.findings.dedup();
    Ok(Survey { plan, source: ours, destination: theirs, picked, schemas })
}

/// What stays the same while the inventories fill.
struct Sides<'a> {
    source: &'a dyn Source,
    destination: &'a dyn Destination,
    picked: &'a [ItemIndex],
    options: &'a PlanOptions,
    schemas: &'a SchemaComparison,
}

impl<'a> Sides<'a> {
    fn request(&self, source: &'a Inventory, destination: &'a Inventory) -> PlanRequest<'a> {
        PlanRequest {
            source,
            source_info: self.source.info(),
            destination,
            destination_info: self.destination.info(),
            rules: self.source.rules(),
            picked: self.picked,
            options: self.options.clone(),
            schemas: self.schemas,
        }
    }
}

/// What a selection picks of a source, in the order of its inventory. What fits nothing is
/// [`ErrorKind::UnknownItem`]. Everything of a bundle is all that lies in it, also what nothing else in it needs: somebody
/// put it there, and an import or a rewritten bundle without it would lose it in silence.
pub async fn pick(source: &dyn Source, inventory: &mut Inventory, selection: &Selection) -> Result<Vec<ItemIndex>> {
    let mut picked = planner::resolve(selection, inventory, source.rules())?;
    if !selection.is_everything() || !source.is_bundle() {
        return Ok(picked);
    }
    // Against the order of writing, so that what a stray needs comes along with it rather than as another stray.
    for rules in source.rules().kinds.iter().rev().filter(|rules| !rules.part_of_everything) {
        let met: BTreeSet<_> = needs(source, inventory, &picked, Following::unbounded(None))
            .await?
            .items
            .into_iter()
            .map(|(item, _)| item)
            .collect();
        let strays = inventory.items().filter(|item| item.kind() == rules.kind && !item.facts().deleted);
        picked.extend(strays.map(|item| item.index()).filter(|item| !met.contains(item)));
    }
    picked.sort_unstable();
    Ok(picked)
}

/// The picked items and what they need, each with its role, in the order of the inventory; the references of all are known.
/// [`ErrorKind::Protocol`] where something of it cannot be read.
///
/// Asks the planner, examines what it could not see into, and asks again, until there is nothing of that kind. Each
/// round knows more items, so that a chain of references ends it.
pub async fn needs(
    source: &dyn Source,
    inventory: &mut Inventory,
    picked: &[ItemIndex],
    following: Following<'_>,
) -> Result<Closure> {
    loop {
        let closure = planner::closure(inventory, picked, source.rules(), following);
        if closure.unexamined.is_empty() {
            return Ok(closure);
        }
        source.examine(inventory, &closure.unexamined).await?;
        // A platform that examines nothing must not keep us here forever.
        if closure.unexamined.iter().all(|&item| !inventory.item(item).is_traced()) {
            let item = inventory.item(closure.unexamined[0]).key();
            return Err(Error::new(ErrorKind::Protocol, format!("{item} cannot be read")).items([item]));
        }
    }
}

/// Without this a plan would compare, and write, what nobody asked for.
fn refuse_other_locales(ours: &[String], theirs: &[String], selection: &Selection) -> Result<()> {
    match ours == selection.locales && theirs == selection.locales {
        true => Ok(()),
        false => {
            Err(Error::new(ErrorKind::Usage, "this plan is about chosen locales, and both ends are open as a whole")
                .hint("carry it out headless: `haul apply PLAN.json`, or `haul transfer` with --locales"))
        }
    }
}

fn same_platform(source: &LocationInfo, destination: &LocationInfo) -> Result<()> {
    match source.platform == destination.platform {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::Usage,
            format!(
                "{} is {}, {} is {}: content moves only within a platform",
                source.location, source.platform, destination.location, destination.platform
            ),
        )),
    }
}
