//! Writes a bundle: the right extension, whole or not at all, or to standard output.
//! Must not know: what is in it.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::document::Document;
use crate::files::{self, Readers};
use crate::model::{Error, ErrorKind, Existing, Exported, Result};

const EXTENSION: &str = "json";

pub(super) fn write(document: &Document, output: Option<&Path>, existing: Existing) -> Result<Exported> {
    let bytes = document.to_bytes()?;
    let exported = Exported { bytes: bytes.len() as u64, ..Exported::default() };
    let Some(output) = output else {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(&bytes).and_then(|()| out.flush());
        written.map_err(|error| Error::io("cannot write to standard output", error))?;
        return Ok(exported);
    };
    let path = output_path(output)?;
    if path.is_dir() {
        return Err(Error::new(ErrorKind::Usage, format!("{} is a folder", path.display()))
            .hint("give the name of a file, such as ./flows.json"));
    }
    if existing == Existing::Refuse && path.symlink_metadata().is_ok() {
        return Err(Error::new(ErrorKind::OutputExists, format!("{} exists", path.display()))
            .hint("choose another name, or pass --replace-output"));
    }
    files::write_whole(&path, &bytes, Readers::Umask)?;
    Ok(Exported { path: Some(path), ..exported })
}

/// The output with its extension: added where there is none, refused where it is another.
pub fn output_path(output: &Path) -> Result<PathBuf> {
    match output.extension() {
        None => Ok(output.with_extension(EXTENSION)),
        Some(extension) if extension.eq_ignore_ascii_case(EXTENSION) => Ok(output.to_owned()),
        Some(extension) => {
            let extension = extension.to_string_lossy();
            Err(Error::new(ErrorKind::Usage, format!("`.{extension}` is not the extension of this kind of bundle"))
                .hint("leave the extension out, or use .json"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        Document::of_lists(Vec::new(), Vec::new(), Vec::new())
    }

    #[test]
    fn an_output_gets_its_extension_and_is_not_replaced_unasked() {
        let folder = tempfile::tempdir().expect("a folder");
        let bare = folder.path().join("flows");
        let exported = write(&document(), Some(&bare), Existing::Refuse).expect("written");
        let path = folder.path().join("flows.json");
        assert_eq!(exported.path.as_deref(), Some(&*path));
        let text = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(text, "{\n  \"flows\": [],\n  \"connections\": [],\n  \"secrets\": []\n}\n");
        assert_eq!(exported.bytes, text.len() as u64);
        let again = write(&document(), Some(&path), Existing::Refuse).expect_err("it exists");
        assert_eq!((again.kind(), again.exit_code()), (ErrorKind::OutputExists, 4));
        assert!(write(&document(), Some(&path), Existing::Replace).is_ok());
        let wrong = write(&document(), Some(&folder.path().join("flows.tar")), Existing::Refuse);
        assert_eq!(wrong.expect_err("a wrong extension").kind(), ErrorKind::Usage);
        let names = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(names, 1, "nothing half-written is left behind");
    }
}
