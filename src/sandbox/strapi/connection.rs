//! One transfer socket: the envelope, replies that are given once, diagnostics, the log and the faults that strike
//! frames. Frames are handled one after the other while pings are answered.
//! Must not know: what a transfer does (see `push` and `pull`).

use std::{collections::HashSet, sync::Arc};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{SinkExt, StreamExt, future, stream::SplitSink};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Site,
    failure::Failure,
    pull::Pull,
    push::Push,
    reader::{Arrived, read},
    token::Token,
};
use crate::sandbox::{fault::FrameMishap, wire::Wire};

/// The largest message a server takes, as the `ws` package has it.
pub(super) const LARGEST: usize = 100 * 1024 * 1024;
const TOO_LARGE: u16 = 1009;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pull,
    Push,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
        }
    }

    /// As a trigger names it, in the place of an HTTP method.
    fn method(self) -> &'static str {
        match self {
            Self::Pull => "PULL",
            Self::Push => "PUSH",
        }
    }
}

/// What can be sent to one client.
#[derive(Debug)]
pub(super) struct Connection {
    pub site: Arc<Site>,
    pub kind: Kind,
    number: u64,
    token: Token,
    wire: Wire,
    sink: SplitSink<WebSocket, Message>,
    closed: CancellationToken,
    frozen: CancellationToken,
    seen: HashSet<String>,
    last: Option<(String, Value)>,
}

/// Serves the socket until it is gone, then cleans up as a server does.
pub(super) async fn serve(site: Arc<Site>, kind: Kind, token: Token, wire: Wire, socket: WebSocket) {
    let (sink, stream) = socket.split();
    let (closed, frozen) = (CancellationToken::new(), CancellationToken::new());
    let (sender, mut arrived) = mpsc::unbounded_channel();
    let reader = read(stream, sender, closed.clone(), frozen.clone(), wire.clone());
    let number = site.frames.connected();
    let (seen, last) = (HashSet::new(), None);
    let mut connection = Connection { site, kind, number, token, wire, sink, closed, frozen, seen, last };
    let handler = async move {
        let mut transfer = match kind {
            Kind::Pull => Transfer::Pull(Box::default()),
            Kind::Push => Transfer::Push(Box::default()),
        };
        loop {
            let next = match arrived.recv().await {
                Some(Arrived::Frame(text)) => connection.take(&mut transfer, &text).await,
                Some(Arrived::TooLarge) => connection.refuse_size().await,
                Some(Arrived::Closed) | None => Next::Break(()),
            };
            if next.is_break() {
                break;
            }
        }
        connection.closed.cancelled().await;
        if let Transfer::Push(push) = &mut transfer {
            push.dropped();
        }
    };
    future::join(reader, handler).await;
}

#[derive(Debug)]
enum Transfer {
    Pull(Box<Pull>),
    Push(Box<Push>),
}

type Next = std::ops::ControlFlow<()>;

impl Connection {
    async fn take(&mut self, transfer: &mut Transfer, text: &str) -> Next {
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            self.wire.cut();
            return Next::Break(());
        };
        let path = path(&message);
        self.site.frames.received(self.number, self.kind, text.len(), &message);
        let mishaps = self.site.pipeline.weather.frame(self.kind.method(), &path);
        if self.strike_before(&mishaps).await.is_break() {
            return Next::Break(());
        }
        let Some((uuid, kind)) = addressed(&message) else {
            if let (Transfer::Pull(pull), Some(uuid)) = (&mut *transfer, message["uuid"].as_str()) {
                let outcome = pull.acknowledged(self, uuid).await;
                return self.outcome(outcome).await;
            }
            return Next::Continue(());
        };
        if uuid.is_empty() {
            let error = json!({ "code": "Error", "message": "Missing uuid in message", "details": {} });
            self.send(&json!({ "data": null, "error": error })).await;
            return Next::Continue(());
        }
        if let Transfer::Push(push) = &*transfer
            && push.is_over()
        {
            let over = Failure::transfer("Transfer has been terminated");
            return self.answer(&uuid, Err(over), false).await;
        }
        if !self.seen.insert(uuid.clone()) {
            if let Some((last, reply)) = self.last.clone()
                && last == uuid
            {
                self.send(&reply).await;
            }
            return Next::Continue(());
        }
        self.handle(transfer, &message, &uuid, kind == "command", &mishaps).await
    }

    async fn handle(
        &mut self,
        transfer: &mut Transfer,
        message: &Value,
        uuid: &str,
        command: bool,
        mishaps: &[FrameMishap],
    ) -> Next {
        let text = |key: &str| message[key].as_str().unwrap_or("undefined").to_owned();
        let what = match command {
            true => format!("received command:{} uuid:{uuid}", text("command")),
            false => format!("received transfer action:{} step:{} uuid:{uuid}", text("action"), text("kind")),
        };
        self.diagnose("info", &what, Origin::Handler).await;
        let closed = self.closed.clone();
        let work = async {
            match transfer {
                Transfer::Pull(pull) => pull.handle(self, message, command).await,
                Transfer::Push(push) => push.handle(self, message, command).await,
            }
        };
        // A frame that waits for the database must not outlive its socket.
        let result = tokio::select! { result = work => result, () = closed.cancelled() => return Next::Break(()) };
        if mishaps.contains(&FrameMishap::CutAfter) {
            self.wire.cut();
            return Next::Break(());
        }
        let result = match mishaps.contains(&FrameMishap::Fail) {
            true => Err(Failure::plain("The sandbox was told to fail here")),
            false => result,
        };
        let next = self.answer(uuid, result, true).await;
        if let (Transfer::Pull(pull), true) = (transfer, next.is_continue()) {
            let outcome = pull.answered(self).await;
            return self.outcome(outcome).await;
        }
        next
    }

    async fn refuse_size(&mut self) -> Next {
        let frame = CloseFrame { code: TOO_LARGE, reason: "".into() };
        let _ = self.sink.send(Message::Close(Some(frame))).await; // the client may be gone
        Next::Break(())
    }

    async fn strike_before(&mut self, mishaps: &[FrameMishap]) -> Next {
        for mishap in mishaps {
            match mishap {
                FrameMishap::Cut => {
                    self.wire.cut();
                    return Next::Break(());
                }
                FrameMishap::Crash => {
                    self.site.crash();
                    return Next::Break(());
                }
                FrameMishap::Stall => return Next::Break(()),
                FrameMishap::Freeze => {
                    self.frozen.cancel();
                    return Next::Break(());
                }
                FrameMishap::Slow(pause) => tokio::time::sleep(*pause).await,
                FrameMishap::CutAfter | FrameMishap::Fail => {}
            }
        }
        Next::Continue(())
    }

    async fn outcome(&mut self, result: Result<(), Failure>) -> Next {
        match result {
            Ok(()) => Next::Continue(()),
            Err(Failure::Crash) => {
                self.site.crash();
                Next::Break(())
            }
            Err(_) => Next::Break(()),
        }
    }

    async fn answer(&mut self, uuid: &str, result: Result<Value, Failure>, keep: bool) -> Next {
        let reply = match result {
            Ok(data) => json!({ "uuid": uuid, "data": data, "error": null }),
            Err(Failure::Error { code, message, details }) => {
                let error = json!({ "code": code, "message": message, "details": details });
                json!({ "uuid": uuid, "data": null, "error": error })
            }
            Err(Failure::Hang) => return Next::Break(()),
            Err(Failure::Crash) => return self.outcome(Err(Failure::Crash)).await,
        };
        self.send(&reply).await;
        if keep {
            self.last = Some((uuid.to_owned(), reply));
        }
        Next::Continue(())
    }

    pub async fn send(&mut self, frame: &Value) {
        self.send_text(frame.to_string()).await;
    }

    /// A client that is gone is noticed by the reader.
    pub async fn send_text(&mut self, text: String) {
        self.site.frames.sent(self.number, self.kind, &text);
        let _ = self.sink.send(Message::Text(text.into())).await;
    }

    /// A data frame of a pull. Faults that strike it are met before it is sent.
    pub async fn send_data(&mut self, stage: &str, text: String) -> Result<(), Failure> {
        let mishaps = self.site.pipeline.weather.frame(self.kind.method(), &format!("/{stage}/data"));
        if self.strike_before(&mishaps).await.is_break() {
            return Err(Failure::Hang);
        }
        self.send_text(text).await;
        if mishaps.contains(&FrameMishap::CutAfter) {
            self.wire.cut();
            return Err(Failure::Hang);
        }
        Ok(())
    }

    pub async fn diagnose(&mut self, kind: &str, message: &str, origin: Origin) {
        let uuid = self.site.clock().uuid();
        let now = self.site.clock().now();
        let origin = origin.word(self.kind);
        let details = match kind {
            "info" => json!({ "message": message, "origin": origin, "createdAt": now }),
            _ => json!({ "message": message, "createdAt": now, "origin": origin }),
        };
        self.send(&json!({ "diagnostic": { "details": details, "kind": kind }, "uuid": uuid })).await;
    }

    /// Asked at each frame: a token may end while a transfer runs.
    pub fn verify(&self) -> Result<(), Failure> {
        self.site.verify(&self.token, self.kind)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Handler,
    Provider,
}

impl Origin {
    fn word(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Handler, Kind::Pull) => "pull-handler",
            (Self::Handler, Kind::Push) => "push-handler",
            (Self::Provider, Kind::Pull) => "local-source-provider",
            (Self::Provider, Kind::Push) => "local-destination-provider",
        }
    }
}

/// `uuid` and `type` of a frame that asks for something; anything else is ignored.
fn addressed(message: &Value) -> Option<(String, String)> {
    let uuid = message["uuid"].as_str()?;
    let kind = message["type"].as_str()?;
    matches!(kind, "command" | "transfer").then(|| (uuid.to_owned(), kind.to_owned()))
}

/// What a frame is, as a path that triggers can name: `/init`, `/close`, `/entities/stream`, `/ack`.
fn path(message: &Value) -> String {
    let text = |key: &str| message[key].as_str().unwrap_or_default();
    match (text("type"), text("kind")) {
        ("command", _) => format!("/{}", text("command")),
        ("transfer", "step") => format!("/{}/{}", text("step"), text("action")),
        ("transfer", _) => format!("/{}", text("action")),
        _ => "/ack".to_owned(),
    }
}
