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
    /// The documents of these types that go.
    pub going: Going,
    /// Whether all settings and webhooks go.
    pub configuration: bool,
}

/// Which documents of the types that are named go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::platforms::strapi) enum Going {
    These(Vec<String>),
    AllBut(Vec<String>),
    All,
}

impl Default for Going {
    fn default() -> Self {
        Going::These(Vec::new())
    }
}

/// Types that are never deleted. Before 5.53 a server protects none of them by itself.
const PROTECTED: [&str; 9] = [
    "admin::user",
    "admin::role",
    "admin::permission",
    "admin::api-token",
    "admin::api-token-permission",
    "admin::transfer-token",
    "admin::transfer-token-permission",
    "admin::session",
    "admin::audit-log",
];

impl Restore {
    /// Whether anything goes at all.
    pub fn deletes(&self) -> bool {
        let documents = !self.types.is_empty() && self.going != Going::default();
        documents || self.configuration
    }

    fn params(&self) -> Value {
        let mut entities = json!({"include": self.types, "exclude": PROTECTED});
        // A condition without a value would be none.
        match &self.going {
            Going::These(documents) => entities["params"] = json!({"where": {"documentId": {"$in": documents}}}),
            Going::AllBut(documents) => entities["params"] = json!({"where": {"documentId": {"$notIn": documents}}}),
            Going::All => {}
        }
        let configuration = json!({"coreStore": self.configuration, "webhook": self.configuration});
        let restore = json!({"assets": self.assets, "configuration": configuration, "entities": entities});
        json!({
            "transfer": "push", "checksums": true, "assetEncoding": "base64",
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
        let (features, _) = session.begin(&restore.params()).await?;
        Ok((session, features))
    }

    /// Deletes what the transfer was opened for. Refused where that names nothing: a server would then take all.
    pub async fn delete(&mut self, restore: &Restore) -> Result<()> {
        let says_nothing = matches!(&restore.going, Going::These(none) | Going::AllBut(none) if none.is_empty());
        let is_vague = says_nothing && !restore.types.is_empty();
        if !restore.deletes() || is_vague || (restore.assets && !restore.empties_files) {
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

    /// Takes everything back that this transfer wrote.
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
