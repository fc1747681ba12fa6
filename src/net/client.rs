//! The client: builds a call, sends it under all limits, and hands back the answer.
//! Must not know: any platform. Dropping a future of this room cancels what it does.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode, multipart};
use secrecy::SecretString;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use url::Url;

use super::failure::{self, Reached, What};
use super::options::NetOptions;
use super::pace::{Pace, Slots};
use super::patience::Patience;
use super::retry::{self, Repeat};
use crate::model::{Error, ErrorKind, EventSink, Result, RunEvent};

/// Answers are held in memory; none that Haul asks for comes near.
const LARGEST_ANSWER: usize = 1 << 30;
const LARGEST_JSON: usize = 256 << 20;
const MOST_REDIRECTS: usize = 5;
/// How much longer than other calls one may take that makes the server work (a backup, an import).
const PATIENCE: u32 = 30;

/// How many more refusals for haste than failures are borne where a rate is kept.
const PATIENCE_WITH_REFUSALS: u32 = 4;

/// A client for one server. Clones share connections, rate limit and counters.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    /// For calls that switch to a WebSocket, which HTTP/2 cannot. Made when one is needed.
    switching: OnceLock<reqwest::Client>,
    base: Url,
    options: NetOptions,
    pace: Option<Pace>,
    patience: Option<Patience>,
    events: Arc<dyn EventSink>,
    requests: AtomicU64,
    hidden: Mutex<Vec<SecretString>>,
}

/// Something that waits to be sent.
#[derive(Debug)]
pub struct Waits(Client);

impl Drop for Waits {
    fn drop(&mut self) {
        if let Some(pace) = &self.0.inner.pace {
            pace.waits_no_more();
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.inner.base.as_str()).finish_non_exhaustive()
    }
}

/// What a call sends. Kept whole, so that a call can be repeated.
#[derive(Clone, Debug, Default)]
pub enum Body {
    #[default]
    None,
    Bytes(&'static str, Bytes),
    Form(Vec<Part>),
}

/// One part of a form.
#[derive(Clone, Debug)]
pub struct Part {
    pub name: &'static str,
    /// File name and content type, where the part is a file.
    pub file: Option<(String, Cow<'static, str>)>,
    pub content: Bytes,
}

impl Part {
    pub fn text(name: &'static str, value: impl Into<String>) -> Self {
        Part { name, file: None, content: Bytes::from(value.into()) }
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Empty where it was saved.
    pub body: Bytes,
    what: What,
    hidden: Vec<SecretString>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The answer, or the error that a status beyond 2xx means.
    pub fn success(self) -> Result<Answer> {
        if self.is_success() { Ok(self) } else { Err(self.error()) }
    }

    /// The error that this answer means.
    pub fn error(&self) -> Error {
        failure::refused(&self.what, self.status, &self.body, &self.hidden)
    }

    /// The answer as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let message = format!("{}: the answer to {} is no JSON ({error})", self.what.host, self.what);
            Error::new(ErrorKind::Protocol, message).hint("is this the URL of the server itself, not of a proxy?")
        })
    }
}

impl Client {
    pub fn new(base: Url, options: &NetOptions, events: Arc<dyn EventSink>) -> Result<Client> {
        options.accept(&base)?;
        let http = builder(options)?.build().map_err(not_set_up)?;
        let pace = Pace::new(options.rate);
        let patience = options.waits.as_ref().filter(|_| pace.is_some()).map(|folder| Patience::of(folder, &base));
        let inner = Inner {
            http,
            switching: OnceLock::new(),
            base,
            options: options.clone(),
            pace,
            patience,
            events,
            requests: AtomicU64::new(0),
            hidden: Mutex::new(Vec::new()),
        };
        let client = Client { inner: Arc::new(inner) };
        client.go_on_waiting();
        Ok(client)
    }

    /// What the server asked of an earlier process.
    fn go_on_waiting(&self) {
        let left = self.inner.patience.as_ref().map(Patience::left).unwrap_or_default();
        if let Some(pace) = self.inner.pace.as_ref().filter(|_| !left.is_zero()) {
            pace.hold(left);
            self.tell_of_wait(left, "the server asked for patience before");
        }
    }

    /// A call of a path below the base URL. Segments that come from outside go through [`Client::segment`].
    pub fn call(&self, method: Method, path: &str) -> Call {
        let mut url = self.inner.base.clone();
        let joined = format!("{}/{}", url.path().trim_end_matches('/'), path.trim_start_matches('/'));
        url.set_path(&joined);
        let repeat = Repeat::of(&method);
        Call {
            client: self.clone(),
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::None,
            repeat,
            patience: 1,
            largest: LARGEST_JSON,
            into: None,
        }
    }

    /// A text as one segment of a path.
    pub fn segment(text: &str) -> String {
        let mut encoded = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => encoded.push(char::from(byte)),
                b'.' if text != "." && text != ".." => encoded.push('.'),
                _ => encoded.push_str(&format!("%{byte:02X}")),
            }
        }
        encoded
    }

    /// A credential that no message may repeat.
    pub fn hide(&self, secret: SecretString) {
        self.inner.hidden.lock().unwrap_or_else(PoisonError::into_inner).push(secret);
    }

    /// Requests that were sent, repeats and redirections included.
    pub fn requests(&self) -> u64 {
        self.inner.requests.load(Ordering::Relaxed)
    }

    /// What became of the slots of the rate so far; nothing where none is kept.
    pub fn slots(&self) -> Slots {
        self.inner.pace.as_ref().map(Pace::slots).unwrap_or_default()
    }

    /// Says that something is there to be sent as soon as it has its turn, until what is given is dropped.
    #[must_use]
    pub fn waits(&self) -> Waits {
        if let Some(pace) = &self.inner.pace {
            pace.waits();
        }
        Waits(self.clone())
    }

    pub fn base(&self) -> &Url {
        &self.inner.base
    }

    async fn wait(&self, pause: Duration, why: &str) {
        self.tell_of_wait(pause, why);
        tokio::time::sleep(pause).await;
    }

    fn tell_of_wait(&self, pause: Duration, why: &str) {
        if pause >= Duration::from_millis(50) {
            let milliseconds = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
            self.inner.events.emit(RunEvent::Waited { milliseconds, why: why.to_owned() });
        }
    }

    /// Waits until the rate lets a request go. That is how it goes on, and no news.
    async fn slot(&self) {
        let Some(pace) = &self.inner.pace else { return };
        let _waits = self.waits();
        loop {
            tokio::time::sleep(pace.take()).await;
            if !pace.is_held() {
                return;
            }
            pace.gave_back();
        }
    }

    /// What an answer means for the rate: a refusal for haste holds everybody back.
    fn heed(&self, status: StatusCode, pause: Option<Duration>) {
        match (&self.inner.pace, pause) {
            (Some(pace), Some(pause)) if status == StatusCode::TOO_MANY_REQUESTS => {
                pace.refused(pause);
                if let Some(patience) = &self.inner.patience {
                    patience.keep(pause);
                }
            }
            (Some(pace), _) => pace.answered(),
            (None, _) => {}
        }
    }

    fn said(&self, what: &What, status: Option<StatusCode>) {
        self.inner.requests.fetch_add(1, Ordering::Relaxed);
        let status = status.map(|status| status.as_u16());
        let (method, path) = (what.method.clone(), what.path.clone());
        self.inner.events.emit(RunEvent::RequestSent { method, path, status });
    }
}

fn builder(options: &NetOptions) -> Result<reqwest::ClientBuilder> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("haul/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect_timeout)
        .default_headers(own_headers(&options.headers)?)
        // Redirections are followed by hand, so that no credential leaves for another host.
        .redirect(reqwest::redirect::Policy::none());
    if let Some(path) = &options.ca_file {
        let place = path.display();
        let pem = std::fs::read(path).map_err(|error| Error::io(format_args!("cannot read {place}"), error))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem).ok().filter(|list| !list.is_empty());
        let certificates = certificates.ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("{place} holds no certificate")).hint("--ca-file takes PEM")
        })?;
        builder = certificates.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
    }
    Ok(builder)
}

fn not_set_up(error: reqwest::Error) -> Error {
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    Error::new(ErrorKind::Io, format!("cannot set up the HTTP client: {cause}")).caused_by(error)
}

fn own_headers(headers: &[(String, String)]) -> Result<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let usage = || Error::new(ErrorKind::Usage, format!("`{name}` is no header")).hint("give NAME: VALUE");
        let key = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| usage())?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| usage())?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    Ok(map)
}

/// One call, to be sent once; repeats happen inside.
#[must_use]
#[derive(Debug)]
pub struct Call {
    client: Client,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Body,
    repeat: Repeat,
    patience: u32,
    largest: usize,
    /// Where the body of a success goes.
    into: Option<PathBuf>,
}

/// One try of a call.
enum Try {
    Answered(Box<Answer>),
    Failed(Error, Reached),
}

impl Call {
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    /// A header of this call alone. A value that no header can hold is left out by the caller, not here.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            Error::new(ErrorKind::Usage, format!("the value of the header {name} holds a character that none may hold"))
        })?;
        value.set_sensitive(true);
        self.headers.append(HeaderName::from_static(name), value);
        Ok(self)
    }

    pub fn json(self, value: &Value) -> Self {
        self.body(Body::Bytes("application/json", Bytes::from(value.to_string())))
    }

    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// The call may be sent twice without harm.
    pub fn repeatable(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }

    /// The server works before it answers; the first byte may take much longer.
    pub fn patient(mut self) -> Self {
        self.patience = PATIENCE;
        self
    }

    /// The longest answer that is read.
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.largest = bytes.min(LARGEST_ANSWER);
        self
    }

    /// Writes the body of a success to a file as it comes, whatever its length, instead of holding it. The file is whole
    /// where the call succeeded, and may be anything where it did not.
    pub fn into_file(mut self, path: PathBuf) -> Self {
        self.into = Some(path);
        self
    }

    /// Sends the call; a status beyond 2xx is an error.
    pub async fn send(self) -> Result<Answer> {
        self.answer().await?.success()
    }

    /// Sends the call and hands back the answer whatever its status.
    pub async fn answer(self) -> Result<Answer> {
        let retries = self.client.inner.options.retries;
        let mut attempt = 0;
        let mut refusals = 0;
        loop {
            let outcome = self.follow().await;
            // A refusal for haste says that nothing was done. Where a rate is kept, it slows everybody down, so that
            // asking again is no flood, and being unlucky a few times no failure.
            if let (Try::Answered(answer), Some(_)) = (&outcome, &self.client.inner.pace) {
                let refused = answer.status == StatusCode::TOO_MANY_REQUESTS;
                let pause =
                    refused.then(|| pause_after(answer, refusals)).filter(|pause| *pause <= retry::LONGEST_WAIT);
                self.client.heed(answer.status, pause);
                if pause.is_some() && refusals < retries.saturating_mul(PATIENCE_WITH_REFUSALS) {
                    refusals += 1;
                    continue;
                }
            }
            let (pause, why) = match &outcome {
                Try::Answered(answer) if self.repeat.after(answer.status) => {
                    (pause_after(answer, attempt), format!("status {}", answer.status.as_u16()))
                }
                Try::Failed(error, reached) if *reached == Reached::No || self.repeat == Repeat::Safe => {
                    if !is_worth_a_repeat(error) {
                        return settle(outcome);
                    }
                    (retry::pause(attempt), error.kind().to_string())
                }
                Try::Answered(_) | Try::Failed(..) => return settle(outcome),
            };
            if attempt >= retries || pause > retry::LONGEST_WAIT {
                return settle(outcome);
            }
            attempt += 1;
            self.client.wait(pause, &why).await;
        }
    }

    /// One try, with the redirections that stay at the same server.
    async fn follow(&self) -> Try {
        let mut url = self.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let answer = match self.once(&url).await {
                Try::Answered(answer) => answer,
                failed @ Try::Failed(..) => return failed,
            };
            let Some(target) = redirection(&answer, &url) else { return Try::Answered(answer) };
            match self.may_follow(&answer, &url, &target) {
                Ok(()) => url = target,
                Err(error) => return Try::Failed(error, Reached::Perhaps),
            }
        }
        let message = format!("{} redirects without end", self.what(&url));
        Try::Failed(Error::new(ErrorKind::Protocol, message), Reached::Perhaps)
    }

    fn may_follow(&self, answer: &Answer, from: &Url, target: &Url) -> Result<()> {
        let what = self.what(from);
        if from.origin() != target.origin() {
            let place = target.origin().ascii_serialization();
            let message = format!("{}: {what} is redirected to {place}, which is another server", what.host);
            return Err(Error::new(ErrorKind::Protocol, message)
                .hint(format!("credentials are not sent there; if it is the right one, use {place} as the URL")));
        }
        let keeps_method = matches!(answer.status.as_u16(), 307 | 308);
        if Repeat::of(&self.method) == Repeat::Safe || keeps_method {
            return Ok(());
        }
        let message = format!("{}: {what} is redirected to {}", what.host, target.path());
        Err(Error::new(ErrorKind::Protocol, message).hint("check the URL of the server"))
    }

    fn what(&self, url: &Url) -> What {
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        What { host, method: self.method.to_string(), path: url.path().to_owned() }
    }

    async fn once(&self, url: &Url) -> Try {
        let client = &self.client;
        client.slot().await;
        let what = self.what(url);
        let options = &client.inner.options;
        let limit = options.first_byte_timeout.saturating_mul(self.patience);
        let sent = match timeout(limit, self.request(url).send()).await {
            Ok(sent) => sent,
            Err(_) => {
                client.said(&what, None);
                return Try::Failed(failure::timed_out(&what, "no answer", limit), Reached::Perhaps);
            }
        };
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                client.said(&what, None);
                let (error, reached) = failure::no_answer(&what, error, options.connect_timeout);
                return Try::Failed(error, reached);
            }
        };
        client.said(&what, Some(response.status()));
        match self.rest_of(response, what).await {
            Ok(answer) => Try::Answered(Box::new(answer)),
            Err(error) => Try::Failed(error, Reached::Perhaps),
        }
    }

    /// The answer, once its head has come.
    pub(super) async fn rest_of(&self, response: reqwest::Response, what: What) -> Result<Answer> {
        let (status, headers) = (response.status(), response.headers().clone());
        let stall = self.client.inner.options.stall_timeout;
        let body = match &self.into {
            Some(path) if status.is_success() => {
                save(response, path, &what, stall).await?;
                Bytes::new()
            }
            _ => self.read(response, &what, stall).await?,
        };
        let hidden = self.client.inner.hidden.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Answer { status, headers, body, what, hidden })
    }

    /// The call as a request that can switch to another protocol.
    pub(super) fn socket_request(&self) -> Result<reqwest::Request> {
        let http = self.switching()?;
        let request = http.request(self.method.clone(), self.url.clone()).headers(self.headers.clone());
        request.build().map_err(not_set_up)
    }

    /// Sends such a request once, up to the head of the answer.
    pub(super) async fn send_to_switch(&self, request: reqwest::Request) -> Result<(reqwest::Response, What)> {
        let (what, options) = (self.what(&self.url), &self.client.inner.options);
        let limit = options.first_byte_timeout;
        let sent = timeout(limit, self.switching()?.execute(request)).await;
        let status = sent.as_ref().ok().and_then(|sent| sent.as_ref().ok()).map(reqwest::Response::status);
        self.client.said(&what, status);
        match sent {
            Ok(Ok(response)) => Ok((response, what)),
            Ok(Err(error)) => Err(failure::no_answer(&what, error, options.connect_timeout).0),
            Err(_) => Err(failure::timed_out(&what, "no answer", limit)),
        }
    }

    fn switching(&self) -> Result<&reqwest::Client> {
        let inner = &self.client.inner;
        if let Some(http) = inner.switching.get() {
            return Ok(http);
        }
        let http = builder(&inner.options)?.http1_only().tcp_nodelay(true);
        // A machine that takes nothing of what is sent is gone; one that does may be busy for longer than any answer may take.
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        let http = http.tcp_user_timeout(inner.options.first_byte_timeout);
        let http = http.build().map_err(not_set_up)?;
        Ok(inner.switching.get_or_init(|| http))
    }

    fn request(&self, url: &Url) -> reqwest::RequestBuilder {
        let http = &self.client.inner.http;
        let request = http.request(self.method.clone(), url.clone()).headers(self.headers.clone());
        match &self.body {
            Body::None => request,
            Body::Bytes(type_, bytes) => request.header(CONTENT_TYPE, *type_).body(bytes.clone()),
            Body::Form(parts) => request.multipart(parts.iter().fold(multipart::Form::new(), add_part)),
        }
    }

    async fn read(&self, mut response: reqwest::Response, what: &What, stall: Duration) -> Result<Bytes> {
        let announced = response.content_length().unwrap_or(0);
        if announced > self.largest as u64 {
            return Err(failure::too_long(what, self.largest));
        }
        let mut body = BytesMut::new();
        loop {
            let chunk = timeout(stall, response.chunk()).await;
            let chunk = chunk.map_err(|_| failure::timed_out(what, "the answer stalled, no byte", stall))?;
            match chunk.map_err(|error| failure::cut_short(what, error))? {
                None => return Ok(body.freeze()),
                Some(bytes) if body.len() + bytes.len() > self.largest => {
                    return Err(failure::too_long(what, self.largest));
                }
                Some(bytes) => body.extend_from_slice(&bytes),
            }
        }
    }
}

async fn save(mut response: reqwest::Response, path: &Path, what: &What, stall: Duration) -> Result<()> {
    let failed = |error| Error::io(format_args!("cannot write {}", path.display()), error);
    let mut file = tokio::fs::File::create(path).await.map_err(failed)?;
    loop {
        let chunk = timeout(stall, response.chunk()).await;
        let chunk = chunk.map_err(|_| failure::timed_out(what, "the answer stalled, no byte", stall))?;
        match chunk.map_err(|error| failure::cut_short(what, error))? {
            None => return file.flush().await.map_err(failed),
            Some(bytes) => file.write_all(&bytes).await.map_err(failed)?,
        }
    }
}

/// What the server asks for, or what grows with each try.
fn pause_after(answer: &Answer, attempt: u32) -> Duration {
    retry::asked_pause(&answer.headers, Timestamp::now()).unwrap_or_else(|| retry::pause(attempt))
}

fn settle(outcome: Try) -> Result<Answer> {
    match outcome {
        Try::Answered(answer) => Ok(*answer),
        Try::Failed(error, _) => Err(error),
    }
}

/// Wrong names and certificates do not mend themselves within seconds; cut connections and busy servers do.
fn is_worth_a_repeat(error: &Error) -> bool {
    let lasting = ["no host of this name", "no secure connection"];
    matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::TimedOut)
        && !lasting.iter().any(|words| error.message().contains(words))
}

fn redirection(answer: &Answer, from: &Url) -> Option<Url> {
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let target = answer.headers.get(LOCATION)?.to_str().ok()?;
    from.join(target).ok()
}

fn add_part(form: multipart::Form, part: &Part) -> multipart::Form {
    let length = part.content.len() as u64;
    let built = multipart::Part::stream_with_length(part.content.clone(), length);
    match &part.file {
        None => form.part(part.name, built),
        Some((name, type_)) => {
            let named = built.file_name(name.clone());
            // A content type that no header can hold is one that no server knows; it then sees none.
            let mut headers = HeaderMap::new();
            if let Ok(type_) = HeaderValue::from_str(type_) {
                headers.insert(CONTENT_TYPE, type_);
            }
            form.part(part.name, named.headers(headers))
        }
    }
}
