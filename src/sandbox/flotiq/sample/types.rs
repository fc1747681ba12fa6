//! The types of both spaces: those that the platform has, and those of a small magazine with a shop. `faq` is at dev alone and
//! `legacy_note` at prod; `product` and `event` differ.
//! Must not know: objects.

use serde_json::json;

use super::blueprint::{
    Part, block, checkbox, definition, free, geo, list, number, select, string, text, to_many, to_one, words,
};
use crate::sandbox::{Side, flotiq::object::Body, rng::uuid_of};

/// The types that the platform itself has.
pub(super) fn internal() -> Vec<Body> {
    let media = vec![
        text("fileName").required().title(),
        text("mimeType").required(),
        number("size").required(),
        text("url").required(),
        select("source", &["disk", "unsplash"]).required(),
        text("extension").required(),
        select("type", &["image", "file"]).required(),
        number("width"),
        number("height"),
        text("externalId"),
        to_many("tags", "_tag"),
        text("alt"),
        text("title"),
        free("variants"),
    ];
    let webhooks = vec![
        text("name").required().title(),
        select("type", &["async", "sync", "ctd"]),
        select("executionMode", &["url", "code"]),
        list("content_type_definitions", vec![text("content_type_definition_name")]).needed(),
        list("actions", vec![text("action")]).needed(),
        text("url"),
        string("code", "textarea"),
        list("headers", vec![text("header_name"), text("header_value")]),
        checkbox("enabled"),
    ];
    let plugins = vec![
        text("name").required().title(),
        text("description"),
        text("version"),
        text("url").required(),
        checkbox("enabled").required(),
        string("settings", "textarea"),
        string("manifest", "textarea"),
    ];
    vec![
        definition("_media", "Media", media),
        definition("_tag", "Tag", vec![text("name").required().title()]),
        definition("_webhooks", "Webhooks", webhooks),
        definition("_plugin_settings", "Plugin settings", plugins),
        definition("_plugin", "Plugin", vec![text("name").required().title()]),
        definition("_workflow", "Workflow", vec![text("name").required().title()]),
    ]
}

/// The types of the user in the order in which they were made. `picture` is an id of a medium.
pub(super) fn of_user(side: Side, picture: &str) -> Vec<Body> {
    let mut types = vec![
        with_slugs(definition("category", "Category", category())),
        pictured(definition("author", "Author", author()), picture),
        drafted(with_slugs(pictured(definition("blog_post", "Blog post", blog_post()), picture))),
        drafted(definition("page", "Page", page())),
        definition("product", "Product", product(side)),
        definition("event", "Event", event(side)),
        definition("recipe", "Recipe", recipe()),
        definition("menu_item", "Menu item", menu_item()),
    ];
    types.push(match side {
        Side::Dev => {
            definition("faq", "FAQ", vec![text("question").required().title(), string("answer", "textMarkdown")])
        }
        Side::Prod => definition("legacy_note", "Legacy note", vec![string("text", "textarea").required().title()]),
    });
    types
}

/// The server's own id of a definition: another one in each space.
pub(super) fn id(side: Side, name: &str) -> String {
    uuid_of(&format!("{}/{name}", side.name()))
}

fn drafted(mut definition: Body) -> Body {
    definition.insert("draftPublic".to_owned(), json!(true));
    definition
}

fn pictured(mut definition: Body, picture: &str) -> Body {
    let relation = crate::sandbox::flotiq::reference::relation("_media", picture);
    definition.insert("featuredImage".to_owned(), json!([relation]));
    definition
}

fn with_slugs(mut definition: Body) -> Body {
    let source = if definition.get("name") == Some(&json!("category")) { "name" } else { "title" };
    definition.insert("slugs".to_owned(), json!([{ "source": source, "target": "slug", "active": true }]));
    definition
}

fn category() -> Vec<Part> {
    vec![
        text("name").required().title(),
        text("slug").unique(),
        to_one("parent", "category"),
        to_one("featured", "blog_post"),
    ]
}

fn author() -> Vec<Part> {
    vec![
        text("name").required().title(),
        text("slug").unique(),
        string("email", "email"),
        string("bio", "richtext"),
        to_one("photo", "_media"),
        to_one("best", "blog_post"),
    ]
}

fn blog_post() -> Vec<Part> {
    vec![
        text("title").required().title(),
        text("slug").unique(),
        string("lead", "textarea"),
        string("body", "richtext"),
        block("content"),
        to_one("author", "author").required(),
        to_many("categories", "category"),
        to_many("related", "blog_post"),
        to_one("image", "_media"),
        string("released", "dateTime"),
        checkbox("promoted"),
        to_many("extra", ""),
    ]
}

fn page() -> Vec<Part> {
    let section =
        vec![text("heading").required(), string("text", "richtext"), to_one("pic", "_media"), to_one("link", "")];
    vec![
        text("title").required().title(),
        text("slug").unique(),
        string("content", "textMarkdown"),
        list("sections", section),
        geo("place"),
    ]
}

/// `weight` is a number at dev and a text at prod; `old_price` is at prod alone, so that a definition of dev strips it.
fn product(side: Side) -> Vec<Part> {
    let mut parts = vec![
        text("name").required().title(),
        text("sku").required().unique(),
        number("price"),
        select("size", &["small", "medium", "large"]),
        words("features"),
        to_many("gallery", "_media"),
        string("description", "richtext"),
        to_one("category", "category"),
    ];
    match side {
        Side::Dev => parts.push(number("weight")),
        Side::Prod => parts.extend([text("weight"), number("old_price")]),
    }
    parts
}

/// `place` is at dev alone.
fn event(side: Side) -> Vec<Part> {
    let mut parts = vec![
        text("title").required().title(),
        string("starts", "dateTime").required(),
        to_many("speakers", "author").required(),
        to_one("poster", "_media"),
    ];
    if side == Side::Dev {
        parts.push(geo("place"));
    }
    parts
}

fn recipe() -> Vec<Part> {
    let note = vec![text("text"), to_one("pic", "_media")];
    let step = vec![
        string("text", "textarea").required(),
        to_many("uses", "product"),
        to_one("pic", "_media"),
        list("notes", note),
    ];
    vec![
        text("name").required().title(),
        list("steps", step),
        to_one("photo", "_media"),
        to_many("goes_with", "recipe"),
    ]
}

fn menu_item() -> Vec<Part> {
    vec![text("label").required().title(), to_one("parent", "menu_item"), to_one("leads_to", ""), number("position")]
}
