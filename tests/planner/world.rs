//! A location in memory: items that can be listed, planned over and written to.

use std::collections::{BTreeMap, BTreeSet};

use haul::model::{
    Decision, DependencyMode, DependencyRule, Digest, Digests, Duplicable, Facts, Features, Finding, Inventory,
    ItemIndex, ItemKey, Kind, KindRules, LeftAlone, LocationInfo, MatchMethod, NewItem, Part, Plan, PlanItem,
    PlanOptions, Platform, Policy, Reference, ReferencedBy, Result, Rules, SchemaComparison, Selection,
};
use haul::planner::{self, PlanRequest};

/// What one item is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thing {
    pub name: String,
    pub tags: Vec<String>,
    pub text: String,
    pub references: Vec<Reference>,
    pub needs: Vec<String>,
    pub facts: Facts,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub things: BTreeMap<ItemKey, Thing>,
    pub findings: Vec<Finding>,
    pub provides: Option<BTreeSet<String>>,
    pub tenant: Option<String>,
}

pub fn thing(name: &str, text: &str) -> Thing {
    Thing { name: name.to_owned(), text: text.to_owned(), ..Thing::default() }
}

impl Thing {
    pub fn by_id(mut self, key: &ItemKey) -> Self {
        self.references.push(Reference::Id(key.clone()));
        self
    }

    pub fn by_name(mut self, kind: Kind, name: &str) -> Self {
        self.references.push(Reference::Name(kind, name.into()));
        self
    }

    pub fn tagged(mut self, tags: &[&str]) -> Self {
        self.tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        self
    }

    fn digests(&self) -> Digests {
        let semantic = format!("{:?}", (&self.name, &self.text, self.references.len()));
        let exact = format!("{self:?}");
        Digests { semantic: Digest::of(semantic.as_bytes()), exact: Digest::of(exact.as_bytes()) }
    }
}

impl World {
    pub fn of(things: impl IntoIterator<Item = (ItemKey, Thing)>) -> Self {
        World { things: things.into_iter().collect(), ..World::default() }
    }

    pub fn inventory(&self) -> Inventory {
        self.inventory_from(0)
    }

    /// The same items, entered in another order.
    pub fn inventory_from(&self, turn: usize) -> Inventory {
        let mut order: Vec<_> = self.things.iter().collect();
        if !order.is_empty() {
            let middle = turn % order.len();
            order.rotate_left(middle);
            if turn % 2 == 1 {
                order.reverse();
            }
        }
        let mut inventory = Inventory::new();
        for (key, thing) in &order {
            let tags: Vec<&str> = thing.tags.iter().map(String::as_str).collect();
            let new = NewItem {
                key: (*key).clone(),
                name: &thing.name,
                tags: &tags,
                size: thing.text.len() as u64,
                facts: thing.facts,
            };
            inventory.add(&new).expect("keys are unique");
        }
        for (key, thing) in &order {
            let item = inventory.find(key).expect("just added").index();
            let needs: Vec<&str> = thing.needs.iter().map(String::as_str).collect();
            inventory.examine(item, thing.digests(), &thing.references, &needs);
        }
        inventory.findings.clone_from(&self.findings);
        inventory.provides.clone_from(&self.provides);
        inventory.tenant.clone_from(&self.tenant);
        inventory
    }

    /// Carries a plan out, as a run would. Gives the keys that were written.
    pub fn apply(&mut self, plan: &Plan, source: &World) -> Vec<ItemKey> {
        let destinations = plan.destinations();
        let mut written = Vec::new();
        for item in plan.written() {
            let mut thing = source.things[&item.key].clone();
            for reference in &mut thing.references {
                if let Reference::Id(key) = reference
                    && let Some(id) = destinations.get(key)
                {
                    *key = key.with_id(*id);
                }
            }
            if let Some(name) = &item.new_name {
                thing.name = name.to_string();
            }
            let key = item.key.with_id(item.destination_id().expect("what is written has a place"));
            match item.decision {
                Decision::Overwrite => assert!(self.things.contains_key(&key), "{key} is overwritten and not there"),
                _ => assert!(!self.things.contains_key(&key), "{key} is there before it is made"),
            }
            self.things.insert(key.clone(), thing);
            written.push(key);
        }
        written
    }
}

fn kind(kind: Kind) -> KindRules {
    KindRules {
        kind,
        matching: &[MatchMethod::Uuid, MatchMethod::Name],
        duplicable: Duplicable::Yes,
        as_dependency: DependencyRule::ByOption,
        part_of_everything: true,
        parts: &[],
        always_exported: false,
        heavy: false,
        referenced_by: ReferencedBy::Id,
        created_without_value: false,
        cannot_undo_overwrite: None,
        left_alone: LeftAlone::Nothing,
    }
}

pub const NO_COPY: &str = "a secret is referred to by its name";

/// A platform whose items have no types.
pub fn rules() -> Rules {
    let connection = KindRules {
        as_dependency: DependencyRule::PolicyUnlessGiven,
        part_of_everything: false,
        cannot_undo_overwrite: Some("its OAuth token is lost"),
        left_alone: LeftAlone::Nothing,
        ..kind(Kind::Connection)
    };
    let secret = KindRules {
        duplicable: Duplicable::No(NO_COPY),
        as_dependency: DependencyRule::CreateOrKeep,
        part_of_everything: false,
        referenced_by: ReferencedBy::Name,
        created_without_value: true,
        ..kind(Kind::Secret)
    };
    let features = Features { tags: true, types_are_kinds: true, ..Features::default() };
    Rules { platform: Platform::Ziggy, kinds: vec![secret, connection, kind(Kind::Flow)], features }
}

/// A platform whose items have types, and locations parts.
pub fn typed_rules() -> Rules {
    let by_id: &[MatchMethod] = &[MatchMethod::Uuid];
    let features = Features { only_exclude: true, only_definitions: true, ..Features::default() };
    let kinds = vec![
        KindRules { matching: by_id, always_exported: true, ..kind(Kind::Schema) },
        KindRules { matching: by_id, parts: &[Part::Content], ..kind(Kind::Entry) },
        KindRules { matching: by_id, parts: &[Part::Content, Part::Files], ..kind(Kind::Asset) },
        KindRules { matching: by_id, parts: &[Part::Config], ..kind(Kind::Configuration) },
    ];
    Rules { platform: Platform::Strapi, kinds, features }
}

pub fn flow(id: &str) -> ItemKey {
    ItemKey::new(Kind::Flow, id)
}

pub fn connection(id: &str) -> ItemKey {
    ItemKey::new(Kind::Connection, id)
}

pub fn secret(id: &str) -> ItemKey {
    ItemKey::new(Kind::Secret, id)
}

pub fn options(policy: Policy) -> PlanOptions {
    PlanOptions::of(policy)
}

pub fn with_dependencies(policy: Policy, mode: Option<DependencyMode>) -> PlanOptions {
    PlanOptions { dependencies: mode, ..options(policy) }
}

pub fn info(name: &str) -> LocationInfo {
    LocationInfo::new(Platform::Ziggy, name)
}

pub fn plan_of(
    source: &Inventory,
    destination: &Inventory,
    picked: &[ItemIndex],
    options: PlanOptions,
) -> Result<Plan> {
    plan_with(source, destination, picked, options, &SchemaComparison::default())
}

/// Between locations whose schemas differ.
pub fn plan_with(
    source: &Inventory,
    destination: &Inventory,
    picked: &[ItemIndex],
    options: PlanOptions,
    schemas: &SchemaComparison,
) -> Result<Plan> {
    planner::plan(PlanRequest {
        source,
        source_info: info("dev"),
        destination,
        destination_info: info("prod"),
        rules: &rules(),
        picked,
        options,
        schemas,
    })
}

/// The plan for picked keys; none picks everything.
pub fn plan(source: &World, destination: &World, picked: &[&ItemKey], options: PlanOptions) -> Result<Plan> {
    let (source, destination) = (source.inventory(), destination.inventory());
    let picked: Vec<ItemIndex> = match picked {
        [] => planner::resolve(&Selection::everything(), &source, &rules()).expect("everything is something"),
        keys => keys.iter().map(|key| source.find(key).expect("picked keys are there").index()).collect(),
    };
    plan_of(&source, &destination, &picked, options)
}

pub fn item<'a>(plan: &'a Plan, key: &ItemKey) -> &'a PlanItem {
    plan.item(key).expect("the item is in the plan")
}

/// The codes of findings on an item.
pub fn codes<'a>(plan: &'a Plan, key: &ItemKey) -> Vec<&'a str> {
    plan.findings
        .iter()
        .filter(|finding| finding.item.as_ref() == Some(key))
        .map(|finding| finding.code.as_str())
        .collect()
}
