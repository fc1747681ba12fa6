//! The sending side of a pull: stages whose frames wait for their acknowledgement one by one, two at a time if asked.
//! Must not know: how a row is stored, how frames travel.

use std::{collections::HashMap, sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    connection::{Connection, Origin},
    failure::Failure,
    produce::{Produced, Source},
    version::Version,
};
use crate::sandbox::switch::FirstFrame;

/// Rows go out in batches of this many bytes.
const BATCH: usize = 1024 * 1024;
/// The official client (5.54.0) listens for data only a moment after it has the reply, and a small frame that comes with
/// the reply in one segment is lost to it. A real server has to ask its database first, so it never sees that.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
pub(super) struct Pull {
    transfer: Option<Transfer>,
    /// Streams whose first frame follows the reply in hand.
    fresh: Vec<String>,
}

#[derive(Debug)]
struct Transfer {
    id: String,
    version: Version,
    checksums: bool,
    booted: bool,
    streams: HashMap<String, Stream>,
    /// Streams that ended while a frame waited for its acknowledgement.
    ended_early: HashMap<String, (String, String)>,
}

#[derive(Debug)]
struct Stream {
    id: String,
    source: Source,
    /// The frame that waits for its acknowledgement.
    pending: Option<String>,
    done: bool,
}

impl Pull {
    pub async fn handle(&mut self, to: &mut Connection, message: &Value, command: bool) -> Result<Value, Failure> {
        if command {
            return self.command(to, message);
        }
        to.verify()?;
        let Some(transfer) = &mut self.transfer else { return Err(Failure::plain("Invalid Transfer Process")) };
        match message["kind"].as_str() {
            Some("action") => transfer.action(to, message["action"].as_str().unwrap_or_default()).await,
            Some("step") => {
                let stage = message["step"].as_str().unwrap_or("undefined");
                match message["action"].as_str() {
                    Some("start") => {
                        let reply = transfer.start(to, stage).await?;
                        self.fresh.push(stage.to_owned());
                        Ok(reply)
                    }
                    Some("end") => Ok(transfer.end(stage)),
                    _ => Ok(Value::Null),
                }
            }
            _ => Ok(Value::Null),
        }
    }

    fn command(&mut self, to: &mut Connection, message: &Value) -> Result<Value, Failure> {
        let params = &message["params"];
        match message["command"].as_str() {
            Some("init") => {
                if self.transfer.is_some() {
                    return Err(Failure::plain("Transfer already in progress"));
                }
                to.verify()?;
                let version = to.site.version();
                let transfer = Transfer::new(to.site.clock().uuid(), version, params["checksums"] == true);
                let mut reply = json!({ "transferID": transfer.id });
                if version.has_checksums() {
                    super::set(&mut reply, "checksums", json!(true));
                }
                self.transfer = Some(transfer);
                Ok(reply)
            }
            Some("status") => Ok(self.status()),
            Some("end") => {
                to.verify()?;
                let id = self.transfer.as_ref().map(|transfer| transfer.id.as_str());
                if id != params["transferID"].as_str() {
                    return Err(Failure::transfer("Bad transfer ID provided"));
                }
                self.transfer = None;
                Ok(json!({ "ok": true }))
            }
            _ => Err(Failure::plain("Invalid transfer command")),
        }
    }

    /// The wrong way round, as the real one: active while nothing runs.
    fn status(&self) -> Value {
        match &self.transfer {
            None => json!({ "active": true, "kind": "pull", "elapsed": null }),
            Some(_) => json!({ "active": false, "kind": null, "elapsed": null, "startedAt": null }),
        }
    }

    /// The reply to `start` is out: the first frame may go.
    pub async fn answered(&mut self, to: &mut Connection) -> Result<(), Failure> {
        for stage in std::mem::take(&mut self.fresh) {
            if to.site.switches().first_frame == FirstFrame::Pauses {
                tokio::time::sleep(PAUSE).await;
            }
            if let Some(transfer) = &mut self.transfer {
                transfer.next(to, &stage).await?;
            }
        }
        Ok(())
    }

    pub async fn acknowledged(&mut self, to: &mut Connection, uuid: &str) -> Result<(), Failure> {
        let Some(transfer) = &mut self.transfer else { return Ok(()) };
        if let Some((stage, id)) = transfer.ended_early.remove(uuid) {
            let error = json!({ "code": "ERR_STREAM_PREMATURE_CLOSE" });
            return transfer.finish(to, &stage, &id, error).await.map(|_| ());
        }
        let stage = transfer.streams.iter().find(|(_, stream)| stream.pending.as_deref() == Some(uuid));
        let Some(stage) = stage.map(|(stage, _)| stage.clone()) else { return Ok(()) };
        transfer.next(to, &stage).await
    }
}

impl Transfer {
    fn new(id: String, version: Version, checksums: bool) -> Self {
        Self {
            id,
            version,
            checksums: checksums && version.has_checksums(),
            booted: false,
            streams: HashMap::new(),
            ended_early: HashMap::new(),
        }
    }

    async fn action(&mut self, to: &mut Connection, action: &str) -> Result<Value, Failure> {
        let ready = |what| if self.booted { Ok(()) } else { Err(Failure::not_started(what)) };
        match action {
            "bootstrap" => {
                self.booted = true;
                Ok(Value::Null)
            }
            "getMetadata" => {
                to.diagnose("info", "getting metadata", Origin::Provider).await;
                ready("Not able to get Metadata")?;
                Ok(to.site.metadata())
            }
            "getSchemas" => {
                ready("Not able to get Schemas")?;
                to.diagnose("info", "getting schemas", Origin::Provider).await;
                Ok(to.site.schemas.wire())
            }
            "close" => Ok(Value::Null),
            _ => {
                let details = json!({ "action": action, "validActions": ["0", "1", "2", "3"] });
                Err(Failure::transfer_with(format!("Invalid action provided: \"{action}\""), details))
            }
        }
    }

    async fn start(&mut self, to: &mut Connection, stage: &str) -> Result<Value, Failure> {
        if self.streams.contains_key(stage) {
            return Err(Failure::plain("Stream already created, something went wrong"));
        }
        let known = ["entities", "links", "configuration", "assets"];
        if !known.contains(&stage) {
            return Err(Failure::plain("Invalid transfer step, impossible to create a stream"));
        }
        if !self.booted {
            return Err(Failure::not_started(&format!("Not able to stream {stage}")));
        }
        to.diagnose("info", &format!("creating {stage} read stream"), Origin::Provider).await;
        // Reading waits for whoever has the database; the snapshot is then as of one moment, which the real one's is not.
        let database = Arc::new(to.site.read_database().await);
        let source = Source::new(&to.site, &database, stage, self.version, self.checksums);
        let id = to.site.clock().uuid();
        let mut reply = json!({ "ok": true, "id": id });
        if stage == "assets" && self.version.has_checksums() {
            super::set(&mut reply, "totals", source.totals());
        }
        self.streams.insert(stage.to_owned(), Stream { id, source, pending: None, done: false });
        Ok(reply)
    }

    fn end(&mut self, stage: &str) -> Value {
        if let Some(Stream { id, pending: Some(uuid), done: false, .. }) = self.streams.remove(stage) {
            self.ended_early.insert(uuid, (stage.to_owned(), id));
        }
        json!({ "ok": true })
    }

    /// Sends the next frame of the stage, or its end, or nothing after that.
    async fn next(&mut self, to: &mut Connection, stage: &str) -> Result<(), Failure> {
        let Some(stream) = self.streams.get_mut(stage) else { return Ok(()) };
        stream.pending = None;
        if stream.done {
            return Ok(());
        }
        let id = stream.id.clone();
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let mut end = None;
        while bytes < BATCH {
            match stream.source.next() {
                Some(Produced::Row(text)) => {
                    bytes += text.len();
                    batch.push(text);
                }
                // A frame of its own, whatever its size.
                Some(Produced::Frame(text)) => {
                    batch.push(text);
                    break;
                }
                Some(Produced::Warning(text)) => to.diagnose("warning", &text, Origin::Provider).await,
                Some(Produced::Failed(error)) => {
                    end = Some(error);
                    break;
                }
                Some(Produced::Crash) => return Err(Failure::Crash),
                None => {
                    end = Some(Value::Null);
                    break;
                }
            }
        }
        if batch.is_empty() {
            let uuid = self.finish(to, stage, &id, end.unwrap_or_default()).await?;
            if let Some(stream) = self.streams.get_mut(stage) {
                stream.done = true;
                stream.pending = Some(uuid);
            }
            return Ok(());
        }
        if let (Some(end), Some(stream)) = (end, self.streams.get_mut(stage)) {
            stream.source.put_back(end);
        }
        let uuid = to.site.clock().uuid();
        if let Some(stream) = self.streams.get_mut(stage) {
            stream.pending = Some(uuid.clone());
        }
        let rows = batch.join(",");
        let frame = format!(
            r#"{{"uuid":"{uuid}","data":{{"type":"transfer","data":[{rows}],"ended":false,"error":null,"id":"{id}"}}}}"#
        );
        to.send_data(stage, frame).await
    }

    async fn finish(&mut self, to: &mut Connection, stage: &str, id: &str, error: Value) -> Result<String, Failure> {
        let uuid = to.site.clock().uuid();
        let data = json!({ "type": "transfer", "data": null, "ended": true, "error": error, "id": id });
        to.send_data(stage, json!({ "uuid": uuid, "data": data }).to_string()).await?;
        Ok(uuid)
    }
}
