//! The files of an archive: sidecars, the rules that `strapi import` 5.54.0 has for them, and which row a file is of.
//! Must not know: items, digests of rows.

use hashbrown::HashMap;
use serde::Deserialize;
use serde_json::Value;

use super::layout::odd_file_name;

/// No sidecar of Strapi is longer; it is a row of the file type.
pub(super) const LONGEST_SIDECAR: u64 = 16 * 1024 * 1024;

/// What a sidecar says of its file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sidecar {
    /// The row of the file.
    pub row: u64,
    pub main: bool,
    /// What the file's length should be, and how far it may be off.
    size: (f64, f64),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Text {
    id: Value,
    size: Value,
    #[serde(rename = "sizeInBytes")]
    bytes: Value,
    name: Value,
    hash: Value,
    mime: Value,
    url: Value,
    ext: Value,
    #[serde(rename = "type")]
    type_: Value,
    #[serde(rename = "mainHash")]
    main_hash: Value,
}

impl Sidecar {
    /// Reads the sidecar of `file` by the rules of 5.54.0. `Err` says which rule it breaks.
    pub fn read(json: &[u8], file: &str) -> Result<Sidecar, String> {
        let text: Text = serde_json::from_slice(json).map_err(|error| format!("is no JSON object ({error})"))?;
        let row = text.id.as_u64().filter(|id| *id > 0).ok_or("has no id")?;
        let size = text.size.as_f64().filter(|size| size.is_finite() && *size >= 0.0).ok_or("has no size")?;
        for (field, value) in [("name", &text.name), ("hash", &text.hash), ("mime", &text.mime), ("url", &text.url)] {
            if value.as_str().is_none_or(str::is_empty) {
                return Err(format!("has no {field}"));
            }
        }
        for (field, value) in [("ext", &text.ext), ("type", &text.type_), ("mainHash", &text.main_hash)] {
            if !value.is_null() && !value.is_string() {
                return Err(format!("has an odd {field}"));
            }
        }
        let hash = text.hash.as_str().unwrap_or_default();
        if !is_name_of(file, hash, text.ext.as_str()) {
            return Err("speaks of another file".to_owned());
        }
        if let Some(why) = odd_file_name(&format!("{hash}{}", text.ext.as_str().unwrap_or_default())) {
            return Err(format!("names a file that {why}"));
        }
        // `size` is in thousands of bytes with two decimals; renditions also say it in bytes.
        let size = text.bytes.as_f64().map_or((size * 1000.0, 10.0), |bytes| (bytes, 0.0));
        Ok(Sidecar { row, main: text.main_hash.is_null(), size })
    }

    pub fn fits_size(&self, bytes: u64) -> bool {
        (self.size.0 - bytes as f64).abs() <= self.size.1
    }
}

/// Old exporters glued a missing extension on as text.
fn is_name_of(file: &str, hash: &str, extension: Option<&str>) -> bool {
    match (file.strip_prefix(hash), extension) {
        (Some(rest), Some(extension)) => rest == extension,
        (Some(rest), None) => ["", "null", "undefined"].contains(&rest),
        (None, _) => false,
    }
}

/// Which row a file is of. Strapi writes each sidecar right before its file; only what lies otherwise is remembered.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    last: Option<(String, Sidecar)>,
    loose: HashMap<Box<str>, Half>,
}

/// Files apart from their sidecars that are remembered. An archive with more was made to fill the memory; what is
/// beyond counts as a file without its record.
const MOST_LOOSE: usize = 1_000_000;

/// What was seen of a file whose parts do not follow one another.
#[derive(Clone, Debug)]
pub(super) enum Half {
    Sidecar(Sidecar),
    Upload(Upload),
    Both(Sidecar),
}

/// What was read of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Upload {
    pub size: u64,
    pub content: crate::model::Digest,
}

impl Pairing {
    /// The sidecar of a file that came next. `Some` if the file itself was there before.
    pub fn sidecar(&mut self, file: String, sidecar: Sidecar) -> Option<Upload> {
        self.park();
        match self.loose.get_mut(file.as_str()) {
            Some(half) => {
                let before = match half {
                    Half::Upload(upload) => Some(*upload),
                    Half::Sidecar(_) | Half::Both(_) => None,
                };
                *half = if before.is_some() { Half::Both(sidecar) } else { Half::Sidecar(sidecar) };
                before
            }
            None => {
                self.last = Some((file, sidecar));
                None
            }
        }
    }

    /// A file that came next. `Some` if its sidecar was there before.
    pub fn upload(&mut self, file: &str, upload: Upload) -> Option<Sidecar> {
        if let Some((name, sidecar)) = self.last.take_if(|(name, _)| name == file) {
            drop(name);
            return Some(sidecar);
        }
        self.park();
        match self.loose.get_mut(file) {
            Some(half) => match half.clone() {
                Half::Sidecar(sidecar) => {
                    *half = Half::Both(sidecar);
                    Some(sidecar)
                }
                Half::Upload(_) | Half::Both(_) => None,
            },
            None => {
                if self.loose.len() < MOST_LOOSE {
                    self.loose.insert(file.into(), Half::Upload(upload));
                }
                None
            }
        }
    }

    /// What is known of a file apart from its order.
    pub fn loose(&self, file: &str) -> Option<&Half> {
        self.loose.get(file)
    }

    pub fn park(&mut self) {
        if let Some((file, sidecar)) = self.last.take()
            && self.loose.len() < MOST_LOOSE
        {
            self.loose.insert(file.into(), Half::Sidecar(sidecar));
        }
    }

    /// Files that lack a part.
    pub fn halves(&self) -> impl Iterator<Item = (&str, &Half)> {
        self.loose.iter().filter(|(_, half)| !matches!(half, Half::Both(_))).map(|(name, half)| (&**name, half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;
    use rstest::rstest;

    const GOOD: &str = r#"{"id":10,"name":"n","hash":"h_1","ext":".png","mime":"image/png","size":2.78,"url":"/u"}"#;

    #[rstest]
    #[case::good("", "", true)]
    #[case::no_id(r#""id":10"#, r#""id":0"#, false)]
    #[case::id_as_text(r#""id":10"#, r#""id":"10""#, false)]
    #[case::negative_size("2.78", "-1", false)]
    #[case::no_name(r#""name":"n""#, r#""name":"""#, false)]
    #[case::no_url(r#""url":"/u""#, r#""x":1"#, false)]
    #[case::another_file("h_1", "h_2", false)]
    #[case::odd_extension(r#"".png""#, "7", false)]
    fn sidecars_follow_the_rules_of_the_importer(#[case] of: &str, #[case] to: &str, #[case] good: bool) {
        let json = GOOD.replacen(of, to, 1);
        assert_eq!(Sidecar::read(json.as_bytes(), "h_1.png").is_ok(), good, "{json}");
    }

    #[test]
    fn a_size_in_thousands_is_taken_as_rounded() {
        let sidecar = Sidecar::read(GOOD.as_bytes(), "h_1.png").expect("good");
        assert!(sidecar.main && sidecar.fits_size(2784) && !sidecar.fits_size(2800));
        let exact = GOOD.replace("2.78", r#"2.78,"sizeInBytes":2784,"mainHash":"m""#);
        let sidecar = Sidecar::read(exact.as_bytes(), "h_1.png").expect("good");
        assert!(!sidecar.main && sidecar.fits_size(2784) && !sidecar.fits_size(2783));
    }

    #[test]
    fn parts_of_a_file_find_each_other_in_any_order() {
        let sidecar = Sidecar::read(GOOD.as_bytes(), "h_1.png").expect("good");
        let upload = Upload { size: 1, content: Digest::ZERO };
        let mut pairing = Pairing::default();
        assert_eq!(pairing.sidecar("a".into(), sidecar), None);
        assert_eq!(pairing.sidecar("b".into(), sidecar), None);
        assert_eq!(pairing.upload("b", upload), Some(sidecar));
        assert_eq!(pairing.upload("a", upload), Some(sidecar));
        assert_eq!(pairing.upload("c", upload), None);
        assert_eq!(pairing.sidecar("c".into(), sidecar), Some(upload));
        assert_eq!(pairing.upload("d", upload), None);
        assert_eq!(pairing.halves().map(|(name, _)| name).collect::<Vec<_>>(), ["d"]);
    }
}
