//! The requests that both official clients were recorded to send, answered again: each with its recorded status and the shape
//! that those clients read. Bodies were not recorded; they are made here as the clients make them, from the same export.

use std::{collections::HashMap, fs, path::PathBuf};

use reqwest::{Method, multipart};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Api, ids, sandbox, space};

/// One recorded request.
#[derive(Debug, Deserialize)]
struct Recorded {
    method: String,
    url: String,
    status: u16,
    auth: bool,
    #[serde(rename = "x-mode")]
    mode: Option<String>,
    body: String,
}

fn data(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/flotiq").join(path)
}

fn recorded(file: &str) -> Vec<Recorded> {
    fs::read_to_string(data(file)).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The folder, the objects' file and the name of each type of the export, in the order of the clients.
const FOLDERS: [(&str, &str, &str); 7] = [
    ("author", "ContentTypeAuthor", "contentObjectAuthor.json"),
    ("blog_post", "ContentTypeBlogPost", "contentObjectBlogPost.json"),
    ("plain", "ContentTypePlain", "contentObjectPlain.json"),
    ("_media", "InternalContentTypeMedia", "contentObjectMedia.json"),
    ("_plugin_settings", "InternalContentTypePluginSettings", "contentObjectPluginSettings.json"),
    ("_tag", "InternalContentTypeTag", "contentObjectTag.json"),
    ("_webhooks", "InternalContentTypeWebhooks", "contentObjectWebhooks.json"),
];

struct Export {
    definitions: HashMap<&'static str, Value>,
    objects: HashMap<&'static str, Vec<Value>>,
}

impl Export {
    fn read() -> Self {
        let (mut definitions, mut objects) = (HashMap::new(), HashMap::new());
        for (kind, folder, file) in FOLDERS {
            let folder = data("export-dir").join(folder);
            let text = fs::read_to_string(folder.join("ContentTypeDefinition.json")).unwrap();
            definitions.insert(kind, serde_json::from_str(&text).unwrap());
            let lines = fs::read_to_string(folder.join(file)).unwrap();
            objects.insert(kind, lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect());
        }
        Self { definitions, objects }
    }

    fn file(medium: &Value) -> Vec<u8> {
        let name = format!("{}.{}", medium["id"].as_str().unwrap(), medium["extension"].as_str().unwrap());
        fs::read(data("export-dir/InternalContentTypeMedia").join(name)).unwrap()
    }
}

/// As pass 2 sends a definition: no picture, no least number, no type of relations.
fn broken(definition: &Value) -> Value {
    let mut definition = definition.clone();
    definition["featuredImage"] = json!([]);
    for property in definition["schemaDefinition"]["allOf"][1]["properties"].as_object_mut().unwrap().values_mut() {
        if property.get("minItems").is_some() {
            property["minItems"] = json!(0);
        }
    }
    for config in definition["metaDefinition"]["propertiesConfig"].as_object_mut().unwrap().values_mut() {
        if config.get("validation").is_some() {
            config["validation"]["relationContenttype"] = json!("");
        }
    }
    definition
}

/// As pass 3 sends an object: without relations.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    for value in object.as_object_mut().unwrap().values_mut() {
        if let Value::Array(items) = value {
            items.retain(|item| item["type"] != "internal");
        }
    }
    object
}

/// The state of an official import between its requests.
struct Importer {
    export: Export,
    /// The type that pass 1 is at.
    current: String,
    definition_puts: HashMap<String, usize>,
    batches: HashMap<String, usize>,
    uploads: usize,
    /// Old ids of media and those that uploads gave.
    mapped: Vec<(String, String)>,
    breaks_at_once: bool,
}

impl Importer {
    fn body(&mut self, request: &Recorded) -> Option<Value> {
        let path = request.url.split('?').next().unwrap().to_owned();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').skip(2).collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["internal", "contenttype", name]) => {
                self.current = (*name).to_owned();
                None
            }
            ("POST", ["internal", "contenttype"]) => {
                let mut definition = self.export.definitions[self.current.as_str()].clone();
                definition["featuredImage"] = json!([]);
                Some(if self.breaks_at_once { broken(&definition) } else { definition })
            }
            ("PUT", ["internal", "contenttype", name]) => Some(self.definition(name)),
            ("PATCH", ["content", "_webhooks", "batch"]) => {
                let webhooks = self.export.objects["_webhooks"].iter();
                Some(webhooks.map(|webhook| json!({ "id": webhook["id"], "enabled": false })).collect())
            }
            ("POST", ["content", kind, "batch"]) => Some(self.batch(kind)),
            ("PUT", ["content", kind, id]) => Some(self.mapped(self.object(kind, id))),
            ("POST", ["content", kind, id, "publish"]) => Some(bare(&self.object(kind, id))),
            _ => None,
        }
    }

    /// First broken, then restored, at last with the new picture; a type without constraints only the last.
    fn definition(&mut self, name: &str) -> Value {
        let times = self.definition_puts.entry(name.to_owned()).or_default();
        *times += 1;
        let whole = self.export.definitions[name].clone();
        match (*times, name) {
            (1, "author" | "blog_post") => broken(&whole),
            (2, _) => whole,
            _ => self.mapped(whole),
        }
    }

    fn batch(&mut self, kind: &str) -> Value {
        let times = self.batches.entry(kind.to_owned()).or_default();
        *times += 1;
        let objects = self.export.objects[kind].iter();
        match (*times, kind) {
            (_, "_webhooks") => objects
                .map(|webhook| {
                    let mut webhook = webhook.clone();
                    webhook["enabled"] = json!(false);
                    webhook
                })
                .collect(),
            (1, _) => objects.map(bare).collect(),
            _ => objects.cloned().collect(),
        }
    }

    fn object(&self, kind: &str, id: &str) -> Value {
        self.export.objects[kind].iter().find(|object| object["id"] == id).unwrap().clone()
    }

    /// The clients rewrite relations alone; addresses in texts stay as they were.
    fn mapped(&self, value: Value) -> Value {
        let mut text = value.to_string();
        for (old, new) in &self.mapped {
            text = text.replace(&format!("/api/v1/content/_media/{old}"), &format!("/api/v1/content/_media/{new}"));
        }
        serde_json::from_str(&text).unwrap()
    }

    async fn upload(&mut self, api: &Api, chunked: bool) -> (u16, Value) {
        let medium = self.export.objects["_media"][self.uploads].clone();
        self.uploads += 1;
        let bytes = Export::file(&medium);
        let part = match chunked {
            true => multipart::Part::stream(bytes),
            false => multipart::Part::bytes(bytes),
        };
        let text = |key: &str| medium[key].as_str().unwrap().to_owned();
        let part = part.file_name(text("fileName")).mime_str(&text("mimeType")).unwrap();
        let form = multipart::Form::new().text("type", text("type")).part("file", part);
        let reply = api.request(Method::POST, "/api/media").multipart(form).send().await.unwrap();
        let status = reply.status().as_u16();
        let made: Value = reply.json().await.unwrap();
        self.mapped.push((text("id"), made["id"].as_str().unwrap().to_owned()));
        (status, made)
    }
}

/// Sends one recorded request with the key and the mode that it had; gives status and body.
async fn send(api: &Api, request: &Recorded, body: Option<&Value>) -> (u16, Value) {
    let api = if request.auth { api.again() } else { api.again().with_key(None) };
    let api = if request.mode.is_some() { api } else { api.plain() };
    let method = Method::from_bytes(request.method.as_bytes()).unwrap();
    if request.url.starts_with("/image/") && request.status == 200 {
        let reply = api.send(method, &request.url, None).await;
        let status = reply.status().as_u16();
        return (status, json!({ "bytes": reply.bytes().await.unwrap().len() }));
    }
    let (status, answer) = api.ask(method, &request.url, body).await;
    (status.as_u16(), answer)
}

/// What the clients read of an answer.
fn check_shape(request: &Recorded, answer: &Value) {
    let path = request.url.split('?').next().unwrap();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (request.method.as_str(), request.status, parts.as_slice()) {
        (_, 204, _) => assert!(answer.is_null()),
        (_, 404, _) => assert_eq!(answer["code"], 404),
        (_, 400, _) => assert!(answer["errors"].is_array()),
        ("GET", 200, ["image", ..]) => assert!(answer["bytes"].as_u64() > Some(0)),
        (
            "GET",
            200,
            [
                ..,
                "contenttype" | "author" | "blog_post" | "plain" | "_media" | "_plugin_settings" | "_tag" | "_webhooks",
            ],
        ) => {
            for key in ["total_count", "total_pages", "current_page", "count"] {
                assert!(answer[key].is_number(), "{key} of {}", request.url);
            }
            assert_eq!(answer["count"], answer["data"].as_array().unwrap().len());
        }
        (_, 200, [.., "batch"]) => assert_eq!(answer["batch_total_count"], answer["batch_success_count"]),
        ("POST", 200, ["api", "media"]) => {
            assert!(answer["id"].as_str().unwrap().starts_with("_media-") && answer["internal"].is_null());
        }
        (_, 200, [.., "internal", "contenttype"] | [_, _, "internal", "contenttype", _]) => {
            assert!(answer["id"].is_string() && answer["schemaDefinition"].is_object());
        }
        (_, 200, ["api", "v1", "content", _, id]) => {
            assert_eq!(answer["id"], *id);
            assert!(answer["internal"]["latestVersion"].is_number());
        }
        other => unreachable!("{other:?} was not recorded"),
    }
}

async fn replay_import(file: &str, breaks_at_once: bool) -> (haul::sandbox::Sandbox, Importer) {
    let sandbox = sandbox().await;
    let space = space(&sandbox);
    let mut importer = Importer {
        export: Export::read(),
        current: String::new(),
        definition_puts: HashMap::new(),
        batches: HashMap::new(),
        uploads: 0,
        mapped: Vec::new(),
        breaks_at_once,
    };
    // The space that was recorded was empty but for two webhooks.
    space.clear();
    for webhook in &importer.export.objects["_webhooks"] {
        space.save("_webhooks", webhook.clone()).unwrap();
    }
    let api = Api::dev(&sandbox);
    for request in recorded(file) {
        let (status, answer) = match request.url.as_str() {
            "/api/media" => importer.upload(&api, breaks_at_once).await,
            _ => {
                let body = importer.body(&request);
                assert_eq!(body.is_some(), !request.body.is_empty(), "{request:?}");
                if let (Some(Value::Array(items)), Some(count)) = (&body, request.body.strip_prefix("array[")) {
                    assert_eq!(format!("{}]", items.len()), count, "{request:?}");
                }
                send(&api, &request, body.as_ref()).await
            }
        };
        assert_eq!(status, request.status, "{request:?}: {answer}");
        check_shape(&request, &answer);
    }
    (sandbox, importer)
}

#[tokio::test]
async fn the_import_of_the_client_2_16_1_is_answered_as_recorded() {
    let (sandbox, importer) = replay_import("recorded-import-2.16.1-publish.jsonl", true).await;
    let space = space(&sandbox);
    let states: Vec<Value> = space.objects("blog_post").iter().map(|post| post["internal"]["status"].clone()).collect();
    assert_eq!(states, ["public", "draft", "public", "draft", "public"], "published as it was at the source");
    let image = space.object("blog_post", "blog_post-000").unwrap()["image"][0]["dataUrl"].clone();
    assert!(image.as_str().unwrap().ends_with(&importer.mapped[0].1));
    assert_eq!(space.objects("_media").len(), 3);
    let media = space.objects("_media");
    assert!(media.iter().all(|medium| medium["alt"].is_null()), "what that client loses is lost here too");
    assert!(space.objects("_webhooks").iter().all(|webhook| webhook["enabled"] == false));
}

#[tokio::test]
async fn the_import_of_the_client_7cfe778_is_answered_as_recorded() {
    let (sandbox, _) = replay_import("recorded-import-7cfe778.jsonl", false).await;
    let space = space(&sandbox);
    assert_eq!(space.objects("_media").len(), 5, "two records without a file could not be deleted");
    assert!(space.objects("blog_post").iter().all(|post| post["internal"]["status"] == "draft"));
}

#[tokio::test]
async fn the_export_of_the_client_2_16_1_is_answered_as_recorded() {
    let sandbox = sandbox().await;
    let (api, space, export) = (Api::dev(&sandbox), space(&sandbox), Export::read());
    space.clear();
    for kind in ["author", "blog_post", "plain"] {
        space.define(export.definitions[kind].clone());
    }
    for kind in ["_tag", "_plugin_settings", "_webhooks"] {
        export.objects[kind].iter().for_each(|object| space.save(kind, object.clone()).unwrap());
    }
    for medium in &export.objects["_media"] {
        space.put_file(medium.clone(), &Export::file(medium)).unwrap();
    }
    space.save("author", bare(&export.objects["author"][0])).unwrap();
    for post in &export.objects["blog_post"] {
        let mut start = bare(post);
        start["author"] = post["author"].clone();
        space.save("blog_post", start).unwrap();
    }
    for kind in ["author", "blog_post", "plain"] {
        export.objects[kind].iter().for_each(|object| space.save(kind, object.clone()).unwrap());
    }
    let mut listed: HashMap<String, Vec<String>> = HashMap::new();
    for request in recorded("recorded-export-2.16.1.jsonl") {
        let (status, answer) = send(&api, &request, None).await;
        assert_eq!(status, request.status, "{request:?}: {answer}");
        check_shape(&request, &answer);
        if let Some(rest) = request.url.strip_prefix("/api/v1/content/") {
            let kind = rest.split('?').next().unwrap().to_owned();
            listed.entry(kind).or_default().extend(ids(&answer));
            assert_eq!(ids(&answer).is_empty(), request.url.contains("page=2"), "the client stops at an empty page");
        }
    }
    for (kind, objects) in &export.objects {
        let expected: Vec<&str> = objects.iter().map(|object| object["id"].as_str().unwrap()).collect();
        assert_eq!(listed[*kind], expected, "{kind}");
        for object in objects {
            let mut found = space.object(kind, object["id"].as_str().unwrap()).unwrap();
            let mut object = object.clone();
            for object in [&mut found, &mut object] {
                object.as_object_mut().unwrap().shift_remove("internal");
            }
            assert_eq!(found, object);
        }
    }
}
