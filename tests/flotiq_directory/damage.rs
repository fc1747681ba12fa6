//! Damaged directories: every message names file and line, and nothing is written from them.

use rstest::rstest;

use haul::model::{ErrorKind, Severity, Source};

use crate::directories::{copy_of_sample, export, files_of, list, message, one_type, open, plain, put, sample};

#[rstest]
#[case::cut("{\"id\":\"a\"}\n{\"id\":\"b\",\"tit", 2)]
#[case::cut_in_the_middle("{\"id\":\"a\"}\n{\"id\":\"b\",\n{\"id\":\"c\"}", 3)]
#[case::a_comma_too_many("{\"id\":\"a\"}\n{\"id\":\"b\",}", 2)]
#[case::a_word("{\"id\":\"a\"}\nnothing", 2)]
#[case::a_number("1\n", 1)]
#[case::a_list_of_texts("\n[\"a\"]", 2)]
#[case::deep_in_an_object("{\n  \"id\": \"a\",\n  \"x\": [1, 2\n}\n", 4)]
#[case::an_open_list("[{\"id\":\"a\"}\n", 1)]
#[tokio::test]
async fn damage_names_file_and_line(#[case] text: &str, #[case] line: u64) {
    let folder = one_type(&[("contentObjectNote.json", text)]);
    let inventory = list(folder.path()).await;
    let damaged: Vec<_> = inventory.findings.iter().filter(|finding| finding.code == "damaged").collect();
    assert_eq!(damaged.len(), 1, "{:?}", inventory.findings);
    assert_eq!(damaged[0].severity, Severity::Blocking);
    let place = format!("ContentTypeNote/contentObjectNote.json, line {line}:");
    assert!(damaged[0].message.starts_with(&place), "{} is not {place}", damaged[0].message);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_damage() {
    let folder = one_type(&[]);
    put(folder.path(), "ContentTypeNote/contentObjectNote.json", b"{\"id\":\"a\"}\n{\"id\":\"\xff\"}");
    let inventory = list(folder.path()).await;
    assert!(inventory.findings[0].message.contains("contentObjectNote.json, line 2: "), "{:?}", inventory.findings);
    assert_eq!(inventory.len(), 2, "what stands before is read");
}

#[rstest]
#[case("{\n  \"name\": \"note\",\n", "line 3")]
#[case("{\n  \"label\": \"Note\"\n}", "no name")]
#[case("{\"name\":\"a/b\"}", "no name of a type")]
#[case("{\"name\":\"a\",\n\"name\":\"b\"}", "twice")]
#[case("[]", "line 1")]
#[tokio::test]
async fn a_damaged_definition_is_named(#[case] text: &str, #[case] says: &str) {
    let folder = one_type(&[]);
    put(folder.path(), "ContentTypeNote/ContentTypeDefinition.json", text.as_bytes());
    let inventory = list(folder.path()).await;
    let finding = &inventory.findings[0];
    let names = finding.message.starts_with("ContentTypeNote/ContentTypeDefinition.json");
    assert!(finding.code == "damaged" && names && finding.message.contains(says), "{}", finding.message);
}

#[tokio::test]
async fn nothing_is_written_from_a_damaged_export() {
    let folder = one_type(&[("contentObjectNote.json", "{\"id\":\"a\"}\n{")]);
    let output = tempfile::tempdir().expect("a folder");
    let error = export(folder.path(), &output.path().join("out"), &plain()).await.expect_err("damaged");
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.message().contains("contentObjectNote.json, line 2"), "{}", message(&error));
    assert_eq!(std::fs::read_dir(output.path()).expect("a folder").count(), 0, "nothing is left behind");
}

#[tokio::test]
async fn a_medium_whose_file_would_lie_elsewhere_is_never_looked_for() {
    let folder = copy_of_sample();
    let line = br#"{"id":"../../secret","extension":"png","fileName":"x","url":"x","type":"image","size":1}"#;
    put(folder.path(), "InternalContentTypeMedia/contentObjectMedia.json", line);
    let inventory = list(folder.path()).await;
    assert!(inventory.findings.iter().any(|finding| finding.code == "unsafe-name"), "{:?}", inventory.findings);
    let output = tempfile::tempdir().expect("a folder");
    let error = export(folder.path(), &output.path().join("out"), &plain()).await.expect_err("unsafe");
    assert_eq!(error.kind(), ErrorKind::Unsafe);
}

/// Cuts and flips anywhere: read as what they are, or found, and never a panic.
#[tokio::test]
async fn changed_bytes_are_survived() {
    let files = files_of(&sample());
    let mut seed = 7_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let folder = copy_of_sample();
    let names: Vec<&String> = files.keys().filter(|name| name.ends_with(".json")).collect();
    for _ in 0..300 {
        let name = names[next(names.len())];
        let mut bytes = files[name].clone();
        let at = next(bytes.len());
        match next(3) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << next(8),
            _ => bytes.insert(at, b"{}[]\",:\n"[next(8)]),
        }
        put(folder.path(), name, &bytes);
        let source = open(folder.path());
        let inventory = source.list().await.expect("a listing, damaged or not");
        let check = source.check().await.expect("an answer").expect("a bundle");
        let is_damaged = |findings: &[haul::model::Finding]| findings.iter().any(|f| f.code == "damaged");
        assert_eq!(is_damaged(&inventory.findings), is_damaged(&check.findings));
        put(folder.path(), name, &files[name]);
    }
}
