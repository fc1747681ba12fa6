//! Logins and bearer tokens. Public routes are few; all others need a token that was issued here and has not expired.
//! Must not know: content.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use uuid::Uuid;

use super::{
    App,
    reply::{Answer, Refusal, created, object, ok, require},
    state::SOLO,
};
use crate::sandbox::{
    rng::uuid_of,
    switch::{Cookie, LoginEffect, LoginRefusal},
};

/// Reachable without a token (the facts name health as public; a login cannot have one).
const PUBLIC: [&str; 4] = ["/api/health", "/api/auth/health", "/api/auth/login", "/api/auth/refresh-token"];

/// Tokens that were issued, with the number of requests that each was good for so far.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<String, u64>>);

impl Sessions {
    /// A token that looks like a JWT, so that a client that takes one apart finds three parts.
    pub fn issue(&self, user: &str, effect: LoginEffect) -> String {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({ "alg": "HS256", "typ": "JWT" }));
        let body = part(json!({ "sub": uuid_of(user), "username": user, "jti": Uuid::new_v4() }));
        let token = format!("{head}.{body}.{}", URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes()));
        let mut tokens = self.tokens();
        if effect == LoginEffect::RevokesTokens {
            tokens.clear();
        }
        tokens.insert(token.clone(), 0);
        token
    }

    /// Counts a request; false if the token is unknown or used up.
    fn admit(&self, token: &str, good_for: Option<u64>) -> bool {
        let mut tokens = self.tokens();
        let Some(used) = tokens.get_mut(token) else { return false };
        *used += 1;
        good_for.is_none_or(|limit| *used <= limit)
    }

    fn knows(&self, token: &str) -> bool {
        self.tokens().contains_key(token)
    }

    pub fn clear(&self) {
        self.tokens().clear();
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if PUBLIC.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let limit = app.pipeline.weather.faults().expire_after;
    match bearer(request.headers()) {
        Some(token) if app.cookies_fit(request.headers(), token) && app.sessions.admit(token, limit) => {
            next.run(request).await
        }
        _ => Refusal::unauthorized().into_response(),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

impl App {
    /// The cookies that the official client sends beside the token; its fifth, the password, is never asked for.
    fn cookies_fit(&self, headers: &HeaderMap, token: &str) -> bool {
        if self.switches().cookie == Cookie::Optional {
            return true;
        }
        let cookie = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let cookies: HashMap<&str, &str> = cookie.split(';').filter_map(|pair| pair.trim().split_once('=')).collect();
        let wanted = [("tenantId", SOLO), ("provider", "email"), ("accessToken", token), ("userId", &self.user)];
        wanted.iter().all(|(name, value)| cookies.get(name) == Some(value))
    }
}

pub(super) async fn login(State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let body = object(&body)?;
    let [username, password] = require(&body, ["username", "password"])?;
    let refused = app.pipeline.weather.faults().login_refused;
    if refused || username != app.user || password != app.password {
        return app.refuse_login(username);
    }
    app.state().counters.logins += 1;
    let token = app.sessions.issue(username, app.switches().login);
    created(&json!({
        "uuid": uuid_of(username), "username": username, "role": "ADMIN", "token": token,
        "passwordStrengthOk": true, "resetPassword": false, "passwordWasReset": false,
    }))
}

impl App {
    fn refuse_login(&self, username: &str) -> Answer {
        let message = "Invalid username or password";
        match self.switches().login_refusal {
            LoginRefusal::Unauthorized => Err(Refusal::new(StatusCode::UNAUTHORIZED, message)),
            LoginRefusal::EmptyToken => created(&json!({
                "uuid": "", "username": username, "role": "", "token": "", "passwordStrengthOk": true,
                "errorMessage": message,
            })),
        }
    }
}

pub(super) async fn refresh(State(app): State<Arc<App>>, body: Bytes) -> Answer {
    let body = object(&body)?;
    let [token, user, _provider] = require(&body, ["token", "userId", "provider"])?;
    if user != app.user || !app.sessions.knows(token) {
        return Err(Refusal::unauthorized());
    }
    created(&json!({ "accessToken": app.sessions.issue(user, app.switches().login) }))
}

pub(super) async fn profile(State(app): State<Arc<App>>) -> Answer {
    ok(&json!({ "uuid": uuid_of(&app.user), "username": app.user, "role": "ADMIN", "tenantId": SOLO }))
}

pub(super) async fn health(State(app): State<Arc<App>>) -> Answer {
    if app.pipeline.weather.faults().unhealthy {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"));
    }
    ok(&"OK")
}

pub(super) async fn health_private() -> Answer {
    ok(&"OK")
}
