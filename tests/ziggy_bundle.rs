//! A Ziggy export file as a location: the tolerant reader, the canonical writer, and what damaged files lead to.

mod ziggy_files;

use haul::model::{Credentials, ErrorKind, ItemKey, Kind, Reference, Source};
use haul::platforms::ziggy::{BundleSource, recognise};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use ziggy_files::{export, listed, rewritten};

const OBJECT: &str = include_str!("data/ziggy/export-object.json");
const NESTED: &str = include_str!("data/ziggy/export-array-nested.json");

fn source(text: &str) -> BundleSource {
    BundleSource::from_bytes("bundle", text.as_bytes()).expect("a bundle")
}

#[test]
fn both_layouts_hold_the_same_items() {
    let (object, nested) = (listed(&source(OBJECT)), listed(&source(NESTED)));
    assert_eq!((object.len(), nested.len()), (6, 6));
    for item in object.items() {
        let twin = nested.find(&item.key()).expect("the same item");
        assert_eq!(item.digests().map(|d| d.semantic), twin.digests().map(|d| d.semantic), "{}", item.key());
        assert_eq!(item.references().collect::<Vec<_>>(), twin.references().collect::<Vec<_>>(), "{}", item.key());
    }
    let sms = object.find(&ItemKey::new(Kind::Flow, "f1000000-0000-4000-8000-000000000001")).expect("a flow");
    assert_eq!(sms.tags().collect::<Vec<_>>(), ["production", "scheduled"]);
    let twilio = ItemKey::new(Kind::Connection, "c0000000-0000-4000-8000-000000000001");
    assert_eq!(sms.references().collect::<Vec<_>>(), [Reference::Id(twilio)]);
    assert_eq!(object.tenant.as_deref(), Some("##solo##"));
    let plain = object.findings.iter().filter(|f| f.code == "plaintext-credential").count();
    assert_eq!(plain, 1, "{:?}", object.findings);
}

#[rstest]
#[case::an_object_of_lists(OBJECT.to_owned(), 6)]
#[case::a_list_of_flows(NESTED.to_owned(), 6)]
#[case::one_flow(serde_json::from_str::<Value>(NESTED).unwrap()[0].to_string(), 3)]
#[case::inside_data(format!("{{\"data\": {OBJECT}, \"at\": 1}}"), 6)]
#[case::text_inside_json(json!(OBJECT).to_string(), 6)]
#[case::text_inside_data(json!({ "data": NESTED }).to_string(), 6)]
#[case::a_byte_order_mark(format!("\u{feff}{OBJECT}"), 6)]
#[case::no_flows(json!({"flows": []}).to_string(), 0)]
#[case::an_empty_list("[]".to_owned(), 0)]
#[case::secrets_alone(json!({"secrets": [{"uuid": "s", "name": "S"}]}).to_string(), 1)]
#[case::null_lists(json!({"flows": [], "secrets": null}).to_string(), 0)]
fn every_form_of_an_export_is_read(#[case] text: String, #[case] items: usize) {
    assert!(recognise(text.as_bytes()));
    assert_eq!(listed(&source(&text)).len(), items);
}

#[rstest]
#[case::an_empty_file("", "the file is empty")]
#[case::cut_off("{\"flows\": [", "the file is not JSON")]
#[case::no_json("PK\u{3}\u{4}", "the file is not JSON")]
#[case::another_object("{\"schema\": 1, \"items\": []}", "its keys are `schema`, `items`")]
#[case::an_empty_object("{}", "it has no keys")]
#[case::a_list_of_numbers("[1, 2]", "not of flows")]
#[case::a_number("7", "a single value")]
#[case::flows_that_are_no_list("{\"flows\": {}}", "`flows` is no list")]
#[case::a_reserved_text("{\"flows\": [\"\\u0000number 1\"]}", "reserved")]
#[case::a_reserved_key("{\"flows\": [{\"$serde_json::private::Number\": \"1\"}]}", "reserved")]
fn what_is_no_export_is_refused_with_the_reason(#[case] text: &str, #[case] words: &str) {
    let error = BundleSource::from_bytes("./x.json", text.as_bytes()).expect_err("no export");
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::NotABundle, 1));
    assert!(error.message().starts_with("./x.json: ") && error.message().contains(words), "{error}");
}

#[test]
fn the_samples_are_written_as_they_were_read() {
    for text in [OBJECT, NESTED] {
        assert_eq!(rewritten(&source(text), None), format!("{}\n", text.trim_end()));
    }
}

#[test]
fn numbers_keys_and_unknown_parts_are_kept_as_they_were() {
    let text = r#"{"z": 1.0, "flows": [{"uuid": "f", "zz": 1E5, "name": "ü\u00e9", "aa": [-0, 1.50, 12345678901234567890, 1e-7]}], "a": {"b": null}}"#;
    let written = rewritten(&source(text), None);
    for part in ["\"z\": 1.0", "1E5", "-0,", "1.50", "12345678901234567890", "1e-7", "\"üé\""] {
        assert!(written.contains(part), "{part} in {written}");
    }
    let order = ["\"z\"", "\"flows\"", "\"zz\"", "\"name\"", "\"aa\"", "\"a\": {"].map(|key| written.find(key));
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{written}");
    let inventory = listed(&source(text));
    assert!(inventory.findings.iter().any(|f| f.code == "unknown-fields" && f.message.contains("`z`, `a`")));
}

#[test]
fn what_was_not_chosen_is_left_out_at_the_top_and_nested() {
    let keep = ["f1000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000001"];
    for text in [OBJECT, NESTED] {
        let written = rewritten(&source(text), Some(&keep));
        assert!(keep.iter().all(|id| written.contains(id)));
        for gone in ["f1000000-0000-4000-8000-000000000002", "c0000000-0000-4000-8000-000000000002", "5ec00000"] {
            assert!(!written.contains(gone), "{gone} in {written}");
        }
    }
}

#[test]
fn odd_items_are_kept_and_told() {
    let connection = |name: &str| json!({"uuid": "c", "name": name, "devValue": "{}"});
    let text = json!({
        "flows": [
            {"uuid": "f", "name": "F", "nodes": [], "connections": [connection("A")]},
            {"uuid": "f", "name": "F again"},
            {"name": "no id"},
            {"uuid": "g", "name": "F"},
        ],
        "connections": [connection("B")],
    });
    let bundle = source(&text.to_string());
    let inventory = listed(&bundle);
    let codes: Vec<&str> = inventory.findings.iter().map(|f| f.code.as_str()).collect();
    for code in ["duplicate-id", "not-addressable", "nested-copies-differ"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    assert_eq!(inventory.len(), 3);
    assert!(rewritten(&bundle, None).contains("no id"), "it stays where everything stays");
    let check = ziggy_files::check(&bundle);
    assert!(check.findings.iter().any(|f| f.code == "duplicate-name" && f.message.contains("`F`")), "{check:?}");
}

#[test]
fn secrets_and_tokens_of_a_bundle_are_null_in_the_next_one() {
    let text = json!({
        "flows": [{"uuid": "f", "name": "F", "secrets": [{"uuid": "s", "name": "S", "prodValue": "canary"}]}],
        "connections": [{"uuid": "c", "name": "C", "devValue": "{}", "devOAuthToken": "canary"}],
        "secrets": [{"uuid": "s", "name": "S", "devValue": "canary"}],
    });
    let written = rewritten(&source(&text.to_string()), None);
    assert!(!written.contains("canary"), "{written}");
    let records = ziggy_files::read(&source(&text.to_string()));
    assert!(!records.iter().any(|record| record.json.get().contains("canary")));
}

#[test]
fn redaction_takes_credentials_out_of_a_bundle_and_lists_them() {
    let (written, findings) = export(&source(OBJECT), None, Credentials::Redact);
    assert!(!written.contains("EXAMPLE-plaintext") && written.contains("password: '***'"), "{written}");
    let told: Vec<_> = findings.iter().filter(|f| f.code == "redacted").map(|f| f.message.as_str()).collect();
    assert_eq!(told, ["connection `Northwind`: prodValue.password was replaced (starts with `EX`, 17 characters)"]);
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof!["-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?", Just("-0".to_owned())]
}

/// Values in which nothing is rewritten: no lists of items, no tokens.
fn tree() -> impl Strategy<Value = String> {
    let text = "[a-zA-Zäß漢 {}:,.]{0,12}".prop_map(|text| json!(text).to_string());
    let leaf = prop_oneof![Just("null".to_owned()), Just("true".to_owned()), number(), text];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|list| format!("[{}]", list.join(","))),
            prop::collection::btree_map("x[a-z]{1,5}", inner, 0..4).prop_map(|map| {
                // Not in alphabetical order, to see that the order stays.
                let fields: Vec<String> = map.iter().rev().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn a_bundle_is_written_back_without_loss(config in tree(), extra in tree(), more in tree(), nested: bool) {
        let flow = format!("{{\"x-extra\":{extra},\"uuid\":\"f\",\"name\":\"F\",\"nodes\":[{{\"data\":{{\"config\":{config}}}}}]}}");
        let text = if nested { format!("[{flow}]") } else { format!("{{\"x-more\":{more},\"flows\":[{flow}]}}") };
        let written = rewritten(&source(&text), None);
        let squeezed: Value = serde_json::from_str(&written).expect("JSON");
        // Whatever is no space has to come back, byte for byte.
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(bare(&written), bare(&text));
        prop_assert_eq!(squeezed.to_string(), serde_json::from_str::<Value>(&text).expect("JSON").to_string());
        prop_assert_eq!(rewritten(&source(&written), None), written);
    }
}

/// A small bundle with something of everything.
const SEED: &str = r#"{"flows":[{"uuid":"f1000000-0000-4000-8000-000000000001","name":"F","tags":["a"],"nodes":[{"id":"n","data":
{"type":"X","config":{"connectionUuid":"c1","code":"secrets.A; connections.B"}}}],"edges":[{"data":{"payload":"x"}}],
"connections":[{"uuid":"c1","name":"B","devValue":"{ a: secrets.A, password: 'x', /* y */ }"}],"history":[1.0]}],
"connections":[{"uuid":"c1","name":"B","devValue":"{\"a\": `${secrets.A}`}","prodValue":""}],"secrets":[{"uuid":"s","name":"A"}]}"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60_000))]
    #[test]
    fn no_mutated_bundle_makes_the_reader_panic(
        at in 0..SEED.len(), length in 0..40usize, with in prop::collection::vec(any::<u8>(), 0..6), structural in 0..12usize,
    ) {
        const PIECES: [&str; 12] = ["[", "]", "{", "}", "\"", "null", ",", ":", "{}", "[[", "\\u0000", "'"];
        let mut bytes = SEED.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        let new = if length % 2 == 0 { PIECES[structural].as_bytes().to_vec() } else { with };
        bytes.splice(at..end, new);
        if let Ok(bundle) = BundleSource::from_bytes("x", &bytes) {
            let inventory = listed(&bundle);
            prop_assert!(inventory.items().all(|item| item.digests().is_some()));
        }
    }
}

#[test]
fn a_bundle_cut_anywhere_is_refused() {
    for cut in 1..SEED.len() {
        assert!(BundleSource::from_bytes("x", &SEED.as_bytes()[..cut]).is_err(), "cut at {cut}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let error = BundleSource::open(std::path::Path::new("./nowhere.json")).expect_err("no file");
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.message().contains("./nowhere.json"), "{error}");
    let bundle = source(OBJECT);
    let missing = bundle.read(&[ItemKey::new(Kind::Flow, "gone")]).await.expect_err("no such item");
    assert_eq!(missing.item_keys(), [ItemKey::new(Kind::Flow, "gone")]);
}
