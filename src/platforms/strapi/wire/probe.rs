//! Asks, without opening anything, whether a server takes part in transfers and what a token may do there.
//! Must not know: frames.
//!
//! The answers to a plain GET, seen on 5.54.0 and 4.26.2: 401 for no or a wrong token, 403 for one that lacks the right. One
//! that has it gets whatever the server says of an address that takes only a switch to a WebSocket: 404, or the page of the
//! admin panel. The same comes, whatever is sent, where transfers are disabled or nothing of Strapi is at this address; so
//! it is asked again without a token. 5.54.0 with `server.transfer.remote.enabled` false still looks at the token first and
//! refuses only the switch; v4 knows the address no more.

use secrecy::{ExposeSecret, SecretString};

use super::session::Direction;
use crate::model::{Error, ErrorKind, Result};
use crate::net::{Answer, Client, Method};

/// Whether the token may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::platforms::strapi) enum Right {
    Granted,
    Denied,
}

pub(in crate::platforms::strapi) async fn probe(
    client: &Client,
    token: &SecretString,
    direction: Direction,
) -> Result<Right> {
    let answer = ask(client, Some(token), direction).await?;
    match answer.status.as_u16() {
        403 => Ok(Right::Denied),
        200..=299 | 404 => match ask(client, None, direction).await?.status.as_u16() {
            // Without a token it is another answer, so that it was the token that was let in.
            401 => Ok(Right::Granted),
            _ => Err(not_there(client).await),
        },
        // A proxy that wants to be asked for a switch before it passes anything on.
        400 | 426 => Ok(Right::Granted),
        _ => Err(refusal(client, &answer)),
    }
}

async fn ask(client: &Client, token: Option<&SecretString>, direction: Direction) -> Result<Answer> {
    let call = client.call(Method::GET, direction.path());
    let call = match token {
        Some(token) => call.header("authorization", &format!("Bearer {}", token.expose_secret()))?,
        None => call,
    };
    call.answer().await
}

/// What an answer other than the expected ones means; also that of a server that did not switch.
pub(super) fn refusal(client: &Client, answer: &Answer) -> Error {
    let host = host(client);
    match answer.status.as_u16() {
        401 => Error::new(ErrorKind::Unauthorized, format!("{host} does not know this transfer token"))
            .hint("make one in the admin panel under Settings, Transfer Tokens; API tokens and logins do not count, and a token ends with its date and with the salt that it was made with"),
        403 => Error::new(ErrorKind::Forbidden, format!("{host}: this transfer token lacks the right for it"))
            .hint("edit the token in the admin panel, or make one of type \"pull\" or \"full access\""),
        // The token was let in by then.
        404 => disabled(&host),
        500 => Error::new(ErrorKind::Server, format!("{host} failed while it looked at the token"))
            .hint("where TRANSFER_TOKEN_SALT (transfer.token.salt in config/admin.js) is not set, every token fails like this; the server's log tells"),
        200..=299 => Error::new(ErrorKind::Protocol, format!("{host} answers, but not as Strapi does")).hint(PATH),
        _ => answer.error(),
    }
}

const DISABLED: &str = "is `server.transfer.remote.enabled` false in config/server.js, or on v4 \
                        STRAPI_DISABLE_REMOTE_DATA_TRANSFER set?";
const PATH: &str = "give the URL of the admin panel, such as https://cms.example.com/admin";

fn disabled(host: &str) -> Error {
    Error::new(ErrorKind::Server, format!("{host} is a Strapi server with transfers disabled")).hint(DISABLED)
}

/// Tells a server of Strapi without transfers from something else at this address.
async fn not_there(client: &Client) -> Error {
    let host = host(client);
    let is_strapi = client.call(Method::GET, "init").answer().await.is_ok_and(|answer| {
        answer.is_success() && answer.json().is_ok_and(|json| json.pointer("/data/hasAdmin").is_some())
    });
    match is_strapi {
        true => disabled(&host),
        false => {
            let path = client.base().path();
            Error::new(ErrorKind::Server, format!("{host} has no Strapi admin panel at {path}")).hint(PATH)
        }
    }
}

fn host(client: &Client) -> String {
    let base = client.base();
    let host = base.host_str().unwrap_or_default();
    base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
