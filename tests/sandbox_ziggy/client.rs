//! A plain client that sends what the official CLI 1.0.29 was recorded to send. It shares nothing with the one in
//! `src/platforms`.

use haul::sandbox::{Kind, Sandbox, SandboxOptions, Server, start};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header, multipart};
use serde_json::{Value, json};

pub async fn sandbox() -> Sandbox {
    start(SandboxOptions::default()).await.unwrap()
}

pub async fn assuming(switches: &[&str]) -> Sandbox {
    let switches = switches.iter().map(|switch| (*switch).to_owned()).collect();
    start(SandboxOptions { switches, ..SandboxOptions::default() }).await.unwrap()
}

/// With faults at both servers.
pub async fn faulty(faults: &[&str]) -> Sandbox {
    let faults = faults.iter().map(|fault| (*fault).to_owned()).collect();
    start(SandboxOptions { faults, ..SandboxOptions::default() }).await.unwrap()
}

/// Sends what the official CLI sends, at one server.
pub struct Cli {
    pub http: Client,
    pub base: String,
    pub user: String,
    pub password: String,
    pub token: String,
}

impl Cli {
    pub fn at(server: &Server) -> Self {
        Self {
            http: Client::builder().no_proxy().tls_built_in_root_certs(false).build().unwrap(),
            base: format!("{}/api", server.info.url),
            user: server.info.user.clone(),
            password: server.info.password.clone(),
            token: String::new(),
        }
    }

    pub async fn logged_in(server: &Server) -> Self {
        let mut cli = Self::at(server);
        let reply = cli.login().await;
        assert_eq!(reply["passwordStrengthOk"], true);
        cli
    }

    /// `Authorization` is there but empty at first and carries the last token later; the password is in every cookie.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let bearer = if self.token.is_empty() { String::new() } else { format!("Bearer {}", self.token) };
        let cookie = format!(
            "tenantId=##solo##; provider=email; accessToken={}; userId={}; password={};",
            self.token, self.user, self.password
        );
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.header(header::AUTHORIZATION, bearer).header(header::COOKIE, cookie)
    }

    /// JSON is announced on every request, also on those without a body.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        let request = match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        json_of(self.send(Method::GET, path, None).await, StatusCode::OK).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        json_of(self.send(Method::POST, path, Some(body)).await, StatusCode::CREATED).await
    }

    pub async fn post_owned(&self, path: String, body: Value) -> Value {
        self.post(&path, body).await
    }

    pub async fn login(&mut self) -> Value {
        let body = json!({ "username": self.user, "password": self.password });
        let reply = self.post("/auth/login", body).await;
        self.token = reply["token"].as_str().unwrap().to_owned();
        reply
    }

    pub async fn export(&self, tags: &[&str], uuids: &[&str]) -> Value {
        self.post("/flow/export-tagged", json!({ "tags": tags, "flowUuids": uuids })).await;
        self.get("/flow/export-tagged").await
    }

    pub async fn upload(&self, file: &Value, mode: &str, no_backup: bool) -> Response {
        let part =
            multipart::Part::text(file.to_string()).file_name("export.json").mime_str("application/json").unwrap();
        let form = multipart::Form::new()
            .part("file", part)
            .text("duplicatesMode", mode.to_owned())
            .text("noBackup", no_backup.to_string());
        self.request(Method::POST, "/flow/import").multipart(form).send().await.unwrap()
    }

    pub async fn import(&self, file: &Value, mode: &str) -> Value {
        json_of(self.upload(file, mode, true).await, StatusCode::CREATED).await
    }
}

pub async fn json_of(response: Response, status: StatusCode) -> Value {
    let (found, url) = (response.status(), response.url().clone());
    let kind = response.headers().get(header::CONTENT_TYPE).cloned();
    let body = response.text().await.unwrap();
    assert_eq!(found, status, "{url}: {body}");
    assert!(kind.is_some_and(|kind| kind.to_str().unwrap().starts_with("application/json")), "{url}");
    serde_json::from_str(&body).unwrap()
}

pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap()
}

pub fn uuid_of(server: &Server, kind: Kind, name: &str) -> String {
    named(server, kind, name)["uuid"].as_str().unwrap().to_owned()
}

/// The live item of that name, with real secret values.
pub fn named(server: &Server, kind: Kind, name: &str) -> Value {
    let all = all_named(server, kind, name);
    assert_eq!(all.len(), 1, "{name}");
    all[0].clone()
}

pub fn all_named(server: &Server, kind: Kind, name: &str) -> Vec<Value> {
    let dump = server.dump();
    let items = list(&dump, kind.list()).iter();
    items.filter(|item| item["name"] == name && item["isDeleted"] != true).cloned().collect()
}

pub fn texts<'a>(list: &'a [Value], field: &str) -> Vec<&'a str> {
    list.iter().map(|item| item[field].as_str().unwrap()).collect()
}
