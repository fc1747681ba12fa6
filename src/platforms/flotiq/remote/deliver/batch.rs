//! Writes objects of one type, many with a request. Whatever the answer, in the end it is known of each whether the space holds
//! it: what a refused or a lost request left behind is looked up before anything is sent again.
//! Must not know: plans, kinds of items.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Map, Value};

use crate::model::text::printable;
use crate::model::{Error, ErrorKind, ItemKey, Result};
use crate::net::{Answer, StatusCode};
use crate::platforms::flotiq::canonical::exact;
use crate::platforms::flotiq::remote::api::{Api, Taken};

/// The most objects of a request.
pub(super) const MOST: usize = 100;
/// And the most bytes: a hundred objects of the longest that a space takes would be one request of 100 MB.
const LONGEST: usize = 4 << 20;
/// Requests that are under way at once. The rate is one for all.
pub(super) const AT_ONCE: usize = 6;
/// How often one batch is sent.
const TRIES: u32 = 6;

/// An object to write.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub key: ItemKey,
    pub id: String,
    /// With its id.
    pub content: Map<String, Value>,
}

/// What became of objects: why each failed, if it did.
pub(super) type Fates = HashMap<ItemKey, Option<String>>;

/// Writes all of them.
pub(super) async fn write(api: &Api, type_: &str, parcels: Vec<Parcel>, taken: Taken) -> Result<Fates> {
    let batches = cut(parcels).into_iter().map(|batch| one(api, type_, batch, taken));
    api.queue(batches)
        .buffer_unordered(AT_ONCE)
        .try_fold(Fates::new(), |mut all, fates| async move {
            all.extend(fates);
            Ok(all)
        })
        .await
}

/// Batches that a space takes, by number and by length.
fn cut(parcels: Vec<Parcel>) -> Vec<Vec<Parcel>> {
    let mut batches: Vec<Vec<Parcel>> = Vec::new();
    let mut length = 0;
    for parcel in parcels {
        let own = Value::Object(parcel.content.clone()).to_string().len();
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST && length + own <= LONGEST => {
                length += own;
                batch.push(parcel);
            }
            _ => {
                length = own;
                batches.push(vec![parcel]);
            }
        }
    }
    batches
}

async fn one(api: &Api, type_: &str, batch: Vec<Parcel>, taken: Taken) -> Result<Fates> {
    let mut fates = Fates::new();
    let mut open = batch;
    for attempt in 0..TRIES {
        let objects: Vec<_> = open.iter().map(|parcel| &parcel.content).collect();
        let answer = match api.batch(type_, &objects, taken).await {
            Ok(answer) if answer.is_success() => {
                fates.extend(open.into_iter().map(|parcel| (parcel.key, None)));
                return Ok(fates);
            }
            Ok(answer) if is_final(answer.status) => return Err(api.success(answer).err().unwrap_or_else(odd)),
            Ok(answer) => Some(answer),
            Err(error) if is_lost(&error) => None,
            Err(error) => return Err(error),
        };
        let refused = answer.as_ref().map(refusals).unwrap_or_default();
        let whole = answer.as_ref().filter(|answer| refused.is_empty() && answer.status == StatusCode::BAD_REQUEST);
        let whole = whole.map(|answer| answer.error().message().to_owned());
        open = look(api, type_, open, &refused, whole.as_deref(), &mut fates).await?;
        if open.is_empty() {
            return Ok(fates);
        }
        if answer.is_none_or(|answer| answer.status != StatusCode::BAD_REQUEST) {
            tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
        }
    }
    let why = "the space neither stores it nor says why";
    fates.extend(open.into_iter().map(|parcel| (parcel.key, Some(why.to_owned()))));
    Ok(fates)
}

fn odd() -> Error {
    Error::new(ErrorKind::Protocol, "a refusal of the space is none")
}

/// Nothing that is sent again would fare better.
fn is_final(status: StatusCode) -> bool {
    status.is_client_error() && !matches!(status.as_u16(), 400 | 408)
}

/// Nobody knows what became of the request.
pub(super) fn is_lost(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::TimedOut | ErrorKind::Protocol | ErrorKind::Server)
}

/// Settles what the space holds or refuses, and gives the rest. `whole` is what it says of all of them.
async fn look(
    api: &Api,
    type_: &str,
    open: Vec<Parcel>,
    refused: &HashMap<String, String>,
    whole: Option<&str>,
    fates: &mut Fates,
) -> Result<Vec<Parcel>> {
    let ids: Vec<&str> = open.iter().map(|parcel| parcel.id.as_str()).collect();
    let there = api.some(type_, &ids).await?;
    let there: HashMap<String, Map<String, Value>> = there.into_iter().map(|row| (id_of(&row), row)).collect();
    let mut rest = Vec::new();
    for parcel in open {
        let id = parcel.id.to_lowercase();
        let holds = there.get(&id).is_some_and(|row| holds(row, &parcel.content));
        match refused.get(&id).map(String::as_str).or(whole) {
            _ if holds => {
                fates.insert(parcel.key, None);
            }
            Some(why) => {
                fates.insert(parcel.key, Some(why.to_owned()));
            }
            None => rest.push(parcel),
        }
    }
    Ok(rest)
}

pub(super) fn id_of(row: &Map<String, Value>) -> String {
    row.get("id").and_then(Value::as_str).unwrap_or_default().to_lowercase()
}

/// Whether an object that is there says all that was sent. What the space added by itself does not count.
pub(super) fn holds(there: &Map<String, Value>, sent: &Map<String, Value>) -> bool {
    let of = |map: &Map<String, Value>| -> Map<String, Value> {
        let names = sent.keys().filter(|name| !matches!(name.as_str(), "id" | "internal"));
        names.filter_map(|name| Some((name.clone(), map.get(name)?.clone()))).collect()
    };
    exact(&of(there)) == exact(&of(sent))
}

/// What the space says of single objects of a batch, by their ids.
fn refusals(answer: &Answer) -> HashMap<String, String> {
    let Ok(body) = answer.json() else { return HashMap::new() };
    let errors = body.get("errors").and_then(Value::as_array).into_iter().flatten();
    errors
        .filter_map(|error| {
            // Both forms are documented.
            let id = error.get("data").and_then(|data| data.get("id")).or_else(|| error.get("id"))?;
            Some((id.as_str()?.to_lowercase(), sentence(error.get("errors").unwrap_or(&Value::Null))))
        })
        .collect()
}

/// What a space complains of, in one line: fields with their messages, each message once.
pub(super) fn sentence(errors: &Value) -> String {
    let mut said = Vec::new();
    gather("", errors, &mut said);
    let mut seen = HashSet::new();
    said.retain(|text| seen.insert(text.clone()));
    match said.is_empty() {
        true => "the space refuses it and says nothing more".to_owned(),
        false => printable(&said.join("; ")).into_owned(),
    }
}

fn gather(path: &str, value: &Value, said: &mut Vec<String>) {
    match value {
        Value::String(text) if path.is_empty() => said.push(text.clone()),
        Value::String(text) => said.push(format!("{path}: {text}")),
        Value::Array(list) => list.iter().for_each(|value| gather(path, value, said)),
        Value::Object(map) => {
            for (name, value) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                gather(&path, value, said);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn batches_are_cut_by_number_and_by_length() {
        let parcel = |text: &str| Parcel {
            key: ItemKey::new(Kind::Tag, "t"),
            id: "t".to_owned(),
            content: map(json!({ "id": "t", "text": text })),
        };
        let small = cut((0..250).map(|_| parcel("x")).collect());
        assert_eq!(small.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
        let long = "y".repeat(LONGEST / 3);
        assert_eq!(cut((0..5).map(|_| parcel(&long)).collect()).iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    }

    #[test]
    fn what_the_space_adds_does_not_count_and_what_it_lacks_does() {
        let sent = map(json!({ "id": "a", "title": "x", "slug": null }));
        assert!(holds(&map(json!({ "id": "A", "title": "x", "slug": null, "more": 1, "internal": {} })), &sent));
        assert!(holds(&map(json!({ "title": "x" })), &sent));
        assert!(!holds(&map(json!({ "title": "y" })), &sent));
    }

    #[test]
    fn complaints_are_said_once_with_their_fields() {
        let errors = json!({ "title": ["Too short", "Too short"], "co": { "a": ["No"] }, "ctd": ["Bad"] });
        assert_eq!(sentence(&errors), "title: Too short; co.a: No; ctd: Bad");
        assert!(sentence(&json!([])).contains("nothing more"));
    }
}
