//! Writes of many objects at once, with one answer for all of them.
//! Must not know: HTTP, and who may do it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    object::Body,
    reference::{Target, folded},
    reply::{Complaints, Refusal},
    state::State,
    write::{Around, How, Undeleted, Written, delete, one, write},
};
use crate::sandbox::switch::{BatchErrors, BatchFailure, BatchReferences, PatchBatch, Switches};

/// The most objects of one request.
pub(super) const MOST: usize = 100;

pub(super) struct Batch<'a> {
    pub kind: &'a str,
    pub how: How,
    pub switches: Switches,
    pub refused: &'a [String],
}

impl Batch<'_> {
    /// Counts where all is well. Whether the good ones are stored beside a bad one is a switch.
    pub fn write(&self, state: &mut State, items: Vec<Value>) -> Result<Value, Refusal> {
        if items.len() > MOST {
            return Err(Refusal::too_many_items(MOST));
        }
        let total = items.len();
        let fired = state.fired.len();
        let (written, errors) = self.write_each(state, items);
        let counts = |errors: usize| {
            json!({
                "batch_total_count": total, "batch_success_count": total - errors, "batch_error_count": errors, "errors": [],
            })
        };
        if errors.is_empty() {
            return Ok(counts(0));
        }
        if self.switches.batch_failure == BatchFailure::NothingStored {
            // The last first, so that an object that was written twice gets its first state.
            written.into_iter().rev().for_each(|written| written.take_back(state));
            state.fired.truncate(fired);
        }
        let mut body = counts(errors.len());
        body["errors"] = Value::Array(errors);
        Err(Refusal::new(StatusCode::BAD_REQUEST, body))
    }

    fn write_each(&self, state: &mut State, items: Vec<Value>) -> (Vec<Written>, Vec<Value>) {
        let (mut written, mut errors): (Vec<Written>, Vec<Value>) = (Vec::new(), Vec::new());
        let (mut seen, mut fresh) = (Vec::new(), Vec::new());
        for item in items {
            let outcome = match (&item, id_of(&item)) {
                (_, Some(id)) if seen.contains(&id) => Err(one("id", "There are duplications in object data, key: id")),
                (Value::Object(sent), id) => {
                    seen.extend(id);
                    self.write_one(state, sent.clone(), &fresh)
                }
                _ => Err(one("data", "It has to be an object")),
            };
            match outcome {
                Ok(done) => {
                    if done.before.is_none() && self.switches.batch_references == BatchReferences::StoredBefore {
                        fresh.push(Target::new(self.kind, &done.id));
                    }
                    written.push(done);
                }
                Err(complaints) => errors.push(self.error(item, complaints)),
            }
        }
        (written, errors)
    }

    fn write_one(&self, state: &mut State, sent: Body, hidden: &[Target]) -> Result<Written, Complaints> {
        write(state, self.kind, None, sent, self.how, Around { hidden, refused: self.refused })
    }

    fn error(&self, item: Value, complaints: Complaints) -> Value {
        match self.switches.batch_errors {
            BatchErrors::Data => json!({ "data": item, "errors": complaints }),
            BatchErrors::Id => json!({ "id": item["id"], "errors": complaints }),
        }
    }

    /// Partial updates. An unknown id refuses the request; whether the others are written then is a switch.
    pub fn patch(&self, state: &mut State, items: Vec<Value>) -> Result<Value, Refusal> {
        if items.len() > MOST {
            return Err(Refusal::too_many_items(MOST));
        }
        let is_there =
            |item: &Value| id_of(item).is_some_and(|id| state.object(&Target::new(self.kind, &id)).is_some());
        let (known, unknown): (Vec<Value>, Vec<Value>) = items.into_iter().partition(is_there);
        if unknown.is_empty() {
            return self.write(state, known);
        }
        if self.switches.patch_batch == PatchBatch::OthersApplied {
            // What else is wrong with it is not told beside a 404.
            let _ = self.write(state, known);
        }
        Err(Refusal::not_found())
    }
}

fn id_of(item: &Value) -> Option<String> {
    item["id"].as_str().map(folded)
}

/// Deletes what can be deleted; complains of the rest.
pub(super) fn delete_all(state: &mut State, kind: &str, ids: &[String]) -> Result<Value, Refusal> {
    if ids.len() > MOST {
        return Err(Refusal::too_many_items(MOST));
    }
    let mut errors = Vec::new();
    let mut deleted = 0;
    for id in ids {
        match delete(state, kind, id) {
            Ok(()) => deleted += 1,
            Err(Undeleted::Absent) => errors.push(format!("Content object: \"{id}\" doesn't exist")),
            Err(Undeleted::Used) => errors.push(format!("Content object: \"{id}\" is used in another content object.")),
        }
    }
    if errors.is_empty() { Ok(json!({ "deletedCount": deleted })) } else { Err(Refusal::errors(errors)) }
}
