//! What a listing tells, whatever form the directory has.

use std::fs;

use haul::model::{ItemKey, Kind, Source, VersionState};
use haul::platforms::flotiq::recognise;
use rstest::rstest;

use crate::directories::{NOTE, copy_of_sample, findings, list, one_type, open, put, sample};

#[tokio::test]
async fn the_sample_lists_every_item_with_name_tags_and_references() {
    let inventory = list(&sample()).await;
    let of = |kind: Kind| inventory.items().filter(|item| item.kind() == kind).count();
    assert_eq!(
        [Kind::Definition, Kind::Object, Kind::Media, Kind::Tag, Kind::Webhook, Kind::PluginSetting].map(of),
        [3, 7, 3, 1, 2, 1]
    );
    let find = |key: ItemKey| inventory.find(&key).expect("an item");
    let post = find(ItemKey::typed(Kind::Object, "blog_post", "blog_post-000"));
    assert_eq!(post.name(), "Post 0");
    let state = |id: &str| {
        let versions: Vec<_> = find(ItemKey::typed(Kind::Object, "blog_post", id)).versions().collect();
        versions.first().and_then(|version| version.state)
    };
    assert_eq!(
        (state("blog_post-000"), state("blog_post-001")),
        (Some(VersionState::Published), Some(VersionState::Draft))
    );
    assert_eq!(inventory.type_name("blog_post"), Some("Post"));
    let references: Vec<String> = post.references().map(|reference| format!("{reference:?}")).collect();
    assert_eq!(references.len(), 4, "{references:?}");
    let media = find(ItemKey::new(Kind::Media, "_media-00000000-0000-4000-8000-000000000001"));
    assert_eq!((media.name(), media.tags().collect::<Vec<_>>()), ("pic1.png", vec!["hero"]));
    assert!(media.size() > 69, "record and file");
    let file = media.file().expect("a file");
    assert_eq!((file.mime, file.dimensions, file.bytes), (Some("image/png"), Some((1, 1)), Some(69)));
    let author = find(ItemKey::new(Kind::Definition, "author"));
    let leads = author.local_references().map(|item| inventory.item(item.expect("here")).key().to_string());
    assert_eq!(
        leads.collect::<Vec<_>>(),
        ["definition:blog_post", "media:_media-00000000-0000-4000-8000-000000000003"]
    );
    assert_eq!(findings(&inventory), [], "nothing to say of a sound export");
}

#[tokio::test]
async fn media_are_examined_with_their_files() {
    let source = open(&sample());
    let mut inventory = source.list().await.expect("a listing");
    let key = ItemKey::new(Kind::Media, "_media-00000000-0000-4000-8000-000000000002");
    let item = inventory.find(&key).expect("a medium").index();
    assert!(inventory.item(item).is_traced() && inventory.item(item).digests().is_none());
    source.examine(&mut inventory, &[item]).await.expect("examined");
    let before = inventory.item(item).digests().expect("examined");

    let copy = copy_of_sample();
    let path = copy.path().join("InternalContentTypeMedia/_media-00000000-0000-4000-8000-000000000002.png");
    let mut bytes = fs::read(&path).expect("a file");
    bytes[20] ^= 1;
    fs::write(&path, bytes).expect("written");
    let changed = open(copy.path());
    let mut inventory = changed.list().await.expect("a listing");
    changed.examine(&mut inventory, &[item]).await.expect("examined");
    assert_ne!(inventory.item(item).digests(), Some(before));
}

#[rstest]
#[case::one_on_a_line("contentObjectNote.json", "{\"id\":\"a\",\"title\":\"A\"}\n{\"id\":\"b\",\"title\":\"B\"}")]
#[case::a_list_on_a_line("contentObjectNote.json", "[{\"id\":\"a\",\"title\":\"A\"},{\"id\":\"b\",\"title\":\"B\"}]")]
#[case::lists_and_objects(
    "contentObjectNote.json",
    "[{\"id\":\"a\",\"title\":\"A\"}]\n{\"id\":\"b\",\"title\":\"B\"}\n[]\n"
)]
#[case::windows("contentObjectNote.json", "{\"id\":\"a\",\"title\":\"A\"}\r\n\r\n{\"id\":\"b\",\"title\":\"B\"}\r\n")]
#[case::blank_lines("contentObject.json", "\n{\"id\":\"a\",\"title\":\"A\"}\n\n\n{\"id\":\"b\",\"title\":\"B\"}\n\n")]
#[case::spread(
    "contentObject01.json",
    "{\n  \"id\": \"a\",\n  \"title\": \"A\"\n}\n{\n  \"id\": \"b\",\n  \"title\": \"B\"\n}\n"
)]
#[case::a_spread_list(
    "contentObject01.json",
    "[\n  {\n    \"id\": \"a\",\n    \"title\": \"A\"\n  },\n  {\"id\": \"b\", \"title\": \"B\"}\n]"
)]
#[tokio::test]
async fn objects_are_read_in_every_form(#[case] file: &str, #[case] text: &str) {
    let folder = one_type(&[(file, text)]);
    let inventory = list(folder.path()).await;
    let names: Vec<String> = inventory.items().map(|item| format!("{} {}", item.key(), item.name())).collect();
    assert_eq!(names, ["definition:note Note", "object:note/a A", "object:note/b B"]);
    assert_eq!(findings(&inventory), []);
    let read = open(folder.path()).read(&[ItemKey::typed(Kind::Object, "note", "b")]).await.expect("a record");
    let value: serde_json::Value = serde_json::from_str(read[0].json.get()).expect("JSON");
    assert_eq!(value["title"], "B");
}

#[tokio::test]
async fn several_files_and_several_folders_of_a_type_add_up() {
    let folder = one_type(&[("contentObject01.json", "{\"id\":\"a\"}"), ("contentObject02.json", "{\"id\":\"b\"}")]);
    put(folder.path(), "anything/ContentTypeDefinition.json", NOTE.as_bytes());
    put(folder.path(), "anything/contentObjectX.json", b"{\"id\":\"c\"}");
    let inventory = list(folder.path()).await;
    assert_eq!(inventory.items().filter(|item| item.kind() == Kind::Object).count(), 3);
    assert_eq!(findings(&inventory), []);

    put(folder.path(), "other/ContentTypeDefinition.json", NOTE.replace("Note", "Another").as_bytes());
    let inventory = list(folder.path()).await;
    assert_eq!(findings(&inventory)[0].0, "duplicate-id", "the first definition counts, and that is said");
}

#[tokio::test]
async fn strangers_are_left_alone_and_objects_without_a_definition_are_named() {
    let folder = one_type(&[("contentObjectNote.json", "{\"id\":\"a\"}"), ("notes.txt", "x"), ("other.json", "{")]);
    put(folder.path(), ".env.dist", b"KEY=");
    put(folder.path(), "node_modules/x/package.json", b"{");
    put(folder.path(), "lost/contentObjectLost.json", b"{\"id\":\"z\"}");
    let inventory = list(folder.path()).await;
    assert_eq!(inventory.len(), 2);
    let found = findings(&inventory);
    assert!(found.len() == 1 && found[0].0 == "unknown-type" && found[0].1.contains("lost"), "{found:?}");
}

#[tokio::test]
async fn a_project_is_read_by_the_export_hidden_in_it() {
    let project = tempfile::tempdir().expect("a folder");
    assert!(!recognise(project.path()));
    put(project.path(), ".flotiq/ContentType1/ContentTypeDefinition.json", NOTE.as_bytes());
    put(project.path(), ".flotiq/ContentType1/contentObject01.json", b"{\"id\":\"a\"}");
    put(project.path(), "package.json", b"{}");
    assert!(recognise(project.path()) && recognise(&project.path().join(".flotiq")));
    assert_eq!(list(project.path()).await.len(), 2);
    assert_eq!(list(&project.path().join(".flotiq/ContentType1")).await.len(), 2, "the folder of one type");
}

#[tokio::test]
async fn media_of_old_starters_lie_in_images() {
    let folder = copy_of_sample();
    let name = "_media-00000000-0000-4000-8000-000000000001.png";
    let media = folder.path().join("InternalContentTypeMedia");
    fs::create_dir(folder.path().join("images")).expect("made");
    fs::rename(media.join(name), folder.path().join("images").join(name)).expect("moved");
    assert_eq!(findings(&list(folder.path()).await), []);
    fs::remove_file(folder.path().join("images").join(name)).expect("removed");
    let found = findings(&list(folder.path()).await);
    assert_eq!(found[0].0, "missing-file", "a finding, and not the end");
}

#[tokio::test]
async fn variables_of_old_starters_become_days() {
    let folder =
        one_type(&[("contentObject.json", "{\"id\":\"a\",\"title\":\"{{date:+60d}}T08:00\",\"slug\":\"{{date}}\"}")]);
    let inventory = list(folder.path()).await;
    assert_eq!(findings(&inventory)[0].0, "date-variable");
    let key = ItemKey::typed(Kind::Object, "note", "a");
    let name = inventory.find(&key).expect("an object").name().to_owned();
    let later = jiff::Zoned::now().date().saturating_add(jiff::ToSpan::days(60));
    assert_eq!(name, format!("{later}T08:00"));
    let read = open(folder.path()).read(&[key]).await.expect("a record");
    assert!(!read[0].json.get().contains("{{"), "{}", read[0].json);
}

#[tokio::test]
async fn numbers_and_the_order_of_fields_are_kept() {
    let line = r#"{"z":9007199254740993,"id":"a","y":1.50,"x":1e2,"title":"A"}"#;
    let folder = one_type(&[("contentObject.json", line)]);
    let read = open(folder.path()).read(&[ItemKey::typed(Kind::Object, "note", "a")]).await.expect("a record");
    assert_eq!(read[0].json.get(), line);
}

#[tokio::test]
async fn what_a_space_could_not_hold_is_named() {
    let lines = "{\"id\":\"a\",\"slug\":\"s\"}\n{\"id\":\"A\",\"slug\":\"t\"}\n{\"id\":\"c\",\"slug\":\"s\"}\n{\"id\":\"a\"}\n{\"title\":\"x\"}";
    let folder = one_type(&[("contentObject.json", lines)]);
    let inventory = list(folder.path()).await;
    let found = findings(&inventory);
    let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "duplicate-id").count(), 3, "{found:?}");
    assert!(found.iter().any(|(code, message)| code == "not-addressable" && message.contains("line 5")), "{found:?}");
    assert!(found.iter().any(|(_, message)| message.contains("line 4")), "{found:?}");
    assert_eq!(inventory.items().filter(|item| item.kind() == Kind::Object).count(), 3);
}

#[tokio::test]
async fn how_a_server_arranges_fields_makes_no_difference() {
    let one = one_type(&[("contentObject.json", r#"{"id":"a","title":"A","slug":null,"n":1.0}"#)]);
    let other = one_type(&[("contentObject.json", r#"{"n":1,"title":"A","id":"a","internal":{"status":"draft"}}"#)]);
    let key = ItemKey::typed(Kind::Object, "note", "a");
    let digests = async |folder: &tempfile::TempDir| {
        list(folder.path()).await.find(&key).and_then(|item| item.digests()).expect("examined")
    };
    let (one, other) = (digests(&one).await, digests(&other).await);
    assert_eq!(one.semantic, other.semantic);
    assert_ne!(one.exact, other.exact);
}
