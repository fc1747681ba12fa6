//! Reads one row of the entities: whose it is, what it is called, which component rows lie in it, and its digest.
//! Must not know: other rows, items.
//!
//! Row shapes are those of 5.54.0 and 4.26.2: `{"type":…,"id":…,"data":{…}}`, components nested in `data` with row ids
//! of their own, relations and media left to the links.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::canonical;
use super::schema::indexed::{Key, Pairs};
use super::schema::{Attribute, FILE_TYPE, FOLDER_TYPE, TypeId, Types};
use crate::model::Digest;

/// A line of the entities.
#[derive(Debug, Deserialize)]
pub(super) struct Row<'a> {
    #[serde(borrow, rename = "type")]
    pub type_: Cow<'a, str>,
    pub id: u64,
    #[serde(borrow)]
    pub data: &'a RawValue,
}

/// What a row says of itself.
#[derive(Debug)]
pub(super) struct RowFacts<'a> {
    /// Absent before v5.
    pub document: Option<Cow<'a, str>>,
    pub name: Option<Cow<'a, str>>,
    /// Milliseconds since 1970.
    pub updated: Option<i64>,
    /// As JSON.
    pub locale: &'a str,
    /// `None` where the row says nothing of it.
    pub published: Option<bool>,
    /// Locale and state in a few bits; the same wherever this row goes.
    pub version: u32,
    /// Component rows in it that links can name: type, row id, and their place in the row.
    pub components: Vec<(TypeId, u64, u32)>,
    /// Attributes that no other entry has the same of, with what they hold as JSON.
    pub uniques: Vec<(Box<str>, &'a str)>,
    pub file: FileFacts<'a>,
    pub folder: FolderFacts<'a>,
    /// Leaves out ids of rows, times, users, and where the bytes of a file can be fetched.
    pub semantic: Digest,
    /// Over everything: the semantic digest, and what that leaves out.
    pub exact: Digest,
}

impl RowFacts<'_> {
    fn nothing() -> Self {
        let file = FileFacts::default();
        let (components, uniques) = (Vec::new(), Vec::new());
        let (semantic, exact) = (Digest::ZERO, Digest::ZERO);
        RowFacts {
            locale: "null",
            published: None,
            document: None,
            name: None,
            updated: None,
            version: FNV,
            components,
            uniques,
            file,
            folder: FolderFacts::default(),
            semantic,
            exact,
        }
    }
}

/// What the row of a file says besides.
#[derive(Debug, Default)]
pub(super) struct FileFacts<'a> {
    pub provider: Option<Cow<'a, str>>,
    pub mime: Option<Cow<'a, str>>,
    /// Numbers of folders, one in the other: `/1/4`.
    pub folder: Option<Cow<'a, str>>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Of the file alone, as the row says: roughly.
    pub main: Option<u64>,
    pub renditions: usize,
    /// Of the file and its renditions, as the row says: roughly.
    pub bytes: u64,
    /// As JSON.
    pub ext: &'a str,
    pub mime_as_json: &'a str,
}

/// What the row of a folder says of its place: numbers that each server gives by itself, as JSON.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FolderFacts<'a> {
    pub number: &'a str,
    /// The numbers of the folders around it and its own, such as `/1/4`.
    pub path: &'a str,
}

/// Where an entry's components may be nested; deeper ones count as plain JSON.
const DEEPEST: usize = 32;
/// A name is for people; what is longer than a few lines is none.
const LONGEST_NAME: usize = 200;

/// Reads rows, one after the other, with buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct RowReader {
    canonical: Vec<u8>,
    left_out: Vec<u8>,
}

impl RowReader {
    pub fn read<'a>(&mut self, row: &Row<'a>, type_: TypeId, types: &mut Types) -> serde_json::Result<RowFacts<'a>> {
        self.canonical.clear();
        self.left_out.clear();
        self.left_out.extend_from_slice(row.type_.as_bytes());
        self.left_out.extend_from_slice(&row.id.to_le_bytes());
        let mut state = State {
            is_file: row.type_ == FILE_TYPE,
            is_folder: row.type_ == FOLDER_TYPE,
            type_,
            types,
            out: &mut self.canonical,
            left_out: &mut self.left_out,
            facts: RowFacts::nothing(),
            ordinal: 0,
            locale: "null",
            state: "null",
        };
        let Pairs(attributes) = serde_json::from_str(row.data.get())?;
        in_order(attributes).for_each(|(key, raw)| state.attribute(&key, raw.get()));
        let version = fnv(fnv(FNV, state.locale.as_bytes()), state.state.as_bytes());
        let locale = state.locale;
        let mut facts = RowFacts { version, locale, ..state.facts };
        facts.semantic = Digest::of(&self.canonical);
        // Hashing the row twice over would take a third of the time that a listing takes.
        self.left_out.extend_from_slice(&facts.semantic.0);
        facts.exact = Digest::of(&self.left_out);
        self.canonical.shrink_to(1024 * 1024);
        Ok(facts)
    }

    /// Only the name, for when the attribute to call entries by was learned later.
    pub fn name<'a>(row: &Row<'a>, attribute: Option<&str>) -> Option<Cow<'a, str>> {
        let Pairs(pairs) = serde_json::from_str(row.data.get()).ok()?;
        let wanted = attribute?;
        pairs.iter().find(|(key, _)| key == wanted).and_then(|(_, raw)| name_of(raw.get()))
    }
}

struct State<'s, 'a> {
    is_file: bool,
    is_folder: bool,
    type_: TypeId,
    types: &'s mut Types,
    out: &'s mut Vec<u8>,
    /// What the semantic digest does without.
    left_out: &'s mut Vec<u8>,
    facts: RowFacts<'a>,
    /// Components seen so far.
    ordinal: u32,
    /// As JSON.
    locale: &'a str,
    /// Whether the row is published, as JSON.
    state: &'static str,
}

impl<'a> State<'_, 'a> {
    fn attribute(&mut self, key: &str, raw: &'a str) {
        if self.types.get(self.type_).name_by.as_deref() == Some(key) {
            self.facts.name = name_of(raw);
        }
        if self.types.get(self.type_).unique.iter().any(|(unique, _)| **unique == *key)
            && !matches!(raw, "null" | "\"\"")
        {
            self.facts.uniques.push((key.into(), raw));
        }
        match key {
            "documentId" => {
                self.facts.document = text(raw);
                self.leave_out(key, raw);
            }
            "updatedAt" => {
                self.facts.updated = text(raw).and_then(|time| milliseconds(&time));
                self.leave_out(key, raw);
            }
            "createdAt" | "createdBy" | "updatedBy" | "localizations" => self.leave_out(key, raw),
            "locale" => {
                self.locale = raw;
                self.keep(key, raw);
            }
            // When it was published does not matter, but whether it was.
            "publishedAt" => {
                self.state = if raw == "null" { "null" } else { "true" };
                self.facts.published = Some(raw != "null");
                self.keep(key, self.state);
                self.leave_out(key, raw);
            }
            // Where its bytes lie and which renditions were made of them differs between servers that hold the same file.
            "provider" | "url" | "hash" | "previewUrl" | "provider_metadata" | "folderPath" | "formats"
                if self.is_file =>
            {
                self.file_attribute(key, raw);
                self.leave_out(key, raw);
            }
            "ext" if self.is_file => {
                self.file_attribute(key, raw);
                self.keep(key, raw);
            }
            "size" | "mime" | "width" | "height" if self.is_file && !is_nothing(raw) => {
                self.file_attribute(key, raw);
                self.keep(key, raw);
            }
            "path" | "pathId" if self.is_folder => {
                match key {
                    "path" => self.facts.folder.path = raw,
                    _ => self.facts.folder.number = raw,
                }
                self.leave_out(key, raw);
            }
            _ if is_nothing(raw) => self.leave_out(key, raw),
            _ => match self.types.get(self.type_).attributes.get(key).copied() {
                Some(Attribute::Component(type_)) => {
                    self.key(key);
                    self.component(Some(type_), raw, 0);
                }
                Some(Attribute::DynamicZone) => {
                    self.key(key);
                    self.component(None, raw, 0);
                }
                _ => self.keep(key, raw),
            },
        }
    }

    fn file_attribute(&mut self, key: &str, raw: &'a str) {
        match key {
            "provider" => self.facts.file.provider = text(raw),
            "ext" => self.facts.file.ext = raw,
            "mime" => {
                self.facts.file.mime = text(raw);
                self.facts.file.mime_as_json = raw;
            }
            "folderPath" => self.facts.file.folder = text(raw),
            "width" => self.facts.file.width = pixels(raw),
            "height" => self.facts.file.height = pixels(raw),
            "size" => {
                let size = thousands(raw);
                self.facts.file.main = Some(size);
                self.facts.file.bytes += size;
            }
            "formats" => {
                let Ok(Pairs(formats)) = serde_json::from_str(raw) else { return };
                self.facts.file.renditions = formats.len();
                self.facts.file.bytes += formats.iter().map(|(_, format)| size_of_file(format.get())).sum::<u64>();
            }
            _ => {}
        }
    }

    fn key(&mut self, key: &str) {
        self.out.push(0xfd);
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(0xff);
    }

    fn leave_out(&mut self, key: &str, raw: &str) {
        self.left_out.extend_from_slice(key.as_bytes());
        self.left_out.push(0xfd);
        self.left_out.extend_from_slice(raw.as_bytes());
        self.left_out.push(0xff);
    }

    fn keep(&mut self, key: &str, raw: &str) {
        self.key(key);
        canonical::append(raw, self.out);
    }

    /// One row of a component, a list of them, or null. In a dynamic zone each names its type itself.
    fn component(&mut self, type_: Option<TypeId>, raw: &'a str, depth: usize) {
        let rows: Option<Vec<&'a RawValue>> = match raw.as_bytes().first() {
            Some(b'[') => serde_json::from_str(raw).ok(),
            _ => None,
        };
        match rows {
            Some(rows) if depth < DEEPEST => {
                self.out.push(b'[');
                rows.iter().for_each(|row| self.component_row(type_, row.get(), depth));
                self.out.push(b']');
            }
            _ => self.component_row(type_, raw, depth),
        }
    }

    fn component_row(&mut self, type_: Option<TypeId>, raw: &'a str, depth: usize) {
        let pairs = match raw.as_bytes().first() {
            Some(b'{') if depth < DEEPEST => serde_json::from_str::<Pairs<'a>>(raw).ok(),
            _ => None,
        };
        let Some(Pairs(pairs)) = pairs else { return canonical::append(raw, self.out) };
        let named = pairs.iter().find(|(key, _)| key == "__component").and_then(|(_, raw)| text(raw.get()));
        let type_ = named.and_then(|uid| self.types.intern(&uid)).or(type_);
        self.ordinal += 1;
        let place = self.ordinal;
        self.out.push(b'{');
        for (key, raw) in in_order(pairs) {
            let raw = raw.get();
            if key == "id" {
                self.remember(type_, raw, place);
                self.leave_out(&key, raw);
                continue;
            }
            if is_nothing(raw) {
                self.leave_out(&key, raw);
                continue;
            }
            self.key(&key);
            match type_.and_then(|type_| self.types.get(type_).attributes.get(&*key).copied()) {
                Some(Attribute::Component(inner)) => self.component(Some(inner), raw, depth + 1),
                Some(Attribute::DynamicZone) => self.component(None, raw, depth + 1),
                _ => canonical::append(raw, self.out),
            }
        }
        self.out.push(b'}');
    }

    fn remember(&mut self, type_: Option<TypeId>, id: &str, place: u32) {
        if let (Some(type_), Ok(id)) = (type_, id.parse())
            && self.types.get(type_).linked
        {
            self.facts.components.push((type_, id, place));
        }
    }
}

/// Attributes by their names: a server writes them in the order of its schema, components last, and another project, or an
/// older version, has another order. The order counts neither for the digests nor for the places of components.
fn in_order<'a>(mut pairs: Vec<(Cow<'a, str>, &'a RawValue)>) -> impl Iterator<Item = (Cow<'a, str>, &'a RawValue)> {
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs.into_iter()
}

/// What an attribute holds that only one of two projects has.
fn is_nothing(raw: &str) -> bool {
    raw == "null" || raw == "[]"
}

fn text(raw: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Key<'_>>(raw).ok().map(|Key(text)| text)
}

/// A name that a person can read, if the value is one.
fn name_of(raw: &str) -> Option<Cow<'_, str>> {
    let name = match raw.as_bytes().first()? {
        b'"' => text(raw)?,
        b'n' | b'{' | b'[' => return None,
        _ => Cow::Borrowed(raw),
    };
    if name.trim().is_empty() {
        return None;
    }
    Some(match name.char_indices().nth(LONGEST_NAME) {
        None => name,
        Some((cut, _)) => Cow::Owned(format!("{}…", &name[..cut])),
    })
}

fn milliseconds(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

const FNV: u32 = 0x811c_9dc5;

/// FNV-1a: a few bits that are the same on every machine.
pub(super) fn fnv(seed: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(seed, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Servers count pixels in whole numbers; JSON may write them otherwise.
fn pixels(raw: &str) -> Option<u32> {
    let pixels = raw.parse::<f64>().ok()?;
    (1.0..=f64::from(u32::MAX)).contains(&pixels).then_some(pixels as u32)
}

/// `size` is in thousands of bytes, rounded to two places.
fn thousands(raw: &str) -> u64 {
    raw.parse::<f64>().ok().filter(|size| size.is_finite() && *size > 0.0).map_or(0, |size| (size * 1000.0) as u64)
}

fn size_of_file(rendition: &str) -> u64 {
    #[derive(Deserialize)]
    struct Rendition<'a> {
        #[serde(borrow, default)]
        size: Option<&'a RawValue>,
    }
    let size = serde_json::from_str::<Rendition<'_>>(rendition).ok().and_then(|rendition| rendition.size);
    size.map_or(0, |size| thousands(size.get()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::strapi::schema::Schema;
    use rstest::rstest;

    const SCHEMA: &str = r#"{"uid":"api::a.a","attributes":{"title":{"type":"string"},"extra":{"type":"json"},
        "seo":{"type":"component","component":"shared.seo"},"blocks":{"type":"dynamiczone"}}}"#;
    const SEO: &str = r#"{"uid":"shared.seo","attributes":{"image":{"type":"media"},"text":{"type":"text"}}}"#;

    fn read(line: &str) -> RowFacts<'_> {
        let mut types = Types::default();
        for schema in [SCHEMA, SEO] {
            types.learn(&serde_json::from_str::<Schema<'_>>(schema).expect("a schema"));
        }
        let row: Row<'_> = serde_json::from_str(line).expect("a row");
        let type_ = types.intern(&row.type_).expect("not too many");
        RowReader::default().read(&row, type_, &mut types).expect("a row")
    }

    fn row(data: &str) -> String {
        format!(r#"{{"type":"api::a.a","id":7,"data":{{{data}}}}}"#)
    }

    #[test]
    fn the_order_of_attributes_does_not_count() {
        let (one, other) = (
            row(r#""title":"t","seo":{"id":1,"text":"t","image":2},"blocks":[{"id":5,"__component":"shared.seo"}]"#),
            row(r#""blocks":[{"__component":"shared.seo","id":5}],"title":"t","seo":{"image":2,"id":1,"text":"t"}"#),
        );
        let (one, other) = (read(&one), read(&other));
        assert_eq!((one.semantic, one.exact), (other.semantic, other.exact));
        assert_eq!(one.components, other.components);
    }

    #[test]
    fn a_row_tells_its_document_name_time_and_linked_components() {
        let line = row(r#""documentId":"doc","title":"Über","updatedAt":"2026-11-21T02:03:13.668Z",
            "seo":{"id":3,"text":"t"},"blocks":[{"id":9,"__component":"shared.seo"},{"id":4,"__component":"shared.x"}]"#);
        let facts = read(&line);
        assert_eq!(facts.document.as_deref(), Some("doc"));
        assert_eq!(facts.name.as_deref(), Some("Über"));
        assert_eq!(facts.updated, Some(1_795_226_593_668));
        let places: Vec<(u64, u32)> = facts.components.iter().map(|&(_, id, place)| (id, place)).collect();
        assert_eq!(places, [(9, 1), (4, 2), (3, 3)]);
    }

    #[rstest]
    #[case::row_ids_of_components(r#""seo":{"id":1,"text":"t"}"#, r#""seo":{"id":2,"text":"t"}"#, true)]
    #[case::times(r#""updatedAt":"2026-01-01T00:00:00.000Z""#, r#""updatedAt":"2025-01-01T00:00:00.000Z""#, true)]
    #[case::time_of_publishing(r#""publishedAt":"2026""#, r#""publishedAt":"2025""#, true)]
    #[case::draft_and_published(r#""publishedAt":null"#, r#""publishedAt":"2025""#, false)]
    #[case::how_text_is_escaped(r#""title":"\u00e9""#, r#""title":"é""#, true)]
    #[case::nothing(r#""extra":null,"blocks":[],"seo":{"id":1,"text":null}"#, r#""seo":{"id":1}"#, true)]
    #[case::nothing_and_an_empty_text(r#""extra":null"#, r#""extra":"""#, false)]
    #[case::locale(r#""locale":"en""#, r#""locale":"fr""#, false)]
    #[case::an_id_in_free_json(r#""extra":{"id":1}"#, r#""extra":{"id":2}"#, false)]
    #[case::text_of_a_component(r#""seo":{"id":1,"text":"t"}"#, r#""seo":{"id":1,"text":"u"}"#, false)]
    #[case::order_in_a_zone(
        r#""blocks":[{"__component":"x"},{"__component":"y"}]"#,
        r#""blocks":[{"__component":"y"},{"__component":"x"}]"#,
        false
    )]
    fn the_semantic_digest_leaves_out_what_does_not_matter(#[case] a: &str, #[case] b: &str, #[case] equal: bool) {
        assert_eq!(read(&row(a)).semantic == read(&row(b)).semantic, equal);
        assert_eq!(
            read(&row(a)).exact == read(&row(b)).exact,
            a.contains(r"\u00e9"),
            "the exact one leaves out nothing"
        );
    }

    #[test]
    fn components_nested_without_end_are_survived() {
        let mut types = Types::default();
        let selfish = r#"{"uid":"api::a.a","attributes":{"c":{"type":"component","component":"api::a.a"}}}"#;
        types.learn(&serde_json::from_str::<Schema<'_>>(selfish).expect("a schema"));
        let data = format!("{}{}", r#"{"c":"#.repeat(100_000), "1") + &"}".repeat(100_000);
        let line = format!(r#"{{"type":"api::a.a","id":1,"data":{data}}}"#);
        let row: Row<'_> = serde_json::from_str(&line).expect("raw values are not descended into");
        let type_ = types.intern("api::a.a").expect("known");
        assert!(RowReader::default().read(&row, type_, &mut types).is_ok());
    }
}
