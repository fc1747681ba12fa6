//! The rules of the conversion, each shown on a small bundle of v4.

mod links;
mod rows;
mod whole;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Converted, convert};
use crate::model::{Finding, Result};
use crate::platforms::strapi::members::Bundle;

const V4: &str = r#"{"createdAt":"2026-11-21T14:00:59.714Z","strapi":{"version":"4.26.2"}}"#;

/// An unpacked bundle.
struct Made {
    folder: TempDir,
}

#[derive(Default)]
struct Parts {
    schemas: Vec<Value>,
    rows: Vec<Value>,
    links: Vec<Value>,
    settings: Vec<Value>,
}

impl Parts {
    fn written(&self) -> Made {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, lines) in [
            ("schemas", &self.schemas),
            ("entities", &self.rows),
            ("links", &self.links),
            ("configuration", &self.settings),
        ] {
            fs::create_dir(folder.path().join(name)).expect("room");
            let text: Vec<String> = lines.iter().map(Value::to_string).collect();
            fs::write(folder.path().join(format!("{name}/{name}_00001.jsonl")), text.join("\n")).expect("room");
        }
        fs::write(folder.path().join("metadata.json"), V4).expect("room");
        Made { folder }
    }

    fn converted(&self) -> Out {
        self.try_converted().expect("it can be converted")
    }

    fn try_converted(&self) -> Result<Out> {
        let made = self.written();
        let out = Out::folder();
        let converted = convert(&Bundle::Folder(made.folder.path().to_owned()), out.path(), "5.54.0")?;
        Ok(Out::read(out, converted.expect("it is of v4")))
    }
}

/// What a conversion wrote.
struct Out {
    folder: TempDir,
    schemas: Vec<Value>,
    rows: Vec<Value>,
    links: Vec<Value>,
    settings: Vec<Value>,
    converted: Converted,
}

impl Out {
    fn folder() -> TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for stage in ["schemas", "entities", "links", "configuration"] {
            fs::create_dir(folder.path().join(stage)).expect("room");
        }
        folder
    }

    fn read(folder: TempDir, converted: Converted) -> Out {
        let [schemas, rows, links, settings] =
            ["schemas", "entities", "links", "configuration"].map(|stage| lines(folder.path(), stage));
        Out { folder, schemas, rows, links, settings, converted }
    }

    /// Of one row: state, locale, id, document.
    fn versions(&self, uid: &str) -> Vec<(u64, &str, &Value, &str)> {
        let rows = self.rows.iter().filter(|row| row["type"] == uid);
        let state = |row: &Value| if row["data"]["publishedAt"].is_null() { "draft" } else { "published" };
        rows.map(|row| {
            let document = row["data"]["documentId"].as_str().expect("every row has one");
            (row["id"].as_u64().expect("a number"), state(row), &row["data"]["locale"], document)
        })
        .collect()
    }

    /// The ends of all links of a field, those of locales apart.
    fn pairs(&self, field: &str) -> Vec<(u64, u64)> {
        let of_field = |link: &&Value| link["left"]["field"] == field || link["right"]["field"] == field;
        let end = |link: &Value, side: &str| link[side]["ref"].as_u64().expect("a row");
        let mut pairs: Vec<_> =
            self.links.iter().filter(of_field).map(|link| (end(link, "left"), end(link, "right"))).collect();
        pairs.sort_unstable();
        pairs
    }

    fn finding(&self, code: &str) -> Option<&Finding> {
        self.converted.findings.iter().rev().find(|finding| finding.code == code)
    }
}

fn lines(folder: &Path, stage: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(format!("{stage}/{stage}_00001.jsonl"))).expect("it was written");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn type_(uid: &str, drafts: bool, localized: bool, attributes: Value) -> Value {
    json!({ "uid": uid, "modelType": "contentType", "collectionName": uid.rsplit('.').next(), "attributes": attributes,
        "options": { "draftAndPublish": drafts }, "pluginOptions": { "i18n": { "localized": localized } } })
}

fn component(uid: &str, attributes: Value) -> Value {
    json!({ "uid": uid, "modelType": "component", "collectionName": uid, "options": {}, "attributes": attributes })
}

fn row(uid: &str, id: u64, mut data: Value) -> Value {
    data["createdAt"] = json!(format!("2026-01-01T00:00:0{}.000Z", id % 10));
    json!({ "type": uid, "id": id, "data": data })
}

fn published(uid: &str, id: u64) -> Value {
    row(uid, id, json!({ "publishedAt": "2026-02-02T00:00:00.000Z" }))
}

fn draft(uid: &str, id: u64) -> Value {
    row(uid, id, json!({ "publishedAt": null }))
}

fn link((left, from, field): (&str, u64, &str), (right, to): (&str, u64)) -> Value {
    let kind = if left == right { "relation.circular" } else { "relation.basic" };
    json!({ "kind": kind, "relation": "manyToMany", "left": { "type": left, "field": field, "ref": from, "pos": 1.5 },
        "right": { "type": right, "ref": to, "pos": 2 } })
}

fn localized(uid: &str, rows: &[(u64, &str)], links: &[(u64, u64)]) -> Parts {
    let relation = json!({ "localizations": { "type": "relation" }, "locale": { "type": "string" } });
    Parts {
        schemas: vec![type_(uid, false, true, relation)],
        rows: rows.iter().map(|(id, locale)| row(uid, *id, json!({ "locale": locale }))).collect(),
        links: links.iter().map(|(a, b)| link((uid, *a, "localizations"), (uid, *b))).collect(),
        ..Parts::default()
    }
}

/// Articles with drafts, tags with drafts, authors without; articles hold a component that relates to tags.
fn related() -> Parts {
    Parts {
        schemas: vec![
            type_(
                "api::a.a",
                true,
                false,
                json!({ "seo": { "type": "component", "component": "shared.seo" },
                "zone": { "type": "dynamiczone" } }),
            ),
            type_("api::t.t", true, false, json!({})),
            type_("api::p.p", false, false, json!({ "seo": { "type": "component", "component": "shared.seo" } })),
            type_("plugin::upload.file", false, false, json!({})),
            component(
                "shared.seo",
                json!({ "more": { "type": "component", "component": "shared.link", "repeatable": true } }),
            ),
            component("shared.link", json!({ "tags": { "type": "relation" } })),
        ],
        ..Parts::default()
    }
}
