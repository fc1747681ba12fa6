//! Reads one transfer socket for as long as it lives, so that pings are answered and its end is noticed while a frame
//! is being handled.
//! Must not know: what a frame means.

use axum::extract::ws::{Message, WebSocket};
use futures_util::{StreamExt, stream::SplitStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::sandbox::wire::Wire;

#[derive(Debug)]
pub(super) enum Arrived {
    Frame(String),
    TooLarge,
    Closed,
}

pub(super) async fn read(
    mut stream: SplitStream<WebSocket>,
    sender: mpsc::UnboundedSender<Arrived>,
    closed: CancellationToken,
    frozen: CancellationToken,
    wire: Wire,
) {
    loop {
        let message = tokio::select! {
            biased;
            // Nobody reads any more, so no ping is answered; the connection ends with the server.
            () = frozen.cancelled() => { wire.ended().await; None }
            message = stream.next() => message,
        };
        let frame = match message {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Binary(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Err(error)) if error.to_string().to_lowercase().contains("too long") => {
                let _ = sender.send(Arrived::TooLarge); // the handler may have ended first
                break;
            }
            _ => break,
        };
        if sender.send(Arrived::Frame(frame)).is_err() {
            break;
        }
    }
    closed.cancel();
    let _ = sender.send(Arrived::Closed); // the handler may have ended first
}
