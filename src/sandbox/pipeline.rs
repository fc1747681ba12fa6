//! What happens around every handler: the log, and the faults that strike before it and after it.
//! Must not know: routes, users, content; the platform says only how a refusal looks.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures_util::{StreamExt, future, stream};

use super::{
    fault::Mishap,
    log::Log,
    weather::{Ordered, Refused, Weather},
    wire::Wire,
};

/// The pieces in which a slow body comes.
const PIECES: usize = 10;
const BEFORE_CUT: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Pipeline {
    pub weather: Weather,
    pub log: Log,
    /// How the platform words an error.
    pub refuse: fn(StatusCode, &str) -> Response,
}

pub(super) async fn handle(
    State(pipeline): State<Arc<Pipeline>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return (pipeline.refuse)(StatusCode::BAD_REQUEST, "the request ended early");
    };
    let number = pipeline.log.arrived(&parts, &body);
    let fate = pipeline.weather.fate(parts.method.as_str(), parts.uri.path());
    if !fate.latency.is_zero() {
        tokio::time::sleep(fate.latency).await;
    }
    let refused = fate.refuse.or_else(|| fate.mishaps.iter().find_map(status_before));
    if fate.mishaps.contains(&Mishap::CutBefore) {
        return lose(&wire);
    }
    if fate.mishaps.contains(&Mishap::Stall) {
        return future::pending().await;
    }
    let response = match refused {
        Some(refused) => pipeline.refusal(refused),
        None => {
            let mut request = Request::from_parts(parts, Body::from(body));
            request.extensions_mut().insert(number);
            next.run(request).await
        }
    };
    if fate.mishaps.contains(&Mishap::CutAfter) {
        return lose(&wire);
    }
    if fate.mishaps.contains(&Mishap::StallAfter) {
        return future::pending().await;
    }
    let response = pipeline.deliver(response, &fate.mishaps, &wire).await;
    pipeline.log.answered(number, response.status().as_u16());
    response
}

fn status_before(mishap: &Mishap) -> Option<Refused> {
    match mishap {
        Mishap::Status(code) => Some(Refused::Status(*code)),
        _ => None,
    }
}

/// The response is made but cannot be written: the connection is gone.
fn lose(wire: &Wire) -> Response {
    wire.cut();
    Response::new(Body::empty())
}

impl Pipeline {
    fn refusal(&self, refused: Refused) -> Response {
        match refused {
            Refused::Status(code) => {
                let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (self.refuse)(status, status.canonical_reason().unwrap_or("failed"))
            }
            Refused::TooMany(ordered) => {
                let mut response = (self.refuse)(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
                if let Some(value) = retry_after_header(ordered) {
                    response.headers_mut().insert(header::RETRY_AFTER, value);
                }
                response
            }
        }
    }

    async fn deliver(&self, response: Response, mishaps: &[Mishap], wire: &Wire) -> Response {
        let mut response = response;
        for mishap in mishaps {
            response = match mishap {
                Mishap::StatusAfter(code) => self.refusal(Refused::Status(*code)),
                Mishap::SlowBody(pause) => slow(response, *pause).await,
                Mishap::StallBody => stalled(response).await,
                Mishap::CutBody => broken(response, wire.clone()).await,
                _ => response,
            };
        }
        response
    }
}

fn retry_after_header(ordered: Ordered) -> Option<HeaderValue> {
    match ordered {
        Ordered::Nothing => None,
        Ordered::Seconds(seconds) => Some(HeaderValue::from(seconds)),
        Ordered::Until(date) => HeaderValue::from_str(&date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok(),
    }
}

async fn slow(response: Response, pause: Duration) -> Response {
    let (parts, bytes) = whole(response).await;
    let piece = bytes.len().div_ceil(PIECES).max(1);
    let pieces: Vec<Bytes> = bytes.chunks(piece).map(Bytes::copy_from_slice).collect();
    let body = stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(piece)
    });
    Response::from_parts(parts, Body::from_stream(body))
}

async fn stalled(response: Response) -> Response {
    let (parts, bytes) = whole(response).await;
    let half = bytes.slice(..bytes.len() / 2);
    let body = stream::once(future::ready(Ok::<_, Infallible>(half))).chain(stream::pending());
    Response::from_parts(parts, Body::from_stream(body))
}

/// The length that is announced is that of the whole.
async fn broken(response: Response, wire: Wire) -> Response {
    let (mut parts, bytes) = whole(response).await;
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let half = bytes.slice(..bytes.len() / 2);
    let cut = stream::once(async move {
        // What was written before has to leave first.
        tokio::time::sleep(BEFORE_CUT).await;
        wire.cut();
        future::pending::<Result<Bytes, Infallible>>().await
    });
    let body = stream::once(future::ready(Ok::<_, Infallible>(half))).chain(cut);
    Response::from_parts(parts, Body::from_stream(body))
}

async fn whole(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    // The handlers answer from memory, so reading their bodies cannot fail.
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}
