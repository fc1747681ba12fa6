//! The stages of a push: what `start`, `stream` and `end` do to entities, links, configuration and assets.
//! Must not know: sockets, the order of stages.

use serde_json::{Map, Value, json};

use super::{
    connection::{Connection, Origin},
    create::Creation,
    failure::Failure,
    link::{self, Written},
    policy,
    push::Transfer,
    store::{CORE_STORE, Row, WEBHOOK},
};

/// After so many warnings of one kind a client hears only the sum.
const MOST_WARNINGS: usize = 10;

#[derive(Debug, Default)]
pub(super) struct Stage {
    unmapped: usize,
    foreign: usize,
    /// The stream under it broke.
    broken: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stats {
    pub started: u64,
    pub finished: u64,
}

impl Transfer {
    pub async fn step(&mut self, to: &mut Connection, message: &Value) -> Result<Value, Failure> {
        self.failed = false;
        let stage = message["step"].as_str().unwrap_or("undefined");
        match message["action"].as_str() {
            Some("start") => self.start(to, stage).await,
            Some("stream") => {
                self.flow.stream(stage)?;
                if !self.stages.contains_key(stage) {
                    return Err(Failure::plain("You need to init first"));
                }
                self.stream(to, stage, &message["data"]).await?;
                Ok(Value::Null)
            }
            Some("end") => self.end(to, stage).await,
            _ => Ok(Value::Null),
        }
    }

    async fn start(&mut self, to: &mut Connection, stage: &str) -> Result<Value, Failure> {
        self.flow.start(stage)?;
        let (what, told) = match stage {
            "entities" => ("Not able to import entities", "creating entities stream"),
            "links" => ("Not able to stream links", "creating links write stream"),
            "configuration" => ("Not able to stream Configurations", "creating configuration write stream"),
            "assets" => ("Not able to stream Assets", "creating assets write stream"),
            _ => return Err(Failure::plain("Invalid transfer step, impossible to create a stream")),
        };
        self.ready(what)?;
        to.diagnose("info", told, Origin::Provider).await;
        if stage == "assets" && !self.options.has_assets() {
            return Err(Failure::transfer("Attempting to transfer assets when `assets` is not set in restore options"));
        }
        self.stages.insert(stage.to_owned(), Stage::default());
        self.stats.insert(stage.to_owned(), Stats::default());
        Ok(json!({ "ok": true }))
    }

    async fn stream(&mut self, to: &mut Connection, stage: &str, data: &Value) -> Result<(), Failure> {
        if stage == "assets" {
            return self.assets(to, data).await;
        }
        let Some(rows) = data.as_array() else { return Err(self.row_failed("data is not iterable")) };
        if self.stages.get(stage).is_some_and(|stage| stage.broken) {
            return Err(Failure::plain("Cannot call write after a stream was destroyed"));
        }
        if self.version.protects() && stage != "configuration" {
            for row in rows {
                let allowed = match stage {
                    "entities" => policy::entity(&to.site.schemas, row),
                    _ => policy::link(row),
                };
                allowed.inspect_err(|_| self.failed = true)?;
            }
        }
        for row in rows {
            self.count(stage, |stats| stats.started += 1);
            if stage == "entities" && to.site.pipeline.weather.strikes_row() {
                continue;
            }
            let written = match stage {
                "entities" => self.entity(to, row).await,
                "links" => self.link(to, row).await,
                _ => self.setting(to, row).await,
            };
            if written.is_err() {
                self.stages.entry(stage.to_owned()).or_default().broken = true;
                self.failed = stage != "configuration";
            }
            written?;
            self.count(stage, |stats| stats.finished += 1);
        }
        Ok(())
    }

    fn row_failed(&mut self, message: &str) -> Failure {
        self.failed = true;
        Failure::named("TypeError", message)
    }

    pub fn count(&mut self, stage: &str, count: impl FnOnce(&mut Stats)) {
        count(self.stats.entry(stage.to_owned()).or_default());
    }

    async fn entity(&mut self, to: &Connection, row: &Value) -> Result<(), Failure> {
        let database = self.transaction.open(&to.site).await?;
        let mapping = &mut self.mapping;
        let mut clock = to.site.clock();
        let mut creation =
            Creation { schemas: &to.site.schemas, database, clock: &mut clock, mapping, version: self.version };
        let none = Map::new();
        let data = row["data"].as_object().unwrap_or(&none);
        creation.entity(row["type"].as_str().unwrap_or_default(), &row["id"], data)?;
        Ok(())
    }

    async fn link(&mut self, to: &mut Connection, row: &Value) -> Result<(), Failure> {
        let database = self.transaction.open(&to.site).await?;
        let written = link::write(&to.site.schemas, database, &self.mapping, self.version, row)?;
        let stage = self.stages.entry("links".to_owned()).or_default();
        let names = format!("{} -> {}", link::name(&row["left"]), link::name(&row["right"]));
        let warning = match written {
            Written::Done => return Ok(()),
            Written::Unmapped(missing) => {
                stage.unmapped += 1;
                format!("Skipping link {names} because {missing} was not transferred during the entities stage.")
            }
            Written::ForeignKey => {
                stage.foreign += 1;
                format!("Skipping link {names} due to a foreign key constraint.")
            }
        };
        let count = stage.unmapped + stage.foreign;
        if count <= MOST_WARNINGS {
            to.diagnose("warning", &warning, Origin::Handler).await;
        }
        if count == MOST_WARNINGS {
            let rest = format!("No more single warnings after {MOST_WARNINGS}; the end of the stage has the sum.");
            to.diagnose("warning", &rest, Origin::Handler).await;
        }
        Ok(())
    }

    /// Inserted blindly: a key that is there already is there twice then.
    async fn setting(&mut self, to: &Connection, row: &Value) -> Result<(), Failure> {
        let table = match row["type"].as_str() {
            Some("core-store") => CORE_STORE,
            Some("webhook") => WEBHOOK,
            _ => return Ok(()),
        };
        let Some(values) = row["value"].as_object() else {
            return Err(Failure::transfer(format!("Failed to import {}", row["type"].as_str().unwrap_or_default())));
        };
        let mut values = values.clone();
        values.shift_remove("id");
        self.transaction.open(&to.site).await?.insert(table, Row { values, ..Row::default() });
        Ok(())
    }

    async fn end(&mut self, to: &mut Connection, stage: &str) -> Result<Value, Failure> {
        self.flow.end(stage)?;
        if stage == "assets" && self.stages.contains_key(stage) {
            self.end_assets(to).await?;
        }
        let ended = self.stages.remove(stage).unwrap_or_default();
        if let Some(summary) = ended.summary() {
            to.diagnose("warning", &summary, Origin::Handler).await;
        }
        let stats = self.stats.get(stage).copied().unwrap_or_default();
        Ok(match self.version.has_stats() {
            true => json!({ "ok": true, "stats": { "started": stats.started, "finished": stats.finished } }),
            false => json!({ "ok": true }),
        })
    }

    /// The assets stream broke: its end is reported as if all were well.
    pub fn break_assets(&mut self) {
        self.stages.entry("assets".to_owned()).or_default().broken = true;
    }

    pub fn assets_broken(&self) -> bool {
        self.stages.get("assets").is_some_and(|stage| stage.broken)
    }
}

impl Stage {
    fn summary(&self) -> Option<String> {
        let counts = [(self.unmapped, "unmapped"), (self.foreign, "foreign key")];
        let parts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
        let total = self.unmapped + self.foreign;
        (total > 0).then(|| {
            let parts = parts.join(", ");
            format!(
                "Links restore skipped {total} relation(s) ({parts}). Verify relations in the admin after transfer."
            )
        })
    }
}
