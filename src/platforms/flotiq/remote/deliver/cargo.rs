//! The content of a run: the folder that the source filled, listed once.
//! Must not know: servers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::model::{Error, ErrorKind, Inventory, ItemKey, Result};
use crate::platforms::flotiq::index::{Index, Reader};
use crate::platforms::flotiq::listing::{self, Listing, Origin};
use crate::platforms::work::blocking;

/// A listed folder of a run.
#[derive(Debug)]
pub(super) struct Cargo {
    pub folder: PathBuf,
    pub inventory: Inventory,
    pub index: Arc<Index>,
}

impl Cargo {
    pub async fn of(folder: &Path) -> Result<Cargo> {
        let folder = folder.to_owned();
        blocking(move || {
            let Listing { inventory, index } = listing::list(&folder, &Origin::Pulled)?;
            Ok(Cargo { folder, inventory, index: Arc::new(index) })
        })
        .await
    }

    /// The records of items, in their order.
    pub fn records(&self, keys: &[ItemKey]) -> Result<Vec<Map<String, Value>>> {
        let mut reader = Reader::new(&self.index);
        keys.iter().map(|key| self.record(&mut reader, key)).collect()
    }

    fn record(&self, reader: &mut Reader<'_>, key: &ItemKey) -> Result<Map<String, Value>> {
        let lost = || Error::new(ErrorKind::Damaged, format!("the run's folder does not hold {key}"));
        let item = self.inventory.find(key).ok_or_else(lost)?.index();
        serde_json::from_str(reader.record(item, key)?.get()).map_err(|_| lost())
    }

    /// The file of a medium, if the source had one.
    pub fn file(&self, key: &ItemKey, extension: &str) -> Option<PathBuf> {
        self.index.file_of_medium(self.inventory.find(key)?.index(), &key.id, extension)
    }
}
