//! Ranks, one case for each kind of difference.

use rstest::rstest;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::compare;
use crate::model::{Kind, Rank, SchemaComparison, SchemaDifference, Schemas};

const ARTICLE: Option<&str> = Some("api::a.a");

fn schemas(schemas: impl IntoIterator<Item = Value>) -> Schemas {
    let texts = schemas.into_iter().map(|schema| to_raw_value(&schema).expect("JSON")).collect();
    Schemas { version: None, texts }
}

fn article(attributes: Value) -> Value {
    json!({ "uid": "api::a.a", "kind": "collectionType", "info": { "displayName": "A" }, "attributes": attributes })
}

fn compared(ours: impl IntoIterator<Item = Value>, theirs: impl IntoIterator<Item = Value>) -> SchemaComparison {
    compare(&schemas(ours), &schemas(theirs))
}

/// For articles.
fn between(ours: impl IntoIterator<Item = Value>, theirs: impl IntoIterator<Item = Value>) -> Vec<SchemaDifference> {
    compared(ours, theirs).of(Kind::Entry, ARTICLE).cloned().collect()
}

fn ranks(found: &[SchemaDifference]) -> Vec<(&str, Rank)> {
    found.iter().map(|difference| (&*difference.path, difference.rank)).collect()
}

#[rstest]
#[case::equal(json!({"x": {"type": "string"}}), json!({"x": {"type": "string"}}), &[])]
#[case::defaults_spelled_out(json!({"x": {"type": "string"}}), json!({"x": {"type": "string", "unique": false, "default": "d", "required": true, "private": true}}), &[])]
#[case::missing(json!({"x": {"type": "string"}}), json!({}), &[("attributes.x", Rank::Lossy)])]
#[case::only_there(json!({}), json!({"x": {"type": "string"}}), &[("attributes.x", Rank::Harmless)])]
#[case::another_kind(json!({"x": {"type": "string"}}), json!({"x": {"type": "json"}}), &[("attributes.x.type", Rank::Blocking)])]
#[case::longer(json!({"x": {"type": "string"}}), json!({"x": {"type": "text"}}), &[("attributes.x.type", Rank::Harmless)])]
#[case::shorter(json!({"x": {"type": "text"}}), json!({"x": {"type": "string"}}), &[("attributes.x.type", Rank::Lossy)])]
#[case::hashed(json!({"x": {"type": "string"}}), json!({"x": {"type": "password"}}), &[("attributes.x.type", Rank::Blocking)])]
#[case::wider(json!({"x": {"type": "integer"}}), json!({"x": {"type": "biginteger"}}), &[("attributes.x.type", Rank::Harmless)])]
#[case::narrower(json!({"x": {"type": "decimal"}}), json!({"x": {"type": "integer"}}), &[("attributes.x.type", Rank::Lossy)])]
#[case::target(
    json!({"x": {"type": "relation", "relation": "oneToOne", "target": "api::a.a"}}),
    json!({"x": {"type": "relation", "relation": "oneToOne", "target": "api::b.b"}}),
    &[("attributes.x.target", Rank::Blocking)]
)]
#[case::cardinality(
    json!({"x": {"type": "relation", "relation": "oneToOne", "target": "api::a.a"}}),
    json!({"x": {"type": "relation", "relation": "oneToMany", "target": "api::a.a"}}),
    &[("attributes.x.relation", Rank::Blocking)]
)]
#[case::repeatable(
    json!({"x": {"type": "component", "component": "c.c"}}),
    json!({"x": {"type": "component", "component": "c.c", "repeatable": true}}),
    &[("attributes.x.repeatable", Rank::Blocking)]
)]
#[case::one_file(json!({"x": {"type": "media", "multiple": true}}), json!({"x": {"type": "media"}}), &[("attributes.x.multiple", Rank::Lossy)])]
#[case::more_files(json!({"x": {"type": "media"}}), json!({"x": {"type": "media", "multiple": true}}), &[("attributes.x.multiple", Rank::Harmless)])]
#[case::fewer_values(json!({"x": {"type": "enumeration", "enum": ["a", "b"]}}), json!({"x": {"type": "enumeration", "enum": ["a"]}}), &[("attributes.x.enum", Rank::Lossy)])]
#[case::more_values(json!({"x": {"type": "enumeration", "enum": ["a"]}}), json!({"x": {"type": "enumeration", "enum": ["b", "a"]}}), &[("attributes.x.enum", Rank::Harmless)])]
#[case::zone(json!({"x": {"type": "dynamiczone", "components": ["c.c"]}}), json!({"x": {"type": "dynamiczone", "components": []}}), &[("attributes.x.components", Rank::Blocking)])]
#[case::length(json!({"x": {"type": "string", "maxLength": 9}}), json!({"x": {"type": "string"}}), &[("attributes.x.maxLength", Rank::Harmless)])]
#[case::locale(
    json!({"x": {"type": "string", "pluginOptions": {"i18n": {"localized": true}}}}),
    json!({"x": {"type": "string"}}),
    &[("attributes.x.pluginOptions", Rank::Lossy)]
)]
#[case::users(json!({"createdBy": {"type": "relation"}}), json!({}), &[])]
fn attributes_are_ranked(#[case] ours: Value, #[case] theirs: Value, #[case] expected: &[(&str, Rank)]) {
    assert_eq!(ranks(&between([article(ours)], [article(theirs)])), expected);
}

#[rstest]
#[case::kind("kind", json!("singleType"), Rank::Blocking)]
#[case::drafts("options", json!({"draftAndPublish": true}), Rank::Blocking)]
#[case::locales("pluginOptions", json!({"i18n": {"localized": true}}), Rank::Blocking)]
#[case::label("info", json!({"displayName": "B"}), Rank::Harmless)]
#[case::table("collectionName", json!("as"), Rank::Harmless)]
fn types_are_ranked(#[case] key: &str, #[case] value: Value, #[case] rank: Rank) {
    let mut theirs = article(json!({}));
    theirs[key] = value;
    let found = between([article(json!({}))], [theirs]);
    assert_eq!(found.iter().map(|difference| difference.rank).collect::<Vec<_>>(), [rank]);
}

#[test]
fn what_is_not_in_use_does_not_matter() {
    let other = json!({ "uid": "api::b.b", "attributes": {} });
    assert_eq!(between([article(json!({})), other.clone()], [article(json!({}))]), []);
    assert_eq!(between([article(json!({}))], [article(json!({})), other]), []);
}

#[test]
fn components_in_components_are_compared_and_loops_end() {
    let outer = json!({"x": {"type": "dynamiczone", "components": ["c.outer"]}});
    let component = |uid: &str, inner: &str, type_: &str| {
        json!({ "uid": uid, "attributes": {
            "more": {"type": "component", "component": inner}, "text": {"type": type_} } })
    };
    let ours =
        [article(outer.clone()), component("c.outer", "c.inner", "string"), component("c.inner", "c.outer", "string")];
    let theirs = [article(outer), component("c.outer", "c.inner", "string"), component("c.inner", "c.outer", "json")];
    let found = between(ours.clone(), theirs.clone());
    assert_eq!((&*found[0].type_, found[0].rank, found.len()), ("c.inner", Rank::Blocking, 1));
    let found = between(ours, theirs.into_iter().take(2));
    assert_eq!((&*found[0].type_, &*found[0].path, found[0].rank), ("c.inner", "", Rank::Blocking));
}

#[test]
fn what_lies_in_an_attribute_that_is_left_out_does_not_block() {
    let seo = json!({ "uid": "c.seo", "attributes": { "text": {"type": "string"} } });
    let ours = [article(json!({"seo": {"type": "component", "component": "c.seo"}})), seo];
    let comparison = compared(ours, [article(json!({}))]);
    assert_eq!(ranks(&comparison.differences), [("attributes.seo", Rank::Lossy)]);
    assert!(!comparison.blocks(Kind::Entry, ARTICLE));
}

#[test]
fn a_type_is_named_with_what_it_is_made_of_and_one_that_only_the_destination_has_too() {
    let file = || json!({ "uid": "plugin::upload.file", "attributes": {} });
    let component = |type_: &str| json!({ "uid": "c.c", "attributes": { "x": {"type": type_} } });
    let holding = || article(json!({"c": {"type": "component", "component": "c.c"}}));
    let ours = [holding(), component("string"), file()];
    let theirs = [holding(), component("json"), file(), json!({ "uid": "api::b.b", "attributes": {} })];
    let comparison = compared(ours, theirs);
    let found: Vec<_> = comparison.differences.iter().map(|found| (&*found.type_, found.rank)).collect();
    assert_eq!(found, [("api::b.b", Rank::Harmless), ("c.c", Rank::Blocking)]);
    assert!(comparison.blocks(Kind::Entry, ARTICLE) && !comparison.blocks(Kind::Asset, None));
    assert_eq!(comparison.parts_of(Kind::Entry, ARTICLE).collect::<Vec<_>>(), ["api::a.a", "c.c"]);
    assert_eq!(comparison.parts_of(Kind::Asset, None).collect::<Vec<_>>(), ["plugin::upload.file"]);
    assert_eq!(comparison.parts_of(Kind::Entry, Some("api::b.b")).count(), 0, "the source has no such items");
}
