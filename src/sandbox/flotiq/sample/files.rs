//! The files of the sample content with their records, and what belongs to the platform: tags, webhooks, settings of plugins.
//! Must not know: types of the user.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::fate::{FileFate, file_id};
use crate::sandbox::{
    Side,
    flotiq::{media::File, picture, reference::relation},
};

/// A medium without bytes at prod, as an import that failed leaves one.
const WITHOUT_FILE: usize = 12;
/// A medium of the same name and size with other bytes at prod.
const SAME_SIZE: usize = 9;
/// A medium whose words were changed at prod.
const REWORDED: usize = 1;

/// A record with its bytes.
pub(super) struct Medium {
    pub record: Value,
    pub file: Option<File>,
}

pub(super) fn medium(number: usize, side: Side) -> Option<Medium> {
    if !FileFate::of(number).is_at(side) {
        return None;
    }
    let file = file(number, side);
    let id = file_id(number, side);
    let is_image = file.mime.starts_with("image/");
    let (width, height) = picture::measure(&file.bytes).unwrap_or_default();
    let reworded = number == REWORDED && side == Side::Prod;
    let record = json!({
        "id": id, "extension": file.extension, "fileName": format!("{}.{}", name(number), file.extension),
        "mimeType": file.mime, "size": file.bytes.len(), "type": if is_image { "image" } else { "file" },
        "source": "disk", "externalId": "", "url": format!("/image/0x0/{id}.{}", file.extension),
        "height": height, "width": width,
        "alt": if reworded { "Reworded at prod".to_owned() } else { format!("What one sees on {}", name(number)) },
        "title": if number.is_multiple_of(3) { format!("Number {number}") } else { String::new() },
        "tags": tags(number), "variants": variants(number),
    });
    let has_file = !(number == WITHOUT_FILE && side == Side::Prod);
    Some(Medium { record, file: has_file.then_some(file) })
}

fn name(number: usize) -> String {
    match number % 10 {
        0..6 => format!("picture-{number}"),
        6 | 7 => format!("photo-{number}"),
        8 => format!("leaflet-{number}"),
        _ => format!("note-{number}"),
    }
}

fn file(number: usize, side: Side) -> File {
    let shade = (number * 37 % 256) as u8;
    let other = number == SAME_SIZE && side == Side::Prod;
    let (bytes, mime, extension) = match number % 10 {
        0..6 => {
            let size = 8 + (number % 5) as u32 * 8;
            (picture::png(size, [shade, 255 - shade, (number % 256) as u8]), "image/png", "png")
        }
        6 | 7 => (picture::jpeg(2 + (number % 4) as u16, shade), "image/jpeg", "jpg"),
        8 => (picture::pdf(&format!("Leaflet number {number}")), "application/pdf", "pdf"),
        _ => {
            let words = if other { "two" } else { "one" };
            (format!("Note {number}, {words}.\n").into_bytes(), "text/plain", "txt")
        }
    };
    File { bytes: Bytes::from(bytes), mime: mime.to_owned(), extension: extension.to_owned() }
}

fn tags(number: usize) -> Value {
    match number % 4 {
        0 => json!([relation("_tag", "_tag-1"), relation("_tag", "_tag-2")]),
        1 => json!([relation("_tag", "_tag-3")]),
        _ => json!([]),
    }
}

fn variants(number: usize) -> Value {
    match number % 5 {
        0 => json!([{ "name": "square", "trim": { "top": 1, "left": 1, "width": 5, "height": 5 } }]),
        _ => json!([]),
    }
}

/// `_tag-5` is at dev alone, `_tag-4` has another name at prod.
pub(super) fn all_tags(side: Side) -> Vec<Value> {
    let names = ["hero", "landscape", "people", if side == Side::Dev { "product" } else { "products" }, "draft", "old"];
    let tags =
        names.iter().enumerate().map(|(index, name)| json!({ "id": format!("_tag-{}", index + 1), "name": name }));
    tags.filter(|tag| side == Side::Dev || tag["id"] != "_tag-5").collect()
}

pub(super) fn webhooks(side: Side) -> Vec<Value> {
    let webhook = |id: &str, name: &str, enabled: bool, types: &[&str]| {
        let actions: Vec<Value> =
            ["Create", "Update", "Delete"].iter().map(|action| json!({ "action": action })).collect();
        let types: Vec<Value> = types.iter().map(|name| json!({ "content_type_definition_name": name })).collect();
        json!({
            "id": id, "name": name, "type": "async", "executionMode": "url", "content_type_definitions": types,
            "actions": actions, "url": format!("https://{}.example.invalid/{name}", side.name()),
            "headers": [{ "header_name": "X-Secret", "header_value": format!("EXAMPLE-{}-{name}", side.name()) }],
            "enabled": enabled,
        })
    };
    let mut all = vec![
        webhook("_webhooks-1", "rebuild", true, &[]),
        webhook("_webhooks-2", "newsletter", side == Side::Prod, &["blog_post"]),
    ];
    if side == Side::Prod {
        all.push(webhook("_webhooks-3", "archive", false, &["page", "_media"]));
    }
    all
}

pub(super) fn plugins(side: Side) -> Vec<Value> {
    let settings = json!({
        "logo": format!("/image/0x0/{}.png", file_id(0, side)), "key": format!("EXAMPLE-{}-plugin-key", side.name()),
    });
    let plugin = |id: &str, name: &str, settings: String| {
        json!({
            "id": id, "name": name, "description": "", "version": "1.2.0", "url": "https://plugins.example.invalid/p.js",
            "enabled": true, "settings": settings, "manifest": "{}",
        })
    };
    let mut all = vec![plugin("example.seo", "SEO", settings.to_string())];
    if side == Side::Dev {
        all.push(plugin("example.preview", "Preview", "{}".to_owned()));
    }
    all
}
