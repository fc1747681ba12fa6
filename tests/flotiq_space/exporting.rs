//! What is exported of a space is the space.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use haul::model::{Kind, Severity, Source};
use haul::platforms::flotiq::DirectorySource;

use crate::spaces::{Spaces, examined, export_all};

fn files_of(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for folder in std::fs::read_dir(root).expect("a folder") {
        let folder = folder.expect("readable").path();
        let inside = if folder.is_dir() { std::fs::read_dir(&folder).expect("a folder").collect() } else { Vec::new() };
        for entry in inside {
            let path = entry.expect("readable").path();
            found.insert(
                path.strip_prefix(root).expect("below").display().to_string(),
                std::fs::read(&path).expect("a file"),
            );
        }
    }
    found
}

#[tokio::test]
async fn an_export_holds_what_the_space_holds() {
    let spaces = Spaces::new(&[], &[]).await;
    let remote = spaces.connect().await;
    let to = spaces.folder.path().join("out");
    let exported = export_all(&remote, &to).await.expect("written");
    let there = examined(&remote).await;
    let directory = DirectorySource::open(&to, Arc::new(())).expect("an export");
    let here = examined(&directory).await;
    assert_eq!(here.len(), there.len());
    for item in there.items() {
        let same = here.find(&item.key()).unwrap_or_else(|| panic!("{} is missing", item.key()));
        assert_eq!(item.digests().map(|d| d.semantic), same.digests().map(|d| d.semantic), "{}", item.key());
        assert_eq!((item.name(), item.tags().collect::<Vec<_>>()), (same.name(), same.tags().collect::<Vec<_>>()));
    }
    let check = directory.check().await.expect("an answer").expect("a bundle");
    assert!(check.findings.iter().all(|finding| finding.severity != Severity::Blocking), "{:?}", check.findings);
    assert!(exported.findings.iter().all(|finding| finding.severity != Severity::Blocking));
    assert!(there.items().any(|item| item.kind() == Kind::Media));
}

#[tokio::test]
async fn two_exports_of_a_space_are_equal() {
    let spaces = Spaces::new(&[], &[]).await;
    let (one, two) = (spaces.folder.path().join("one"), spaces.folder.path().join("two"));
    export_all(&spaces.connect().await, &one).await.expect("written");
    export_all(&spaces.connect().await, &two).await.expect("written");
    assert_eq!(files_of(&one), files_of(&two));
}

#[tokio::test]
async fn records_are_read_whole() {
    let spaces = Spaces::new(&[], &[]).await;
    let remote = spaces.connect().await;
    let inventory = remote.list().await.expect("a listing");
    let key = inventory.items().find(|item| item.type_() == Some("blog_post")).expect("a post").key();
    let record = remote.read(std::slice::from_ref(&key)).await.expect("a record");
    let ours: serde_json::Value = serde_json::from_str(record[0].json.get()).expect("JSON");
    assert_eq!(ours, spaces.ask(&format!("/api/v1/content/blog_post/{}", key.id)).await);
}

#[tokio::test]
async fn nothing_of_a_pull_is_left_behind() {
    let spaces = Spaces::new(&[], &[]).await;
    let remote = spaces.connect().await;
    remote.list().await.expect("a listing");
    let spool = spaces.folder.path().join("spool");
    assert_eq!(std::fs::read_dir(&spool).expect("a folder").count(), 1);
    drop(remote);
    assert_eq!(std::fs::read_dir(&spool).expect("a folder").count(), 0);
}
