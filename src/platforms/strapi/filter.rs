//! Decides line by line and file by file what goes into a new archive.
//! Must not know: outputs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::assets::Sidecar;
use super::layout::Stage;
use super::link::{Link, Meaning};
use super::listing::{Index, parse};
use super::notes::Notes;
use super::read::{file_item, row_item, row_type, setting_key};
use crate::model::{Files, Inventory, ItemIndex, Kind, code};

/// What was picked, by what the passes that copy can tell of a line.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    index: Arc<Index>,
    /// One for each item.
    picked: Vec<bool>,
    settings: HashSet<String>,
    pub files: Files,
    pub assets: u64,
}

/// Types that no export holds (`strapi export` of 5.54.0 and 4.26.2 leaves them out): users, roles and tokens of the
/// admin panel, and releases.
pub(super) fn never_written(uid: &str) -> bool {
    uid.starts_with("admin::") || uid.starts_with("plugin::content-releases.")
}

impl Filter {
    pub fn new(index: Arc<Index>, inventory: &Inventory, items: &[ItemIndex], files: Files) -> Self {
        let mut filter = Filter { picked: vec![false; index.items], index, settings: HashSet::new(), files, assets: 0 };
        for &item in items {
            let picked = inventory.item(item);
            if let Some(slot) = filter.picked.get_mut(item as usize) {
                *slot = !picked.type_().is_some_and(never_written);
            }
            match picked.kind() {
                Kind::Configuration => drop(filter.settings.insert(picked.id().to_owned())),
                Kind::Asset => filter.assets += 1,
                _ => {}
            }
        }
        filter
    }

    fn is_picked(&self, item: Option<ItemIndex>) -> bool {
        item.is_some_and(|item| self.picked.get(item as usize) == Some(&true))
    }

    /// Whether a line is written. Notes are taken of links that are cut through.
    pub fn keeps(&self, stage: Stage, line: &[u8], settings: &mut SettingIds, notes: &mut Notes) -> bool {
        match stage {
            Stage::Schemas => true,
            Stage::Entities => {
                let kept = self.is_picked(row_item(&self.index, line));
                kept && !row_type(line).is_some_and(|uid| never_written(&uid))
            }
            Stage::Links => parse::<Link<'_>>(line, "link").is_ok_and(|link| self.keeps_link(&link, notes)),
            Stage::Configuration => settings.id(line).is_some_and(|id| self.settings.contains(&id)),
        }
    }

    fn keeps_link(&self, link: &Link<'_>, notes: &mut Notes) -> bool {
        if never_written(&link.left.type_) || never_written(&link.right.type_) {
            return false;
        }
        let item_of = |uid: &str, row: Option<u64>| {
            let type_ = self.index.types.find(uid)?;
            self.index.rows.get(type_, row?).map(|owner| owner.item)
        };
        let (from, to) = link.ends();
        let (from_item, to_item) = (item_of(&from.type_, from.row()), item_of(&to.type_, to.row()));
        if !self.is_picked(from_item) {
            return false;
        }
        // In v5 the right end is the entry's own id rather than a row.
        if link.meaning() == Meaning::SameEntry && to.row().is_none() {
            return true;
        }
        let kept = self.is_picked(to_item);
        if !kept && to_item.is_some() {
            let field = from.field.as_deref().unwrap_or("a relation");
            let sentence = format!("`{field}` of {} leads to items that are left out", from.type_);
            notes.warning(code::LEFT_OUT_REFERENCE, &sentence, || match to.row() {
                Some(row) => format!("row {row} of {}", to.type_),
                None => to.type_.to_string(),
            });
        }
        kept
    }

    /// Whether a file and its sidecar are written.
    pub fn keeps_file(&self, sidecar: &Sidecar) -> bool {
        self.files == Files::With && self.is_picked(file_item(&self.index, sidecar))
    }
}

/// The ids of settings in the order in which they stand in the archive: keys that repeat are counted.
#[derive(Debug, Default)]
pub(super) struct SettingIds(HashMap<String, u32>);

impl SettingIds {
    pub fn id(&mut self, line: &[u8]) -> Option<String> {
        setting_key(line).map(|key| self.count(key))
    }

    pub fn count(&mut self, key: String) -> String {
        let count = self.0.entry(key.clone()).and_modify(|count| *count += 1).or_insert(1);
        if *count == 1 { key } else { format!("{key} ({count})") }
    }
}
