//! A plain client that speaks raw frames. It shares nothing with the one in `src/platforms`.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{SinkExt, StreamExt};
use haul::sandbox::{Sandbox, SandboxOptions, Server, Site, start};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

pub const ARTICLE: &str = "api::article.article";
pub const AUTHOR: &str = "api::author.author";
pub const CATEGORY: &str = "api::category.category";
pub const TAG: &str = "api::tag.tag";
pub const PAGE: &str = "api::page.page";
pub const PROFILE: &str = "api::profile.profile";
pub const NOTE: &str = "api::note.note";
pub const FILE: &str = "plugin::upload.file";

/// So long a test listens for what must not come.
const LISTEN: Duration = Duration::from_millis(300);

pub fn options() -> SandboxOptions {
    SandboxOptions { platform: Some("strapi".to_owned()), ..SandboxOptions::default() }
}

pub async fn sandbox() -> Sandbox {
    start(options()).await.unwrap()
}

pub async fn faulty(faults: &[&str]) -> Sandbox {
    let faults = faults.iter().map(|fault| (*fault).to_owned()).collect();
    start(SandboxOptions { faults, ..options() }).await.unwrap()
}

pub async fn assuming(switches: &[&str]) -> Sandbox {
    let switches = switches.iter().map(|switch| (*switch).to_owned()).collect();
    start(SandboxOptions { switches, ..options() }).await.unwrap()
}

pub fn site(server: &Server) -> &Site {
    server.site().unwrap()
}

/// Ids of a type in their order.
pub fn ids(server: &Server, uid: &str) -> Vec<u64> {
    site(server).rows(uid).iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

/// The one row whose field has this value.
pub fn row_with(server: &Server, uid: &str, field: &str, value: &str) -> Value {
    let rows = site(server).rows(uid);
    rows.into_iter().find(|row| row["data"][field] == value).unwrap_or_else(|| panic!("no {uid} with {field} {value}"))
}

pub fn entity(uid: &str, id: u64, data: Value) -> Value {
    json!({ "type": uid, "id": id, "data": data })
}

/// A restore that deletes nothing.
pub fn nothing() -> Value {
    json!({ "entities": { "include": [] }, "assets": false, "configuration": { "coreStore": false, "webhook": false } })
}

/// One that deletes what the condition names.
pub fn only(types: &[&str], condition: Value) -> Value {
    let mut restore = nothing();
    restore["entities"] = json!({ "include": types, "params": { "where": condition } });
    restore
}

/// What became of a frame.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Data(Value),
    Error(Value),
    Closed,
}

impl Answer {
    pub fn data(self) -> Value {
        match self {
            Self::Data(data) => data,
            other => panic!("no data but {other:?}"),
        }
    }

    pub fn error(self) -> Value {
        match self {
            Self::Error(error) => error,
            other => panic!("no error but {other:?}"),
        }
    }

    pub fn message(self) -> String {
        self.error()["message"].as_str().unwrap().to_owned()
    }
}

pub struct Client {
    socket: WebSocketStream<TcpStream>,
    pub id: String,
    /// Frames that were not asked for: data of a pull.
    pub waiting: Vec<Value>,
    pub warnings: Vec<String>,
    count: u64,
}

impl Client {
    pub async fn open(server: &Server, direction: &str) -> Self {
        Self::try_open(server, direction, &server.info.token.clone().unwrap()).await.unwrap()
    }

    /// The HTTP status where the server refuses.
    pub async fn try_open(server: &Server, direction: &str, token: &str) -> Result<Self, u16> {
        let address = server.info.url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address.split('/').next().unwrap()).await.unwrap();
        let mut request = format!("ws://{address}/transfer/runner/{direction}").into_client_request().unwrap();
        if !token.is_empty() {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        match client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => {
                Ok(Self { socket, id: String::new(), waiting: Vec::new(), warnings: Vec::new(), count: 0 })
            }
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// `init` and `bootstrap` of a push.
    pub async fn push(server: &Server, restore: Value) -> Self {
        let mut client = Self::open(server, "push").await;
        client.init(restore).await;
        client.action("bootstrap").await.data();
        client
    }

    pub async fn init(&mut self, restore: Value) -> Value {
        let options = json!({ "strategy": "restore", "restore": restore });
        let params = json!({ "transfer": "push", "checksums": true, "assetEncoding": "base64", "options": options });
        let reply = self.command("init", params).await.data();
        self.id = reply["transferID"].as_str().unwrap().to_owned();
        reply
    }

    /// `init` and `bootstrap` of a pull.
    pub async fn pull(server: &Server) -> Self {
        let mut client = Self::open(server, "pull").await;
        let reply = client.command("init", json!({ "transfer": "pull", "checksums": true })).await.data();
        client.id = reply["transferID"].as_str().unwrap().to_owned();
        client.action("bootstrap").await.data();
        client
    }

    pub async fn command(&mut self, command: &str, params: Value) -> Answer {
        self.ask(json!({ "type": "command", "command": command, "params": params })).await
    }

    pub async fn action(&mut self, action: &str) -> Answer {
        self.ask(json!({ "type": "transfer", "kind": "action", "action": action, "transferID": self.id })).await
    }

    pub async fn step(&mut self, action: &str, step: &str, data: Value) -> Answer {
        let frame = json!({ "type": "transfer", "kind": "step", "action": action, "step": step, "data": data,
            "transferID": self.id });
        self.ask(frame).await
    }

    pub async fn ask(&mut self, frame: Value) -> Answer {
        let uuid = self.send(frame).await;
        self.answer(&uuid).await
    }

    /// With a uuid of its own unless it has one.
    pub async fn send(&mut self, mut frame: Value) -> String {
        self.count += 1;
        if frame.get("uuid").is_none() {
            frame["uuid"] = json!(format!("00000000-0000-4000-8000-{:012}", self.count));
        }
        self.raw(&frame.to_string()).await;
        frame["uuid"].as_str().unwrap().to_owned()
    }

    pub async fn raw(&mut self, text: &str) {
        let _ = self.socket.send(Message::text(text)).await; // a socket that was cut answers as closed
    }

    pub async fn answer(&mut self, uuid: &str) -> Answer {
        loop {
            let Some(frame) = self.next().await else { return Answer::Closed };
            if frame["uuid"] == uuid || frame.get("uuid").is_none() {
                return match &frame["error"] {
                    Value::Null => Answer::Data(frame["data"].clone()),
                    error => Answer::Error(error.clone()),
                };
            }
            self.waiting.push(frame);
        }
    }

    /// The next frame that is no diagnostic; none where the socket is closed.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let frame = match self.socket.next().await? {
                Ok(Message::Text(text)) => serde_json::from_str::<Value>(&text).unwrap(),
                Ok(Message::Pong(_)) => json!({ "uuid": "pong" }),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => continue,
            };
            match frame.get("diagnostic") {
                Some(note) if note["kind"] == "warning" => {
                    self.warnings.push(note["details"]["message"].as_str().unwrap().to_owned());
                }
                Some(_) => {}
                None => return Some(frame),
            }
        }
    }

    /// Whether nothing comes for a while.
    pub async fn is_silent(&mut self) -> bool {
        timeout(LISTEN, self.next()).await.is_err()
    }

    /// Whether a ping is answered in a while.
    pub async fn has_pong(&mut self) -> bool {
        let _ = self.socket.send(Message::Ping(Vec::new().into())).await; // no answer is what the caller may expect
        matches!(timeout(LISTEN, self.next()).await, Ok(Some(frame)) if frame["uuid"] == "pong")
    }

    /// A whole stage of a push, in one frame.
    pub async fn stage(&mut self, step: &str, rows: Vec<Value>) -> Value {
        self.step("start", step, Value::Null).await.data();
        self.step("stream", step, Value::Array(rows)).await.data();
        self.step("end", step, Value::Null).await.data()
    }

    pub async fn end(&mut self) -> Answer {
        self.command("end", json!({ "transferID": self.id })).await
    }

    /// Success: commit, end, close.
    pub async fn finish(mut self) {
        self.action("close").await.data();
        self.end().await.data();
        let _ = self.socket.close(None).await; // it is over either way
    }

    /// Failure: rollback, close, end, close.
    pub async fn abandon(mut self) {
        self.action("rollback").await.data();
        self.finish().await;
    }

    /// The data of one stage of a pull, each frame acknowledged.
    pub async fn stream(&mut self, step: &str) -> (Vec<Value>, Value) {
        let start = self.step("start", step, Value::Null).await.data();
        let mut rows = Vec::new();
        loop {
            let frame = match self.waiting.pop() {
                Some(frame) => frame,
                None => self.next().await.unwrap(),
            };
            assert_eq!(frame["data"]["id"], start["id"]);
            self.acknowledge(&frame).await;
            if frame["data"]["ended"] == true {
                self.step("end", step, Value::Null).await.data();
                return (rows, frame["data"]["error"].clone());
            }
            rows.extend(frame["data"]["data"].as_array().unwrap().iter().cloned());
        }
    }

    pub async fn acknowledge(&mut self, frame: &Value) {
        self.raw(&json!({ "uuid": frame["uuid"] }).to_string()).await;
    }
}

/// Everything that a pull brings.
#[derive(Debug)]
pub struct Pulled {
    pub schemas: Value,
    pub entities: Vec<Value>,
    pub links: Vec<Value>,
    pub configuration: Vec<Value>,
    pub files: BTreeMap<String, Vec<u8>>,
}

pub async fn pull(server: &Server) -> Pulled {
    let mut client = Client::pull(server).await;
    let schemas = client.action("getSchemas").await.data();
    let mut lists = Vec::new();
    for stage in ["entities", "links", "configuration", "assets"] {
        let (rows, error) = client.stream(stage).await;
        assert_eq!(error, Value::Null, "{stage}");
        lists.push(rows);
    }
    client.action("close").await.data();
    client.end().await.data();
    let files = files(&lists.pop().unwrap());
    let configuration = lists.pop().unwrap();
    let links = lists.pop().unwrap();
    Pulled { schemas, entities: lists.pop().unwrap(), links, configuration, files }
}

/// Files from the frames of the assets stage, their checksums held against the bytes.
pub fn files(frames: &[Value]) -> BTreeMap<String, Vec<u8>> {
    let mut names = BTreeMap::new();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for item in frames.iter().flat_map(|batch| batch.as_array().unwrap()) {
        let id = item["assetID"].as_str().unwrap().to_owned();
        match item["action"].as_str().unwrap() {
            "start" => {
                let name = item["data"]["filename"].as_str().unwrap().to_owned();
                files.insert(name.clone(), Vec::new());
                names.insert(id, name);
            }
            "stream" => files.get_mut(&names[&id]).unwrap().extend(bytes(item)),
            _ => {
                if let Some(sum) = item["checksum"]["value"].as_str() {
                    assert_eq!(sum, sha256(&files[&names[&id]]), "{}", names[&id]);
                }
            }
        }
    }
    files
}

fn bytes(item: &Value) -> Vec<u8> {
    match &item["data"] {
        Value::String(text) => STANDARD.decode(text).unwrap(),
        buffer => {
            let numbers = buffer["data"].as_array().unwrap().iter();
            numbers.map(|number| u8::try_from(number.as_u64().unwrap()).unwrap()).collect()
        }
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The items that push a file: start, one chunk, end with its checksum.
pub fn asset(id: &str, metadata: &Value, bytes: &[u8]) -> Vec<Value> {
    let data = json!({ "metadata": metadata, "filename": "ignored.bin", "filepath": "/x", "stats": { "size": 1 } });
    vec![
        json!({ "action": "start", "assetID": id, "data": data }),
        json!({ "action": "stream", "assetID": id, "encoding": "base64", "data": STANDARD.encode(bytes) }),
        json!({ "action": "end", "assetID": id, "checksum": { "algorithm": "sha256", "value": sha256(bytes) } }),
    ]
}

/// The row of a text file.
pub fn text_file(name: &str) -> Value {
    json!({ "name": format!("{name}.txt"), "hash": name, "ext": ".txt", "mime": "text/plain", "size": 1,
        "url": format!("/uploads/{name}.txt"), "provider": "local", "folderPath": "/" })
}
