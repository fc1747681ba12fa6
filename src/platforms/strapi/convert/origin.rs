//! Which rows are one entry in several locales, and what that entry is called from now on.
//! Must not know: what rows hold.

use super::identity::document_id;
use super::standing::key;
use crate::model::Digest;
use crate::platforms::strapi::early::Early;
use crate::platforms::strapi::schema::TypeId;

/// What is kept of every row of a content type.
#[derive(Clone, Copy, Debug)]
struct Origin {
    key: u64,
    /// Fingerprint of the time when it was made.
    created: u64,
    /// Fingerprint of its locale.
    locale: u64,
}

/// Filled first, then asked.
#[derive(Debug, Default)]
pub(super) struct Origins {
    list: Vec<Origin>,
    /// Rows that are entries of their own, though links say otherwise.
    apart: Vec<u64>,
}

/// Two rows that claim to be the same entry in the same locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contradiction {
    pub type_: TypeId,
    pub kept: u64,
    pub apart: u64,
}

fn fingerprint(text: &str) -> u64 {
    u64::from_le_bytes(*Digest::of(text.as_bytes()).0.first_chunk().unwrap_or(&[0; 8]))
}

fn type_and_row(key: u64) -> (TypeId, u64) {
    ((key >> 48) as TypeId, key >> 2 & super::standing::HIGHEST_ROW)
}

impl Origins {
    /// `created` and `locale` as they stand in the row.
    pub fn insert(&mut self, type_: TypeId, row: u64, created: &str, locale: &str) {
        let (created, locale) = (fingerprint(created), fingerprint(locale));
        self.list.push(Origin { key: key(type_, row), created, locale });
    }

    /// To be called once, when everything is in it.
    pub fn settle(&mut self, early: &Early) -> Vec<Contradiction> {
        self.list.sort_unstable_by_key(|origin| origin.key);
        self.list.shrink_to_fit();
        let mut claims: Vec<(u64, u64, u64)> = Vec::new();
        for origin in &self.list {
            let (type_, row) = type_and_row(origin.key);
            let first = early.first_of(type_, row);
            claims.push((key(type_, first), origin.locale, origin.key));
        }
        claims.sort_unstable();
        let mut found = Vec::new();
        for pair in claims.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|claims| claims.len() > 1) {
            for (_, _, apart) in pair[1..].iter().filter(|claim| claim.2 != pair[0].2) {
                let (type_, kept) = type_and_row(pair[0].2);
                found.push(Contradiction { type_, kept, apart: type_and_row(*apart).1 });
                self.apart.push(*apart);
            }
        }
        self.apart.sort_unstable();
        found
    }

    /// A row that stands there more than once.
    pub fn repeated(&self) -> Option<(TypeId, u64)> {
        self.list.windows(2).find(|pair| pair[0].key == pair[1].key).map(|pair| type_and_row(pair[0].key))
    }

    pub fn has(&self, type_: TypeId, row: u64) -> bool {
        self.list.binary_search_by_key(&key(type_, row), |origin| origin.key).is_ok()
    }

    /// The documentId of a row.
    pub fn document(&self, early: &Early, uid: &str, type_: TypeId, row: u64) -> String {
        let first = match self.apart.binary_search(&key(type_, row)) {
            Ok(_) => row,
            Err(_) => early.first_of(type_, row),
        };
        let at = self.list.binary_search_by_key(&key(type_, first), |origin| origin.key);
        let created = at.map_or(0, |at| self.list[at].created);
        document_id(uid, first, created)
    }
}
