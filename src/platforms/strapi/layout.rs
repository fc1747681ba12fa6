//! Where things lie in a Strapi archive, and which names may be trusted.
//! Must not know: bytes, rows.
//!
//! The layout is that of `@strapi/data-transfer` 4.26.2 and 5.54.0 (`file/providers`); before 4.9 Windows wrote
//! backslashes, and `strapi import` still takes them.

use crate::model::text;

/// The four kinds of JSONL files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Stage {
    Schemas,
    Entities,
    Links,
    Configuration,
}

impl Stage {
    pub fn folder(self) -> &'static str {
        match self {
            Stage::Schemas => "schemas",
            Stage::Entities => "entities",
            Stage::Links => "links",
            Stage::Configuration => "configuration",
        }
    }

    /// The name of the n-th file of a stage, counted from 1.
    pub fn chunk_name(self, number: usize) -> String {
        let folder = self.folder();
        format!("{folder}/{folder}_{number:05}.jsonl")
    }
}

/// What a member of an archive is, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Metadata,
    Chunk(Stage),
    /// What the archive says of a file; the name is that of the file.
    Sidecar(String),
    Upload(String),
    /// Nothing that Strapi writes or reads.
    Other,
    /// A name that would leave its folder or hide what it is.
    Unsafe(&'static str),
}

impl Place {
    pub fn of(name: &str) -> Place {
        let name = match checked(name) {
            Ok(name) => name,
            Err(why) => return Place::Unsafe(why),
        };
        let parts: Vec<&str> = name.split('/').collect();
        match parts.as_slice() {
            ["metadata.json"] => Place::Metadata,
            ["schemas", _] => Place::Chunk(Stage::Schemas),
            ["entities", _] => Place::Chunk(Stage::Entities),
            ["links", _] => Place::Chunk(Stage::Links),
            ["configuration", _] => Place::Chunk(Stage::Configuration),
            ["assets", "uploads", file] => asset(file, Place::Upload),
            ["assets", "metadata", file] => match file.strip_suffix(".json") {
                Some(file) => asset(file, Place::Sidecar),
                None => Place::Other,
            },
            _ => Place::Other,
        }
    }
}

fn asset(file: &str, place: impl Fn(String) -> Place) -> Place {
    match odd_file_name(file) {
        Some(why) => Place::Unsafe(why),
        None => place(file.to_owned()),
    }
}

/// The name with `/` between its parts and without `./` in front, if it stays in its folder.
fn checked(name: &str) -> Result<String, &'static str> {
    let name = name.replace('\\', "/");
    let mut rest = name.as_str();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    let rest = rest.trim_end_matches('/');
    if name.starts_with('/') {
        return Err("is absolute");
    }
    if matches!(rest.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic()) {
        return Err("names a drive");
    }
    if rest.split('/').any(|part| part == "..") {
        return Err("climbs out of the archive");
    }
    if text::printable(rest) != rest {
        return Err("holds control characters");
    }
    Ok(rest.to_owned())
}

const LONGEST_NAME: usize = 255;
const LONGEST_EXTENSION: usize = 17;

/// Why a file name is none that Strapi makes: it slugs names and adds ten hexadecimal digits and the extension.
/// Letters and digits of all languages pass, for plugins that name files otherwise; what shells, file systems or
/// terminals take for more than a name does not.
pub(super) fn odd_file_name(file: &str) -> Option<&'static str> {
    let (stem, extension) = file.rfind('.').map_or((file, ""), |dot| file.split_at(dot));
    let fits = |c: char| match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || "_-.+@~(),= ".contains(c),
        false => text::printable(c.encode_utf8(&mut [0; 4])) == *c.encode_utf8(&mut [0; 4]),
    };
    if file.is_empty() || file.len() > LONGEST_NAME {
        Some("has no or too many characters")
    } else if file.starts_with('.') || file.ends_with(['.', ' ']) || file.contains("..") {
        Some("has dots or spaces where no file name has them")
    } else if !stem.chars().all(fits) {
        Some("has an odd hash")
    } else if extension.len() > LONGEST_EXTENSION || !extension.chars().skip(1).all(|c| c.is_ascii_alphanumeric()) {
        Some("has an odd extension")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("metadata.json", Place::Metadata)]
    #[case("./metadata.json", Place::Metadata)]
    #[case("entities/entities_00001.jsonl", Place::Chunk(Stage::Entities))]
    #[case("links/other.txt", Place::Chunk(Stage::Links))]
    #[case("schemas\\schemas_00001.jsonl", Place::Chunk(Stage::Schemas))]
    #[case(".\\configuration\\x", Place::Chunk(Stage::Configuration))]
    #[case("assets/uploads/a_1.png", Place::Upload("a_1.png".into()))]
    #[case("assets/metadata/a_1.png.json", Place::Sidecar("a_1.png".into()))]
    #[case("assets/uploads/größe_ab.jpeg", Place::Upload("größe_ab.jpeg".into()))]
    #[case("assets/uploads/no_extension", Place::Upload("no_extension".into()))]
    #[case("backup/metadata.json", Place::Other)]
    #[case("entities/deep/x.jsonl", Place::Other)]
    fn a_member_is_known_by_its_name(#[case] name: &str, #[case] place: Place) {
        assert_eq!(Place::of(name), place);
    }

    #[rstest]
    #[case("/etc/passwd")]
    #[case("\\windows\\x")]
    #[case("../metadata.json")]
    #[case("entities/../../x")]
    #[case("..\\x")]
    #[case("C:\\x")]
    #[case("c:x")]
    #[case("entities/\x1b[31m")]
    #[case("assets/uploads/..")]
    #[case("assets/uploads/...png")]
    #[case("assets/uploads/.htaccess")]
    #[case("assets/uploads/a|b.png")]
    #[case("assets/uploads/a.p$g")]
    #[case("assets/uploads/a.php ")]
    #[case("assets/uploads/a\u{202e}gpj.exe")]
    #[case("assets/metadata/..json")]
    fn a_name_that_could_do_harm_is_refused(#[case] name: &str) {
        assert!(matches!(Place::of(name), Place::Unsafe(_)), "{:?}", Place::of(name));
    }
}
