//! Listing an archive of 1 GiB, half of it media: what `haul list` does before it prints.
//!
//! `docs/performance.md` has the figures. `HAUL_BENCH_MIB` makes the archives smaller for a quick look.

#[path = "support/archive.rs"]
mod archive;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use haul::codec::{ArchiveKey, Packing};
use haul::model::Source;
use haul::platforms::KeySource;
use haul::platforms::strapi::ArchiveSource;

const KEY: &str = "bench";

fn made(name: &str, bytes: u64, gzip: bool, sealed: bool) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", bytes >> 20));
    if !path.exists() {
        let packing = Packing { gzip, key: sealed.then(|| ArchiveKey::derive(&KEY.into())) };
        archive::generate(&path, bytes, &packing).expect("the target folder is writable");
    }
    path
}

fn listing(criterion: &mut Criterion) {
    let mib = std::env::var("HAUL_BENCH_MIB").ok().and_then(|mib| mib.parse().ok()).unwrap_or(1024_u64);
    let bytes = mib << 20;
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut group = criterion.benchmark_group("list an archive");
    group.sample_size(10).measurement_time(Duration::from_secs(20)).throughput(Throughput::Bytes(bytes));
    for (name, gzip, sealed) in [("tar", false, false), ("tar.gz", true, false), ("tar.enc", false, true)] {
        let path = made(name, bytes, gzip, sealed);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let source = ArchiveSource::open(&path, &KeySource::Given(KEY.into()), Arc::new(()));
                runtime.block_on(source.expect("it opens").list()).expect("it reads").len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, listing);
criterion_main!(benches);
