//! What is written is what the official exporter writes, byte for byte.

use std::fs;

use haul::model::{ErrorKind, Existing, ExportFormat, Internals, Manifest, Source, UnloadRequest};
use rstest::rstest;

use crate::directories::{
    NOTE, copy_of_sample, export, export_some, files_of, format, list, message, one_type, open, plain, put, sample,
    with_internal,
};

#[tokio::test]
async fn the_official_sample_is_written_again_byte_for_byte() {
    let output = tempfile::tempdir().expect("a folder");
    let to = output.path().join("out");
    let exported = export(&sample(), &to, &with_internal()).await.expect("written");
    let (ours, theirs) = (files_of(&to), files_of(&sample()));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, bytes) in &theirs {
        assert!(ours[name] == *bytes, "{name} differs");
    }
    assert_eq!(exported.bytes, theirs.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    assert_eq!(exported.path.as_deref(), Some(&*to));
    assert_eq!(exported.findings, []);
    assert_eq!(fs::read_dir(output.path()).expect("a folder").count(), 1, "nothing half-written is left");
}

#[tokio::test]
async fn without_internal_an_export_says_how_much_arrives_as_drafts() {
    let output = tempfile::tempdir().expect("a folder");
    let to = output.path().join("out");
    let exported = export(&sample(), &to, &plain()).await.expect("written");
    let finding = &exported.findings[0];
    assert!(finding.code == "states-left-out" && finding.message.contains("3 published objects"), "{finding:?}");
    let posts = fs::read_to_string(to.join("ContentTypeBlogPost/contentObjectBlogPost.json")).expect("a file");
    assert!(!posts.contains("internal\":{") && posts.lines().count() == 5, "{posts}");
    let again = output.path().join("again");
    let exported = export(&to, &again, &with_internal()).await.expect("written");
    assert!(exported.findings[0].message.contains("does not say which of 5 objects"), "{:?}", exported.findings);
    assert_eq!(files_of(&to), files_of(&again), "what is not known is not invented");
}

#[tokio::test]
async fn only_definitions_are_definitions_only() {
    let output = tempfile::tempdir().expect("a folder");
    let to = output.path().join("out");
    export_some(&sample(), &to, &plain(), |key| key.starts_with("definition:")).await.expect("written");
    let theirs = files_of(&sample());
    let definitions = theirs.iter().filter(|(name, _)| name.ends_with("ContentTypeDefinition.json"));
    assert_eq!(files_of(&to), definitions.map(|(name, bytes)| (name.clone(), bytes.clone())).collect());
}

#[tokio::test]
async fn picked_objects_bring_the_definitions_that_readers_need() {
    let output = tempfile::tempdir().expect("a folder");
    let to = output.path().join("out");
    let fits = |key: &str| key.contains("blog_post-00") || key.ends_with("000000000002");
    export_some(&sample(), &to, &with_internal(), fits).await.expect("written");
    let written = files_of(&to);
    let names: Vec<&str> = written.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "ContentTypeBlogPost/ContentTypeDefinition.json",
            "ContentTypeBlogPost/contentObjectBlogPost.json",
            "InternalContentTypeMedia/ContentTypeDefinition.json",
            "InternalContentTypeMedia/_media-00000000-0000-4000-8000-000000000002.png",
            "InternalContentTypeMedia/contentObjectMedia.json",
        ]
    );
}

#[tokio::test]
async fn lines_are_sorted_as_javascript_sorts() {
    let lines = ["b", "a", "Z", "\u{10000}", "\u{ff61}", "a1", "a 1"].map(|id| format!("{{\"id\":\"{id}\"}}"));
    let folder = one_type(&[("contentObject01.json", &lines.join("\n"))]);
    let to = folder.path().join("out");
    export(folder.path(), &to, &plain()).await.expect("written");
    let text = fs::read_to_string(to.join("ContentTypeNote/contentObjectNote.json")).expect("a file");
    let ids: Vec<&str> = text.lines().map(|line| &line[7..line.len() - 2]).collect();
    assert_eq!(ids, ["Z", "a", "a 1", "a1", "b", "\u{10000}", "\u{ff61}"]);
    assert!(!text.ends_with('\n'));
}

#[tokio::test]
async fn types_whose_folders_are_called_alike_do_not_overwrite_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    for (at, name) in [(1, "x_y"), (2, "x__y")] {
        let definition = NOTE.replace("\"note\"", &format!("\"{name}\""));
        put(folder.path(), &format!("t{at}/ContentTypeDefinition.json"), definition.as_bytes());
        put(folder.path(), &format!("t{at}/contentObject.json"), format!("{{\"id\":\"{name}-1\"}}").as_bytes());
    }
    let to = folder.path().join("out");
    export(folder.path(), &to, &plain()).await.expect("written");
    assert!(to.join("ContentTypeXY").is_dir() && to.join("ContentTypeXY2").is_dir());
    let keys = |inventory: &haul::model::Inventory| {
        let mut keys: Vec<_> = inventory.items().map(|item| item.key()).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&list(&to).await), keys(&list(folder.path()).await));
}

#[rstest]
#[case::other_forms(
    "[{\"id\": \"a\", \"title\": \"\\u00e9\\/\"},\n {\"id\": \"b\"}]\r\n",
    "{\"id\":\"a\",\"title\":\"é/\"}\n{\"id\":\"b\"}"
)]
#[case::numbers("{\"id\":\"a\",\"n\":[1.0, 9007199254740993, 1E5]}", "{\"id\":\"a\",\"n\":[1.0,9007199254740993,1E5]}")]
#[tokio::test]
async fn every_form_is_written_as_the_official_one(#[case] text: &str, #[case] expected: &str) {
    let folder = one_type(&[("contentObject01.json", text)]);
    let to = folder.path().join("out");
    export(folder.path(), &to, &plain()).await.expect("written");
    let written = fs::read_to_string(to.join("ContentTypeNote/contentObjectNote.json")).expect("a file");
    assert_eq!(written, expected);
}

#[tokio::test]
async fn an_output_that_is_taken_is_refused_with_a_way_out() {
    let output = tempfile::tempdir().expect("a folder");
    let to = output.path().join("out");
    fs::create_dir(&to).expect("made");
    export(&sample(), &to, &plain()).await.expect("an empty folder is free");
    let error = export(&sample(), &to, &with_internal()).await.expect_err("taken");
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::OutputExists, 4));
    assert!(message(&error).contains("--replace-output"), "{}", message(&error));

    let replace = ExportFormat { existing: Existing::Replace, ..with_internal() };
    export(&sample(), &to, &replace).await.expect("replaced");
    assert_eq!(files_of(&to), files_of(&sample()));
    export(&to, &to, &replace).await.expect("its own source is read before it is replaced");
    assert_eq!(files_of(&to), files_of(&sample()));

    for stranger in ["README.md", ".git/HEAD", "ContentTypePlain/notes.txt"] {
        put(&to, stranger, b"mine");
        let error = export(&sample(), &to, &replace).await.expect_err("a stranger");
        assert!(error.kind() == ErrorKind::OutputExists && error.message().contains("no part"), "{error}");
        assert_eq!(fs::read(to.join(stranger)).expect("still there"), b"mine");
        fs::remove_file(to.join(stranger)).expect("removed");
        let _ = fs::remove_dir(to.join(".git")); // only one of them made it
    }
    let file = output.path().join("file");
    fs::write(&file, "x").expect("written");
    assert_eq!(export(&sample(), &file, &replace).await.expect_err("a file").kind(), ErrorKind::OutputExists);
    let ending = export(&sample(), &output.path().join("x.json"), &plain()).await.expect_err("an ending");
    assert_eq!(ending.kind(), ErrorKind::Usage);
    assert_eq!(fs::read_dir(output.path()).expect("a folder").count(), 2, "nothing half-written is left");
}

#[tokio::test]
async fn a_medium_without_its_file_is_a_finding_and_not_the_end() {
    let folder = copy_of_sample();
    let media = folder.path().join("InternalContentTypeMedia");
    fs::remove_file(media.join("_media-00000000-0000-4000-8000-000000000001.png")).expect("removed");
    fs::write(media.join("_media-00000000-0000-4000-8000-000000000002.png"), b"short").expect("written");
    let to = folder.path().join("out");
    let exported = export(folder.path(), &to, &with_internal()).await.expect("written");
    let codes: Vec<&str> = exported.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["missing-file", "file-size-differs"]);
    assert_eq!(list(&to).await.len(), list(&sample()).await.len());
}

#[tokio::test]
async fn a_runs_folder_keeps_everything_that_the_source_says() {
    let line = r#"{"id":"a","internal":{"status":"public","latestVersion":7}}"#;
    let folder = one_type(&[("contentObjectNote.json", line)]);
    let source = open(folder.path());
    let inventory = source.list().await.expect("a listing");
    let items: Vec<_> = inventory.items().map(|item| item.index()).collect();
    let to = tempfile::tempdir().expect("a folder");
    let request =
        UnloadRequest { inventory: &inventory, items: &items, folder: to.path(), files: haul::model::Files::With };
    source.unload(&request, &()).await.expect("unloaded");
    let text = fs::read_to_string(to.path().join("ContentTypeNote/contentObjectNote.json")).expect("a file");
    assert_eq!(text, line);
    let manifest = format(Internals::Keep, Manifest::Beside);
    assert_eq!(manifest.folder.manifest, Manifest::Beside);
}

mod properties {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_content_comes_back_as_it_went_in(
            objects in proptest::collection::btree_map("[a-zA-Z0-9_.,:=!#$%&({}\" -]{1,12}", proptest::collection::btree_map("[a-z]{1,8}", value(), 0..5), 1..6),
            pretty: bool,
        ) {
            let texts: Vec<Value> = objects.iter().map(|(id, fields)| {
                let mut object: Map<String, Value> = fields.clone().into_iter().filter(|(name, _)| name != "internal").collect();
                object.insert("id".to_owned(), json!(id));
                Value::Object(object)
            }).collect();
            let text: Vec<String> = texts.iter().map(|object| match pretty {
                true => serde_json::to_string_pretty(object).expect("JSON"),
                false => object.to_string(),
            }).collect();
            let folder = one_type(&[("contentObject01.json", &text.join("\n"))]);
            let to = folder.path().join("out");
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(export(folder.path(), &to, &plain())).expect("written");
            let written = fs::read_to_string(to.join("ContentTypeNote/contentObjectNote.json")).expect("a file");
            // What compact JSON of JavaScript and of serde say is the same.
            let mut expected: Vec<(Vec<u16>, String)> = texts.iter()
                .map(|object| (object["id"].as_str().expect("an id").encode_utf16().collect(), object.to_string())).collect();
            expected.sort();
            let expected: Vec<String> = expected.into_iter().map(|(_, line)| line).collect();
            if !expected.iter().any(|line| line.contains("{{date")) {
                prop_assert_eq!(written.split('\n').map(str::to_owned).collect::<Vec<_>>(), expected);
            }
        }
    }
}
