//! Definitions: what they have to be, and what a change does to stored objects.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Api, assuming, config, definition, ids, relation, relation_field, sandbox, space};

const TYPES: &str = "/api/v1/internal/contenttype";

#[tokio::test]
async fn definitions_are_listed_by_kind_by_name_and_with_a_large_limit() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let names = |list: &Value| -> Vec<String> {
        list["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = api.get(&format!("{TYPES}?limit=10000")).await;
    let user = api.get(&format!("{TYPES}?internal=0&limit=1024")).await;
    let internal = api.get(&format!("{TYPES}?internal=1&limit=1000")).await;
    assert_eq!(all["total_count"], 15);
    assert_eq!(names(&user).len() + names(&internal).len(), 15);
    assert!(
        names(&internal).iter().all(|name| name.starts_with('_')) && names(&internal).contains(&"_media".to_owned())
    );
    assert_eq!(names(&api.get(&format!("{TYPES}?name=POST")).await), ["blog_post"]);
    assert_eq!(names(&api.get(&format!("{TYPES}?label=menu")).await), ["menu_item"]);
    assert_eq!(names(&api.get(&format!("{TYPES}?names[]=Page&names[]=faq")).await), ["page", "faq"]);
    let ordered = api.get(&format!("{TYPES}?internal=0&order_by=name&order_direction=desc&limit=2")).await;
    assert_eq!(names(&ordered), ["recipe", "product"]);
    assert_eq!((&ordered["count"], &ordered["total_pages"]), (&json!(2), &json!(5)));
    let past = api.get(&format!("{TYPES}?page=9")).await;
    assert_eq!((past["data"].as_array().unwrap().len(), &past["count"]), (0, &json!(0)));
}

#[tokio::test]
async fn a_definition_is_made_read_and_not_made_twice() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let mut sent = definition("thing", |_, _| {});
    api.expect(Method::GET, &format!("{TYPES}/thing"), None, 404).await;
    sent["id"] = json!("mine");
    let made = api.post(TYPES, &sent).await;
    assert!(made["id"].is_string() && made["id"] != "mine");
    assert_eq!(
        (&made["internal"], &made["deletedAt"], &made["updatedAt"]),
        (&json!(false), &Value::Null, &Value::Null)
    );
    assert!(made["createdAt"].as_str().unwrap().ends_with(".000000+0000"));
    assert_eq!(api.get(&format!("{TYPES}/thing")).await, made);
    let again = api.refused(Method::POST, TYPES, &sent, 400).await;
    assert_eq!(again, json!({ "name": ["This value is already used."] }));
}

#[rstest]
#[case::name(|d: &mut Value| d["name"] = json!("Thing-1"), "name")]
#[case::label(|d: &mut Value| d["label"] = json!(""), "label")]
#[case::one_schema(|d: &mut Value| { d["schemaDefinition"]["allOf"].as_array_mut().unwrap().pop(); }, "schemaDefinition.allOf")]
#[case::additional(|d: &mut Value| d["schemaDefinition"]["additionalProperties"] = json!(true), "schemaDefinition.additionalProperties")]
#[case::no_property(
    |d: &mut Value| d["schemaDefinition"]["allOf"][1]["properties"] = json!({}),
    "schemaDefinition.allOf[1].properties",
)]
#[case::type_of_property(
    |d: &mut Value| d["schemaDefinition"]["allOf"][1]["properties"]["title"]["type"] = json!("text"),
    "schemaDefinition.allOf[1].properties.title.type",
)]
#[case::reserved(
    |d: &mut Value| d["schemaDefinition"]["allOf"][1]["properties"]["_id"] = json!({ "type": "string" }),
    "schemaDefinition.allOf[1].properties._id",
)]
#[case::letters(
    |d: &mut Value| d["schemaDefinition"]["allOf"][1]["properties"]["a-b"] = json!({ "type": "string" }),
    "schemaDefinition.allOf[1].properties.a-b",
)]
#[case::order_lacks(|d: &mut Value| d["metaDefinition"]["order"] = json!([]), "metaDefinition.order")]
#[case::order_repeats(|d: &mut Value| d["metaDefinition"]["order"] = json!(["title", "title"]), "metaDefinition.order")]
#[case::order_invents(|d: &mut Value| d["metaDefinition"]["order"] = json!(["title", "more"]), "metaDefinition.order")]
#[case::no_config(
    |d: &mut Value| d["metaDefinition"]["propertiesConfig"] = json!({}),
    "metaDefinition.propertiesConfig.title",
)]
#[case::no_label(
    |d: &mut Value| { d["metaDefinition"]["propertiesConfig"]["title"].as_object_mut().unwrap().remove("label"); },
    "metaDefinition.propertiesConfig.title.label",
)]
#[case::input(
    |d: &mut Value| d["metaDefinition"]["propertiesConfig"]["title"]["inputType"] = json!("telepathy"),
    "metaDefinition.propertiesConfig.title.inputType",
)]
#[case::required(|d: &mut Value| d["schemaDefinition"]["required"] = json!(["other"]), "schemaDefinition.required")]
#[case::picture(
    |d: &mut Value| d["featuredImage"] = json!([relation("_media", "_media-none")]),
    "featuredImage",
)]
#[tokio::test]
async fn a_definition_that_breaks_a_rule_is_refused_at_its_place(#[case] damage: fn(&mut Value), #[case] place: &str) {
    let sandbox = sandbox().await;
    let mut sent = definition("thing", |_, _| {});
    damage(&mut sent);
    let body = Api::dev(&sandbox).refused(Method::POST, TYPES, &sent, 400).await;
    assert!(body[place].is_array(), "{body}");
}

#[tokio::test]
async fn the_shape_in_which_definitions_came_back_in_2026_is_taken() {
    let sandbox = sandbox().await;
    let sample: Value = serde_json::from_str(include_str!("../data/flotiq/ctd-as-returned-2026.json")).unwrap();
    let made = Api::dev(&sandbox).post(TYPES, &sample).await;
    assert_ne!(made["id"], sample["id"]);
    assert_eq!(made["schemaDefinition"], sample["schemaDefinition"]);
    assert_eq!(made["draftPublic"], true);
}

/// A type `thing` with one object, and the definition that it was made with.
async fn with_object(api: &Api, field: (&str, Value, Value), value: Value) -> Value {
    let (name, schema, config) = field;
    let made = definition("thing", |properties, configs| {
        properties[name] = schema;
        configs[name] = config;
    });
    api.post(TYPES, &made).await;
    api.post("/api/v1/content/thing", &json!({ "id": "t-1", "title": "One", name: value })).await;
    made
}

fn retyped(definition: &Value, name: &str, schema: Value, config: Value) -> Value {
    let mut definition = definition.clone();
    definition["schemaDefinition"]["allOf"][1]["properties"][name] = schema;
    definition["metaDefinition"]["propertiesConfig"][name] = config;
    definition
}

#[tokio::test]
async fn a_removed_property_is_stripped_from_every_object_without_a_new_version() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let _ = with_object(&api, ("note", json!({ "type": "string" }), config("text")), json!("keep me")).await;
    let updated = api.put(&format!("{TYPES}/thing"), &definition("thing", |_, _| {})).await;
    assert!(updated["updatedAt"].is_string());
    let object = api.get("/api/v1/content/thing/t-1").await;
    assert_eq!((&object["note"], &object["title"]), (&Value::Null, &json!("One")));
    assert_eq!(object["internal"]["latestVersion"], 1);
}

#[tokio::test]
async fn new_and_relabelled_and_newly_required_properties_change_no_object() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let made = with_object(&api, ("note", json!({ "type": "string" }), config("text")), json!("n")).await;
    let before = api.get("/api/v1/content/thing/t-1").await;
    let mut after = retyped(&made, "more", json!({ "type": "number" }), config("number"));
    after["metaDefinition"]["order"] = json!(["title", "note", "more"]);
    after["metaDefinition"]["propertiesConfig"]["note"]["unique"] = json!(true);
    after["schemaDefinition"]["required"] = json!(["title", "more"]);
    api.put(&format!("{TYPES}/thing"), &after).await;
    assert_eq!(api.get("/api/v1/content/thing/t-1").await, before);
    let body = api.refused(Method::PUT, "/api/v1/content/thing/t-1", &json!({ "title": "Two" }), 400).await;
    assert_eq!(body, json!({ "more": ["The property more is required"] }));
}

#[rstest]
#[case::words_to_number(config("text"), json!({ "type": "string" }), json!("many"), config("number"), json!({ "type": "number" }), json!(0))]
#[case::digits_to_number(config("text"), json!({ "type": "string" }), json!("12.5"), config("number"), json!({ "type": "number" }), json!(12.5))]
#[case::number_to_text(config("number"), json!({ "type": "number" }), json!(7), config("text"), json!({ "type": "string" }), json!("7"))]
#[case::text_to_checkbox(config("text"), json!({ "type": "string" }), json!("yes"), config("checkbox"), json!({ "type": "boolean" }), json!(false))]
#[case::text_to_list(
    config("text"), json!({ "type": "string" }), json!("a"), config("simpleList"),
    json!({ "type": "array", "items": { "type": "string" } }), json!([]),
)]
#[case::list_to_text(
    config("simpleList"), json!({ "type": "array", "items": { "type": "string" } }), json!(["a", "b"]), config("text"),
    json!({ "type": "string" }), json!("a, b"),
)]
#[tokio::test]
async fn a_change_of_type_converts_values(
    #[case] before_config: Value,
    #[case] before_schema: Value,
    #[case] value: Value,
    #[case] after_config: Value,
    #[case] after_schema: Value,
    #[case] expected: Value,
) {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let made = with_object(&api, ("field", before_schema, before_config), value).await;
    api.put(&format!("{TYPES}/thing"), &retyped(&made, "field", after_schema, after_config)).await;
    assert_eq!(api.get("/api/v1/content/thing/t-1").await["field"], expected);
}

#[tokio::test]
async fn relations_that_become_text_leave_their_addresses_and_hold_nothing_back() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let (schema, relations) = relation_field("_tag", true, 0);
    let value = json!([relation("_tag", "_tag-5"), relation("_tag", "_tag-6")]);
    let made = with_object(&api, ("tags", schema, relations), value).await;
    api.expect(Method::DELETE, "/api/v1/content/_tag/_tag-6", None, 400).await;
    api.put(&format!("{TYPES}/thing"), &retyped(&made, "tags", json!({ "type": "string" }), config("text"))).await;
    let object = api.get("/api/v1/content/thing/t-1").await;
    assert_eq!(object["tags"], "/api/v1/content/_tag/_tag-5, /api/v1/content/_tag/_tag-6");
    api.expect(Method::DELETE, "/api/v1/content/_tag/_tag-6", None, 204).await;
}

#[tokio::test]
async fn a_change_that_would_empty_a_required_field_is_refused_whole() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let made = with_object(&api, ("tags", json!({ "type": "string" }), config("text")), json!("a")).await;
    let before = (api.get(&format!("{TYPES}/thing")).await, api.get("/api/v1/content/thing/t-1").await);
    let (schema, relations) = relation_field("_tag", true, 1);
    let mut after = retyped(&made, "tags", schema, relations);
    after["schemaDefinition"]["required"] = json!(["title", "tags"]);
    let body = api.refused(Method::PUT, &format!("{TYPES}/thing"), &after, 400).await;
    assert_eq!(body["tags"], json!(["The property tags is required"]));
    assert!(body["co"].is_object() && body["ctd"].is_array());
    assert_eq!((api.get(&format!("{TYPES}/thing")).await, api.get("/api/v1/content/thing/t-1").await), before);
}

#[tokio::test]
async fn members_of_nested_lists_are_stripped_too() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let list = |members: Value| json!({ "type": "array", "items": { "type": "object", "properties": members } });
    let mut nested = config("object");
    nested["items"] = json!({ "order": ["a", "b"], "propertiesConfig": { "a": config("text"), "b": config("text") } });
    let text = json!({ "type": "string" });
    let schema = list(json!({ "a": text, "b": text }));
    let made = with_object(&api, ("parts", schema, nested.clone()), json!([{ "a": "1", "b": "2" }])).await;
    nested["items"] = json!({ "order": ["a"], "propertiesConfig": { "a": config("text") } });
    api.put(&format!("{TYPES}/thing"), &retyped(&made, "parts", list(json!({ "a": text })), nested)).await;
    assert_eq!(api.get("/api/v1/content/thing/t-1").await["parts"], json!([{ "a": "1" }]));
}

#[tokio::test]
async fn the_name_of_a_type_cannot_be_changed_and_an_unknown_type_cannot_be_updated() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    api.post(TYPES, &definition("thing", |_, _| {})).await;
    let body = api.refused(Method::PUT, &format!("{TYPES}/thing"), &definition("other", |_, _| {}), 400).await;
    assert!(body["name"].is_array());
    api.refused(Method::PUT, &format!("{TYPES}/other"), &definition("other", |_, _| {}), 404).await;
}

#[rstest]
#[case("definition-put=keeps-absent", json!(true))]
#[case("definition-put=resets-absent", Value::Null)]
#[tokio::test]
async fn what_an_update_leaves_out_is_kept_or_reset_and_slug_rules_always_go(
    #[case] switch: &str,
    #[case] expected: Value,
) {
    let sandbox = assuming(&[switch]).await;
    let api = Api::dev(&sandbox);
    let mut sent = api.get(&format!("{TYPES}/blog_post")).await;
    for key in ["draftPublic", "slugs", "featuredImage"] {
        sent.as_object_mut().unwrap().remove(key);
    }
    let updated = api.put(&format!("{TYPES}/blog_post"), &sent).await;
    assert_eq!((&updated["draftPublic"], &updated["slugs"]), (&expected, &Value::Null));
    assert_eq!(updated["featuredImage"].as_array().unwrap().len(), usize::from(expected == true));
}

#[tokio::test]
async fn what_the_server_gave_can_be_sent_back_and_changes_nothing_stored() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    for name in ["category", "author", "blog_post", "page", "product", "event", "recipe", "menu_item", "faq"] {
        let before = space(&sandbox).objects(name);
        let sent = api.get(&format!("{TYPES}/{name}")).await;
        let mut after = api.put(&format!("{TYPES}/{name}"), &sent).await;
        after["updatedAt"] = sent["updatedAt"].clone();
        assert_eq!(after, sent);
        assert_eq!(space(&sandbox).objects(name), before, "{name}");
    }
}

#[tokio::test]
async fn a_type_with_objects_or_in_the_rights_of_a_key_cannot_be_deleted() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let body = api.expect(Method::DELETE, &format!("{TYPES}/author"), None, 400).await;
    assert_eq!(body["errors"].as_array().unwrap().len(), 2, "{body}");
    let body = api.expect(Method::DELETE, &format!("{TYPES}/faq"), None, 400).await;
    assert_eq!(body["errors"], json!(["Content Type has objects, you can't remove it!"]));
    api.post(TYPES, &definition("thing", |_, _| {})).await;
    api.expect(Method::DELETE, &format!("{TYPES}/thing"), None, 200).await;
    api.expect(Method::GET, &format!("{TYPES}/thing"), None, 404).await;
}

#[tokio::test]
async fn a_purge_takes_the_objects_and_the_type_if_one_says_so() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    api.refused(Method::POST, &format!("{TYPES}/faq/purge"), &json!({ "deleteSchema": false }), 204).await;
    assert!(ids(&api.get("/api/v1/content/faq").await).is_empty());
    api.refused(Method::POST, &format!("{TYPES}/faq/purge"), &json!({ "deleteSchema": true }), 204).await;
    api.expect(Method::GET, &format!("{TYPES}/faq"), None, 404).await;
}

#[tokio::test]
async fn a_purge_of_the_space_leaves_what_belongs_to_the_platform() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    api.refused(Method::POST, "/api/v1/spaces/space-prod/purge", &json!({}), 404).await;
    api.refused(Method::POST, "/api/v1/spaces/space-dev/purge", &json!({ "spaceId": "space-dev" }), 204).await;
    let dump = sandbox.server("dev").dump();
    let types = dump["types"].as_object().unwrap();
    assert!(types.keys().all(|name| name.starts_with('_')) && types.contains_key("_media"));
    assert!(types.values().all(|kind| kind["objects"].as_object().unwrap().is_empty()));
    assert!(dump["files"].as_object().unwrap().is_empty());
}
