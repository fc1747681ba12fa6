//! Holds rows that would be pushed against what the destination's database demands, before anything is sent.
//! Must not know: links, sockets.

use hashbrown::{HashMap, HashSet};

use super::columns::Demands;
use super::compose::{RowMerge, each_line_of};
use super::links::quoted;
use super::write::Written;
use crate::model::{Error, ErrorKind, ItemKey, Result};
use crate::platforms::strapi::layout::Stage;
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::schema::indexed::Pairs;

/// The demands of the destination's tables, and the values that were seen.
pub(super) struct Check<'m, 'a> {
    merge: &'m RowMerge<'a>,
    demands: Demands,
    /// By type, attribute and value: who has it.
    taken: HashMap<(String, Box<str>, String), ItemKey>,
}

impl<'m, 'a> Check<'m, 'a> {
    pub fn new(merge: &'m RowMerge<'a>) -> Result<Self> {
        let mut demands = Demands::default();
        each_line_of(merge.destination.bundle, Stage::Schemas, |line| demands.learn(line))?;
        Ok(Check { merge, demands, taken: HashMap::new() })
    }

    /// Takes in a row that would be pushed.
    pub fn take(&mut self, row: &Written) -> Result<()> {
        let Some(columns) = self.demands.of(&row.uid) else { return Ok(()) };
        let key = self.merge.source.side.inventory.item(row.item).key();
        let value = |name: &str| {
            let found = row.values.iter().find(|(key, _)| **key == *name).map(|(_, value)| value.clone());
            found.filter(|value| value != "null")
        };
        if let Some(name) = columns.filled.iter().find(|name| value(name).is_none()) {
            let message = format!("{key} has no `{name}`, which the destination's database insists on");
            return Err(Error::new(ErrorKind::Usage, message).hint(UNCHANGED).items([key]));
        }
        for name in &columns.unique {
            let Some(value) = value(name) else { continue };
            if let Some(other) = self.taken.insert((row.uid.clone(), name.clone(), value.clone()), key.clone()) {
                return Err(twice(&key, &other.to_string(), name, &value));
            }
        }
        Ok(())
    }

    /// Holds what was taken in against the rows that stay.
    pub fn finish(self) -> Result<()> {
        if self.taken.is_empty() {
            return Ok(());
        }
        let types: HashSet<&str> = self.taken.keys().map(|(uid, ..)| uid.as_str()).collect();
        each_line_of(self.merge.destination.bundle, Stage::Entities, |line| {
            let row: Row<'_> = parse(line, "row")?;
            let Some(columns) = self.demands.of(&row.type_).filter(|_| types.contains(&*row.type_)) else {
                return Ok(());
            };
            let stays = |id| !self.merge.goes(id);
            if self.merge.destination.side.row(&row.type_, Some(row.id)).is_none_or(|id| !stays(id)) {
                return Ok(());
            }
            let Pairs(pairs) = parse(row.data.get().as_bytes(), "row")?;
            for (name, raw) in pairs.iter().filter(|(name, _)| columns.unique.iter().any(|unique| **unique == **name)) {
                let met = (row.type_.to_string(), Box::from(&**name), raw.get().to_owned());
                if let Some(key) = self.taken.get(&met) {
                    return Err(twice(key, &format!("row {} of the destination", row.id), name, raw.get()));
                }
            }
            Ok(())
        })
    }
}

const UNCHANGED: &str = "nothing was changed; change it at the source, or leave the item out with --decide";

fn twice(key: &ItemKey, other: &str, name: &str, value: &str) -> Error {
    let message = format!(
        "{key} and {other} have the same {} {value}, which the destination's database takes once",
        quoted(name)
    );
    Error::new(ErrorKind::Usage, message).hint(UNCHANGED).items([key.clone()])
}
