//! The two-step export of a server, checked: what comes back must be the flows that were asked for.
//! Must not know: inventories, files.
//!
//! The server writes one shared file and hands it out in a second call (recorded from the official CLI 1.0.29). A
//! parallel export, or another host of a cluster, can hand back a foreign or an older one.

use std::collections::BTreeSet;

use arcstr::ArcStr;
use serde_json::json;

use super::document::{self, Document};
use super::session::Session;
use super::turn::Turn;
use crate::model::{Error, ErrorKind, ItemKey, Kind, Result};
use crate::net::Method;

/// Flows in one export; keeps a single answer small.
const AT_ONCE: usize = 200;

/// Exports exactly these flows. Never posts an empty list, which would mean all of them. Between its parts others have
/// their turn.
pub(super) async fn flows(session: &Session, ids: &BTreeSet<ArcStr>, turn: &Turn) -> Result<Vec<Document>> {
    let ids: Vec<&str> = ids.iter().map(|id| &**id).collect();
    let mut documents = Vec::new();
    for chunk in ids.chunks(AT_ONCE) {
        let alone = turn.lock().await;
        documents.push(checked(session, chunk).await?);
        drop(alone);
    }
    Ok(documents)
}

async fn checked(session: &Session, ids: &[&str]) -> Result<Document> {
    match once(session, ids).await {
        Ok(first) if difference(&first, ids).is_none() => return Ok(first),
        Err(error) if error.kind() != ErrorKind::Protocol => return Err(error),
        // Foreign flows, or a file that is cut off: somebody else may have been writing it.
        Ok(_) | Err(_) => {}
    }
    let second = once(session, ids).await?;
    match difference(&second, ids) {
        None => Ok(second),
        Some(Difference { missing, foreign }) => Err(wrong_flows(ids.len(), missing, foreign)),
    }
}

async fn once(session: &Session, ids: &[&str]) -> Result<Document> {
    let body = json!({"tags": [], "flowUuids": ids});
    // Writing the file again does no harm, so the call may be repeated.
    session.send(|| session.call(Method::POST, "flow/export-tagged").json(&body).repeatable().patient()).await?;
    let answer = session.answer(|| session.call(Method::GET, "flow/export-tagged").patient()).await?;
    if answer.status.as_u16() == 404 {
        // The file was just ordered: another host of a cluster answered, or somebody deleted it.
        let message = "the server no longer has the export that it was just asked for";
        return Err(
            Error::new(ErrorKind::Protocol, message).hint("somebody else may be exporting; try again in a while")
        );
    }
    let answer = answer.success()?;
    Document::parse(&answer.body).map_err(|error| {
        Error::new(ErrorKind::Protocol, format!("the server's export cannot be read: {}", error.message()))
            .caused_by(error)
    })
}

struct Difference {
    missing: Vec<String>,
    foreign: usize,
}

fn difference(document: &Document, ids: &[&str]) -> Option<Difference> {
    let asked: BTreeSet<&str> = ids.iter().copied().collect();
    let came: Vec<ItemKey> = document
        .top_level()
        .into_iter()
        .filter(|(kind, _)| *kind == Kind::Flow)
        .filter_map(|(kind, flow)| document::key_of(kind, flow))
        .collect();
    let came: BTreeSet<&str> = came.iter().map(|key| &*key.id).collect();
    let missing: Vec<String> = asked.difference(&came).map(|id| (*id).to_owned()).collect();
    let foreign = came.difference(&asked).count();
    (!missing.is_empty() || foreign > 0).then_some(Difference { missing, foreign })
}

fn wrong_flows(asked: usize, missing: Vec<String>, foreign: usize) -> Error {
    let example = missing.first().map_or_else(String::new, |id| format!(", such as {id}"));
    let message = format!(
        "the server twice handed out another export: of {asked} flows {} are missing{example}, and {foreign} were not asked for",
        missing.len()
    );
    Error::new(ErrorKind::Protocol, message)
        .hint("somebody else may be exporting, or a flow was deleted meanwhile; try again in a while")
        .items(missing.into_iter().map(|id| ItemKey::new(Kind::Flow, id)))
}
