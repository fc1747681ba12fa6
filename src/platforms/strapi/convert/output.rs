//! The folder that a conversion writes: one JSONL file for each stage, and `metadata.json` last.
//! Must not know: what lines hold.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::model::{Error, Result};
use crate::platforms::strapi::layout::Stage;

const STAGES: [Stage; 4] = [Stage::Schemas, Stage::Entities, Stage::Links, Stage::Configuration];

#[derive(Debug)]
pub(super) struct Output([Lines; 4]);

#[derive(Debug)]
struct Lines {
    path: PathBuf,
    out: BufWriter<File>,
    first: bool,
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::io(format_args!("cannot write {}", path.display()), error)
}

impl Output {
    pub fn create(folder: &Path) -> Result<Output> {
        let lines = |stage: Stage| {
            let path = folder.join(stage.chunk_name(1));
            let file = File::create(&path).map_err(|error| failed(&path, error))?;
            Ok::<Lines, Error>(Lines { path, out: BufWriter::with_capacity(256 * 1024, file), first: true })
        };
        let [schemas, entities, links, configuration] = STAGES;
        Ok(Output([lines(schemas)?, lines(entities)?, lines(links)?, lines(configuration)?]))
    }

    pub fn put(&mut self, stage: Stage, line: &[u8]) -> Result<()> {
        let lines = &mut self.0[stage as usize];
        let before: &[u8] = if std::mem::take(&mut lines.first) { b"" } else { b"\n" };
        let written = lines.out.write_all(before).and_then(|()| lines.out.write_all(line));
        written.map_err(|error| failed(&lines.path, error))
    }

    /// The link by which 5.54.0 tells the document of a row; every row has one.
    pub fn locale(&mut self, uid: &str, row: u64, document: &str, buffer: &mut Vec<u8>) -> Result<()> {
        let uid = serde_json::to_string(uid).unwrap_or_default();
        buffer.clear();
        // Writing to memory cannot fail.
        let _ = write!(
            buffer,
            "{{\"kind\":\"relation.circular\",\"relation\":\"oneToMany\",\"left\":{{\"type\":{uid},\"ref\":{row},\
             \"field\":\"localizations\"}},\"right\":{{\"type\":{uid},\"ref\":\"{document}\"}}}}"
        );
        self.put(Stage::Links, buffer)
    }

    pub fn finish(self, folder: &Path, version: &str, created: Option<&str>) -> Result<()> {
        for mut lines in self.0 {
            lines.out.flush().map_err(|error| failed(&lines.path, error))?;
        }
        let metadata = json!({ "createdAt": created, "strapi": { "version": version } });
        let path = folder.join("metadata.json");
        let text = serde_json::to_string_pretty(&metadata).unwrap_or_default();
        fs::write(&path, text).map_err(|error| failed(&path, error))
    }
}
