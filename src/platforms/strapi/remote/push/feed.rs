//! Puts a merge together on a thread that may block, and hands it out piece by piece: what goes first, then rows, then
//! links, in lists that are sent as they are.
//! Must not know: sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use hashbrown::HashSet;
use tokio::sync::mpsc;

use super::going;
use crate::model::{Digest, Error, ErrorKind, Inventory, ItemIndex, ItemKey, Plan, Result};
use crate::platforms::strapi::assets::Sidecar;
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::listing::{Extent, Index, list_without};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::merge::{Assignment, Bundles, Library, Merge, Side};
use crate::platforms::strapi::remote::Spool;
use crate::platforms::strapi::schema::FILE_TYPE;
use crate::platforms::strapi::wire::Restore;

/// Characters and rows of a list; the official client sends as many characters and fewer rows.
const MOST_CHARACTERS: usize = 512 * 1024;
const MOST_ROWS: u64 = 500;

/// One side of a merge, read and listed.
#[derive(Clone)]
pub(in crate::platforms::strapi) struct End {
    pub bundle: Bundle,
    pub index: Arc<Index>,
    pub inventory: Arc<Inventory>,
    /// The same as the plan sees it: through its locales.
    pub seen: Arc<Inventory>,
    /// Where its bundle lies, for as long as that is read.
    pub _spool: Option<Arc<Spool>>,
}

impl End {
    /// The asset whose file this is the record of.
    pub fn file_of(&self, sidecar: &Path) -> Option<ItemKey> {
        let sidecar = Sidecar::read(&std::fs::read(sidecar).ok()?, sidecar.file_stem()?.to_str()?).ok()?;
        let type_ = self.index.types.find(FILE_TYPE)?;
        Some(self.inventory.item(self.index.rows.get(type_, sidecar.row)?.item).key())
    }

    /// Whether a row of the files belongs to an item.
    pub fn is_row_of(&self, row: u64, item: &ItemKey) -> bool {
        let type_ = self.index.types.find(FILE_TYPE);
        let owner = type_.and_then(|type_| self.index.rows.get(type_, row));
        owner.is_some_and(|owner| self.inventory.item(owner.item).key() == *item)
    }
}

/// What is put together.
pub(super) struct Recipe {
    pub plan: Arc<Plan>,
    pub assignments: Vec<Assignment>,
    pub source: End,
    pub destination: End,
    /// Documents that go besides.
    pub leftovers: BTreeMap<String, Vec<String>>,
    /// Hashes of files that get another one.
    pub renamed: BTreeSet<String>,
    /// What is replaced as a whole; `None` in a merge.
    pub replaced: Option<Replaced>,
}

/// What a replace leaves nothing of.
#[derive(Clone, Debug, Default)]
pub(super) struct Replaced {
    pub types: BTreeSet<String>,
    /// Settings and webhooks too.
    pub configuration: bool,
    pub gone: Vec<ItemIndex>,
    /// The server deletes all of its files itself, and gets all of them in the same transaction.
    pub empties_files: bool,
}

/// A part of a transfer, in order.
#[derive(Debug)]
pub(super) enum Piece {
    /// The first one: what goes, and relations that cannot be kept.
    Goes {
        restore: Restore,
        lost: Lost,
        /// Items that lose relations, with the semantic digests of the rest.
        partial: Vec<(ItemKey, Digest)>,
    },
    Rows(List),
    Links(List),
    Settings(List),
}

/// Rows or links, as JSON.
#[derive(Debug)]
pub(super) struct List {
    pub json: String,
    pub count: u64,
}

/// Relations that lead to nothing afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lost {
    /// Of what is written.
    pub of_source: u64,
    /// Of documents that stay.
    pub of_kept: u64,
}

pub(super) type Pieces = mpsc::Receiver<Piece>;

/// Puts it together until the last piece was taken, or nobody takes more.
pub(super) fn hand_out(mut recipe: Recipe, pieces: &mpsc::Sender<Piece>) -> Result<()> {
    let assignments = std::mem::take(&mut recipe.assignments);
    let source = Side::new(&recipe.source.index, &recipe.source.inventory);
    let destination = Side::new(&recipe.destination.index, &recipe.destination.inventory);
    let bundles = Bundles { source: &recipe.source.bundle, destination: &recipe.destination.bundle };
    let gone = recipe.replaced.as_ref().map(|replaced| &*replaced.gone).unwrap_or_default();
    let merge =
        Merge::new(&recipe.plan, &assignments, gone, &source, &destination, bundles.destination, &recipe.leftovers)?;
    // There can be very many, and a merge knows by now what it needs of them.
    drop(assignments);
    let merge = merge.renaming(recipe.renamed.clone());
    let library = Library::read(bundles.destination, |row| merge.bytes_stay(row))?;
    let merge = merge.with(library);
    let script = merge.script(bundles)?;
    let mut documents = script.deleted.clone();
    for (uid, leftovers) in &recipe.leftovers {
        documents.entry(uid.clone()).or_default().extend(leftovers.iter().cloned());
    }
    let mut restore = going::of(documents, &script.cut, recipe.replaced.as_ref(), &destination)?;
    restore.cut.locales.clone_from(&recipe.plan.options.selection.locales);
    let lost = Lost { of_source: script.lost_of_source, of_kept: script.lost_of_kept };
    let partial = partial(&script.lost_links, &script.lost_of, bundles.source, &source)?;
    give(pieces, Piece::Goes { restore, lost, partial })?;
    let mut rows = Lists::new(pieces, Piece::Rows);
    merge.each_row(&script, bundles, |line| rows.add(&line))?;
    rows.finish()?;
    let mut links = Lists::new(pieces, Piece::Links);
    merge.each_link(&script, bundles, |line| links.add(&line))?;
    links.finish()?;
    match &recipe.replaced {
        Some(Replaced { configuration: true, .. }) => settings(bundles.source, pieces),
        _ => Ok(()),
    }
}

/// What the items that lose relations come to without them.
pub(super) fn partial<'i>(
    lost_links: &HashSet<Digest>,
    lost_of: impl IntoIterator<Item = &'i ItemIndex>,
    bundle: &Bundle,
    source: &Side<'_>,
) -> Result<Vec<(ItemKey, Digest)>> {
    if lost_links.is_empty() {
        return Ok(Vec::new());
    }
    let rest = list_without(bundle, Extent::Rows, lost_links)?.inventory;
    let keys = lost_of.into_iter().map(|&item| source.inventory.item(item).key());
    Ok(keys.filter_map(|key| Some((rest.find(&key)?.digests()?.semantic, key))).map(|(sum, key)| (key, sum)).collect())
}

/// Settings as they are: all of them go before.
pub(super) fn settings(source: &Bundle, pieces: &mpsc::Sender<Piece>) -> Result<()> {
    let mut settings = Lists::new(pieces, Piece::Settings);
    let mut members = source.members()?;
    let mut scratch = Vec::new();
    while let Some(entry) = members.next_entry()? {
        if entry.place == Place::Chunk(Stage::Configuration) {
            each_line(&mut members, &mut scratch, |_, line| settings.add(&String::from_utf8_lossy(line)))?;
        }
    }
    settings.finish()
}

pub(super) fn give(pieces: &mpsc::Sender<Piece>, piece: Piece) -> Result<()> {
    pieces.blocking_send(piece).map_err(|_| Error::new(ErrorKind::Interrupted, "nobody takes what is written"))
}

/// Lines on their way into lists.
pub(super) struct Lists<'a> {
    pieces: &'a mpsc::Sender<Piece>,
    piece: fn(List) -> Piece,
    json: String,
    count: u64,
}

impl<'a> Lists<'a> {
    pub fn new(pieces: &'a mpsc::Sender<Piece>, piece: fn(List) -> Piece) -> Self {
        Lists { pieces, piece, json: String::new(), count: 0 }
    }

    pub fn add(&mut self, line: &str) -> Result<()> {
        self.json.push(if self.count == 0 { '[' } else { ',' });
        self.json.push_str(line);
        self.count += 1;
        if self.json.len() >= MOST_CHARACTERS || self.count >= MOST_ROWS { self.hand_out() } else { Ok(()) }
    }

    fn hand_out(&mut self) -> Result<()> {
        let mut json = std::mem::take(&mut self.json);
        json.push(']');
        give(self.pieces, (self.piece)(List { json, count: std::mem::take(&mut self.count) }))
    }

    pub fn finish(mut self) -> Result<()> {
        if self.count > 0 { self.hand_out() } else { Ok(()) }
    }
}
