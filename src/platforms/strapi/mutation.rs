//! Tens of thousands of changed archives: the reader may call them damaged, and must not panic, hang or grow.
//! Part of the 200,000 that the readers of this program are shown together.

use std::io::Write;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::listing::{Extent, list};
use super::members::Bundle;
use crate::codec::{Packing, Sealing, TarWriter};

const SCHEMAS: &str = concat!(
    r#"{"uid":"api::a.a","info":{"displayName":"A"},"pluginOptions":{"i18n":{"localized":true}},"attributes":{"#,
    r#""title":{"type":"string"},"seo":{"type":"component","component":"shared.seo"},"zone":{"type":"dynamiczone"}}}"#,
    "\n",
    r#"{"uid":"shared.seo","attributes":{"image":{"type":"media"},"again":{"type":"component","component":"shared.seo"}}}"#
);
const ENTITIES: &str = concat!(
    r#"{"type":"api::a.a","id":1,"data":{"documentId":"d1","title":"T\u00e9","updatedAt":"2026-11-21T02:03:13.668Z","#,
    r#""publishedAt":null,"locale":"en","seo":{"id":1,"again":{"id":2}},"zone":[{"id":3,"__component":"shared.seo"}]}}"#,
    "\n",
    r#"{"type":"api::a.a","id":2,"data":{"title":"no document","locale":"de"}}"#,
    "\n",
    r#"{"type":"plugin::upload.file","id":7,"data":{"documentId":"f","provider":"local","formats":{"small":{}}}}"#
);
const SIDECAR: &str = r#"{"id":7,"name":"n","hash":"h_1","ext":".png","mime":"m","size":0.01,"url":"/u"}"#;
const LINKS: &str = concat!(
    r#"{"kind":"relation.morph","left":{"type":"plugin::upload.file","field":"related","ref":7},"#,
    r#""right":{"type":"shared.seo","field":"image","ref":3,"pos":1}}"#,
    "\n",
    r#"{"kind":"relation.circular","left":{"type":"api::a.a","field":"localizations","ref":1},"#,
    r#""right":{"type":"api::a.a","ref":2}}"#
);
const SETTINGS: &str = concat!(
    r#"{"type":"core-store","value":{"id":1,"key":"plugin_content_manager_configuration_content_types::api::a.a","#,
    r#""value":"{\"settings\":{\"mainField\":\"locale\"}}"}}"#
);

/// A small archive with everything in it that a real one has.
fn members() -> Vec<(&'static str, &'static str)> {
    vec![
        ("schemas/schemas_00001.jsonl", SCHEMAS),
        ("entities/entities_00001.jsonl", ENTITIES),
        ("assets/metadata/h_1.png.json", SIDECAR),
        ("assets/uploads/h_1.png", "pixels"),
        ("links/links_00001.jsonl", LINKS),
        ("configuration/configuration_00001.jsonl", SETTINGS),
        ("metadata.json", r#"{"createdAt":"2026-11-21T02:06:27.858Z","strapi":{"version":"5.54.0"}}"#),
    ]
}

fn tar(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = TarWriter::new(Vec::new(), 0);
    for (name, content) in members {
        tar.member(name, content).expect("memory takes everything");
    }
    tar.finish().expect("memory takes everything")
}

fn gzip(tar: &[u8]) -> Vec<u8> {
    let mut sealing = Sealing::new(Vec::new(), &Packing { gzip: true, key: None });
    sealing.write_all(tar).expect("memory takes everything");
    sealing.finish().expect("memory takes everything")
}

fn read(bytes: &[u8]) {
    // Damage is expected; a panic fails the test, and a hang its time.
    let _ = list(&Bundle::Memory(bytes.into()), Extent::Whole);
}

/// One change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Flip { at: usize, bit: u8 },
    Set { at: usize, to: u8 },
    Cut { at: usize },
    Remove { at: usize, count: usize },
    Insert { at: usize, bytes: Vec<u8> },
    Repeat { at: usize, count: usize },
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>) {
        let len = bytes.len().max(1);
        let stretch = |at: usize, count: usize| at % len..(at % len + count % 64 + 1).min(len);
        match self {
            _ if bytes.is_empty() => {}
            Change::Flip { at, bit } => bytes[at % len] ^= 1 << (bit % 8),
            Change::Set { at, to } => bytes[at % len] = *to,
            Change::Cut { at } => bytes.truncate(at % len),
            Change::Remove { at, count } => drop(bytes.drain(stretch(*at, *count))),
            Change::Insert { at, bytes: new } => drop(bytes.splice(at % len..at % len, new.iter().copied())),
            Change::Repeat { at, count } => {
                let again = bytes[stretch(*at, *count)].to_vec();
                bytes.splice(at % len..at % len, again);
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let telling = prop::sample::select(&b"{}[]\",:\\0919-eE\n\r\xff\x00 "[..]);
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, bit)| Change::Flip { at, bit }),
        (any::<usize>(), telling).prop_map(|(at, to)| Change::Set { at, to }),
        any::<usize>().prop_map(|at| Change::Cut { at }),
        (any::<usize>(), any::<usize>()).prop_map(|(at, count)| Change::Remove { at, count }),
        (any::<usize>(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Change::Insert { at, bytes }),
        (any::<usize>(), any::<usize>()).prop_map(|(at, count)| Change::Repeat { at, count }),
    ]
}

fn each_of(cases: u32, what: impl Strategy<Value = (usize, Vec<Change>)>, test: impl Fn(usize, &[Change])) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&what, |(member, changes)| {
        test(member, &changes);
        Ok(())
    });
    outcome.expect("no changed archive may bring the reader down");
}

fn changes() -> impl Strategy<Value = (usize, Vec<Change>)> {
    (any::<usize>(), prop::collection::vec(change(), 1..4))
}

fn owned() -> Vec<(String, Vec<u8>)> {
    members().into_iter().map(|(name, content)| (name.to_owned(), content.into())).collect()
}

#[test]
fn forty_thousand_archives_with_changed_content_are_survived() {
    each_of(40_000, changes(), |member, changes| {
        let mut members = owned();
        let count = members.len();
        changes.iter().for_each(|change| change.make(&mut members[member % count].1));
        // Members in another order reach the passes that come before and after the usual one.
        members.rotate_left(member / count % count);
        read(&tar(&members));
    });
}

#[test]
fn twenty_thousand_changed_tars_are_survived() {
    let tar = tar(&owned());
    each_of(20_000, changes(), |_, changes| {
        let mut tar = tar.clone();
        changes.iter().for_each(|change| change.make(&mut tar));
        read(&tar);
    });
}

#[test]
fn twenty_thousand_changed_gzips_are_survived() {
    let gzip = gzip(&tar(&owned()));
    each_of(20_000, changes(), |_, changes| {
        let mut gzip = gzip.clone();
        changes.iter().for_each(|change| change.make(&mut gzip));
        read(&gzip);
    });
}

/// The same archive as v4 would have it, turned into one of v5.
#[test]
fn four_thousand_changed_archives_of_version_4_are_survived_by_the_conversion() {
    let folder = tempfile::tempdir().expect("a folder");
    for stage in ["schemas", "entities", "links", "configuration"] {
        std::fs::create_dir(folder.path().join(stage)).expect("room");
    }
    let older: Vec<(String, Vec<u8>)> = members()
        .into_iter()
        .map(|(name, text)| {
            (name.to_owned(), text.replace(r#""documentId":"d1","#, "").replace("5.54.0", "4.26.2").into())
        })
        .collect();
    let converted = |members: &[(String, Vec<u8>)]| {
        super::convert::convert(&Bundle::Memory(tar(members).into()), folder.path(), "5.54.0")
    };
    assert!(converted(&older).expect("it is sound").is_some());
    each_of(4_000, changes(), |member, changes| {
        let mut members = older.clone();
        let count = members.len();
        changes.iter().for_each(|change| change.make(&mut members[member % count].1));
        members.rotate_left(member / count % count);
        // Damage is expected; a panic fails the test.
        let _ = converted(&members);
    });
}

#[test]
fn the_unchanged_archive_is_sound() {
    for bytes in [tar(&owned()), gzip(&tar(&owned()))] {
        let listing = list(&Bundle::Memory(bytes.into()), Extent::Whole).expect("it is an archive");
        assert_eq!(listing.index.damage, None);
        assert_eq!((listing.tally.entries, listing.tally.binaries, listing.tally.links), (2, 1, 2));
    }
}
