//! A session with a Ziggy server: login, the headers of every call, and one new login when the token has expired.
//! Must not know: what the calls are for.
//!
//! Headers as the official CLI 1.0.29 sends them, with one difference: it puts the clear-text password into the
//! cookie of every request; nothing that was seen needs it there, so it is never sent.

use std::fmt::Write;
use std::sync::Arc;

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::{json, numbers};
use crate::model::text::printable;
use crate::model::{Error, ErrorKind, EventSink, Result};
use crate::net::{Answer, Call, Client, Method, NetOptions};
use crate::remotes::Login;

/// The id of the only tenant of a server that is not shared.
const SOLO: &str = "##solo##";

pub(super) struct Session {
    client: Client,
    login: Login,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<SecretString>,
    role: Option<String>,
    /// Counts logins, so that calls that fail together log in once.
    generation: u64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Session {
    /// Logs in. A login without a user name is a token, which cannot be renewed.
    pub(super) async fn open(
        url: &Url,
        login: Option<Login>,
        net: &NetOptions,
        events: Arc<dyn EventSink>,
    ) -> Result<Session> {
        let client = Client::new(api_url(url)?, net, events)?;
        let login = login.ok_or_else(|| {
            Error::new(ErrorKind::NoCredential, format!("{url} needs a user and a password"))
                .hint("pass --from-user or --to-user with HAUL_FROM_PASSWORD or HAUL_TO_PASSWORD, or add a remote")
        })?;
        client.hide(login.secret.clone());
        let session = Session { client, login, state: Mutex::default() };
        session.renew(0).await?;
        Ok(session)
    }

    /// What the account may do, in the server's words; unknown for a token.
    pub(super) async fn role(&self) -> Option<String> {
        self.state.lock().await.role.clone()
    }

    /// Who is logged in; unknown for a token.
    pub(super) fn account(&self) -> Option<&str> {
        self.login.user.as_deref()
    }

    pub(super) fn call(&self, method: Method, path: &str) -> Call {
        self.client.call(method, path)
    }

    /// Sends a call; a status beyond 2xx is an error.
    pub(super) async fn send(&self, build: impl Fn() -> Call) -> Result<Answer> {
        self.answer(build).await?.success()
    }

    /// Sends a call. A 401 means that nothing was done, so it is sent once more after a new login.
    pub(super) async fn answer(&self, build: impl Fn() -> Call) -> Result<Answer> {
        let (token, generation) = self.token().await?;
        let answer = self.with_headers(build(), &token)?.answer().await?;
        if answer.status != StatusCode::UNAUTHORIZED || self.login.user.is_none() {
            return Ok(answer);
        }
        let token = self.renew(generation).await?;
        self.with_headers(build(), &token)?.answer().await
    }

    async fn token(&self) -> Result<(SecretString, u64)> {
        let state = self.state.lock().await;
        let token = state.token.clone();
        let none = || Error::new(ErrorKind::Internal, "a call before the login");
        Ok((token.ok_or_else(none)?, state.generation))
    }

    /// Logs in, unless somebody did so since `generation`.
    async fn renew(&self, generation: u64) -> Result<SecretString> {
        let mut state = self.state.lock().await;
        if let Some(token) = state.token.clone().filter(|_| state.generation != generation) {
            return Ok(token);
        }
        let (token, role) = match &self.login.user {
            Some(user) => self.log_in(user).await?,
            None => (self.login.secret.clone(), None),
        };
        self.client.hide(token.clone());
        *state = State { token: Some(token.clone()), role, generation: generation + 1 };
        Ok(token)
    }

    async fn log_in(&self, user: &str) -> Result<(SecretString, Option<String>)> {
        let body = json!({"username": user, "password": self.login.reveal_for_request()});
        let call = self.client.call(Method::POST, "auth/login").json(&body).repeatable();
        let answer = call.header("cookie", &cookie(None, user))?.answer().await?;
        if matches!(answer.status.as_u16(), 400 | 401 | 403) {
            let refused = answer.error();
            return Err(refusal(user, refused.message()));
        }
        if answer.status == StatusCode::NOT_FOUND {
            return Err(answer.error().hint("is this the URL of a Ziggy server?"));
        }
        let answer = answer.success()?;
        let reply = answer.json()?;
        // A refusal can come with a 2xx status; only the token tells.
        let Some(token) = json::text(&reply, "token") else {
            return Err(refusal(user, json::text(&reply, "errorMessage").unwrap_or("the server gave no reason")));
        };
        Ok((SecretString::from(token), json::text(&reply, "role").map(str::to_owned)))
    }

    fn with_headers(&self, call: Call, token: &SecretString) -> Result<Call> {
        let token = token.expose_secret();
        let user = self.login.user.as_deref().unwrap_or_default();
        call.header("authorization", &format!("Bearer {token}"))?.header("cookie", &cookie(Some(token), user))
    }

    /// The answer as JSON, of a call that only reads.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let build = || {
            let call = self.call(Method::GET, path);
            if query.is_empty() { call } else { call.query(query) }
        };
        let answer = self.send(build).await?;
        match numbers::parse(&answer.body) {
            Ok(value) => Ok(value),
            Err(_) => answer.json(),
        }
    }

    /// The answer as a list, of a call that only reads.
    pub(super) async fn get_list(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>> {
        match self.get(path, query).await? {
            Value::Array(list) => Ok(list),
            _ => Err(Error::new(ErrorKind::Protocol, format!("the answer to GET {path} is no list"))),
        }
    }

    /// The answer of a call that only reads, where the server has such a thing and lets this account see it.
    pub(super) async fn get_if_any(&self, path: &str) -> Result<Option<Value>> {
        let answer = self.answer(|| self.call(Method::GET, path)).await?;
        match answer.status.as_u16() {
            403..=405 => Ok(None),
            _ => answer.success()?.json().map(Some),
        }
    }
}

fn refusal(user: &str, why: &str) -> Error {
    let user = printable(user);
    Error::new(ErrorKind::Unauthorized, format!("the server refuses the login of `{user}`: {}", printable(why)))
        .hint("check the user and the password; a new account may have to log in to the editor once")
}

/// The server's API: `/api` below the origin.
fn api_url(url: &Url) -> Result<Url> {
    let odd = |why: &str| {
        Err(Error::new(ErrorKind::Usage, format!("the URL of a Ziggy server has no {why}"))
            .hint("give scheme, host and port only, such as https://ziggy.example.com"))
    };
    if !matches!(url.path().trim_end_matches('/'), "" | "/api") {
        return odd(&format!("path such as `{}`", printable(url.path())));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return odd("query or fragment");
    }
    let mut api = url.clone();
    api.set_path("/api");
    Ok(api)
}

/// Tenant, provider, token and login name. Never the password.
fn cookie(token: Option<&str>, user: &str) -> String {
    let mut cookie = format!("tenantId={SOLO}; provider=email");
    if let Some(token) = token {
        // A token is base64 and dots; anything else is escaped so that it cannot end the cookie.
        cookie.push_str("; accessToken=");
        escape(token, &mut cookie);
    }
    if !user.is_empty() {
        cookie.push_str("; userId=");
        escape(user, &mut cookie);
    }
    cookie
}

fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        let plain = byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'"' | b'\\' | b'%');
        if plain {
            into.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_below_the_origin_and_odd_paths_are_refused() {
        for (url, api) in [
            ("http://localhost:3000", Some("http://localhost:3000/api")),
            ("https://z.example.com/", Some("https://z.example.com/api")),
            ("https://z.example.com/api/", Some("https://z.example.com/api")),
            ("https://z.example.com/flows", None),
            ("https://z.example.com/?x=1", None),
        ] {
            let read = api_url(&url.parse().expect("a URL"));
            assert_eq!(read.ok().map(|url| url.to_string()).as_deref(), api, "{url}");
        }
    }

    #[test]
    fn a_cookie_cannot_be_ended_by_what_it_holds() {
        let cookie = cookie(Some("a.b-c=="), "änna;x, y");
        assert_eq!(cookie, "tenantId=##solo##; provider=email; accessToken=a.b-c==; userId=%C3%A4nna%3Bx%2C%20y");
    }
}
