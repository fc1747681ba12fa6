//! A server of a few lines that speaks the pull as 5.54.0 and 4.26.2 were seen to speak it, and does wrong what it is told
//! to. It knows nothing of the client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

pub const TOKEN: &str = "the right token";

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    None,
    /// The connection is cut instead of the first piece of this stage.
    Cut(&'static str),
    /// Nothing comes instead of it, but pings are answered.
    Stall(&'static str),
    /// Nothing comes and nothing is read.
    Silence(&'static str),
    /// For so long nothing comes and nothing is read; then everything does.
    Busy(&'static str, Duration),
    /// The stage ends with this error.
    Ended(&'static str, Value),
    /// The action is refused.
    Refuse(&'static str),
    /// Something else comes instead of the answer to an action.
    Say(&'static str, &'static str),
    /// A byte of every file is another one than its checksum is for.
    Damage,
    /// The piece comes before the reply that names its stream.
    Hasty,
    /// Instead of any answer, this one.
    Status(&'static str),
    /// There is no transfer for anybody, and no address for one.
    Disabled,
    /// The token is looked at, and the switch refused.
    Unswitched,
    /// The token lacks this right.
    Lacks(&'static str),
}

/// A file of the server.
#[derive(Clone, Debug)]
pub struct File {
    pub name: &'static str,
    pub metadata: Value,
    pub bytes: Vec<u8>,
}

/// What the server holds, and what it does wrong.
#[derive(Clone, Debug)]
pub struct Script {
    pub version: &'static str,
    pub entities: Vec<Value>,
    pub links: Vec<Value>,
    pub files: Vec<File>,
    pub fault: Fault,
}

impl Script {
    /// Before 5.43 there are no checksums, no totals and no base64.
    fn is_old(&self) -> bool {
        self.version.starts_with('4')
    }
}

#[derive(Clone, Debug)]
pub struct Server {
    pub url: String,
    /// What was asked of it: `init`, `start entities`, `close` …
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(script: Script) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let server = Server { url: format!("http://{address}/admin"), asked: Arc::default() };
        let asked = server.asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone(), asked.clone()));
            }
        });
        server
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panicked").clone()
    }
}

async fn serve(mut stream: TcpStream, script: Script, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let lower = head.to_lowercase();
    let value = |name: &str| {
        let at = lower.find(&format!("\n{name}: "))? + name.len() + 3;
        Some(head[at..].lines().next().unwrap_or_default().trim().to_owned())
    };
    let key = value("sec-websocket-key");
    let knows = value("authorization").as_deref() == Some(&format!("Bearer {TOKEN}"));
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let direction = path.rsplit('/').next().unwrap_or_default();
    let status = match &script.fault {
        Fault::Status(status) => status,
        _ if path == "/admin/init" => "200 OK",
        Fault::Disabled => "404 Not Found",
        _ if !path.starts_with("/admin/transfer/runner/") => "404 Not Found",
        _ if !knows => "401 Unauthorized",
        Fault::Lacks(right) if *right == direction => "403 Forbidden",
        Fault::Unswitched => "404 Not Found",
        _ if key.is_none() => "404 Not Found",
        _ => "101 Switching Protocols",
    };
    let Some(key) = key.filter(|_| status.starts_with("101")) else {
        let is_strapi = path == "/admin/init" && !matches!(script.fault, Fault::Status(_));
        let body = if is_strapi { r#"{"data":{"hasAdmin":true}}"# } else { "{}" };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        let _ = stream.write_all(answer.as_bytes()).await;
        return;
    };
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 {status}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await.expect("the client is there");
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    Talk { socket, script, asked, pieces: Vec::new(), stream: 0 }.talk().await;
}

struct Talk {
    socket: WebSocketStream<TcpStream>,
    script: Script,
    asked: Arc<Mutex<Vec<String>>>,
    /// Of the stage that is open, the next one last.
    pieces: Vec<Value>,
    stream: u32,
}

/// Whether the conversation goes on.
#[derive(PartialEq)]
enum Then {
    On,
    Over,
}

impl Talk {
    async fn talk(mut self) {
        while let Some(Ok(message)) = self.socket.next().await {
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).expect("the client sends JSON");
            if self.answer(&frame).await == Then::Over {
                return;
            }
        }
    }

    async fn say(&mut self, frame: Value) {
        // A client that hung up hears nothing.
        let _ = self.socket.send(Message::text(frame.to_string())).await;
    }

    async fn answer(&mut self, frame: &Value) -> Then {
        let uuid = frame["uuid"].as_str().expect("a uuid").to_owned();
        let word = |name: &str| frame[name].as_str().unwrap_or_default().to_owned();
        let (type_, action, step) = (word("type"), word("action"), word("step"));
        if type_.is_empty() {
            self.next_piece().await;
            return Then::On;
        }
        let what = [word("command"), action.clone(), step.clone()].join(" ").trim().to_owned();
        self.asked.lock().expect("no test panicked").push(what.clone());
        let note = json!({"kind": "info", "details": {"message": format!("received {what}"), "origin": "x"}});
        self.say(json!({"uuid": "of the note", "diagnostic": note})).await;
        match &self.script.fault {
            Fault::Refuse(refused) if *refused == what => {
                let error = json!({"code": "Error", "message": "Invalid Transfer Process", "details": {}});
                self.say(json!({"uuid": uuid, "data": null, "error": error})).await;
                return Then::On;
            }
            Fault::Say(at, words) if *at == what => {
                let _ = self.socket.send(Message::text(*words)).await;
                return Then::On;
            }
            _ => {}
        }
        let is_start = action == "start";
        if is_start && self.script.fault == Fault::Hasty {
            self.open(&step);
            let data = json!({"ok": true, "id": self.id()});
            self.next_piece().await;
            self.say(json!({"uuid": uuid, "data": data, "error": null})).await;
            return Then::On;
        }
        if is_start {
            self.open(&step);
        }
        let data = self.reply(&what);
        self.say(json!({"uuid": uuid, "data": data, "error": null})).await;
        if is_start {
            return self.first_piece(&step).await;
        }
        Then::On
    }

    fn id(&self) -> String {
        format!("stream {}", self.stream)
    }

    fn reply(&self, what: &str) -> Value {
        let old = self.script.is_old();
        match what {
            "init" if old => json!({"transferID": "t"}),
            "init" => json!({"transferID": "t", "checksums": true}),
            "getMetadata" => {
                json!({"createdAt": "2026-11-21T02:38:56.311Z", "strapi": {"version": self.script.version}})
            }
            "getSchemas" => json!({
                "api::a.a": {"uid": "api::a.a", "info": {"displayName": "A"}, "attributes": {"title": {"type": "string"}}},
                "plugin::upload.file": {"uid": "plugin::upload.file", "info": {}, "attributes": {"name": {"type": "string"}}},
            }),
            "start assets" if !old => {
                let bytes: usize = self.script.files.iter().map(|file| file.bytes.len()).sum();
                let totals = json!({"totalBytes": bytes, "totalCount": self.script.files.len()});
                json!({"ok": true, "id": self.id(), "totals": totals})
            }
            _ if what.starts_with("start") => json!({"ok": true, "id": self.id()}),
            _ => json!({"ok": true}),
        }
    }

    async fn first_piece(&mut self, step: &str) -> Then {
        match self.script.fault.clone() {
            Fault::Cut(at) if at == step => return Then::Over,
            Fault::Stall(at) if at == step => {}
            Fault::Silence(at) if at == step => std::future::pending().await,
            Fault::Busy(at, long) if at == step => {
                tokio::time::sleep(long).await;
                self.next_piece().await;
            }
            Fault::Ended(at, error) if at == step => {
                let piece = json!({"type": "transfer", "data": null, "ended": true, "error": error, "id": self.id()});
                self.say(json!({"uuid": "of the error", "data": piece})).await;
            }
            _ => self.next_piece().await,
        }
        Then::On
    }

    async fn next_piece(&mut self) {
        let piece = match self.pieces.pop() {
            Some(data) => json!({"type": "transfer", "data": data, "ended": false, "error": null, "id": self.id()}),
            None if self.stream % 2 == 1 => {
                self.stream += 1;
                let id = format!("stream {}", self.stream - 1);
                json!({"type": "transfer", "data": null, "ended": true, "error": null, "id": id})
            }
            // The acknowledgement of the end.
            None => return,
        };
        self.say(json!({"uuid": format!("piece {}", self.pieces.len()), "data": piece})).await;
    }

    /// Odd numbers are streams that are open.
    fn open(&mut self, step: &str) {
        self.stream += 1 + self.stream % 2;
        self.pieces = match step {
            "entities" => self.script.entities.iter().map(|row| json!([row])).collect(),
            "links" => self.script.links.iter().map(|row| json!([row])).collect(),
            "assets" => self.script.files.iter().flat_map(|file| self.frames_of(file)).collect(),
            _ => Vec::new(),
        };
        self.pieces.reverse();
    }

    /// Two frames a file: it begins in the first and ends in the second.
    fn frames_of(&self, file: &File) -> Vec<Value> {
        let id = format!("asset {}", file.name);
        let checksum = Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let mut bytes = file.bytes.clone();
        if self.script.fault == Fault::Damage {
            bytes[0] ^= 1;
        }
        let start = json!({
            "metadata": file.metadata, "filepath": "/srv/app/public/uploads/x", "filename": file.name,
            "stats": {"size": bytes.len()},
        });
        let (first, second) = bytes.split_at(bytes.len() / 2);
        let old = self.script.is_old();
        let goes = |bytes: &[u8]| match old {
            true => json!({"action": "stream", "assetID": id, "data": {"type": "Buffer", "data": bytes}}),
            false => json!({"action": "stream", "assetID": id, "encoding": "base64", "data": STANDARD.encode(bytes)}),
        };
        let end = match old {
            true => json!({"action": "end", "assetID": id}),
            false => json!({"action": "end", "assetID": id, "checksum": {"algorithm": "sha256", "value": checksum}}),
        };
        vec![json!([[{"action": "start", "assetID": id, "data": start}, goes(first)]]), json!([[goes(second), end]])]
    }
}
