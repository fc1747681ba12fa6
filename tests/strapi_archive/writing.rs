//! Archives that Haul writes: what is in them, in which form, and that nothing is left of those that fail.

use std::path::Path;

use crate::archives::{KEY, Members, codes, link, list, meaning, members_of, open, plain, rewrite, row, sample};
use haul::model::{ErrorKind, Existing, ExportFormat, Files, Kind, Seal, Severity, Squeeze, code};
use rstest::rstest;
use tempfile::tempdir;

fn packed(gzip: bool, key: Option<&str>) -> ExportFormat {
    ExportFormat {
        seal: key.map_or(Seal::None, |key| Seal::Key(key.into())),
        squeeze: if gzip { Squeeze::Gzip } else { Squeeze::None },
        ..plain()
    }
}

#[rstest]
#[case("v5.54.0.tar.gz", false, None)]
#[case("v5.54.0.tar.gz.enc", true, Some(KEY))]
#[case("v5.54.0-only-content.tar", true, None)]
#[case("v4.26.2.tar.gz.enc", false, Some(KEY))]
#[tokio::test]
async fn a_whole_rewrite_means_the_same(#[case] name: &str, #[case] gzip: bool, #[case] key: Option<&str>) {
    let folder = tempdir().expect("a folder");
    let source = open(&sample(name)).expect("the sample opens");
    let exported =
        rewrite(&source, &folder.path().join("out"), &packed(gzip, key), |_| true).await.expect("it is written");
    let path = exported.path.expect("it went to a file");
    assert_eq!(path.metadata().map(|about| about.len()).ok(), Some(exported.bytes));
    let written = open(&path).expect("it opens");
    let inventory = haul::model::Source::list(&written).await.expect("it reads");
    assert_eq!(meaning(&inventory), meaning(&list(&sample(name)).await.expect("the sample reads")));
    let (before, after) = (source.tally().expect("listed"), written.tally().expect("listed"));
    assert_eq!(after, haul::platforms::strapi::Tally { bytes: after.bytes, ..before });
    assert_eq!(codes(&inventory, Severity::Blocking), Vec::<&str>::new());
}

#[tokio::test]
async fn a_rewrite_of_a_rewrite_is_the_same_file() {
    let folder = tempdir().expect("a folder");
    let format = packed(true, Some(KEY));
    let source = open(&sample("v5.54.0.tar.gz")).expect("the sample opens");
    let first = rewrite(&source, &folder.path().join("a"), &format, |_| true).await.expect("it is written");
    let source = open(&first.path.clone().expect("a file")).expect("it opens");
    let second = rewrite(&source, &folder.path().join("b"), &format, |_| true).await.expect("it is written");
    let [first, second] =
        [first, second].map(|exported| std::fs::read(exported.path.expect("a file")).expect("readable"));
    assert!(first == second, "{} and {} bytes", first.len(), second.len());
}

#[tokio::test]
async fn members_stand_in_the_order_and_form_of_strapis_own() {
    let folder = tempdir().expect("a folder");
    let reversed = Members(Members::blog().0.into_iter().rev().collect());
    let source = open(&reversed.write(folder.path())).expect("it opens");
    rewrite(&source, &folder.path().join("out"), &plain(), |_| true).await.expect("it is written");
    let members = members_of(&folder.path().join("out.tar"));
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "schemas/schemas_00001.jsonl",
        "entities/entities_00001.jsonl",
        "assets/uploads/groesse_ab12.png",
        "assets/metadata/groesse_ab12.png.json",
        "links/links_00001.jsonl",
        "configuration/configuration_00001.jsonl",
        "metadata.json",
    ];
    assert_eq!(names, expected);
    for (name, content) in Members::blog().0 {
        let written = members.iter().find(|(written, _)| *written == name).map(|(_, content)| content.as_bytes());
        assert_eq!(written, Some(content.as_slice()), "{name} is copied byte for byte");
    }
    let raw = std::fs::read(folder.path().join("out.tar")).expect("readable");
    assert_eq!((&raw[100..107], &raw[108..115], &raw[257..263]), (&b"0000644"[..], &b"0000000"[..], &b"ustar\0"[..]));
}

#[tokio::test]
async fn only_what_was_picked_is_written_and_cut_relations_are_told() {
    let folder = tempdir().expect("a folder");
    let source = open(&Members::blog().write(folder.path())).expect("it opens");
    let exported =
        rewrite(&source, &folder.path().join("out"), &plain(), |item| item.type_() == Some("api::article.article"))
            .await
            .expect("it is written");
    let members = members_of(&folder.path().join("out.tar"));
    let content =
        |name: &str| members.iter().find(|(member, _)| member.starts_with(name)).map(|(_, content)| content.as_str());
    assert_eq!(content("schemas").map(|text| text.lines().count()), Some(4), "schemas are always kept");
    assert_eq!(content("entities").map(|text| text.lines().count()), Some(4));
    // What remains are the links by which a document's rows find each other.
    assert_eq!(content("links").map(|text| text.matches("localizations").count()), Some(2));
    assert_eq!(content("links").map(|text| text.lines().count()), Some(2));
    assert_eq!((content("assets"), content("configuration")), (None, None));
    assert_eq!(members.last().map(|(name, _)| name.as_str()), Some("metadata.json"));
    let found: Vec<(&str, bool)> =
        exported.findings.iter().map(|finding| (finding.code.as_str(), finding.message.contains("3 times"))).collect();
    assert_eq!(found, [(code::LEFT_OUT_REFERENCE, false), (code::LEFT_OUT_REFERENCE, true)]);
}

#[tokio::test]
async fn what_belongs_to_the_admin_panel_or_to_releases_is_never_written() {
    let folder = tempdir().expect("a folder");
    let members = Members::blog()
        .edit("entities", |text| {
            let protected = [
                row("admin::user", 1, "admin1", r#""password":"hash""#),
                row("plugin::content-releases.release", 1, "rel1", r#""name":"r""#),
            ];
            format!("{text}\n{}", protected.join("\n"))
        })
        .edit("links", |text| {
            let author = link("basic", ("api::author.author", "createdBy", 1, None), ("admin::user", "x", 1, None));
            let release = link(
                "basic",
                ("plugin::content-releases.release", "actions", 1, None),
                ("api::author.author", "x", 1, None),
            );
            format!("{text}\n{author}\n{release}")
        });
    let source = open(&members.write(folder.path())).expect("it opens");
    rewrite(&source, &folder.path().join("out"), &plain(), |_| true).await.expect("it is written");
    let written = members_of(&folder.path().join("out.tar"));
    for (name, content) in &written {
        assert!(!content.contains("admin::") && !content.contains("content-releases"), "{name}: {content}");
    }
    assert_eq!(written[5].1.lines().count(), 3);
}

#[tokio::test]
async fn nothing_picked_leaves_the_schemas() {
    let folder = tempdir().expect("a folder");
    let source = open(&Members::blog().write(folder.path())).expect("it opens");
    let exported = rewrite(&source, &folder.path().join("out"), &plain(), |_| false).await.expect("it is written");
    let names: Vec<String> = members_of(&folder.path().join("out.tar")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["schemas/schemas_00001.jsonl", "metadata.json"]);
    assert_eq!(exported.findings, []);
    assert_eq!(list(&folder.path().join("out.tar")).await.expect("it reads").len(), 4);
}

#[tokio::test]
async fn records_can_travel_without_their_files() {
    let folder = tempdir().expect("a folder");
    let source = open(&Members::blog().write(folder.path())).expect("it opens");
    let format = ExportFormat { files: Files::RecordsOnly, ..plain() };
    let exported = rewrite(&source, &folder.path().join("out"), &format, |_| true).await.expect("it is written");
    assert_eq!(
        exported.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(),
        [code::FILES_LEFT_OUT]
    );
    let members = members_of(&folder.path().join("out.tar"));
    assert!(members.iter().all(|(name, _)| !name.starts_with("assets")));
    assert!(members[1].1.contains("plugin::upload.file"));
}

#[tokio::test]
async fn lines_are_divided_among_files_as_strapi_divides_them() {
    let folder = tempdir().expect("a folder");
    let source = open(&sample("v5.54.0.tar.gz")).expect("the sample opens").rotating_at(4000);
    rewrite(&source, &folder.path().join("out"), &plain(), |_| true).await.expect("it is written");
    let members = members_of(&folder.path().join("out.tar"));
    let entities: Vec<&(String, String)> = members.iter().filter(|(name, _)| name.starts_with("entities")).collect();
    assert!(entities.len() > 5);
    for (number, (name, content)) in entities.iter().enumerate() {
        assert_eq!(*name, format!("entities/entities_{:05}.jsonl", number + 1));
        assert_eq!(content.starts_with('\n'), number > 0);
        assert!(!content.ends_with('\n') && content.chars().count() <= 4000);
    }
    let whole: String = entities.iter().map(|(_, content)| content.as_str()).collect();
    assert_eq!(whole.lines().count(), 49);
    let inventory = list(&folder.path().join("out.tar")).await.expect("it reads");
    assert_eq!(meaning(&inventory), meaning(&list(&sample("v5.54.0.tar.gz")).await.expect("the sample reads")));
}

#[tokio::test]
async fn long_and_foreign_names_travel() {
    let folder = tempdir().expect("a folder");
    let mut members = Members::blog();
    let (long, foreign) = ("n".repeat(180), "größe_漢字_1");
    members.file(7, &long, ".png", b"long");
    members.file(7, foreign, ".png", b"foreign");
    members.0.swap(6, 4);
    let source = open(&members.write(folder.path())).expect("it opens");
    rewrite(&source, &folder.path().join("out"), &plain(), |_| true).await.expect("it is written");
    let names: Vec<String> = members_of(&folder.path().join("out.tar")).into_iter().map(|(name, _)| name).collect();
    for hash in [long.as_str(), foreign] {
        assert!(names.contains(&format!("assets/uploads/{hash}.png")), "{names:?}");
        assert!(names.contains(&format!("assets/metadata/{hash}.png.json")), "{names:?}");
    }
    // Another reader of tars agrees.
    let mut tar = tar::Archive::new(std::fs::File::open(folder.path().join("out.tar")).expect("readable"));
    let read: Vec<String> = tar
        .entries()
        .expect("a tar")
        .map(|entry| entry.expect("sound").path().expect("a path").display().to_string())
        .collect();
    assert_eq!(read, names);
}

#[rstest]
#[case::exists("taken.tar", ErrorKind::OutputExists, 4)]
#[case::exists_once_named("taken", ErrorKind::OutputExists, 4)]
#[case::wrong_ending("out.tar.gz", ErrorKind::Usage, 2)]
#[case::the_source_itself("archive.tar", ErrorKind::OutputExists, 4)]
#[case::no_such_folder("missing/out", ErrorKind::Io, 1)]
#[tokio::test]
async fn an_output_that_cannot_be_is_refused_and_nothing_is_left(
    #[case] output: &str,
    #[case] kind: ErrorKind,
    #[case] exit: u8,
) {
    let folder = tempdir().expect("a folder");
    std::fs::write(folder.path().join("taken.tar"), b"keep me").expect("writable");
    let archive = Members::blog().write(folder.path());
    let before = std::fs::read(&archive).expect("readable");
    let source = open(&archive).expect("it opens");
    let existing = if output == "archive.tar" { Existing::Replace } else { Existing::Refuse };
    let format = ExportFormat { existing, ..plain() };
    let error = rewrite(&source, &folder.path().join(output), &format, |_| true).await.expect_err("it is refused");
    assert_eq!((error.kind(), error.exit_code()), (kind, exit), "{error}");
    assert_eq!(std::fs::read(folder.path().join("taken.tar")).expect("readable"), b"keep me");
    assert_eq!(std::fs::read(archive).expect("readable"), before);
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 2);
}

#[tokio::test]
async fn an_output_is_replaced_when_that_is_wanted() {
    let folder = tempdir().expect("a folder");
    std::fs::write(folder.path().join("out.tar"), b"old").expect("writable");
    let source = open(&Members::blog().write(folder.path())).expect("it opens");
    let format = ExportFormat { existing: Existing::Replace, ..plain() };
    rewrite(&source, &folder.path().join("out.tar"), &format, |_| true).await.expect("it is written");
    assert_eq!(members_of(&folder.path().join("out.tar")).len(), 7);
}

#[cfg(unix)]
#[tokio::test]
async fn an_archive_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().expect("a folder");
    let source = open(&Members::blog().write(folder.path())).expect("it opens");
    rewrite(&source, &folder.path().join("out"), &plain(), |_| true).await.expect("it is written");
    let mode = folder.path().join("out.tar").metadata().expect("written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn an_archive_that_changes_meanwhile_is_not_written() {
    let folder = tempdir().expect("a folder");
    let path = Members::blog().write(folder.path());
    let source = open(&path).expect("it opens");
    let inventory = haul::model::Source::list(&source).await.expect("it reads");
    std::fs::write(&path, sample_bytes()).expect("writable");
    let items: Vec<u32> =
        inventory.items().filter(|item| item.kind() == Kind::Entry).map(|item| item.index()).collect();
    let output = folder.path().join("out");
    let format = plain();
    let request =
        haul::model::ExportRequest { inventory: &inventory, items: &items, output: Some(&output), format: &format };
    let error = haul::model::Source::export(&source, &request, &()).await.expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Stale);
    assert!(!Path::new(&output).exists());
}

fn sample_bytes() -> Vec<u8> {
    std::fs::read(sample("v5.54.0-only-content.tar")).expect("the sample is there")
}
