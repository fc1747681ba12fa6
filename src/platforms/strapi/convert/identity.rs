//! The documentId of an entry that never had one: the same in every run, and no other entry's.
//! Must not know: rows, groups.

use crate::model::Digest;

/// 24 lowercase letters and digits, the first of them a letter, as 5.54.0 makes its own. They derive from the type, the
/// lowest row id of the entry's locales, and a fingerprint of when that row was made: another project's row of the same id
/// is another entry.
pub(super) fn document_id(uid: &str, row: u64, created: u64) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let seed = format!("document of version 4\0{uid}\0{row}\0{created}");
    let mut rest = u128::from_le_bytes(Digest::of(seed.as_bytes()).0);
    let mut take = |count: u128| {
        let letter = LETTERS[(rest % count) as usize];
        rest /= count;
        char::from(letter)
    };
    std::iter::once(take(26)).chain((1..24).map(|_| take(36))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_like_strapis_own_and_never_changes() {
        let id = document_id("api::a.a", 7, 42);
        assert_eq!(id, document_id("api::a.a", 7, 42));
        assert_eq!(id.len(), 24);
        assert!(id.starts_with(|c: char| c.is_ascii_lowercase()));
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    }

    #[test]
    fn type_row_and_time_of_making_tell_entries_apart() {
        let ids = [("a", 1, 1), ("b", 1, 1), ("a", 2, 1), ("a", 1, 2), ("a", 11, 0)];
        let ids: std::collections::BTreeSet<String> = ids.map(|(uid, row, made)| document_id(uid, row, made)).into();
        assert_eq!(ids.len(), 5);
    }
}
