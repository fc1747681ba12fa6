//! How long a plan takes, and filling an inventory. `cargo bench --bench plan`; figures in docs/performance.md.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use haul::model::{
    DependencyRule, Digest, Digests, Duplicable, Facts, Features, Following, Inventory, ItemIndex, ItemKey, Kind,
    KindRules, LeftAlone, LocationInfo, MatchMethod, NewItem, PlanOptions, Platform, Policy, Reference, ReferencedBy,
    Rules, SchemaComparison, Selection,
};
use haul::planner::{PlanRequest, closure, plan, resolve};

fn rules() -> Rules {
    let flow = KindRules {
        kind: Kind::Flow,
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
    };
    let features = Features { tags: true, types_are_kinds: true, ..Features::default() };
    Rules { platform: Platform::Ziggy, kinds: vec![flow], features }
}

fn id(n: usize) -> String {
    format!("{:08x}-0000-4000-8000-{n:012x}", n.wrapping_mul(0x9e37_79b9) as u32)
}

/// Names of 40 bytes, two of 1,000 tags, three references. `shift` moves the ids, so that some items match by id,
/// some by name alone, and some not at all; every third item differs in its content.
fn location(items: usize, shift: usize, version: usize) -> Inventory {
    let tags: Vec<String> = (0..1000).map(|n| format!("tag-{n}")).collect();
    let own_id = |n: usize| if n % 10 == 3 { id(n + shift * items) } else { id(n) };
    let mut inventory = Inventory::new();
    for n in 0..items {
        let name = if n % 10 == 7 { format!("{:>40}", n + shift * items) } else { format!("{n:>40}") };
        let key = ItemKey::new(Kind::Flow, own_id(n));
        let tags = [tags[n % 1000].as_str(), &tags[(n + 7) % 1000]];
        let new = NewItem { key, name: &name, tags: &tags, size: 2048, facts: Facts::default() };
        inventory.add(&new).expect("ids are unique");
    }
    for n in 0..items {
        let references = [1, 2, 3].map(|step| Reference::Id(ItemKey::new(Kind::Flow, own_id((n + step) % items))));
        let text = if n % 3 == 0 { n + version * items } else { n };
        let digest = Digest::of(&text.to_le_bytes());
        inventory.examine(n as ItemIndex, Digests { semantic: digest, exact: digest }, &references, &[]);
    }
    inventory.shrink();
    inventory
}

fn options(policy: Policy) -> PlanOptions {
    PlanOptions::of(policy)
}

fn planning(c: &mut Criterion) {
    let (source, destination, rules) = (location(100_000, 0, 0), location(100_000, 1, 1), rules());
    let mut group = c.benchmark_group("100,000 against 100,000 items");
    group.sample_size(10);
    for policy in [Policy::Skip, Policy::Overwrite, Policy::Duplicate] {
        group.bench_function(format!("plan, {policy}"), |bencher| {
            bencher.iter(|| {
                let picked = resolve(&Selection::everything(), &source, &rules).expect("everything");
                let request = PlanRequest {
                    source: &source,
                    source_info: LocationInfo::new(Platform::Ziggy, "dev"),
                    destination: &destination,
                    destination_info: LocationInfo::new(Platform::Ziggy, "prod"),
                    rules: &rules,
                    picked: &picked,
                    options: options(policy),
                    schemas: &SchemaComparison::default(),
                };
                plan(black_box(request)).expect("a plan")
            });
        });
    }
    group.bench_function("closure", |bencher| {
        bencher.iter(|| closure(&source, &[0], &rules, Following::unbounded(None)))
    });
    group.finish();
}

fn inventory(c: &mut Criterion) {
    let mut group = c.benchmark_group("inventory");
    group.sample_size(10);
    group.bench_function("1,000,000 items", |bencher| bencher.iter(|| location(black_box(1_000_000), 0, 0)));
    group.finish();
}

criterion_group!(benches, planning, inventory);
criterion_main!(benches);
