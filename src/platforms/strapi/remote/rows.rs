//! Takes the rows of a stage to disk, one a line, as they came. What `strapi export` leaves out is dropped here, on
//! receipt: users, roles, tokens and sessions of the admin panel never reach the disk, nor do releases.
//! Must not know: sockets, items.

use std::borrow::Cow;
use std::path::Path;

use serde::Deserialize;

use super::stage::{Sink, Taken};
use crate::model::{Error, ErrorKind, Result};
use crate::platforms::strapi::filter::never_written;
use crate::platforms::strapi::layout::Stage;
use crate::platforms::strapi::lines::LineWriter;
use crate::platforms::strapi::wire;

/// A JSONL file that grows.
#[derive(Debug)]
pub(super) struct Rows {
    stage: Stage,
    out: LineWriter,
}

#[derive(Deserialize)]
struct OfType<'a> {
    #[serde(borrow, rename = "type")]
    type_: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Between<'a> {
    #[serde(borrow)]
    left: OfType<'a>,
    #[serde(borrow)]
    right: OfType<'a>,
}

impl Rows {
    pub fn create(stage: Stage, path: &Path) -> Result<Rows> {
        Ok(Rows { stage, out: LineWriter::create(path)? })
    }

    /// Writes a row as a line of its own.
    pub fn put(&mut self, row: &str) -> Result<()> {
        self.out.put(row)
    }

    fn taken(&self) -> Taken {
        Taken { rows: self.out.lines, bytes: self.out.bytes, ..Taken::default() }
    }

    fn is_left_out(&self, row: &str) -> Result<bool> {
        let odd = |error: serde_json::Error| {
            let message = format!("the server sent a row of {} that is none ({error})", self.stage.folder());
            Error::new(ErrorKind::Protocol, message)
        };
        match self.stage {
            Stage::Entities => {
                let row: OfType<'_> = serde_json::from_str(row).map_err(odd)?;
                Ok(never_written(&row.type_))
            }
            Stage::Links => {
                let row: Between<'_> = serde_json::from_str(row).map_err(odd)?;
                Ok(never_written(&row.left.type_) || never_written(&row.right.type_))
            }
            Stage::Schemas | Stage::Configuration => Ok(false),
        }
    }

    pub fn finish(self) -> Result<()> {
        self.out.finish()
    }
}

impl Sink for Rows {
    fn take(&mut self, data: &str) -> Result<Taken> {
        for row in wire::rows(data)? {
            if !self.is_left_out(row.get())? {
                self.put(row.get())?;
            }
        }
        Ok(self.taken())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(stage: Stage, data: &str) -> Result<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows");
        let mut rows = Rows::create(stage, &path)?;
        rows.take(data)?;
        rows.finish()?;
        Ok(std::fs::read_to_string(path).expect("it was written"))
    }

    #[test]
    fn what_an_export_leaves_out_never_reaches_the_disk() {
        let rows = r#"[{"type":"admin::user","id":1,"data":{"password":"canary"}},{"type":"api::a.a","id":1,"data":{}},
            {"type":"plugin::content-releases.release","id":1,"data":{}},{"type":"api::a.a","id":2,"data":{"x":
            1}}]"#;
        let expected = "{\"type\":\"api::a.a\",\"id\":1,\"data\":{}}\n{\"type\":\"api::a.a\",\"id\":2,\"data\":{\"x\":";
        let kept_rows = kept(Stage::Entities, rows).expect("rows");
        assert!(kept_rows.starts_with(expected) && kept_rows.lines().count() == 2, "{kept_rows}");

        let end = |uid: &str| format!(r#"{{"type":"{uid}","ref":1}}"#);
        let link = |left: &str, right: &str| format!(r#"{{"kind":"x","left":{},"right":{}}}"#, end(left), end(right));
        let links = [link("api::a.a", "admin::user"), link("admin::role", "api::a.a"), link("api::a.a", "api::b.b")];
        assert_eq!(kept(Stage::Links, &format!("[{}]", links.join(","))).expect("links"), links[2]);
    }

    #[test]
    fn a_row_that_is_none_is_an_error() {
        for (stage, data) in [(Stage::Entities, "[{}]"), (Stage::Links, r#"[{"left":{}}]"#), (Stage::Entities, "{}")] {
            assert_eq!(kept(stage, data).expect_err(data).kind(), ErrorKind::Protocol);
        }
    }
}
