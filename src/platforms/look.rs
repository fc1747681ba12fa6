//! What a path on disk is, by a look at its beginning: for lists and pickers, which open nothing.
//! Must not know: keys, or what a bundle holds.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{flotiq, strapi, ziggy};
use crate::model::{Error, Plan, Platform, Result};

/// Bytes that are looked at. A gzip that this does not get out of its first block is only believed to be an archive.
const LOOK: u64 = 16 * 1024;
/// Bytes that tell a saved plan: it says so at its beginning.
const PLAN_LOOK: usize = 256;

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
    /// An archive that was unpacked, or records in folders.
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
        if strapi::recognise(&[], 0, path).is_some() {
            return Ok(Some(look(BundleForm::Folder)));
        }
        // Who looks for folders wants into a project.
        let certain = !flotiq::is_project(path);
        let flotiq = BundleLook { platform: Platform::Flotiq, certain, ..look(BundleForm::Folder) };
        return Ok(flotiq::recognise(path).then_some(flotiq));
    }
    if !about.is_file() {
        // A pipe or a device would wait for somebody.
        return Ok(None);
    }
    let mut head = Vec::new();
    File::open(path).map_err(failed)?.take(LOOK).read_to_end(&mut head).map_err(failed)?;
    Ok(look_at(&head, about.len(), path))
}

/// Whether a path is a plan that was saved, which looks much like an export. What cannot be read is none.
pub fn is_saved_plan(path: &Path) -> bool {
    // A pipe or a device would wait for somebody.
    if !path.is_file() {
        return false;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(PLAN_LOOK as u64).read_to_end(&mut head));
    read.is_ok() && begins_like_a_plan(&head)
}

/// Whether a file that begins so says of itself that it is a saved plan, however a tool set its blanks.
pub(super) fn begins_like_a_plan(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&head[..head.len().min(PLAN_LOOK)]);
    head.match_indices("\"format\"").any(|(at, key)| {
        let value = head[at + key.len()..].trim_start().strip_prefix(':').map(str::trim_start);
        value
            .and_then(|value| value.strip_prefix('"')?.strip_prefix(Plan::FORMAT))
            .is_some_and(|end| end.starts_with('"'))
    })
}

fn look_at(head: &[u8], bytes: u64, path: &Path) -> Option<BundleLook> {
    if begins_like_a_plan(head) {
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
        assert_eq!(certain("short.json", b"{\"schema\":1,\"format\":\"haul-plan\",\"flows\":[]"), None);
        assert_eq!(certain("empty", b""), None);
        assert_eq!(recognise(folder.path()).unwrap(), None);
        std::fs::create_dir_all(folder.path().join("entities")).unwrap();
        std::fs::create_dir_all(folder.path().join("schemas")).unwrap();
        let look = recognise(folder.path()).unwrap().unwrap();
        assert_eq!((look.form, look.certain), (BundleForm::Folder, true));
        assert!(recognise(&folder.path().join("gone")).is_err());
    }

    #[rstest]
    #[case::as_it_is_saved("{\n  \"schema\": 1,\n  \"format\": \"haul-plan\",\n", true)]
    #[case::without_blanks("{\"schema\":1,\"format\":\"haul-plan\",", true)]
    #[case::with_more_of_them("{ \"schema\" : 1,\r\n\"format\" :\n\"haul-plan\" }", true)]
    #[case::another_format("{ \"format\": \"haul-planner\" }", false)]
    #[case::the_word_elsewhere("{ \"flows\": [{ \"name\": \"haul-plan\" }] }", false)]
    #[case::empty("", false)]
    fn a_saved_plan_says_so_itself(#[case] text: &str, #[case] is_plan: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.json");
        std::fs::write(&path, text).unwrap();
        assert_eq!(is_saved_plan(&path), is_plan);
        assert!(!is_saved_plan(folder.path()) && !is_saved_plan(&folder.path().join("gone")));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_waits_at_a_pipe_for_a_plan() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(!is_saved_plan(&pipe));
    }

    #[test]
    fn an_export_directory_is_recognised_and_a_project_that_holds_one_is_not_certain() {
        let look = recognise(&Path::new(DATA).join("flotiq/export-dir")).unwrap().unwrap();
        assert_eq!((look.platform, look.form, look.certain), (Platform::Flotiq, BundleForm::Folder, true));
        let project = tempfile::tempdir().unwrap();
        let hidden = project.path().join(".flotiq/ContentType1");
        std::fs::create_dir_all(&hidden).unwrap();
        std::fs::write(hidden.join("ContentTypeDefinition.json"), "{}").unwrap();
        let look = recognise(project.path()).unwrap().unwrap();
        assert_eq!((look.platform, look.certain), (Platform::Flotiq, false));
        assert!(recognise(&project.path().join(".flotiq")).unwrap().unwrap().certain);
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
