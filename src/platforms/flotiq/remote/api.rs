//! The calls of a space that read; those that write are below. The key goes into a header, never into a URL.
//! Must not know: what becomes of the answers.

mod write;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::stream::{self, Stream, StreamExt};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::model::text::printable;
use crate::model::{Error, ErrorKind, EventSink, Result};
use crate::net::{Answer, Call, Client, Method, NetOptions, Slots, StatusCode, Waits};
use crate::remotes::Login;

pub(super) use write::Taken;

/// What both official clients keep to; the server's own limit is written nowhere.
const RATE: f64 = 10.0;
const DEFINITIONS: &str = "api/v1/internal/contenttype";
/// Rows of a page; a page that is longer is asked for in smaller ones.
const LONGEST_PAGE: usize = 32 << 20;

#[derive(Clone)]
pub(super) struct Api {
    client: Client,
    key: SecretString,
    rate: Option<f64>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("client", &self.client).finish_non_exhaustive()
    }
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// No two objects have the same place then.
    Id,
    /// What the official clients use: objects of one second have the same place.
    Created,
}

impl Order {
    fn field(self) -> &'static str {
        match self {
            Order::Id => "id",
            Order::Created => "internal.createdAt",
        }
    }
}

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub page: u64,
    pub limit: u64,
    pub order: Order,
}

impl Api {
    /// Checks the key.
    pub async fn open(url: &Url, login: Option<&Login>, net: &NetOptions, events: Arc<dyn EventSink>) -> Result<Api> {
        let key = login.map(|login| login.secret.clone()).ok_or_else(|| {
            Error::new(ErrorKind::NoCredential, format!("{url} needs an API key"))
                .hint("set HAUL_FROM_TOKEN or HAUL_TO_TOKEN, or add a remote with --credential-stdin")
        })?;
        let net = NetOptions { rate: net.rate.or(Some(RATE)), ..net.clone() };
        let client = Client::new(origin(url)?, &net, events)?;
        client.hide(key.clone());
        let api = Api { client, key, rate: net.rate };
        let answer = api.get("api/auth-context")?.answer().await?;
        match answer.status {
            StatusCode::NOT_FOUND => Err(answer.error().hint("is this the URL of a Flotiq API?")),
            _ => api.success(answer).map(|_| api),
        }
    }

    /// Requests in a second, as far as they are limited.
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// Requests that went out so far.
    pub fn sent(&self) -> u64 {
        self.client.requests()
    }

    /// What became of the slots of the rate so far.
    pub fn slots(&self) -> Slots {
        self.client.slots()
    }

    /// Work of which not all is under way at once. What waits for its turn counts as something that a slot of the rate could have
    /// been used for.
    pub fn queue<F: Future>(
        &self,
        work: impl IntoIterator<Item = F>,
    ) -> impl Stream<Item = impl Future<Output = F::Output>> {
        let queued: Vec<(Waits, F)> = work.into_iter().map(|work| (self.client.waits(), work)).collect();
        stream::iter(queued).map(|(waits, work)| async move {
            drop(waits);
            work.await
        })
    }

    fn get(&self, path: &str) -> Result<Call> {
        let call = self.client.call(Method::GET, path).header("x-auth-token", self.key.expose_secret())?;
        // Without it a space hands out what is published, and nothing else.
        call.header("x-mode", "preview")
    }

    /// A page of the definitions, of the user's or of the platform's own types.
    pub async fn definitions(&self, internal: bool, page: u64, limit: u64) -> Result<Answer> {
        let (page, limit) = (page.to_string(), limit.to_string());
        let internal = if internal { "1" } else { "0" };
        let query = [
            ("internal", internal),
            ("page", &*page),
            ("limit", &*limit),
            ("order_by", "name"),
            ("order_direction", "asc"),
        ];
        let answer = self.get(DEFINITIONS)?.query(&query).at_most(LONGEST_PAGE).answer().await?;
        self.success(answer)
    }

    /// A page of the objects of a type, whatever the status of the answer.
    pub async fn objects(&self, type_: &str, wanted: Wanted) -> Result<Answer> {
        let (page, limit) = (wanted.page.to_string(), wanted.limit.to_string());
        let query =
            [("page", &*page), ("limit", &*limit), ("order_by", wanted.order.field()), ("order_direction", "asc")];
        let path = format!("api/v1/content/{}", Client::segment(type_));
        self.get(&path)?.query(&query).at_most(LONGEST_PAGE).answer().await
    }

    /// Saves the file of a medium. `false` where the space has none.
    pub async fn file(&self, id: &str, extension: &str, to: PathBuf) -> Result<bool> {
        let dot = if extension.is_empty() { "" } else { "." };
        let path = format!("image/0x0/{}{dot}{}", Client::segment(id), Client::segment(extension));
        let answer = self.get(&path)?.into_file(to).answer().await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(false),
            _ => self.success(answer).map(|_| true),
        }
    }

    /// The answer, or the error that its status means here.
    pub fn success(&self, answer: Answer) -> Result<Answer> {
        match answer.status {
            StatusCode::UNAUTHORIZED => Err(answer
                .error()
                .hint("the API key is wrong, was deleted or has expired; see the API keys of the space")),
            StatusCode::FORBIDDEN => Err(answer.error().hint(QUOTA)),
            _ => answer.success(),
        }
    }
}

/// One status says both.
const QUOTA: &str = "the API key lacks the right to do this, or the account's calls of the month are used up";

/// The origin below which the API lies.
fn origin(url: &Url) -> Result<Url> {
    let odd = |why: &str| {
        Err(Error::new(ErrorKind::Usage, format!("the URL of a Flotiq API has no {why}"))
            .hint("give scheme, host and port only, such as https://api.flotiq.com"))
    };
    if !matches!(url.path().trim_end_matches('/'), "" | "/api" | "/api/v1") {
        return odd(&format!("path such as `{}`", printable(url.path())));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return odd("query or fragment");
    }
    let mut origin = url.clone();
    origin.set_path("");
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_lies_below_the_origin_and_odd_paths_are_refused() {
        for (url, expected) in [
            ("https://api.flotiq.com", Some("https://api.flotiq.com/")),
            ("https://api.flotiq.com/api/v1/", Some("https://api.flotiq.com/")),
            ("http://127.0.0.1:1/", Some("http://127.0.0.1:1/")),
            ("https://editor.flotiq.com/login", None),
            ("https://api.flotiq.com/?auth_token=x", None),
        ] {
            let read = origin(&url.parse().expect("a URL"));
            assert_eq!(read.ok().map(|url| url.to_string()).as_deref(), expected, "{url}");
        }
    }
}
