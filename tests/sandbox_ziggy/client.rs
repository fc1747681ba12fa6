//! The sandbox of Ziggy, met from outside: what the official CLI 1.0.29 sends is replayed byte for byte where it
//! matters (headers, order of form fields), and the state behind the wire is compared.
//! The client here is plain: it shares nothing with the one in `src/platforms`.

use haul::sandbox::{Kind, Sandbox, SandboxOptions, Server, start};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header, multipart};
use rstest::rstest;
use serde_json::{Value, json};

const MODES: [&str; 3] = ["LEAVE", "OVERWRITE", "RENAME"];

async fn sandbox() -> Sandbox {
    start(SandboxOptions::default()).await.unwrap()
}

async fn assuming(switches: &[&str]) -> Sandbox {
    let switches = switches.iter().map(|switch| (*switch).to_owned()).collect();
    start(SandboxOptions { switches, ..SandboxOptions::default() }).await.unwrap()
}

/// Sends what the official CLI sends, at one server.
struct Cli {
    http: Client,
    base: String,
    user: String,
    password: String,
    token: String,
}

impl Cli {
    fn at(server: &Server) -> Self {
        Self {
            http: Client::builder().no_proxy().build().unwrap(),
            base: format!("{}/api", server.info.url),
            user: server.info.user.clone(),
            password: server.info.password.clone(),
            token: String::new(),
        }
    }

    async fn logged_in(server: &Server) -> Self {
        let mut cli = Self::at(server);
        let reply = cli.login().await;
        assert_eq!(reply["passwordStrengthOk"], true);
        cli
    }

    /// `Authorization` is there but empty at first and carries the last token later; the password is in every cookie.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let bearer = if self.token.is_empty() { String::new() } else { format!("Bearer {}", self.token) };
        let cookie = format!(
            "tenantId=##solo##; provider=email; accessToken={}; userId={}; password={};",
            self.token, self.user, self.password
        );
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.header(header::AUTHORIZATION, bearer).header(header::COOKIE, cookie)
    }

    /// JSON is announced on every request, also on those without a body.
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        let request = match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        json_of(self.send(Method::GET, path, None).await, StatusCode::OK).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        json_of(self.send(Method::POST, path, Some(body)).await, StatusCode::CREATED).await
    }

    async fn login(&mut self) -> Value {
        let body = json!({ "username": self.user, "password": self.password });
        let reply = self.post("/auth/login", body).await;
        self.token = reply["token"].as_str().unwrap().to_owned();
        reply
    }

    async fn export(&self, tags: &[&str], uuids: &[&str]) -> Value {
        self.post("/flow/export-tagged", json!({ "tags": tags, "flowUuids": uuids })).await;
        self.get("/flow/export-tagged").await
    }

    async fn upload(&self, file: &Value, mode: &str, no_backup: bool) -> Response {
        let part =
            multipart::Part::text(file.to_string()).file_name("export.json").mime_str("application/json").unwrap();
        let form = multipart::Form::new()
            .part("file", part)
            .text("duplicatesMode", mode.to_owned())
            .text("noBackup", no_backup.to_string());
        self.request(Method::POST, "/flow/import").multipart(form).send().await.unwrap()
    }

    async fn import(&self, file: &Value, mode: &str) -> Value {
        json_of(self.upload(file, mode, true).await, StatusCode::CREATED).await
    }
}

async fn json_of(response: Response, status: StatusCode) -> Value {
    let (found, url) = (response.status(), response.url().clone());
    let kind = response.headers().get(header::CONTENT_TYPE).cloned();
    let body = response.text().await.unwrap();
    assert_eq!(found, status, "{url}: {body}");
    assert!(kind.is_some_and(|kind| kind.to_str().unwrap().starts_with("application/json")), "{url}");
    serde_json::from_str(&body).unwrap()
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap()
}

fn uuid_by_name(server: &Server, list_name: &str, name: &str) -> String {
    let dump = server.dump();
    let item = list(&dump, list_name).iter().find(|item| item["name"] == name);
    item.unwrap_or_else(|| panic!("there is no {name}"))["uuid"].as_str().unwrap().to_owned()
}

fn uuids(list: &[Value]) -> Vec<&str> {
    list.iter().map(|item| item["uuid"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn everything_exported_from_dev_can_be_imported_into_prod() {
    let sandbox = sandbox().await;
    let (dev, prod) = (Cli::logged_in(sandbox.server("dev")).await, Cli::logged_in(sandbox.server("prod")).await);
    let file = dev.export(&[], &[]).await;
    assert!(list(&file, "flows").len() >= 40);
    let reply = prod.import(&file, "OVERWRITE").await;
    assert_eq!(list(&reply, "flowsProcessed").len(), list(&file, "flows").len());
    let failed = list(&reply, "flowsProcessed").iter().filter(|item| item["isProcessed"] != true).count();
    assert_eq!(failed, 0);
    sandbox.stop().await;
}
