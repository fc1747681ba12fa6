//! Directories to read, and how tests read and write them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use haul::model::{
    Credentials, Error, Existing, ExportFormat, ExportRequest, Exported, Files, FolderFormat, Internals, Inventory,
    ItemIndex, Layout, Manifest, Result, Seal, Source, Squeeze,
};
use haul::platforms::flotiq::DirectorySource;

/// What the official exporter 2.16.1 wrote, with `--with-internal`.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/flotiq/export-dir")
}

pub fn open(path: &Path) -> DirectorySource {
    DirectorySource::open(path, Arc::new(())).expect("an export")
}

pub async fn list(path: &Path) -> Inventory {
    open(path).list().await.expect("a listing")
}

pub fn format(internals: Internals, manifest: Manifest) -> ExportFormat {
    ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing: Existing::Refuse,
        files: Files::With,
        credentials: Credentials::Keep,
        folder: FolderFormat { internals, manifest },
    }
}

pub fn plain() -> ExportFormat {
    format(Internals::Leave, Manifest::None)
}

pub fn with_internal() -> ExportFormat {
    format(Internals::Keep, Manifest::None)
}

/// Writes what fits of a directory into another one.
pub async fn export_some(
    from: &Path,
    to: &Path,
    format: &ExportFormat,
    fits: impl Fn(&str) -> bool,
) -> Result<Exported> {
    let source = open(from);
    let mut inventory = source.list().await?;
    let items: Vec<ItemIndex> =
        inventory.items().filter(|item| fits(&item.key().to_string())).map(|item| item.index()).collect();
    source.examine(&mut inventory, &items).await?;
    source.export(&ExportRequest { inventory: &inventory, items: &items, output: Some(to), format }, &()).await
}

pub async fn export(from: &Path, to: &Path, format: &ExportFormat) -> Result<Exported> {
    export_some(from, to, format, |_| true).await
}

/// Every file below a folder, with its bytes.
pub fn files_of(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("readable").path();
            match path.is_dir() {
                true => walk(&path, root, found),
                false => {
                    let name = path.strip_prefix(root).expect("below").display().to_string();
                    found.insert(name, fs::read(&path).expect("a file"));
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(root, root, &mut found);
    found
}

/// A copy of the sample that may be changed.
pub fn copy_of_sample() -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files_of(&sample()) {
        put(copy.path(), &name, &bytes);
    }
    copy
}

pub fn put(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, bytes).expect("written");
}

/// A folder with one type, whose objects lie in files of these names.
pub fn one_type(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "ContentTypeNote/ContentTypeDefinition.json", NOTE.as_bytes());
    for (name, text) in files {
        put(folder.path(), &format!("ContentTypeNote/{name}"), text.as_bytes());
    }
    folder
}

/// A type with a title and an unique slug.
pub const NOTE: &str = r##"{"name":"note","label":"Note","schemaDefinition":{"type":"object","allOf":[{"$ref":"#/x"},
  {"type":"object","properties":{"title":{"type":"string"},"slug":{"type":"string"}}}]},
  "metaDefinition":{"order":["title","slug"],"propertiesConfig":{
    "title":{"inputType":"text","label":"T","unique":false},"slug":{"inputType":"text","label":"S","unique":true}}}}"##;

/// The codes and messages of what a listing found.
pub fn findings(inventory: &Inventory) -> Vec<(String, String)> {
    inventory.findings.iter().map(|finding| (finding.code.clone(), finding.message.clone())).collect()
}

pub fn message(error: &Error) -> String {
    format!("{} ({})", error.message(), error.hint_text().unwrap_or("-"))
}
