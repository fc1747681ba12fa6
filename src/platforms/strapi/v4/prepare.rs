//! A merge that was looked at from its beginning to its end before anything of it is sent: what goes, what is pushed, what is
//! lost, and that the database takes it.
//! Must not know: sockets.

use std::collections::BTreeSet;

use super::compose::{Going, RowMerge, each_line_of};
use super::demands::Check;
use super::links::{Links, Unheld};
use super::write::Writer;
use crate::model::Result;
use crate::platforms::strapi::layout::Stage;

/// What is sent, row by row and link by link.
pub(in crate::platforms::strapi) struct Prepared<'m, 'a> {
    merge: &'m RowMerge<'a>,
    pub going: Going,
    pub unheld: Unheld,
    writer: Writer<'m, 'a>,
    links: Links<'m, 'a>,
}

impl<'m, 'a> Prepared<'m, 'a> {
    /// `renamed` are files that get another name on disk, by their hashes.
    pub fn new(merge: &'m RowMerge<'a>, renamed: &'m BTreeSet<String>) -> Result<Self> {
        let mut writer = Writer::new(merge, renamed)?;
        let mut check = Check::new(merge)?;
        each_line_of(merge.source.bundle, Stage::Entities, |line| {
            writer.row(line)?.map_or(Ok(()), |row| check.take(&row))
        })?;
        check.finish()?;
        let mut links = Links::learn(merge)?;
        let unheld = links.each(&writer.left_out, |_| Ok(()))?;
        Ok(Prepared { merge, going: merge.going()?, unheld, writer, links })
    }

    pub fn each_row(&mut self, mut each: impl FnMut(String) -> Result<()>) -> Result<()> {
        let Prepared { merge, writer, .. } = self;
        each_line_of(merge.source.bundle, Stage::Entities, |line| {
            writer.row(line)?.map_or(Ok(()), |row| each(row.line))
        })
    }

    pub fn each_link(&mut self, each: impl FnMut(String) -> Result<()>) -> Result<()> {
        self.links.each(&self.writer.left_out, each).map(drop)
    }
}
