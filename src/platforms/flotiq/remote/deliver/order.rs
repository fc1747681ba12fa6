//! The steps of a run: what is referred to before what refers to it.
//! Must not know: servers, requests.

use std::collections::{BTreeMap, HashMap};

use super::cargo::Cargo;
use super::graph::{self, Rank};
use super::rewrite::is_new;
use crate::model::{ItemKey, Kind, Plan, PlanItem, Reference, Step};

/// Objects of a step: several requests of a hundred, which are under way at once.
const OBJECTS: usize = 800;
/// Files of a step.
const FILES: usize = 50;
/// Small records of a step.
const RECORDS: usize = 400;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Records,
    Media,
    Definitions,
    Objects,
    /// Objects that refer to each other in a ring.
    Ring,
    /// Demands of types that a ring needed gone come back, whatever became of the ring.
    Restore,
}

impl Deed {
    pub fn of(name: &str) -> Option<Deed> {
        match name.split(' ').next()? {
            "tags" | "plugin-settings" | "webhooks" => Some(Deed::Records),
            "media" => Some(Deed::Media),
            "definitions" => Some(Deed::Definitions),
            "objects" => Some(Deed::Objects),
            "ring" => Some(Deed::Ring),
            "restore" => Some(Deed::Restore),
            _ => None,
        }
    }
}

/// The steps of a plan. Without the content, what refers to what is not known: good for counting only.
pub(super) fn steps(plan: &Plan, cargo: Option<&Cargo>) -> Vec<Step> {
    let of = |kind: Kind| plan.written().filter(move |item| item.key.kind == kind);
    let keys = |kind: Kind| of(kind).map(|item| item.key.clone()).collect::<Vec<_>>();
    let mut steps = Vec::new();
    add(&mut steps, "tags", keys(Kind::Tag), RECORDS);
    add(&mut steps, "media", keys(Kind::Media), FILES);
    add(&mut steps, "definitions", keys(Kind::Definition), usize::MAX);
    let (new, old): (Vec<&PlanItem>, Vec<&PlanItem>) = of(Kind::Object).partition(|item| is_new(item));
    for (level, (plain, ring)) in levels(&new, cargo) {
        add(&mut steps, &format!("objects {level}"), plain, OBJECTS);
        add(&mut steps, &format!("ring {level}"), ring, usize::MAX);
    }
    if steps.iter().any(|step| Deed::of(&step.name) == Some(Deed::Ring)) {
        steps.push(Step { name: "restore".to_owned(), items: Vec::new() });
    }
    add(&mut steps, "objects", old.iter().map(|item| item.key.clone()).collect(), OBJECTS);
    add(&mut steps, "plugin-settings", keys(Kind::PluginSetting), RECORDS);
    // Last, so that none that is new hears of the run that made it.
    add(&mut steps, "webhooks", keys(Kind::Webhook), RECORDS);
    steps
}

fn add(steps: &mut Vec<Step>, name: &str, items: Vec<ItemKey>, most: usize) {
    let several = items.len() > most;
    for (number, chunk) in items.chunks(most.min(items.len().max(1))).enumerate() {
        let name = if several { format!("{name} part {}", number + 1) } else { name.to_owned() };
        steps.push(Step { name, items: chunk.to_vec() });
    }
}

type Level = (Vec<ItemKey>, Vec<ItemKey>);

/// New objects by their depth, those of rings apart. What is at the destination already needs no place.
fn levels(new: &[&PlanItem], cargo: Option<&Cargo>) -> BTreeMap<u32, Level> {
    let places: HashMap<&ItemKey, usize> = new.iter().enumerate().map(|(place, item)| (&item.key, place)).collect();
    let needs: Vec<Vec<usize>> = new.iter().map(|item| needs_of(&item.key, cargo, &places)).collect();
    let mut levels: BTreeMap<u32, Level> = BTreeMap::new();
    for (item, Rank { level, ring }) in new.iter().zip(graph::ranks(&needs)) {
        let (plain, rings) = levels.entry(level).or_default();
        if ring { rings } else { plain }.push(item.key.clone());
    }
    levels
}

fn needs_of(key: &ItemKey, cargo: Option<&Cargo>, places: &HashMap<&ItemKey, usize>) -> Vec<usize> {
    let item = cargo.and_then(|cargo| cargo.inventory.find(key));
    let references = item.into_iter().flat_map(|item| item.references());
    references
        .filter_map(|reference| match reference {
            Reference::Id(target) => places.get(&target).copied(),
            Reference::Name(..) => None,
        })
        .collect()
}
