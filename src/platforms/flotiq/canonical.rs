//! What content means, whoever spelled it: fields in order, numbers by value, nothing and null alike, an empty object and an
//! empty list alike (PHP turns one into the other). Finds on the way what the content refers to.
//! Must not know: kinds of items, files.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::mentions::mentions;
use super::names::key_of;
use crate::model::{Digest, ItemKey, Kind};

/// What relations to objects begin with.
const CONTENT: &str = "/api/v1/content/";

/// The item that a relation leads to.
pub(super) fn target_of(data_url: &str) -> Option<ItemKey> {
    let (type_, id) = data_url.strip_prefix(CONTENT)?.split_once('/')?;
    let is_whole = !type_.is_empty() && !id.is_empty() && !id.contains('/');
    is_whole.then(|| key_of(type_, id))
}

/// The digest of everything that an object says.
pub(super) fn exact(content: &Map<String, Value>) -> Digest {
    let mut feed = Feed { hasher: blake3::Hasher::new(), references: None };
    feed.object(content, &[]);
    Digest::from_hasher(&feed.hasher)
}

/// Finds references while a digest is made in which they are places in their list rather than ids.
pub(super) struct References<'k> {
    /// Whether a medium of this id is known.
    pub is_known: &'k dyn Fn(&str) -> bool,
    keys: Vec<ItemKey>,
    places: HashMap<ItemKey, u32>,
}

impl<'k> References<'k> {
    pub fn new(is_known: &'k dyn Fn(&str) -> bool) -> Self {
        References { is_known, keys: Vec::new(), places: HashMap::new() }
    }

    /// In the order of their first occurrence, each once.
    pub fn into_keys(self) -> Vec<ItemKey> {
        self.keys
    }

    /// The place of a reference in the list, which grows by it if it is new.
    pub fn place(&mut self, key: ItemKey) -> u32 {
        if let Some(&place) = self.places.get(&key) {
            return place;
        }
        let place = self.keys.len() as u32;
        self.keys.push(key.clone());
        self.places.insert(key, place);
        place
    }

    /// The digest of what an object says, without these fields of it.
    pub fn semantic(&mut self, content: &Map<String, Value>, without: &[&str]) -> Digest {
        let mut feed = Feed { hasher: blake3::Hasher::new(), references: Some(self) };
        feed.object(content, without);
        Digest::from_hasher(&feed.hasher)
    }
}

// Marks that UTF-8 never has, so that no text can be taken for anything else.
const TEXT: u8 = 0xfe;
const END: u8 = 0xff;
const PLACE: u8 = 0xfd;

struct Feed<'r, 'k> {
    hasher: blake3::Hasher,
    references: Option<&'r mut References<'k>>,
}

impl Feed<'_, '_> {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b"n"),
            Value::Bool(true) => self.bytes(b"t"),
            Value::Bool(false) => self.bytes(b"f"),
            Value::Number(number) => {
                self.bytes(b"#");
                self.bytes(number_key(&number.to_string()).as_bytes());
                self.bytes(&[END]);
            }
            Value::String(text) => self.text(text),
            Value::Array(list) => {
                self.bytes(b"[");
                list.iter().for_each(|value| self.value(value));
                self.bytes(b"]");
            }
            Value::Object(map) => self.object(map, &[]),
        }
    }

    fn object(&mut self, map: &Map<String, Value>, without: &[&str]) {
        let mut fields: Vec<(&String, &Value)> =
            map.iter().filter(|(name, value)| !value.is_null() && !without.contains(&name.as_str())).collect();
        if fields.is_empty() {
            return self.bytes(b"[]");
        }
        fields.sort_unstable_by_key(|(name, _)| *name);
        self.bytes(b"{");
        for (name, value) in fields {
            self.bytes(name.as_bytes());
            self.bytes(&[END]);
            match value.as_str().filter(|_| name == "dataUrl").and_then(target_of) {
                Some(key) if self.references.is_some() => self.place(key),
                _ => self.value(value),
            }
        }
        self.bytes(b"}");
    }

    fn text(&mut self, text: &str) {
        let found = match &self.references {
            Some(references) => mentions(text, references.is_known),
            None => Vec::new(),
        };
        self.bytes(&[TEXT]);
        let mut from = 0;
        for mention in found {
            self.bytes(&text.as_bytes()[from..mention.from]);
            self.place(ItemKey::new(Kind::Media, &text[mention.from..mention.to]));
            from = mention.to;
        }
        self.bytes(&text.as_bytes()[from..]);
        self.bytes(&[END]);
    }

    fn place(&mut self, key: ItemKey) {
        if let Some(references) = &mut self.references {
            let place = references.place(key);
            self.hasher.update(&[PLACE]);
            self.hasher.update(&place.to_le_bytes());
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }
}

/// A number's value as text: its digits and the power of ten. Equal for `1`, `1.0` and `10e-1`, and exact for numbers of any
/// length.
pub(super) fn number_key(text: &str) -> String {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let Ok(exponent) = exponent.trim_start_matches('+').parse::<i64>() else { return text.to_owned() };
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let short = digits.trim_end_matches('0');
    if short.is_empty() {
        return "0".to_owned();
    }
    let power = exponent.saturating_sub(fraction.len() as i64).saturating_add((digits.len() - short.len()) as i64);
    format!("{sign}{short}e{power}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn meaning(json: &str) -> (Digest, Vec<ItemKey>) {
        let Ok(Value::Object(map)) = serde_json::from_str(json) else { panic!("{json}") };
        let is_known = |id: &str| id == "own";
        let mut references = References::new(&is_known);
        (references.semantic(&map, &["id"]), references.into_keys())
    }

    #[rstest]
    #[case(r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":10e-1}"#, true)]
    #[case(r#"{"a":null}"#, r#"{}"#, true)]
    #[case(r#"{"id":"x","a":{}}"#, r#"{"a":[]}"#, true)]
    #[case(r#"{"a":[null]}"#, r#"{"a":[]}"#, false)]
    #[case(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false)]
    #[case(r#"{"a":"1"}"#, r#"{"a":1}"#, false)]
    #[case(r#"{"a":9007199254740993}"#, r#"{"a":9007199254740992}"#, false)]
    #[case(r#"{"a":""}"#, r#"{}"#, false)]
    #[case(r#"{"a":-0}"#, r#"{"a":0}"#, true)]
    fn only_what_is_said_counts(#[case] one: &str, #[case] other: &str, #[case] equal: bool) {
        assert_eq!(meaning(one).0 == meaning(other).0, equal, "{one} {other}");
    }

    #[test]
    fn references_are_places_wherever_they_stand() {
        let object = |media: &str, post: &str| {
            format!(
                r#"{{"z":[{{"type":"internal","dataUrl":"/api/v1/content/_media/{media}"}}],
                    "list":[{{"deep":[{{"dataUrl":"/api/v1/content/post/{post}","type":"internal"}}]}}],
                    "text":"see https://x.example/image/0x0/{media}.png","other":"/image/0x0/own.png"}}"#
            )
        };
        let (one, keys) = meaning(&object("_media-1", "p-1"));
        let media = |id: &str| ItemKey::new(Kind::Media, id);
        assert_eq!(keys, [ItemKey::typed(Kind::Object, "post", "p-1"), media("own"), media("_media-1")]);
        assert_eq!(one, meaning(&object("_media-2", "p-2")).0);
        assert_ne!(one, meaning(&object("own", "p-2")).0, "two references became one");
    }

    #[rstest]
    #[case("/api/v1/content/post/a b%", Some(ItemKey::typed(Kind::Object, "post", "a b%")))]
    #[case("/api/v1/content/_tag/t", Some(ItemKey::new(Kind::Tag, "t")))]
    #[case("/api/v1/content/post/", None)]
    #[case("/api/v1/content/post/a/b", None)]
    #[case("https://x/api/v1/content/post/a", None)]
    fn relations_lead_to_items(#[case] url: &str, #[case] key: Option<ItemKey>) {
        assert_eq!(target_of(url), key);
    }

    #[rstest]
    #[case("0.10", "1e-1")]
    #[case("1200", "12e2")]
    #[case("-1.5E+3", "-15e2")]
    #[case("0e9", "0")]
    fn numbers_have_one_key(#[case] text: &str, #[case] key: &str) {
        assert_eq!(number_key(text), key);
    }
}
