//! The words of a transfer that writes: what goes first, rows and files, and whether it counts in the end.
//! Must not know: where rows and files come from.
//!
//! A server deletes what `restore` does not keep from it, so that a [`Restore`] names all that may go, and nothing is
//! deleted unless [`Session::delete`] is called (5.54.0; `beforeTransfer` without `include` empties everything).

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::envelope;
use super::super::features::Features;
use super::{Channel, Direction, LastWord, Session, Step, fresh, parsed};
use crate::model::{Error, ErrorKind, Result};

/// What a transfer may delete, and whether it brings files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::platforms::strapi) struct Restore {
    pub assets: bool,
    /// Types with documents that go.
    pub types: Vec<String>,
    /// The documents that go.
    pub documents: Vec<String>,
}

impl Restore {
    fn params(&self) -> Value {
        let entities = json!({
            "include": self.types, "exclude": [], "params": {"where": {"documentId": {"$in": self.documents}}},
        });
        let configuration = json!({"coreStore": false, "webhook": false});
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
        if restore.types.is_empty() || restore.documents.is_empty() || restore.assets {
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
        self.owed = vec![LastWord::End, LastWord::Close];
        self.action("rollback").await?;
        self.finish().await
    }
}
