//! The words of a transfer that writes: what goes first, rows and files, and whether it counts in the end.
//! Must not know: where rows and files come from.
//!
//! A server deletes what `restore` does not keep from it, so that a [`Restore`] names all that may go, and nothing is
//! deleted unless [`Session::delete`] is called (5.54.0; `beforeTransfer` without `include` empties everything).

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Channel, Direction, Features, GOODBYE, LastWord, Session, Step, envelope, fresh, parsed};
use crate::model::{Error, ErrorKind, Result};

/// What a transfer may delete, and whether it brings files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Restore {
    pub assets: bool,
    /// The server deletes all of its files when it deletes rows: `assets` is not only for bringing some.
    pub empties_files: bool,
    /// Types with documents that go.
    pub types: Vec<String>,
    /// What of them goes.
    pub goes: Goes,
    /// Of these documents the rows go that have one of these locales, or none.
    pub cut: Cut,
    /// Whether all settings and webhooks go.
    pub configuration: bool,
}

/// Documents that go in some of their locales.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Cut {
    pub documents: Vec<String>,
    pub locales: Vec<String>,
}

/// Which documents of the types that are named go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::platforms::strapi) enum Goes {
    Documents(Vec<String>),
    /// All documents but these.
    AllBut(Vec<String>),
    /// Rows of v4 by their numbers, which are those of rows of every type, and so by when they were made too.
    Rows {
        ids: Vec<u64>,
        made: Vec<String>,
        /// Some do not say when.
        undated: bool,
    },
    /// Whatever there is of these types.
    All,
}

impl Default for Goes {
    fn default() -> Self {
        Goes::Documents(Vec::new())
    }
}

impl Goes {
    /// Names nothing: of a condition without a value nobody should rely on what a server makes.
    pub fn is_empty(&self) -> bool {
        match self {
            Goes::Documents(documents) | Goes::AllBut(documents) => documents.is_empty(),
            Goes::Rows { ids, .. } => ids.is_empty(),
            Goes::All => false,
        }
    }
}

/// Never deleted, whatever else is asked for: servers before 5.53 do not see to that themselves.
const NEVER_DELETED: [&str; 12] = [
    "admin::user",
    "admin::role",
    "admin::permission",
    "admin::api-token",
    "admin::api-token-permission",
    "admin::transfer-token",
    "admin::transfer-token-permission",
    "admin::session",
    "admin::audit-log",
    "admin::workflow",
    "admin::workflow-stage",
    "admin::workflow-assignee",
];

impl Restore {
    /// How many documents are named.
    pub fn documents(&self) -> u64 {
        let named = match &self.goes {
            Goes::Documents(documents) => documents.len(),
            Goes::Rows { ids, .. } => ids.len(),
            Goes::AllBut(_) | Goes::All => 0,
        };
        (named + self.cut.documents.len()) as u64
    }

    fn is_cut(&self) -> bool {
        !self.cut.documents.is_empty() && !self.cut.locales.is_empty()
    }

    /// Whether there is something that goes. A server would take all where nothing is named.
    pub fn names_something(&self) -> bool {
        let documents = !self.types.is_empty() && (!self.goes.is_empty() || self.is_cut());
        documents || (self.configuration && self.types.is_empty())
    }

    /// What a row has to be to go; `None` where all rows of the types go.
    fn condition(&self) -> Option<Value> {
        let whole = match &self.goes {
            Goes::All => return None,
            Goes::Documents(documents) => json!({"documentId": {"$in": documents}}),
            Goes::AllBut(documents) => json!({"documentId": {"$notIn": documents}}),
            Goes::Rows { ids, made, undated: false } => json!({"id": {"$in": ids}, "createdAt": {"$in": made}}),
            Goes::Rows { ids, made, undated: true } => {
                let times = json!([{"createdAt": {"$in": made}}, {"createdAt": {"$null": true}}]);
                json!({"id": {"$in": ids}, "$or": times})
            }
        };
        if self.cut.documents.is_empty() {
            return Some(whole);
        }
        let locale = json!({"$or": [{"locale": {"$in": self.cut.locales}}, {"locale": {"$null": true}}]});
        let cut = json!({"$and": [{"documentId": {"$in": self.cut.documents}}, locale]});
        Some(if self.goes.is_empty() { cut } else { json!({"$or": [whole, cut]}) })
    }

    fn params(&self, checksums: bool) -> Value {
        let mut entities = json!({"include": self.types, "exclude": NEVER_DELETED});
        if let Some(condition) = self.condition() {
            entities["params"] = json!({"where": condition});
        }
        let configuration = json!({"coreStore": self.configuration, "webhook": self.configuration});
        let restore = json!({"assets": self.assets, "configuration": configuration, "entities": entities});
        json!({
            "transfer": "push", "checksums": checksums, "assetEncoding": "base64",
            "options": {"strategy": "restore", "restore": restore},
        })
    }
}

/// How the server counts what it wrote.
#[derive(Deserialize)]
struct Ended {
    #[serde(default)]
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Stats {
    finished: u64,
}

impl Session {
    /// Opens a push, up to where it may delete or write.
    pub async fn push(channel: &Channel, restore: &Restore) -> Result<(Session, Features)> {
        let mut session = Session::connect(channel, Direction::Push).await?;
        let (features, _) = session.begin(&restore.params(channel.checksums)).await?;
        Ok((session, features))
    }

    /// Deletes what the transfer was opened for. Refused where that names nothing: a server would then take all.
    pub async fn delete(&mut self, restore: &Restore) -> Result<()> {
        if !restore.names_something() || (restore.assets && !restore.empties_files) {
            return Err(Error::new(ErrorKind::Internal, "a deletion that does not say of what"));
        }
        self.action("beforeTransfer").await.map(drop)
    }

    /// Begins a stage that is written.
    pub async fn open(&mut self, step: Step) -> Result<()> {
        let uuid = fresh();
        let frame = envelope::step(&uuid, "start", step.as_str(), &self.transfer);
        self.ask(&format!("start of {}", step.as_str()), &uuid, frame).await.map(drop)
    }

    /// Sends a list of rows or of parts of files, as JSON.
    pub async fn give(&mut self, step: Step, data: &str) -> Result<()> {
        let uuid = fresh();
        let frame = envelope::stream(&uuid, step.as_str(), data, &self.transfer);
        self.ask(step.as_str(), &uuid, frame).await.map(drop)
    }

    /// Ends a stage in which so many rows or files were sent. A server that counts others has lost some.
    pub async fn shut(&mut self, step: Step, sent: u64) -> Result<()> {
        let uuid = fresh();
        let frame = envelope::step(&uuid, "end", step.as_str(), &self.transfer);
        let reply = self.ask(&format!("end of {}", step.as_str()), &uuid, frame).await?;
        let ended: Ended = parsed(reply, "end")?;
        match ended.stats {
            Some(stats) if stats.finished != sent => {
                let (step, finished) = (step.as_str(), stats.finished);
                let message = format!("{} says that it wrote {finished} of {sent} {step}", self.host());
                Err(Error::new(ErrorKind::Server, message).hint("its log may say why"))
            }
            _ => Ok(()),
        }
    }

    /// Takes everything back that this transfer wrote, and waits for the server to say so.
    pub async fn take_back(mut self) -> Result<()> {
        // As long as the server has not said that it did, `close` would make everything count.
        self.action("rollback").await?;
        self.owed = vec![LastWord::End, LastWord::Close];
        self.finish().await
    }

    /// The same for a transfer that failed, whose reason counts more than how this ends: a server that does not join in
    /// takes everything back when the connection ends.
    pub async fn abandon(self) {
        let _ = tokio::time::timeout(GOODBYE, self.take_back()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(documents: &[&str], cut: &[&str], locales: &[&str]) -> Restore {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let cut = Cut { documents: list(cut), locales: list(locales) };
        let goes = Goes::Documents(list(documents));
        Restore { types: list(&["api::a.a"]), goes, cut, ..Restore::default() }
    }

    #[test]
    fn documents_that_go_in_some_locales_keep_their_other_rows() {
        let locale = json!({"$or": [{"locale": {"$in": ["en"]}}, {"locale": {"$null": true}}]});
        let cut = json!({"$and": [{"documentId": {"$in": ["b"]}}, locale]});
        let whole = json!({"documentId": {"$in": ["a"]}});
        assert_eq!(named(&["a"], &[], &["en"]).condition(), Some(whole.clone()));
        assert_eq!(named(&[], &["b"], &["en"]).condition(), Some(cut.clone()));
        assert_eq!(named(&["a"], &["b"], &["en"]).condition(), Some(json!({"$or": [whole, cut]})));
    }

    #[test]
    fn types_go_as_a_whole_without_a_condition_and_never_those_of_the_panel() {
        let whole = Restore { goes: Goes::All, configuration: true, ..named(&[], &[], &[]) };
        let entities = &whole.params(true)["options"]["restore"]["entities"];
        assert!(whole.names_something() && entities.get("params").is_none(), "{entities}");
        assert!(entities["exclude"].as_array().is_some_and(|list| list.contains(&json!("admin::user"))));
        let settings = Restore { configuration: true, ..Restore::default() };
        assert!(settings.names_something());
        let none = Restore { goes: Goes::AllBut(Vec::new()), ..named(&[], &[], &[]) };
        assert!(!none.names_something(), "all but nothing is said as all");
    }

    #[test]
    fn a_condition_that_names_nothing_is_never_sent() {
        assert!(!named(&[], &[], &["en"]).names_something());
        assert!(!named(&[], &["b"], &[]).names_something(), "no locale: the condition would hit rows without one");
        assert!(named(&["a"], &[], &[]).names_something() && named(&[], &["b"], &["en"]).names_something());
        assert!(!Restore { types: Vec::new(), ..named(&["a"], &[], &[]) }.names_something());
    }
}
