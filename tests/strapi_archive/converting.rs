//! Archives of v4 in the form that a destination of v5 needs.

use std::fs;
use std::sync::Arc;

use crate::archives::{Members, codes, list, open, plain, rewrite, sample};
use haul::model::{Kind, LocationInfo, Platform, Severity, Source, code};
use tempfile::tempdir;

fn destination(version: Option<&str>) -> LocationInfo {
    LocationInfo { version: version.map(str::to_owned), ..LocationInfo::new(Platform::Strapi, "there") }
}

async fn suited(source: &dyn Source, version: &str) -> Option<Arc<dyn Source>> {
    source.suited(&destination(Some(version))).await.expect("it reads")
}

#[tokio::test]
async fn an_archive_of_version_4_takes_on_the_form_of_version_5() {
    let spools = tempdir().expect("a folder");
    let before = list(&sample("v4.26.2.tar.gz.enc")).await.expect("the sample reads");
    let source = open(&sample("v4.26.2.tar.gz.enc")).expect("it opens").converting_in(spools.path());
    let converted = suited(&source, "5.54.0").await.expect("another form");
    let inventory = converted.list().await.expect("it reads");
    assert!(codes(&inventory, Severity::Info).contains(&code::CONVERTED));
    assert_eq!(codes(&inventory, Severity::Blocking), [""; 0]);
    let count = |of: &haul::model::Inventory, kind: Kind| of.items().filter(|item| item.kind() == kind).count();
    for kind in [Kind::Entry, Kind::Asset] {
        assert_eq!(count(&inventory, kind), count(&before, kind), "{kind:?}");
    }
    for item in before.items().filter(|item| matches!(item.kind(), Kind::Entry | Kind::Asset)) {
        let renamed = converted.renamed(&item.key().to_string()).expect("every document has a new id");
        let now = inventory.items().find(|now| now.key().to_string() == renamed).expect("it is listed");
        assert_eq!(now.references().len(), item.references().len(), "{renamed}");
        if item.name() != item.id() {
            assert_eq!(now.name(), item.name());
        }
    }
    assert_eq!(converted.info().version.as_deref(), Some("4.26.2"));
    drop((source, converted));
    assert_eq!(fs::read_dir(spools.path()).expect("it is there").count(), 0, "nothing stays on disk");
}

#[tokio::test]
async fn what_is_exported_of_it_is_a_sound_archive_of_version_5_with_its_files() {
    let folder = tempdir().expect("a folder");
    let source = open(&sample("v4.26.2.tar.gz")).expect("it opens").converting_in(folder.path());
    let converted = suited(&source, "5.54.0").await.expect("another form");
    let to = folder.path().join("out.tar");
    rewrite(&*converted, &to, &plain(), |_| true).await.expect("it is written");
    let again = open(&to).expect("it opens");
    assert!(suited(&again, "5.54.0").await.is_none(), "it is of version 5 now");
    let check = again.check().await.expect("it reads").expect("an archive can be checked");
    assert!(check.findings.iter().all(|finding| finding.severity == Severity::Info), "{:?}", check.findings);
    assert_eq!(again.tally().map(|tally| tally.binaries), Some(4));
    assert_eq!(again.info().version.as_deref(), Some("5.54.0"));
}

#[tokio::test]
async fn where_the_versions_fit_nothing_is_converted() {
    let old = open(&sample("v4.26.2.tar.gz")).expect("it opens");
    assert!(old.suited(&destination(None)).await.expect("it reads").is_none());
    let new = open(&sample("v5.54.0.tar.gz")).expect("it opens");
    assert!(suited(&new, "5.60.1").await.is_none());
}

#[tokio::test]
async fn an_archive_that_changed_since_it_was_converted_is_not_listed() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("old.tar.gz");
    fs::copy(sample("v4.26.2.tar.gz"), &path).expect("room");
    let source = open(&path).expect("it opens").converting_in(folder.path());
    let converted = suited(&source, "5.54.0").await.expect("another form");
    fs::rename(Members::blog().write(folder.path()), &path).expect("room");
    let error = converted.list().await.expect_err("it is another archive");
    assert!(error.message().ends_with("changed while it was read"), "{}", error.message());
}

#[tokio::test]
async fn rows_of_v4_get_names_for_a_destination_of_v4() {
    let folder = tempdir().expect("a folder");
    let old = open(&sample("v4.26.2.tar.gz")).expect("it opens").converting_in(folder.path());
    assert!(suited(&old, "4.26.2").await.is_some());
}
