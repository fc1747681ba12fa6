//! One transfer over one socket: opened, led through its stages, and ended in good order, also by whoever drops it.
//! Must not know: where rows and files go.
//!
//! One frame is in flight at a time; servers handle what comes beside it concurrently. A transfer that is left without
//! `close` and `end` keeps the server's database waiting, so that both are always sent (5.54.0 on SQLite answers nobody
//! until then).

mod push;

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

pub(in crate::platforms::strapi) use self::push::{Cut, Goes, Restore};
use super::envelope::{self, Frame};
use super::features::{Echo, Features};
use super::probe::refusal;
use crate::model::{Error, ErrorKind, EventSink, Result, RunEvent};
use crate::net::{Client, Farewells, Heard, Method, Socket, SocketLimits, Upgrade};

/// Whether content comes from the server or goes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::platforms::strapi) enum Direction {
    Pull,
    Push,
}

impl Direction {
    /// Below the URL of the admin panel.
    pub(super) fn path(self) -> &'static str {
        match self {
            Direction::Pull => "transfer/runner/pull",
            Direction::Push => "transfer/runner/push",
        }
    }
}

/// The stages of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::platforms::strapi) enum Step {
    Entities,
    Links,
    Configuration,
    Assets,
}

impl Step {
    /// In the words of the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Entities => "entities",
            Step::Links => "links",
            Step::Configuration => "configuration",
            Step::Assets => "assets",
        }
    }
}

/// What a transfer is opened with.
#[derive(Clone)]
pub(in crate::platforms::strapi) struct Channel {
    pub client: Client,
    pub token: SecretString,
    pub limits: SocketLimits,
    pub events: Arc<dyn EventSink>,
    pub farewells: Farewells,
    /// Whether checksums of files are asked for and given.
    pub checksums: bool,
    /// A pause for each row that is written.
    pub throttle: Duration,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("client", &self.client).finish_non_exhaustive()
    }
}

/// How much is to come, where the server says so.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Totals {
    #[serde(rename = "totalBytes")]
    pub bytes: u64,
    #[serde(rename = "totalCount")]
    pub count: u64,
}

/// A piece of a stage, as it came.
#[derive(Debug)]
pub(in crate::platforms::strapi) struct Chunk {
    message: Bytes,
    data: Range<usize>,
}

impl Chunk {
    /// The list that it holds, as JSON. The whole message was read as JSON before.
    pub fn data(&self) -> &str {
        std::str::from_utf8(&self.message[self.data.clone()]).unwrap_or_default()
    }
}

/// How often a waiting person is told that a server is still at work, unless there is less patience than for that.
const WORD: Duration = Duration::from_secs(5);
/// How long the last words may take when a transfer is left.
const GOODBYE: Duration = Duration::from_secs(3);

/// A transfer that goes on.
pub(in crate::platforms::strapi) struct Session {
    /// `None` once the connection is broken or closed.
    socket: Option<Box<Socket>>,
    direction: Direction,
    transfer: String,
    /// What was asked last, for whoever wants to know what was in flight.
    asked: String,
    /// The stream that is open.
    stream: Option<(Step, String)>,
    /// Pieces that came before the reply that names their stream.
    early: VecDeque<Bytes>,
    warnings: Vec<String>,
    /// What has still to be said before the connection may end, last first.
    owed: Vec<LastWord>,
    /// How long the server may take for a reply or for the next piece.
    patience: Duration,
    events: Arc<dyn EventSink>,
    farewells: Farewells,
}

/// The words that end a transfer, each said at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LastWord {
    Rollback,
    Close,
    End,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("asked", &self.asked).field("stream", &self.stream).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Begun {
    #[serde(rename = "transferID")]
    transfer: String,
    #[serde(default)]
    checksums: bool,
    #[serde(default, rename = "assetEncoding")]
    encoding: Option<String>,
}

impl Begun {
    fn echo(&self) -> Echo {
        Echo { checksums: self.checksums, base64: self.encoding.as_deref() == Some("base64") }
    }
}

#[derive(Deserialize)]
struct Started {
    id: String,
    #[serde(default)]
    totals: Option<Totals>,
}

impl Session {
    /// Opens a pull, up to where stages can begin.
    pub async fn pull(channel: &Channel) -> Result<(Session, Features, Box<RawValue>)> {
        let mut session = Session::connect(channel, Direction::Pull).await?;
        let (features, metadata) = session.begin(&json!({"transfer": "pull", "checksums": channel.checksums})).await?;
        Ok((session, features, metadata))
    }

    /// Up to where the server says who it is.
    async fn begin(&mut self, params: &Value) -> Result<(Features, Box<RawValue>)> {
        let begun: Begun = self.command("init", params).await?;
        let echo = begun.echo();
        self.transfer = begun.transfer;
        self.action("bootstrap").await?;
        let metadata = self.action("getMetadata").await?.ok_or_else(|| lacks("getMetadata"))?;
        let version = serde_json::from_str::<Value>(metadata.get()).ok();
        let version = version.and_then(|value| value.pointer("/strapi/version")?.as_str().map(str::to_owned));
        Ok((Features::of(version, echo), metadata))
    }

    async fn connect(channel: &Channel, direction: Direction) -> Result<Session> {
        let authorization = format!("Bearer {}", channel.token.expose_secret());
        let call = channel.client.call(Method::GET, direction.path()).header("authorization", &authorization)?;
        let socket = match call.upgrade(channel.limits).await? {
            Upgrade::Switched(socket) => socket,
            Upgrade::Answered(answer) => return Err(refusal(&channel.client, &answer)),
        };
        Ok(Session {
            socket: Some(socket),
            direction,
            transfer: String::new(),
            asked: String::new(),
            stream: None,
            early: VecDeque::new(),
            warnings: Vec::new(),
            owed: match direction {
                Direction::Pull => vec![LastWord::End, LastWord::Close],
                Direction::Push => vec![LastWord::End, LastWord::Close, LastWord::Rollback],
            },
            patience: channel.limits.patience,
            events: channel.events.clone(),
            farewells: channel.farewells.clone(),
        })
    }

    /// The content types and components, by their uid.
    pub async fn schemas(&mut self) -> Result<Box<RawValue>> {
        self.action("getSchemas").await?.ok_or_else(|| lacks("getSchemas"))
    }

    /// Begins a stage.
    pub async fn start(&mut self, step: Step) -> Result<Option<Totals>> {
        let uuid = fresh();
        self.early.clear();
        let frame = envelope::step(&uuid, "start", step.as_str(), &self.transfer);
        let reply = self.ask(&format!("start of {}", step.as_str()), &uuid, frame).await?;
        let started: Started = parsed(reply, "start")?;
        self.stream = Some((step, started.id));
        Ok(started.totals)
    }

    /// The next piece of the stage; `None` after the last. Each is acknowledged as soon as it is here, so that the server
    /// prepares the next one while this one is worked on.
    pub async fn next(&mut self) -> Result<Option<Chunk>> {
        loop {
            let message = match self.early.pop_front() {
                Some(message) => message,
                None => self.hear().await?,
            };
            let Some((step, open)) = &self.stream else {
                return Err(Error::new(ErrorKind::Internal, "a piece was asked for before its stage was begun"));
            };
            let (uuid, piece) = match Frame::read(&message, None)? {
                Frame::Piece { uuid, piece } if piece.stream == *open => (uuid, piece),
                Frame::Diagnostic { warns, message } => {
                    self.note(warns, message);
                    continue;
                }
                // What is left of a stage that was ended early.
                Frame::Piece { .. } | Frame::Reply { .. } => continue,
            };
            if let Some(error) = piece.error {
                let what = format!("{} of {} could not be pulled", step.as_str(), self.host());
                return Err(error.told(&what));
            }
            let data = piece.data.map(|raw| range_in(&message, raw.get()));
            let (acknowledgement, ended) = (envelope::acknowledgement(&uuid), piece.ended);
            self.asked = format!("acknowledgement of {}", step.as_str());
            self.send(acknowledgement).await?;
            match data {
                Some(data) => return Ok(Some(Chunk { message, data })),
                None if ended => return Ok(None),
                None => {}
            }
        }
    }

    /// Ends a stage, early if it has not come to its end.
    pub async fn end(&mut self) -> Result<()> {
        let Some((step, _)) = self.stream.take() else { return Ok(()) };
        let uuid = fresh();
        let frame = envelope::step(&uuid, "end", step.as_str(), &self.transfer);
        self.ask(&format!("end of {}", step.as_str()), &uuid, frame).await.map(drop)
    }

    /// What the server warned of since the last time.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Ends the transfer: nothing is left open at the server.
    pub async fn finish(mut self) -> Result<()> {
        self.owed = vec![LastWord::End];
        self.action("close").await?;
        self.hang_up().await
    }

    /// The very last word, and the end of the connection.
    async fn hang_up(mut self) -> Result<()> {
        self.owed.clear();
        let params = json!({"transferID": self.transfer});
        let _: Value = self.command("end", &params).await?;
        if let Some(socket) = self.socket.take() {
            socket.close().await;
        }
        Ok(())
    }

    async fn command<T: for<'a> Deserialize<'a>>(&mut self, command: &str, params: &Value) -> Result<T> {
        let uuid = fresh();
        let reply = self.ask(command, &uuid, envelope::command(&uuid, command, params)).await?;
        parsed(reply, command)
    }

    async fn action(&mut self, action: &str) -> Result<Option<Box<RawValue>>> {
        let uuid = fresh();
        let frame = envelope::action(&uuid, action, &self.transfer);
        self.ask(action, &uuid, frame).await
    }

    /// Sends a frame and waits for its reply.
    async fn ask(&mut self, what: &str, uuid: &str, frame: String) -> Result<Option<Box<RawValue>>> {
        self.asked = what.to_owned();
        self.send(frame).await?;
        loop {
            let message = self.hear().await?;
            match Frame::read(&message, Some(uuid))? {
                Frame::Reply { uuid: of, error: Some(error), .. } if of == uuid => {
                    return Err(error.told(&format!("{} refuses `{what}`", self.host())));
                }
                Frame::Reply { uuid: of, data, .. } if of == uuid => return Ok(data.map(ToOwned::to_owned)),
                Frame::Diagnostic { warns, message } => self.note(warns, message),
                Frame::Piece { .. } => {
                    self.early.push_back(message);
                }
                Frame::Reply { .. } => {}
            }
        }
    }

    async fn send(&mut self, frame: String) -> Result<()> {
        let Some(socket) = &mut self.socket else { return Err(self.gone("it was closed before")) };
        match socket.send(frame).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.lost(error)),
        }
    }

    /// The next message, however long the server takes for it within the limits.
    async fn hear(&mut self) -> Result<Bytes> {
        let until = Instant::now() + self.patience;
        let word = WORD.min(self.patience / 5);
        loop {
            let Some(socket) = &mut self.socket else { return Err(self.gone("it was closed before")) };
            let left = until.saturating_duration_since(Instant::now());
            match socket.next(word.min(left)).await {
                Ok(Heard::Message(message)) => return Ok(message),
                Ok(Heard::Nothing) if Instant::now() >= until => return Err(self.stalled()),
                Ok(Heard::Nothing) => self.tell_of_waiting(word),
                Ok(Heard::Closed(code)) => {
                    let code = code.filter(|code| *code != 1005).map(|code| format!(", code {code}"));
                    return Err(self.gone(&format!("the server closed it{}", code.unwrap_or_default())));
                }
                Err(error) => return Err(self.lost(error)),
            }
        }
    }

    fn note(&mut self, warns: bool, message: String) {
        /// More than a person reads.
        const MOST: usize = 100;
        if warns && self.warnings.len() < MOST {
            self.warnings.push(message);
        }
    }

    fn doing(&self) -> String {
        match &self.stream {
            Some((step, _)) => step.as_str().to_owned(),
            None => self.asked.clone(),
        }
    }

    fn host(&self) -> String {
        self.socket.as_ref().map(|socket| socket.host().to_owned()).unwrap_or_else(|| "the server".to_owned())
    }

    fn tell_of_waiting(&self, waited: Duration) {
        let milliseconds = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        // A server measures a growing list of rows again for each one, and answers nobody meanwhile (5.54.0).
        let silence = self.unanswered().map(|silent| format!(" and has answered nothing for {} s", silent.as_secs()));
        let why = format!("the server works on {}{}", self.doing(), silence.unwrap_or_default());
        self.events.emit(RunEvent::Waited { milliseconds, why });
    }

    fn unanswered(&self) -> Option<Duration> {
        self.socket.as_ref().and_then(|socket| socket.unanswered())
    }

    /// The connection stands, but the transfer does not go on.
    fn stalled(&mut self) -> Error {
        let (seconds, doing, host) = (self.patience.as_secs_f64(), self.doing(), self.host());
        let (message, hint) = match self.unanswered() {
            None => (
                format!("{host} answers pings, but has sent nothing of {doing} for {seconds} s"),
                "another transfer may keep its database busy, or its storage does not answer; see its log, or raise the limit with --timeout",
            ),
            Some(_) => (
                format!("{host} has sent nothing of {doing} for {seconds} s, not even an answer to a ping"),
                "it may hang, or have more to do than it can in that time; see its log, or raise the limit with --timeout",
            ),
        };
        Error::new(ErrorKind::TimedOut, message).hint(hint)
    }

    fn lost(&mut self, error: Error) -> Error {
        self.socket = None;
        let (asked, doing) = (&self.asked, self.doing());
        let at = if *asked == doing { doing } else { format!("{doing} (last sent: {asked})") };
        Error::new(error.kind(), format!("{}, in the middle of {at}", error.message()))
            .hint(error.hint_text().unwrap_or(self.afterwards()).to_owned())
            .caused_by(error)
    }

    /// In which state the server is once the connection is gone.
    fn afterwards(&self) -> &'static str {
        match (self.direction, self.owed.contains(&LastWord::Close)) {
            (Direction::Pull, _) => READ_ONLY,
            (Direction::Push, true) => TAKEN_BACK,
            (Direction::Push, false) => UNCLEAR,
        }
    }

    fn gone(&mut self, why: &str) -> Error {
        let host = self.host();
        self.lost(Error::new(ErrorKind::Unreachable, format!("the connection to {host} ended: {why}")))
    }
}

const READ_ONLY: &str =
    "reading changes nothing at the server; its log may say why it stopped, and whether it runs again";
const TAKEN_BACK: &str = "a server takes back what a transfer wrote when its connection ends before it was closed; its log may say why it stopped";
const UNCLEAR: &str = "the transfer was being closed: look at the destination, all of it is there or none";

/// Whoever drops a transfer midway leaves nothing open at the server.
impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut socket) = self.socket.take() else { return };
        let (transfer, owed) = (std::mem::take(&mut self.transfer), std::mem::take(&mut self.owed));
        self.farewells.say(async move {
            // A server that does not join in sees the connection end, which is all that is left to do.
            let _ = tokio::time::timeout(GOODBYE, leave(&mut socket, &transfer, owed)).await;
            socket.close().await;
        });
    }
}

/// The failure sequence. Each frame waits for the one before.
async fn leave(socket: &mut Socket, transfer: &str, mut owed: Vec<LastWord>) -> Result<()> {
    if transfer.is_empty() {
        return Ok(());
    }
    while let Some(word) = owed.pop() {
        let uuid = fresh();
        let frame = match word {
            LastWord::Rollback => envelope::action(&uuid, "rollback", transfer),
            LastWord::Close => envelope::action(&uuid, "close", transfer),
            LastWord::End => envelope::command(&uuid, "end", &json!({"transferID": transfer})),
        };
        socket.send(frame).await?;
        loop {
            let Heard::Message(message) = socket.next(GOODBYE).await? else { return Ok(()) };
            let Ok(Frame::Reply { uuid: of, error, .. }) = Frame::read(&message, Some(&uuid)) else { continue };
            match of == uuid {
                // What was not taken back must not count: the end of the connection takes it back.
                true if word == LastWord::Rollback && error.is_some() => return Ok(()),
                true => break,
                false => {}
            }
        }
    }
    Ok(())
}

fn fresh() -> String {
    Uuid::new_v4().to_string()
}

fn lacks(what: &str) -> Error {
    Error::new(ErrorKind::Protocol, format!("the server answers `{what}` with nothing"))
}

fn parsed<T: for<'a> Deserialize<'a>>(reply: Option<Box<RawValue>>, what: &str) -> Result<T> {
    let reply = reply.ok_or_else(|| lacks(what))?;
    serde_json::from_str(reply.get()).map_err(|error| {
        Error::new(ErrorKind::Protocol, format!("the server's answer to `{what}` is none of the protocol ({error})"))
    })
}

/// Where a part lies in the message that it was read from.
fn range_in(message: &[u8], part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - message.as_ptr() as usize;
    start..start + part.len()
}
