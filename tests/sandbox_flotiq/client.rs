//! A plain client. It shares nothing with the one in `src/platforms`.

use haul::sandbox::{Sandbox, SandboxOptions, Server, Space, start};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};

pub async fn sandbox() -> Sandbox {
    with(&[], &[]).await
}

pub async fn assuming(switches: &[&str]) -> Sandbox {
    with(switches, &[]).await
}

pub async fn faulty(faults: &[&str]) -> Sandbox {
    with(&[], faults).await
}

async fn with(switches: &[&str], faults: &[&str]) -> Sandbox {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let options = SandboxOptions {
        platform: Some("flotiq".to_owned()),
        switches: owned(switches),
        faults: owned(faults),
        ..SandboxOptions::default()
    };
    start(options).await.unwrap()
}

pub fn space(sandbox: &Sandbox) -> &Space {
    sandbox.server("dev").space().unwrap()
}

/// Speaks to one server with one key.
pub struct Api {
    http: Client,
    pub base: String,
    pub key: Option<String>,
    pub preview: bool,
}

impl Api {
    /// With the key that reads and writes, in preview.
    pub fn at(server: &Server) -> Self {
        Self {
            http: Client::builder().no_proxy().tls_built_in_root_certs(false).build().unwrap(),
            base: server.info.url.clone(),
            key: server.info.token.clone(),
            preview: true,
        }
    }

    /// Another one with the same key in the same mode.
    pub fn again(&self) -> Self {
        Self { http: self.http.clone(), base: self.base.clone(), key: self.key.clone(), preview: self.preview }
    }

    pub fn dev(sandbox: &Sandbox) -> Self {
        Self::at(sandbox.server("dev"))
    }

    pub fn with_key(mut self, key: Option<String>) -> Self {
        self.key = key;
        self
    }

    pub fn plain(mut self) -> Self {
        self.preview = false;
        self
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header("X-Auth-Token", key);
        }
        if self.preview { request.header("X-MODE", "preview") } else { request }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json;charset=utf-8");
        let request = match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// The status and the body, null where it is empty.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        answer(self.send(method, path, body).await).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.expect(Method::GET, path, None, 200).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.expect(Method::POST, path, Some(body), 200).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Value {
        self.expect(Method::PUT, path, Some(body), 200).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Value {
        self.expect(Method::PATCH, path, Some(body), 200).await
    }

    /// The body of a refusal.
    pub async fn refused(&self, method: Method, path: &str, body: &Value, status: u16) -> Value {
        self.expect(method, path, Some(body), status).await
    }

    pub async fn expect(&self, method: Method, path: &str, body: Option<&Value>, status: u16) -> Value {
        let (found, answer) = self.ask(method.clone(), path, body).await;
        assert_eq!(found.as_u16(), status, "{method} {path}: {answer}");
        answer
    }

    pub async fn upload(&self, kind: &str, name: &str, mime: &str, bytes: &[u8]) -> (StatusCode, Value) {
        let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned()).mime_str(mime).unwrap();
        let form = reqwest::multipart::Form::new().text("type", kind.to_owned()).part("file", part);
        answer(self.request(Method::POST, "/api/media").multipart(form).send().await.unwrap()).await
    }
}

async fn answer(response: Response) -> (StatusCode, Value) {
    let (status, url) = (response.status(), response.url().clone());
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    if text.is_empty() {
        return (status, Value::Null);
    }
    assert!(kind.is_some_and(|kind| kind.starts_with("application/json")), "{url}: {text}");
    (status, serde_json::from_str(&text).unwrap())
}

/// A definition with one text field, `title`, and what is added to it.
pub fn definition(name: &str, add: impl FnOnce(&mut Value, &mut Value)) -> Value {
    let mut properties = json!({ "title": { "type": "string", "minLength": 1 } });
    let mut config = json!({ "title": { "label": "Title", "inputType": "text", "unique": false } });
    add(&mut properties, &mut config);
    let order: Vec<&String> = properties.as_object().unwrap().keys().collect();
    json!({
        "name": name, "label": "Thing",
        "schemaDefinition": {
            "type": "object",
            "allOf": [
                { "$ref": "#/components/schemas/AbstractContentTypeSchemaDefinition" },
                { "type": "object", "properties": properties },
            ],
            "required": ["title"], "additionalProperties": false,
        },
        "metaDefinition": { "order": order, "propertiesConfig": config },
    })
}

pub fn config(input: &str) -> Value {
    json!({ "label": "L", "inputType": input, "unique": false })
}

/// A relation field: schema and configuration.
pub fn relation_field(target: &str, many: bool, least: u64) -> (Value, Value) {
    let schema = json!({ "type": "array", "items": { "$ref": "#/components/schemas/DataSource" }, "minItems": least });
    let mut config = config("datasource");
    config["validation"] = json!({ "relationContenttype": target, "relationMultiple": many });
    (schema, config)
}

pub fn relation(kind: &str, id: &str) -> Value {
    json!({ "type": "internal", "dataUrl": format!("/api/v1/content/{kind}/{id}") })
}

pub fn ids(list: &Value) -> Vec<String> {
    let rows = list["data"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

pub fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}
