//! The folder that a pull or a conversion is kept in while its location is open, laid out like an unpacked archive.
//! Must not know: sockets, items.

use std::path::{Path, PathBuf};

use crate::files::create_private_folder;
use crate::model::Result;
use crate::platforms::spool::SpoolFolder;
use crate::platforms::strapi::layout::Stage;

#[derive(Debug)]
pub(in crate::platforms::strapi) struct Spool(SpoolFolder);

impl Spool {
    /// A new folder below `root`.
    pub fn new(root: &Path) -> Result<Spool> {
        let folder = SpoolFolder::new(root)?;
        for stage in ["schemas", "entities", "links", "configuration", "assets/metadata", "assets/uploads"] {
            create_private_folder(&folder.path().join(stage))?;
        }
        Ok(Spool(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The only JSONL file of a stage.
    pub fn rows(&self, stage: Stage) -> PathBuf {
        self.path().join(stage.chunk_name(1))
    }

    pub fn metadata(&self) -> PathBuf {
        self.path().join("metadata.json")
    }

    /// A file, by a name that was checked.
    pub fn upload(&self, name: &str) -> PathBuf {
        self.path().join("assets/uploads").join(name)
    }

    pub fn sidecar(&self, name: &str) -> PathBuf {
        self.path().join("assets/metadata").join(format!("{name}.json"))
    }
}
