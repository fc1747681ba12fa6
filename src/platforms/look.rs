//! What a path on disk is, by a look at its beginning: for lists and pickers, which open nothing.
//! Must not know: keys, or what a bundle holds.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{strapi, ziggy};
use crate::model::{Error, Plan, Platform, Result};

/// Bytes that are looked at. A gzip that this does not get out of its first block is only believed to be an archive.
const LOOK: u64 = 16 * 1024;

/// What a path seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleLook {
    pub platform: Platform,
    pub form: BundleForm,
    /// Opening it takes a key.
    pub sealed: bool,
    /// 0 for a folder.
    pub bytes: u64,
    /// `false` where many files that are no bundle look the same, such as any JSON: opening it tells.
    pub certain: bool,
}

/// The form of a bundle on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleForm {
    /// One document.
    File,
    /// A tar, packed or not.
    Archive,
    /// An archive that was unpacked.
    Folder,
    /// A folder whose own commands read and write what it keeps. Opening it runs them.
    Project,
}

impl BundleForm {
    pub fn as_str(self) -> &'static str {
        match self {
            BundleForm::File => "file",
            BundleForm::Archive => "archive",
            BundleForm::Folder => "folder",
            BundleForm::Project => "project",
        }
    }
}

/// Recognises a bundle by its content; `None` for what is none. Reads a few kilobytes and asks for no key. A path that
/// cannot be read is [`crate::model::ErrorKind::Io`].
pub fn recognise(path: &Path) -> Result<Option<BundleLook>> {
    let failed = |error| Error::io(format_args!("cannot read {}", path.display()), error);
    let about = path.metadata().map_err(failed)?;
    if about.is_dir() {
        let look = |form| BundleLook { platform: Platform::Strapi, form, sealed: false, bytes: 0, certain: true };
        if strapi::is_project(path) {
            // Nobody is offered what would be run.
            return Ok(Some(BundleLook { certain: false, ..look(BundleForm::Project) }));
        }
        return Ok(strapi::recognise(&[], 0, path).map(|_| look(BundleForm::Folder)));
    }
    if !about.is_file() {
        // A pipe or a device would wait for somebody.
        return Ok(None);
    }
    let mut head = Vec::new();
    File::open(path).map_err(failed)?.take(LOOK).read_to_end(&mut head).map_err(failed)?;
    Ok(look_at(&head, about.len(), path))
}

/// Whether a file is a plan that was saved, which looks much like an export.
pub(super) fn is_saved_plan(head: &[u8]) -> bool {
    let sign = format!("\"format\": \"{}\"", Plan::FORMAT);
    head.windows(sign.len()).take(256).any(|window| window == sign.as_bytes())
}

fn look_at(head: &[u8], bytes: u64, path: &Path) -> Option<BundleLook> {
    if is_saved_plan(head) {
        return None;
    }
    let first = &head[..head.len().min(crate::codec::HEAD)];
    if let Some(found) = strapi::recognise(first, bytes, path) {
        let sealed = found == strapi::Recognised::PerhapsSealed;
        let certain = match sealed {
            true => path.extension().is_some_and(|end| end == "enc"),
            false => strapi::begins_like_one(head),
        };
        return Some(BundleLook { platform: Platform::Strapi, form: BundleForm::Archive, sealed, bytes, certain });
    }
    let certain = ziggy::begins_like_one(head);
    let look = BundleLook { platform: Platform::Ziggy, form: BundleForm::File, sealed: false, bytes, certain };
    ziggy::recognise(head).then_some(look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

    #[rstest]
    #[case("strapi/tiny-v5.tar.gz", Platform::Strapi, BundleForm::Archive, false)]
    #[case("strapi/v4.26.2.tar.gz", Platform::Strapi, BundleForm::Archive, false)]
    #[case("strapi/v5.54.0-only-content.tar", Platform::Strapi, BundleForm::Archive, false)]
    #[case("strapi/v5.54.0.tar.gz.enc", Platform::Strapi, BundleForm::Archive, true)]
    #[case("ziggy/export-object.json", Platform::Ziggy, BundleForm::File, false)]
    #[case("ziggy/export-array-nested.json", Platform::Ziggy, BundleForm::File, false)]
    fn bundles_are_recognised_without_a_key(
        #[case] name: &str,
        #[case] platform: Platform,
        #[case] form: BundleForm,
        #[case] sealed: bool,
    ) {
        let path = Path::new(DATA).join(name);
        let bytes = path.metadata().unwrap().len();
        assert_eq!(recognise(&path).unwrap(), Some(BundleLook { platform, form, sealed, bytes, certain: true }));
    }

    #[test]
    fn what_only_looks_like_a_bundle_is_not_certain() {
        let folder = tempfile::tempdir().unwrap();
        let certain = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            recognise(&path).unwrap().map(|look| look.certain)
        };
        assert_eq!(certain("package.json", b"{ \"name\": \"flows\" }"), Some(false));
        assert_eq!(certain("noise", &[0x9c; 32]), Some(false));
        assert_eq!(certain("backup.tar.gz.enc", &[0x9c; 32]), Some(true));
        assert_eq!(certain("other.zip", b"PK\x03\x04rest"), Some(false));
        assert_eq!(certain("notes.txt", b"hello"), None);
        assert_eq!(certain("plan.json", b"{\n  \"schema\": 1,\n  \"format\": \"haul-plan\",\n"), None);
        assert_eq!(certain("empty", b""), None);
        assert_eq!(recognise(folder.path()).unwrap(), None);
        std::fs::create_dir_all(folder.path().join("entities")).unwrap();
        std::fs::create_dir_all(folder.path().join("schemas")).unwrap();
        let look = recognise(folder.path()).unwrap().unwrap();
        assert_eq!((look.form, look.certain), (BundleForm::Folder, true));
        assert!(recognise(&folder.path().join("gone")).is_err());
    }

    #[test]
    fn a_project_is_recognised_and_never_offered() {
        let folder = tempfile::tempdir().unwrap();
        let package = r#"{ "dependencies": { "@strapi/strapi": "5.54.0" } }"#;
        std::fs::write(folder.path().join("package.json"), package).unwrap();
        let look = recognise(folder.path()).unwrap().unwrap();
        assert_eq!((look.platform, look.form, look.certain), (Platform::Strapi, BundleForm::Project, false));
    }
}
