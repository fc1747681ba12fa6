//! Folders of the media library by their names and those of the folders around them: that is what they are known by, since
//! their numbers are given by each server.
//! Must not know: rows, what else tells items apart.

use std::collections::HashMap;

use super::digests::unique_of;
use crate::model::{Inventory, ItemIndex};
use crate::platforms::strapi::schema::FOLDER_TYPE;

/// Folders in the order of their rows.
#[derive(Debug, Default)]
pub(super) struct Folders {
    list: Vec<(ItemIndex, Box<str>)>,
    /// Names by path, such as `/1/4`.
    names: HashMap<Box<str>, Box<str>>,
}

impl Folders {
    /// `path` as JSON; a row that does not tell it is known by its id alone.
    pub fn add(&mut self, item: ItemIndex, name: &str, path: &str) {
        let Ok(path) = serde_json::from_str::<String>(path) else { return };
        self.names.insert(path.as_str().into(), name.into());
        self.list.push((item, path.into()));
    }

    /// Says of each folder what no other one of the library has: its way from the top.
    pub fn settle(self, inventory: &mut Inventory) {
        for (item, path) in &self.list {
            if let Some(way) = self.way(path) {
                let text = serde_json::Value::from(way).to_string();
                inventory.add_unique(*item, unique_of(FOLDER_TYPE, "path", "null", &text));
            }
        }
    }

    /// The names from the top; `None` where a folder around it is missing.
    fn way(&self, path: &str) -> Option<String> {
        let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([path.len()]);
        let names: Option<Vec<&str>> = ends.map(|end| self.names.get(&path[..end]).map(|name| &**name)).collect();
        names.map(|names| names.join("\u{1f}"))
    }
}
