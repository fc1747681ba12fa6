//! The content pane over a million items: a frame, a filter, and a key while a filter runs.
//! `cargo bench --bench workbench`; figures in docs/performance.md.
#![expect(clippy::print_stdout, reason = "criterion has no room for a share of late frames")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use haul::model::{
    DependencyRule, Duplicable, Facts, Features, Inventory, ItemKey, Kind, KindRules, LeftAlone, MatchMethod, NewItem,
    Platform, ReferencedBy, Rules,
};
use haul::workbench::bench::{Bench, Filter};

const ITEMS: usize = 1_000_000;
const SIZES: [(u16, u16); 2] = [(80, 24), (240, 67)];
/// Between two keys, as somebody types them.
const PAUSE: Duration = Duration::from_millis(20);

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

/// Names of about 40 bytes, one in eight not ASCII, and two of 1,000 tags.
fn inventory() -> Inventory {
    const WORDS: [&str; 8] = ["Invoice", "Überweisung", "customer", "Reminder", "order", "nightly", "Sync", "import"];
    let tags: Vec<String> = (0..1000).map(|n| format!("tag-{n}")).collect();
    let mut inventory = Inventory::new();
    for n in 0..ITEMS {
        let mixed = n.wrapping_mul(0x9e37_79b9);
        let word = |at: usize| WORDS[(mixed >> (at * 3 + 8)) % 8];
        let name = format!("{} {} {} {:x} number {n}", word(0), word(1), word(2), mixed as u32);
        let key = ItemKey::new(Kind::Flow, format!("{:08x}-0000-4000-8000-{n:012x}", mixed as u32));
        let facts = Facts { updated: Some((mixed as u32).into()), ..Facts::default() };
        let tags = [tags[n % 1000].as_str(), &tags[(n + 7) % 1000]];
        inventory.add(&NewItem { key, name: &name, tags: &tags, size: 2048, facts }).expect("ids are unique");
    }
    inventory.shrink();
    inventory
}

fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("1,000,000 rows");
    for size in SIZES {
        let mut bench = Bench::new(inventory(), rules(), size);
        bench.key("G");
        group.bench_function(format!("frame at {}x{}", size.0, size.1), |bencher| bencher.iter(|| bench.frame()));
        group.bench_function(format!("key to frame at {}x{}", size.0, size.1), |bencher| {
            bencher.iter(|| {
                bench.key("pageup");
                bench.key("pagedown")
            });
        });
    }
    let mut bench = Bench::new(inventory(), rules(), SIZES[0]);
    group.bench_function("pick one", |bencher| bencher.iter(|| bench.key("space")));
    group.sample_size(20);
    group.bench_function("pick all, unpick all", |bencher| {
        bencher.iter(|| {
            bench.key("a");
            assert_eq!(bench.picked(), ITEMS);
            bench.key("A")
        });
    });
    group.finish();
}

fn filters(c: &mut Criterion) {
    let bench = Bench::new(inventory(), rules(), SIZES[0]);
    let filter = bench.filter();
    let mut group = c.benchmark_group("filter of 1,000,000 names");
    group.sample_size(20);
    for text in ["e", "invoice sync", "zzz", "!invoice number 77", "tag:tag-77", "^nightly 5$", "~invsync", "überw"] {
        group.bench_function(text, |bencher| bencher.iter(|| filter.run(black_box(text))));
    }
    group.finish();
}

/// Filters without end, on as many threads as the pane would use.
fn busy(filter: Filter, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        black_box(filter.run("~invsync"));
    }
}

fn keys(c: &mut Criterion) {
    let mut bench = Bench::new(inventory(), rules(), SIZES[0]);
    let stop = Arc::new(AtomicBool::new(false));
    let filtering = std::thread::spawn({
        let (filter, stop) = (bench.filter(), stop.clone());
        move || busy(filter, stop)
    });
    let mut all = Vec::new();
    let mut group = c.benchmark_group("while a filter runs");
    group.sample_size(20);
    group.bench_function("key to frame", |bencher| {
        bencher.iter_custom(|times| {
            let measured: Vec<_> = (0..times).map(|_| pressed(&mut bench)).collect();
            all.extend_from_slice(&measured);
            measured.iter().sum()
        });
    });
    group.finish();
    stop.store(true, Ordering::Relaxed);
    let _ = filtering.join();
    all.sort_unstable();
    let at = |part: usize| all.get(all.len() * part / 1001).copied().unwrap_or_default();
    println!("key to frame: {} keys, half {:?}, 99 % {:?}, most {:?}", all.len(), at(500), at(990), at(1000));
}

/// From the moment that a key comes, the wake-up included, to its frame.
fn pressed(bench: &mut Bench) -> Duration {
    let comes = Instant::now() + PAUSE;
    std::thread::sleep(PAUSE);
    black_box(bench.key("pagedown"));
    comes.elapsed()
}

criterion_group!(benches, frames, filters, keys);
criterion_main!(benches);
