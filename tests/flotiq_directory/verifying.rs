//! `haul verify` of a directory, with a manifest and without.

use std::fs;
use std::path::Path;

use haul::model::{Check, Internals, Manifest, Severity, Source};

use crate::directories::{copy_of_sample, export, files_of, format, open, put, sample};

async fn check(path: &Path) -> Check {
    open(path).check().await.expect("an answer").expect("a bundle")
}

fn damage(check: &Check) -> Vec<&str> {
    let blocking = check.findings.iter().filter(|finding| finding.severity == Severity::Blocking);
    blocking.map(|finding| finding.message.as_str()).collect()
}

#[tokio::test]
async fn a_sound_export_is_read_to_its_last_byte() {
    let checked = check(&sample()).await;
    assert_eq!(checked.findings, []);
    let bytes: usize = files_of(&sample()).values().map(Vec::len).sum();
    assert_eq!((checked.items, checked.bytes), (17, bytes as u64));
}

#[tokio::test]
async fn what_an_export_does_not_hold_is_named() {
    let folder = copy_of_sample();
    fs::remove_file(folder.path().join("ContentTypeAuthor/contentObjectAuthor.json")).expect("removed");
    let checked = check(folder.path()).await;
    let dangling = checked.findings.iter().filter(|finding| finding.code == "dangling-reference").count();
    assert_eq!((dangling, damage(&checked).len()), (5, 0), "five posts have the author");
}

#[tokio::test]
async fn a_manifest_finds_every_change() {
    let output = tempfile::tempdir().expect("a folder");
    let to = output.path().join("out");
    export(&sample(), &to, &format(Internals::Keep, Manifest::Beside)).await.expect("written");
    let mut written = files_of(&to);
    let manifest = written.remove("haul-manifest.json").expect("a manifest");
    assert_eq!(written, files_of(&sample()), "beside the layout, which stays as it is");
    assert_eq!(damage(&check(&to).await), Vec::<&str>::new());

    for name in written.keys() {
        let mut bytes = written[name].clone();
        // A digit or a letter for another one: JSON stays JSON.
        let at = bytes.iter().rposition(|byte| byte.is_ascii_alphanumeric()).expect("a letter");
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        put(&to, name, &bytes);
        let checked = check(&to).await;
        assert!(
            damage(&checked).iter().any(|message| message.contains(name.as_str())),
            "{name}: {:?}",
            checked.findings
        );
        put(&to, name, &written[name]);
    }
    let lost = "ContentTypePlain/contentObjectPlain.json";
    fs::remove_file(to.join(lost)).expect("removed");
    assert!(damage(&check(&to).await)[0].contains(&format!("{lost} is missing")));
    put(&to, lost, &written[lost]);
    put(&to, "ContentTypePlain/contentObjectMore.json", b"{\"id\":\"plain-2\",\"name\":\"q\"}");
    assert!(damage(&check(&to).await)[0].contains("does not list"));
    fs::remove_file(to.join("ContentTypePlain/contentObjectMore.json")).expect("removed");
    put(&to, "haul-manifest.json", &manifest[..manifest.len() / 2]);
    assert!(damage(&check(&to).await)[0].contains("haul-manifest.json, line"));
    put(&to, "haul-manifest.json", b"{\"schema\":9,\"format\":\"haul-manifest\",\"files\":[]}");
    assert!(damage(&check(&to).await)[0].contains("another version"));
}

#[tokio::test]
async fn two_manifests_of_one_space_are_equal() {
    let output = tempfile::tempdir().expect("a folder");
    let (one, two) = (output.path().join("one"), output.path().join("two"));
    for to in [&one, &two] {
        export(&sample(), to, &format(Internals::Keep, Manifest::Beside)).await.expect("written");
    }
    assert_eq!(files_of(&one), files_of(&two));
}
