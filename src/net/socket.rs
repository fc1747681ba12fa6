//! A WebSocket over the HTTP client, so that certificates, proxies, headers and limits are the same: messages in, messages
//! out, and pings that keep proxies awake and tell whether the other side lives.
//! Must not know: any platform, or what is said. Reconnecting is not its business: what was in flight only the caller knows.
//!
//! Silence is not the end of a connection. A program that is busy answers no pings while the system under it still takes what
//! is sent; a machine that is gone takes nothing, and the system here ends the connection then (`tcp_user_timeout`). How long a
//! silence may last, the caller decides: it knows whether something is owed.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use reqwest::header::{CONNECTION, HeaderValue, UPGRADE};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use super::client::{Answer, Call};
use super::failure::{self, What};
use super::options::NetOptions;
use crate::model::text::printable;
use crate::model::{Error, ErrorKind, Result};

/// How long a side may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// How many times longer than for the first byte of an answer a socket is waited for.
const OWED: u32 = 5;

/// How patient a socket is.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// Between two pings.
    pub ping_every: Duration,
    /// For the other side to take what is sent, or to give what it owes.
    pub patience: Duration,
    /// Bytes of one message.
    pub largest: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        SocketLimits {
            ping_every: Duration::from_secs(15),
            patience: Duration::from_secs(60) * OWED,
            largest: 100 * 1024 * 1024,
        }
    }
}

impl SocketLimits {
    /// As patient as calls are that wait for the first byte of an answer, and five times as patient with one who owes.
    pub fn of(options: &NetOptions) -> Self {
        let usual = SocketLimits::default();
        let limit = options.first_byte_timeout;
        SocketLimits { patience: limit.saturating_mul(OWED), ping_every: usual.ping_every.min(limit / 3), ..usual }
    }
}

/// What a server made of the wish to switch to a WebSocket.
#[derive(Debug)]
pub enum Upgrade {
    Switched(Box<Socket>),
    /// It answered like any HTTP server.
    Answered(Box<Answer>),
}

/// What came next.
#[derive(Debug)]
pub enum Heard {
    Message(Bytes),
    /// The connection stands, but nothing was said for as long as was asked.
    Nothing,
    /// The other side ended the connection; with the code that it gave, if any.
    Closed(Option<u16>),
}

/// An open connection.
pub struct Socket {
    stream: WebSocketStream<reqwest::Upgraded>,
    what: What,
    limits: SocketLimits,
    /// When something last came. Time in which nobody listened does not count.
    heard: Instant,
    /// When somebody last stopped to listen.
    left: Instant,
    pinged: Instant,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("what", &self.what).finish_non_exhaustive()
    }
}

impl Call {
    /// Sends the call once, with the wish to switch to a WebSocket.
    pub async fn upgrade(self, limits: SocketLimits) -> Result<Upgrade> {
        let key = generate_key();
        let mut request = self.socket_request()?;
        let headers = request.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert("sec-websocket-version", HeaderValue::from_static("13"));
        let shown = HeaderValue::from_str(&key)
            .map_err(|error| Error::new(ErrorKind::Internal, "a key is no header").caused_by(error))?;
        headers.insert("sec-websocket-key", shown);
        let (response, what) = self.send_to_switch(request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return self.rest_of(response, what).await.map(|answer| Upgrade::Answered(Box::new(answer)));
        }
        let accepted = response.headers().get("sec-websocket-accept").map(HeaderValue::as_bytes);
        if accepted != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            let message = format!("{}: the answer to {what} is no WebSocket's", what.host);
            return Err(Error::new(ErrorKind::Protocol, message).hint("does a proxy in between change requests?"));
        }
        let connection = response.upgrade().await.map_err(|error| failure::cut_short(&what, error))?;
        let config =
            WebSocketConfig::default().max_message_size(Some(limits.largest)).max_frame_size(Some(limits.largest));
        let stream = WebSocketStream::from_raw_socket(connection, Role::Client, Some(config)).await;
        let now = Instant::now();
        let socket = Socket { stream, what, limits, heard: now, left: now, pinged: now };
        Ok(Upgrade::Switched(Box::new(socket)))
    }
}

impl Socket {
    /// The server, as messages name it.
    pub fn host(&self) -> &str {
        &self.what.host
    }

    pub async fn send(&mut self, text: String) -> Result<()> {
        self.put(Message::text(text)).await
    }

    async fn put(&mut self, message: Message) -> Result<()> {
        match timeout(self.limits.patience, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.broken(error)),
            Err(_) => Err(self.took_nothing()),
        }
    }

    /// For how long not even a ping was answered; about nothing while there is no time for a ping in between.
    pub fn unanswered(&self) -> Option<Duration> {
        let silent = self.left.saturating_duration_since(self.heard);
        (silent >= self.limits.ping_every.saturating_mul(2)).then_some(silent)
    }

    /// The next message, waited for no longer than `within`. Sends pings meanwhile; a line that takes none for too long is
    /// [`ErrorKind::TimedOut`], a broken one [`ErrorKind::Unreachable`]. Nothing is lost if the future is dropped.
    pub async fn next(&mut self, within: Duration) -> Result<Heard> {
        self.heard += self.left.elapsed();
        let heard = self.listen(Instant::now() + within).await;
        self.left = Instant::now();
        heard
    }

    async fn listen(&mut self, until: Instant) -> Result<Heard> {
        loop {
            let ping = self.pinged + self.limits.ping_every;
            match timeout_at(until.min(ping), self.stream.next()).await {
                Ok(Some(Ok(message))) => {
                    self.heard = Instant::now();
                    match message {
                        Message::Text(text) => return Ok(Heard::Message(text.into())),
                        Message::Binary(bytes) => return Ok(Heard::Message(bytes)),
                        Message::Close(frame) => return Ok(Heard::Closed(frame.map(|frame| frame.code.into()))),
                        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
                    }
                }
                Ok(Some(Err(WsError::ConnectionClosed | WsError::AlreadyClosed)) | None) => {
                    return Ok(Heard::Closed(None));
                }
                Ok(Some(Err(error))) => return Err(self.broken(error)),
                Err(_) if Instant::now() >= until => return Ok(Heard::Nothing),
                Err(_) => {
                    self.pinged = Instant::now();
                    self.put(Message::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    /// Ends the connection in good order, as far as the other side joins in.
    pub async fn close(mut self) {
        // A connection that cannot be closed is closed already.
        let _ = timeout(GOODBYE, async {
            if self.stream.close(None).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        })
        .await;
    }

    fn broken(&self, error: WsError) -> Error {
        let why = match &error {
            WsError::Capacity(_) => "it sent a message that is longer than any may be".to_owned(),
            WsError::Io(cause) => printable(&cause.to_string()).into_owned(),
            WsError::Protocol(_) => "it broke off without a goodbye".to_owned(),
            other => printable(&other.to_string()).into_owned(),
        };
        Error::new(ErrorKind::Unreachable, format!("the connection to {} broke: {why}", self.what.host))
            .caused_by(error)
    }

    fn took_nothing(&self) -> Error {
        let seconds = self.limits.patience.as_secs_f64();
        let message = format!("{} took nothing of what was sent for {seconds} s", self.what.host);
        Error::new(ErrorKind::TimedOut, message).hint("the server may be busy or gone; raise the limit with --timeout")
    }
}
