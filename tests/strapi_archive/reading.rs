//! Archives of Strapi: what is read of them, what is refused, which damage is found.

use std::path::Path;

use crate::archives::{KEY, Members, codes, link, list, meaning, names, open, pack, plain, rewrite, row, sample};
use haul::codec::{Packing, Sealing};
use haul::model::{ErrorKind, FileInfo, ItemKey, Kind, Reference, Severity, Source, Version, VersionState, code};
use haul::platforms::KeySource;
use haul::platforms::strapi::{ArchiveSource, Recognised, Tally, recognise};
use proptest::prelude::*;
use rstest::rstest;
use tempfile::tempdir;

const V5: Tally =
    Tally { entries: 38, assets: 11, binaries: 52, schemas: 28, configuration: 40, links: 105, bytes: 269_362 };
const V5_CONTENT: Tally = Tally { binaries: 0, configuration: 0, bytes: 102_909, ..V5 };
const V4: Tally =
    Tally { entries: 21, assets: 2, binaries: 4, schemas: 25, configuration: 35, links: 24, bytes: 140_618 };

#[rstest]
#[case("v5.54.0.tar.gz", V5)]
#[case("v5.54.0.tar.gz.enc", V5)]
#[case("v5.54.0-only-content.tar", V5_CONTENT)]
#[case("v4.26.2.tar.gz", V4)]
#[case("v4.26.2.tar.gz.enc", V4)]
#[tokio::test]
async fn the_samples_hold_exactly_what_strapi_put_there(#[case] name: &str, #[case] tally: Tally) {
    let source = open(&sample(name)).expect("a sample opens");
    let check = source.check().await.expect("a sample reads").expect("an archive can be checked");
    assert_eq!(source.tally(), Some(tally));
    assert!(check.findings.iter().all(|finding| finding.severity < Severity::Blocking), "{:?}", check.findings);
    assert_eq!(check.items, tally.entries + tally.assets + tally.schemas + tally.configuration);
    assert_eq!(source.info().version.as_deref(), Some(if name.starts_with("v4") { "4.26.2" } else { "5.54.0" }));
}

#[tokio::test]
async fn an_unpacked_folder_reads_as_the_archive_does() {
    let (folder, file) = (tempdir().expect("a folder"), sample("v5.54.0.tar.gz"));
    let file = std::fs::File::open(&file).expect("the sample is there");
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(folder.path()).expect("it unpacks");
    let source = open(folder.path()).expect("a folder opens");
    let inventory = source.list().await.expect("a folder reads");
    assert_eq!(source.tally(), Some(V5));
    assert_eq!(meaning(&inventory), meaning(&list(&sample("v5.54.0.tar.gz")).await.expect("the sample reads")));
}

#[tokio::test]
async fn the_states_of_documents_and_what_files_are_like_are_told() {
    let inventory = list(&sample("v5.54.0.tar.gz")).await.expect("the sample reads");
    let article = inventory.find(&ItemKey::typed(Kind::Entry, "api::article.article", "z8sewlj056kyaekxyzjznsy9"));
    let article = article.expect("the article is there");
    assert_eq!(article.type_title(), Some("Article"));
    let draft = Version { locale: None, state: Some(VersionState::Draft) };
    assert_eq!(article.versions().collect::<Vec<_>>(), [draft]);
    let authors = inventory.items().filter(|item| item.type_() == Some("api::author.author"));
    assert_eq!(authors.map(|author| author.versions().len()).sum::<usize>(), 0, "authors have neither");
    let coffee = inventory.items().find(|item| item.kind() == Kind::Asset && item.name() == "coffee-art");
    let file = coffee.expect("it is there").file().expect("it has a file");
    let (mime, dimensions) = (Some("image/jpeg"), Some((5824, 3259)));
    assert_eq!(file, FileInfo { mime, dimensions, bytes: Some(978_110), folder: None });
}

/// A document in two languages, of which one was changed after it was published, and a file in a folder.
#[tokio::test]
async fn languages_have_states_of_their_own_and_folders_are_called_by_their_names() {
    let page = |id, locale: &str, published: &str, day: u8| {
        let times = format!(r#""publishedAt":{published},"updatedAt":"2026-01-0{day}T00:00:00.000Z""#);
        row("api::page.page", id, "one", &format!(r#""locale":"{locale}",{times}"#))
    };
    let folder = |id, document: &str, name: &str, path: &str| {
        row("plugin::upload.folder", id, document, &format!(r#""name":"{name}","path":"{path}""#))
    };
    let facts =
        r#""name":"p.png","mime":"image/png","width":3,"height":4,"size":1.5,"folderPath":"/1/2","provider":"aws""#;
    let when = r#""2026-01-02T00:00:00.000Z""#;
    let rows = [
        page(1, "en", "null", 3),
        page(2, "de", "null", 1),
        page(3, "en", when, 2),
        page(4, "de", when, 2),
        row("plugin::upload.file", 1, "picture", facts),
        folder(1, "f1", "Uploads", "/1"),
        folder(2, "f2", "Covers", "/1/2"),
    ];
    let schemas = [
        r#"{"uid":"api::page.page","info":{"displayName":"Page"},"options":{"draftAndPublish":true},"attributes":{}}"#,
        r#"{"uid":"plugin::upload.file","options":{"draftAndPublish":false},"attributes":{}}"#,
    ];
    let mut members = Members(Vec::new());
    members.push("schemas/schemas_00001.jsonl", schemas.join("\n"));
    members.push("entities/entities_00001.jsonl", rows.join("\n"));
    members.push("metadata.json", r#"{"createdAt":"2026-11-21T02:06:27.858Z","strapi":{"version":"5.54.0"}}"#);
    let folder = tempdir().expect("a folder");
    let inventory = list(&members.write(folder.path())).await.expect("it reads");
    let page = inventory.find(&ItemKey::typed(Kind::Entry, "api::page.page", "one")).expect("it is there");
    let version = |locale, state| Version { locale: Some(locale), state: Some(state) };
    let expected = [version("de", VersionState::Published), version("en", VersionState::Modified)];
    assert_eq!((page.versions().collect::<Vec<_>>(), page.type_title()), (expected.to_vec(), Some("Page")));
    let picture = inventory.find(&ItemKey::new(Kind::Asset, "picture")).expect("it is there");
    let (mime, dimensions, folder) = (Some("image/png"), Some((3, 4)), Some("Uploads/Covers"));
    assert_eq!(picture.file(), Some(FileInfo { mime, dimensions, bytes: Some(1_500), folder }));
}

#[tokio::test]
async fn what_entries_refer_to_is_read_from_links_and_from_components() {
    let inventory = list(&sample("v5.54.0.tar.gz")).await.expect("the sample reads");
    let article = ItemKey::typed(Kind::Entry, "api::article.article", "z8sewlj056kyaekxyzjznsy9");
    let article = inventory.find(&article).expect("the article is there");
    assert_eq!(article.name(), "The internet's Own boy");
    let kinds: Vec<(Kind, Option<String>)> = article
        .references()
        .map(|reference| match reference {
            Reference::Id(key) => (key.kind, key.type_.map(|type_| type_.to_string())),
            Reference::Name(kind, _) => (kind, None),
        })
        .collect();
    let entry = |uid: &str| (Kind::Entry, Some(uid.to_owned()));
    // The cover, and three files that lie in its media and slider components.
    let assets = vec![(Kind::Asset, None); 3];
    assert_eq!(kinds, [vec![entry("api::author.author"), entry("api::category.category")], assets].concat());
    let author = inventory.find(&ItemKey::typed(Kind::Entry, "api::author.author", "hgavg3h0dttq0l5w2om094iy"));
    assert_eq!(author.map(|author| author.references().len()), Some(1), "articles are not what an author refers to");
}

#[tokio::test]
async fn all_locales_and_states_of_a_document_are_one_item() {
    let folder = tempdir().expect("a folder");
    let inventory = list(&Members::blog().write(folder.path())).await.expect("it reads");
    let article = ItemKey::typed(Kind::Entry, "api::article.article", "hello");
    let article = inventory.find(&article).expect("the article is there");
    let keys: Vec<String> =
        article.local_references().flatten().map(|to| inventory.item(to).key().to_string()).collect();
    assert_eq!(keys, ["entry:api::author.author/anna", "asset:file1"]);
    let settings: Vec<String> = names(&inventory).into_iter().filter(|key| key.starts_with("configuration")).collect();
    assert_eq!(settings, ["configuration:plugin_x", "configuration:plugin_x@development#t", "configuration:Deploy"]);
}

#[tokio::test]
async fn rows_of_version_4_that_are_locales_of_one_another_are_one_item() {
    let folder = tempdir().expect("a folder");
    let schema = r#"{"uid":"api::page.page","pluginOptions":{"i18n":{"localized":true}},"attributes":{"title":{"type":"string"}}}"#;
    let rows = [(3, "en"), (5, "de"), (9, "fr"), (4, "en")].map(|(id, locale)| {
        format!(r#"{{"type":"api::page.page","id":{id},"data":{{"title":"t{id}","locale":"{locale}"}}}}"#)
    });
    let end = |id| ("api::page.page", "localizations", id, Some(1));
    let links = [(9, 5), (5, 9), (5, 3), (3, 5)].map(|(a, b)| link("circular", end(a), end(b)));
    let mut members = Members(Vec::new());
    members.push("schemas/s.jsonl", schema);
    members.push("entities/e.jsonl", rows.join("\n"));
    members.push("links/l.jsonl", links.join("\n"));
    members.push("metadata.json", r#"{"strapi":{"version":"4.26.2"}}"#);
    let inventory = list(&members.write(folder.path())).await.expect("it reads");
    assert_eq!(names(&inventory), ["schema:api::page.page", "entry:api::page.page/3", "entry:api::page.page/4"]);
    assert!(inventory.items().all(|item| item.references().len() == 0), "a locale is no reference");
}

#[tokio::test]
async fn entries_are_called_as_the_content_manager_calls_them() {
    let folder = tempdir().expect("a folder");
    let main = |value: &str| {
        let key = "plugin_content_manager_configuration_content_types::api::author.author";
        format!("\n{{\"type\":\"core-store\",\"value\":{{\"id\":9,\"key\":\"{key}\",\"value\":{value}}}}}")
    };
    for value in [r#"{"settings":{"mainField":"nick"}}"#, r#""{\"settings\":{\"mainField\":\"nick\"}}""#] {
        let members = Members::blog()
            .edit("schemas", |text| {
                text.replace(
                    r#"{"name":{"type":"string"}},"modelType""#,
                    r#"{"name":{"type":"string"},"nick":{"type":"string"}},"modelType""#,
                )
            })
            .edit("entities", |text| text.replace(r#""name":"Anna""#, r#""name":"Anna","nick":"annie""#))
            .edit("configuration", |text| text + &main(value));
        let inventory = list(&members.write(folder.path())).await.expect("it reads");
        let name = |id| {
            inventory.find(&ItemKey::typed(Kind::Entry, "api::author.author", id)).map(|item| item.name().to_owned())
        };
        assert_eq!(name("anna").as_deref(), Some("annie"));
        assert_eq!(name("bert").as_deref(), Some("bert"), "without a value the id is the name");
    }
}

/// What `strapi import` 5.54.0 takes, is taken, and means the same.
#[rstest]
#[case::other_order(|members: Members| Members(members.0.into_iter().rev().collect()))]
#[case::links_first(|mut members: Members| { members.0.swap(0, 4); members })]
#[case::links_between(|mut members: Members| { members.0.swap(1, 4); members })]
#[case::schemas_after_rows(|mut members: Members| { members.0.swap(0, 1); members })]
#[case::files_first(|mut members: Members| { members.0.rotate_left(2); members.0.swap(0, 1); members })]
#[case::with_dot(|members: Members| renamed(members, |name| format!("./{name}")))]
#[case::backslashes(|members: Members| renamed(members, |name| name.replace('/', "\\")))]
#[case::other_file_names(|members: Members| renamed(members, |name| name.replace("_00001.jsonl", ".txt")))]
#[case::trailing_line_feed(|members: Members| lines_changed(members, |text| text + "\n"))]
#[case::blank_lines(|members: Members| lines_changed(members, |text| text.replace('\n', "\n\n \n")))]
#[case::windows_lines(|members: Members| lines_changed(members, |text| text.replace('\n', "\r\n")))]
#[case::several_files(split)]
#[tokio::test]
async fn what_the_official_import_takes_is_taken(#[case] change: fn(Members) -> Members) {
    let folder = tempdir().expect("a folder");
    let expected = meaning(&list(&Members::blog().write(folder.path())).await.expect("it reads"));
    let changed = list(&change(Members::blog()).write(folder.path())).await.expect("it reads");
    assert_eq!(codes(&changed, Severity::Blocking), Vec::<&str>::new());
    assert_eq!(meaning(&changed), expected);
}

fn renamed(members: Members, rename: impl Fn(&str) -> String) -> Members {
    Members(members.0.into_iter().map(|(name, content)| (rename(&name), content)).collect())
}

fn lines_changed(members: Members, change: fn(String) -> String) -> Members {
    ["schemas", "entities", "links", "configuration"].iter().fold(members, |members, stage| members.edit(stage, change))
}

/// Every line in a file of its own, each but the first begun with a line feed.
fn split(members: Members) -> Members {
    let mut parts = Members(Vec::new());
    for (name, content) in members.0 {
        if !name.ends_with(".jsonl") {
            parts.push(&name, content);
            continue;
        }
        for (number, line) in String::from_utf8_lossy(&content).lines().enumerate() {
            let start = if number > 0 { "\n" } else { "" };
            parts.push(&name.replace("00001", &format!("{:05}", number + 1)), format!("{start}{line}"));
        }
    }
    parts
}

#[tokio::test]
async fn packing_is_told_by_content_and_not_by_name() {
    let folder = tempdir().expect("a folder");
    let tar = Members::blog().tar();
    let two = [pack(&tar[..1000], true, None), pack(&tar[1000..], true, None)].concat();
    let packed = [tar.clone(), pack(&tar, true, None), pack(&tar, true, Some(KEY)), pack(&tar, false, Some(KEY)), two];
    let expected = meaning(&list(&Members::blog().write(folder.path())).await.expect("it reads"));
    for bytes in packed {
        let path = folder.path().join("archive.tar.gz");
        std::fs::write(&path, bytes).expect("writable");
        let inventory = list(&path).await.expect("it reads");
        assert_eq!(meaning(&inventory), expected);
        assert_eq!(codes(&inventory, Severity::Blocking), Vec::<&str>::new());
    }
    std::fs::write(folder.path().join("archive.tar.gz"), &tar).expect("writable");
    let inventory = list(&folder.path().join("archive.tar.gz")).await.expect("it reads");
    assert!(codes(&inventory, Severity::Warning).contains(&code::MISLEADING_NAME));
}

#[rstest]
#[case::empty(b"".to_vec(), ErrorKind::NotABundle, "empty")]
#[case::text(b"hello".to_vec(), ErrorKind::NotABundle, "text")]
#[case::json(br#"{"flows":[]}"#.to_vec(), ErrorKind::NotABundle, "text")]
#[case::zip(b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(), ErrorKind::NotABundle, "zip")]
#[case::sealed_zip(pack(b"PK\x03\x04\x14\0\0\0\x08\0", false, Some(KEY)), ErrorKind::NotABundle, "encrypted zip")]
#[case::no_tar_in_gzip(pack(b"hello", true, None), ErrorKind::NotABundle, "holds no tar")]
#[case::nothing_in_gzip(pack(b"", true, None), ErrorKind::NotABundle, "holds no tar")]
#[case::cut_gzip(pack(&Members::blog().tar(), true, None)[..40].to_vec(), ErrorKind::Damaged, "first compressed bytes")]
#[case::noise((0..160).map(|n| n as u8 | 0x80).collect(), ErrorKind::WrongKey, "key does not fit")]
#[case::another_tar(Members(vec![("a.txt".into(), b"a".to_vec())]).tar(), ErrorKind::NotABundle, "metadata.json")]
#[case::in_a_folder_of_its_own(renamed(Members::blog(), |name| format!("backup/{name}")).tar(), ErrorKind::NotABundle, "metadata.json")]
#[case::tar_without_members(vec![0; 1024], ErrorKind::NotABundle, "metadata.json")]
#[tokio::test]
async fn what_is_no_archive_is_refused_with_a_reason(
    #[case] bytes: Vec<u8>,
    #[case] kind: ErrorKind,
    #[case] says: &str,
) {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("archive");
    std::fs::write(&path, bytes).expect("writable");
    let error = list(&path).await.expect_err("it is no archive");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(says) && error.message().contains("archive"), "{error}");
    assert_eq!(error.exit_code(), 1);
}

#[test]
fn a_wrong_key_is_told_when_the_archive_is_opened() {
    for (key, kind) in [(KeySource::Given("wrong".into()), ErrorKind::WrongKey), (KeySource::None, ErrorKind::NoKey)] {
        for name in ["v5.54.0.tar.gz.enc", "v4.26.2.tar.gz.enc"] {
            let opened = ArchiveSource::open(&sample(name), &key, std::sync::Arc::new(()));
            assert_eq!(opened.expect_err("the key does not fit").kind(), kind);
        }
    }
    let sealed_tar = pack(&Members::blog().tar(), false, Some("another"));
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("x.tar.enc");
    std::fs::write(&path, sealed_tar).expect("writable");
    assert_eq!(open(&path).expect_err("the key does not fit").kind(), ErrorKind::WrongKey);
}

#[test]
fn bundles_are_recognised_by_content() {
    let tar = Members::blog().tar();
    let sealed = pack(&tar, true, Some(KEY));
    let at = |bytes: &[u8]| recognise(&bytes[..bytes.len().min(512)], bytes.len() as u64, Path::new("x"));
    assert_eq!(at(&tar), Some(Recognised::Archive));
    assert_eq!(at(&pack(&tar, true, None)), Some(Recognised::Archive));
    assert_eq!(at(&sealed), Some(Recognised::PerhapsSealed));
    assert_eq!(at(&sealed[..sealed.len() - 1]), None);
    assert_eq!(at(b"{}"), None);
    let folder = tempdir().expect("a folder");
    assert_eq!(recognise(b"", 0, folder.path()), None);
    for part in ["schemas", "links"] {
        std::fs::create_dir(folder.path().join(part)).expect("writable");
    }
    assert_eq!(recognise(b"", 0, folder.path()), Some(Recognised::Folder));
}

#[rstest]
#[case::byte_order_mark("entities", |text: String| format!("\u{feff}{text}"), "line 1: begins with a byte-order mark")]
#[case::broken_line("entities", |text: String| text[..text.len() - 3].to_owned(), "line 7: is no row")]
#[case::no_object("links", |text: String| text + "\n17", "line 7: is no link")]
#[case::deep("entities", |text: String| text + "\n" + &"[".repeat(200_000), "line 8")]
#[case::huge_row_id("entities", |text: String| text.replace(r#""id":4"#, r#""id":18446744073709551615"#), "no id of a row")]
#[case::endless_id("entities", |text: String| text.replace(r#""other""#, &format!("\"{}\"", "x".repeat(5000))), "a name or id of 5000 bytes")]
#[case::endless_field("links", |text: String| text.replace(r#""author""#, &format!("\"{}\"", "x".repeat(5000))), "a name or id of 5000 bytes")]
#[case::metadata("metadata", |_: String| "{".to_owned(), "metadata.json is broken")]
#[case::schema("schemas", |text: String| text.replace(r#"{"uid":"api::author"#, r#"{"uiid":"api::author"#), "line 2: is no schema")]
#[tokio::test]
async fn a_damaged_line_is_found_with_its_place(
    #[case] name: &str,
    #[case] change: fn(String) -> String,
    #[case] says: &str,
) {
    let folder = tempdir().expect("a folder");
    let inventory = list(&Members::blog().edit(name, change).write(folder.path())).await.expect("the rest reads");
    let damage: Vec<_> = inventory.findings.iter().filter(|finding| finding.code == code::DAMAGED).collect();
    assert!(damage.iter().any(|finding| finding.message.contains(says)), "{damage:?}");
    assert!(damage.iter().all(|finding| finding.severity == Severity::Blocking));
}

#[rstest]
#[case::no_metadata(|mut members: Members| { members.0.pop(); members }, Severity::Blocking, code::DAMAGED)]
#[case::metadata_first(|mut members: Members| { members.0.rotate_right(1); members }, Severity::Info, code::UNEXPECTED_MEMBER)]
#[case::users_of_the_admin_panel(|members: Members| members.edit("entities", |text| text + "\n" + &row("admin::user", 1, "u", r#""x":1"#)), Severity::Warning, code::NOT_WRITTEN)]
#[case::type_without_schema(|members: Members| members.edit("entities", |text| text + "\n" + &row("api::x.x", 1, "u", r#""x":1"#)), Severity::Warning, code::UNKNOWN_TYPE)]
#[case::hashed_passwords(|members: Members| members.edit("entities", |text| text + "\n" + &row("plugin::users-permissions.user", 1, "u", r#""x":1"#)), Severity::Info, code::SENSITIVE_CONTENT)]
#[case::link_to_nowhere(|members: Members| members.edit("links", |text| text.replace(r#""ref":2,"pos""#, r#""ref":99,"pos""#)), Severity::Warning, code::LINK_WITHOUT_ENTRY)]
#[case::same_row_twice(|members: Members| members.edit("entities", |text| format!("{text}\n{}", text.lines().last().unwrap_or_default())), Severity::Warning, code::DUPLICATE_ID)]
#[case::same_member_twice(|mut members: Members| { members.0.insert(2, members.0[1].clone()); members }, Severity::Warning, code::DUPLICATE_NAME)]
#[case::same_file_twice(|mut members: Members| { members.0.insert(4, members.0[3].clone()); members }, Severity::Warning, code::DUPLICATE_NAME)]
#[case::no_file(|mut members: Members| { members.0.remove(3); members }, Severity::Warning, code::FILES_LEFT_OUT)]
#[case::no_sidecar(|mut members: Members| { members.0.remove(2); members }, Severity::Warning, code::UNEXPECTED_MEMBER)]
#[case::bad_sidecar(|members: Members| members.edit("assets/metadata", |text| text.replace("mime", "mine")), Severity::Warning, code::MISSING_FILE)]
#[case::file_of_no_row(|mut members: Members| { members.file(99, "stray_1", ".png", b"x"); members }, Severity::Warning, code::UNEXPECTED_MEMBER)]
#[case::size(|members: Members| members.edit("assets/uploads", |text| text.repeat(9)), Severity::Info, code::FILE_SIZE_DIFFERS)]
#[case::files_elsewhere(|mut members: Members| { members.0.drain(2..4); members.edit("entities", |text| text.replace(r#""local""#, r#""aws-s3""#)) }, Severity::Warning, code::FILES_ELSEWHERE)]
#[case::foreign_member(|mut members: Members| { members.0.insert(0, ("notes.txt".into(), Vec::new())); members }, Severity::Info, code::UNEXPECTED_MEMBER)]
#[tokio::test]
async fn what_one_should_know_of_an_archive_is_found(
    #[case] change: fn(Members) -> Members,
    #[case] severity: Severity,
    #[case] code: &str,
) {
    let folder = tempdir().expect("a folder");
    let before = list(&Members::blog().write(folder.path())).await.expect("it reads");
    assert!(!codes(&before, severity).contains(&code), "{:?}", before.findings);
    let inventory = list(&change(Members::blog()).write(folder.path())).await.expect("it reads");
    assert!(codes(&inventory, severity).contains(&code), "{:?}", inventory.findings);
}

#[tokio::test]
async fn a_thousand_equal_findings_are_one_sentence() {
    let folder = tempdir().expect("a folder");
    let stray: Vec<String> = (0..1000).map(|n| row("api::x.x", n, &format!("d{n}"), r#""x":1"#)).collect();
    let members = Members::blog().edit("entities", |text| format!("{text}\n{}", stray.join("\n")));
    let inventory = list(&members.write(folder.path())).await.expect("it reads");
    let found: Vec<_> = inventory.findings.iter().filter(|finding| finding.code == code::UNKNOWN_TYPE).collect();
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("1000 times"), "{}", found[0].message);
}

/// Whether damage is noticed: by an error with exit code 1, or by a blocking finding.
async fn is_found(folder: &Path, bytes: &[u8]) -> bool {
    let path = folder.join("damaged.tar.gz.enc");
    std::fs::write(&path, bytes).expect("writable");
    match open(&path) {
        Err(error) => error.exit_code() == 1,
        Ok(source) => match source.check().await {
            Err(error) => error.exit_code() == 1,
            Ok(check) => {
                check.is_some_and(|check| check.findings.iter().any(|found| found.severity == Severity::Blocking))
            }
        },
    }
}

const SAMPLES: [&str; 5] =
    ["v5.54.0.tar.gz", "v5.54.0.tar.gz.enc", "v5.54.0-only-content.tar", "v4.26.2.tar.gz", "v4.26.2.tar.gz.enc"];

#[tokio::test]
async fn an_archive_that_was_cut_anywhere_is_damaged() {
    let folder = tempdir().expect("a folder");
    for name in SAMPLES {
        let bytes = std::fs::read(sample(name)).expect("the sample is there");
        let places = (0..200).map(|n| n * bytes.len() / 200).chain(bytes.len() - 20..bytes.len());
        for length in places {
            assert!(is_found(folder.path(), &bytes[..length]).await, "{name} cut to {length} bytes");
        }
    }
}

/// Now and then a flipped bit makes gzip copy the same bytes from another place: the content is whole, no checksum can
/// differ, and nobody lost anything. Everything else has to be found.
#[tokio::test]
async fn a_flipped_bit_in_compressed_bytes_is_damage() {
    let folder = tempdir().expect("a folder");
    let mut missed = 0;
    for name in SAMPLES.iter().filter(|name| name.contains(".gz")) {
        let bytes = std::fs::read(sample(name)).expect("the sample is there");
        // The gzip header is left out: its time and system are part of no content.
        let header = if name.ends_with(".enc") { 16 } else { 10 };
        let places = (0..200).map(|n| header * 8 + n * (bytes.len() - header) * 8 / 200);
        for bit in places.chain((bytes.len() - 8) * 8..bytes.len() * 8) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let found = is_found(folder.path(), &flipped).await;
            assert!(found || unpacked(&flipped) == unpacked(&bytes), "{name} with bit {bit} flipped");
            missed += usize::from(!found);
        }
    }
    assert!(missed <= 2, "{missed} of some thousand");
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let key = haul::codec::ArchiveKey::derive(&KEY.into());
    let mut opened = haul::codec::open(std::io::Cursor::new(bytes.to_vec()), Some(&key)).ok()?;
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut opened, &mut content).ok().map(|_| content)
}

#[tokio::test]
async fn something_behind_the_end_is_damage() {
    let folder = tempdir().expect("a folder");
    let tar = Members::blog().tar();
    for gzip in [false, true] {
        let mut bytes = pack(&tar, gzip, None);
        bytes.extend_from_slice(b"something");
        assert!(is_found(folder.path(), &bytes).await);
    }
}

#[tokio::test]
async fn what_can_be_read_before_the_damage_is_listed() {
    let folder = tempdir().expect("a folder");
    let bytes = std::fs::read(sample("v5.54.0-only-content.tar")).expect("the sample is there");
    let path = folder.path().join("cut.tar");
    std::fs::write(&path, &bytes[..bytes.len() - 30_000]).expect("writable");
    let source = open(&path).expect("it opens");
    let inventory = source.list().await.expect("what is there reads");
    assert!(codes(&inventory, Severity::Blocking).contains(&code::DAMAGED));
    assert_eq!(source.tally().map(|tally| tally.schemas), Some(28));
    let refused = rewrite(&source, &folder.path().join("out"), &plain(), |_| true).await;
    assert_eq!(refused.expect_err("nothing is written from it").kind(), ErrorKind::Damaged);
    assert!(!folder.path().join("out.tar").exists());
}

/// One member more in a sound archive.
fn with_member(kind: tar::EntryType, name: &str) -> Vec<u8> {
    let blog = Members::blog().tar();
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(0);
    header.set_cksum();
    [header.as_bytes().as_slice(), &blog].concat()
}

#[rstest]
#[case::symbolic_link(tar::EntryType::Symlink, "entities/link.jsonl")]
#[case::hard_link(tar::EntryType::Link, "assets/uploads/a.png")]
#[case::device(tar::EntryType::Block, "entities/device")]
#[case::absolute(tar::EntryType::Regular, "/etc/cron.d/x")]
#[case::climbing(tar::EntryType::Regular, "assets/uploads/../../x.png")]
#[case::climbing_folder(tar::EntryType::Directory, "../x")]
#[case::climbing_windows(tar::EntryType::Regular, "..\\..\\x")]
#[case::drive(tar::EntryType::Regular, "C:\\x")]
#[case::odd_hash(tar::EntryType::Regular, "assets/uploads/a;rm.png")]
#[case::odd_extension(tar::EntryType::Regular, "assets/uploads/a.p%00g")]
#[case::terminal(tar::EntryType::Regular, "assets/uploads/a\x1b[2J.png")]
#[tokio::test]
async fn unsafe_members_are_refused_by_name_before_anything_is_written(
    #[case] kind: tar::EntryType,
    #[case] name: &str,
) {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("archive.tar");
    std::fs::write(&path, with_member(kind, name)).expect("writable");
    let source = open(&path).expect("it opens");
    let inventory = source.list().await.expect("it reads");
    let found = inventory.findings.iter().find(|finding| finding.code == code::UNSAFE_NAME).expect("it is found");
    assert_eq!(found.severity, Severity::Blocking);
    let refused = rewrite(&source, &folder.path().join("out"), &plain(), |_| true).await.expect_err("it is refused");
    assert_eq!((refused.kind(), refused.exit_code()), (ErrorKind::Unsafe, 1));
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).expect("readable").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["archive.tar"]);
}

#[cfg(unix)]
#[tokio::test]
async fn links_in_an_unpacked_folder_are_never_followed() {
    let folder = tempdir().expect("a folder");
    for (name, content) in Members::blog().0 {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("writable");
        std::fs::write(path, content).expect("writable");
    }
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("entities/secret.jsonl")).expect("writable");
    let inventory = list(folder.path()).await.expect("it reads");
    assert_eq!(codes(&inventory, Severity::Blocking), [code::UNSAFE_NAME]);
}

#[tokio::test]
async fn a_bomb_of_line_feeds_costs_no_memory_and_ends() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("bomb.tar.gz");
    let mut members = Members::blog();
    members.0[1].1.extend(std::iter::repeat_n(b'\n', 64 * 1024 * 1024));
    std::fs::write(&path, pack(&members.tar(), true, None)).expect("writable");
    let inventory = list(&path).await.expect("it reads");
    assert_eq!(codes(&inventory, Severity::Blocking), Vec::<&str>::new());
}

#[tokio::test]
async fn the_content_of_items_is_read_in_the_order_asked_for() {
    let folder = tempdir().expect("a folder");
    let source = open(&Members::blog().write(folder.path())).expect("it opens");
    let keys = [
        ItemKey::new(Kind::Asset, "file1"),
        ItemKey::typed(Kind::Entry, "api::article.article", "hello"),
        ItemKey::new(Kind::Configuration, "plugin_x@development#t"),
        ItemKey::new(Kind::Schema, "shared.seo"),
    ];
    let records = source.read(&keys).await.expect("all are there");
    assert_eq!(records.iter().map(|record| record.key.clone()).collect::<Vec<_>>(), keys);
    let json: Vec<serde_json::Value> =
        records.iter().map(|record| serde_json::from_str(record.json.get()).expect("JSON")).collect();
    assert_eq!(json[0]["files"], serde_json::json!({ "groesse_ab12.png": 6 }));
    assert_eq!(json[1]["rows"].as_array().map(Vec::len), Some(3));
    assert_eq!(json[1]["links"].as_array().map(Vec::len), Some(4));
    assert_eq!(json[2]["rows"][0]["value"]["id"], 4);
    assert_eq!(json[3]["rows"][0]["uid"], "shared.seo");
    let gone = source.read(&[ItemKey::new(Kind::Asset, "gone")]).await.expect_err("it is not there");
    assert_eq!(gone.kind(), ErrorKind::UnknownItem);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any payload, cut into members and packings of any size, reads as it was written.
    #[test]
    fn generated_entries_read_back(
        titles in prop::collection::vec(any::<String>(), 1..30),
        gzip: bool, sealed: bool, piece in 1usize..5000,
    ) {
        let folder = tempdir()?;
        let rows: Vec<String> = titles.iter().enumerate()
            .map(|(n, title)| row("api::author.author", n as u64 + 10, &format!("doc{n}"), &format!(r#""name":{}"#, serde_json::json!(title))))
            .collect();
        let members = Members::blog().edit("entities", |_| rows.join("\n")).edit("links", |_| String::new());
        let key = sealed.then(|| haul::codec::ArchiveKey::derive(&KEY.into()));
        let mut sealing = Sealing::new(Vec::new(), &Packing { gzip, key });
        for piece in members.tar().chunks(piece) {
            std::io::Write::write_all(&mut sealing, piece)?;
        }
        let path = folder.path().join("x");
        std::fs::write(&path, sealing.finish()?)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let inventory = runtime.block_on(list(&path)).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (n, title) in titles.iter().enumerate() {
            let id = format!("doc{n}");
            let item = inventory.find(&ItemKey::typed(Kind::Entry, "api::author.author", &*id)).expect("it was written");
            let name = if title.trim().is_empty() { &id } else { title };
            prop_assert_eq!(item.name(), name.as_str());
        }
    }
}
