//! One export at a time at a server, whoever in this process asks: runs, planning and browsing have connections of
//! their own, and the server has one export file for all of them.
//! Must not know: what is exported.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Held from ordering an export until it was handed out.
pub(super) type Turn = tokio::sync::Mutex<()>;

/// Of the servers that somebody is connected to, by origin. What it describes is one for the whole process too.
static TURNS: Mutex<BTreeMap<String, Weak<Turn>>> = Mutex::new(BTreeMap::new());

pub(super) fn of(origin: &str) -> Arc<Turn> {
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    turns.retain(|_, turn| turn.strong_count() > 0);
    if let Some(turn) = turns.get(origin).and_then(Weak::upgrade) {
        return turn;
    }
    let turn = Arc::<Turn>::default();
    turns.insert(origin.to_owned(), Arc::downgrade(&turn));
    turn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_to_one_server_share_its_turn_as_long_as_there_are_any() {
        let first = of("https://one.example");
        assert!(Arc::ptr_eq(&first, &of("https://one.example")));
        assert!(!Arc::ptr_eq(&first, &of("https://two.example")));
        drop(first);
        let _other = of("https://three.example");
        assert!(!TURNS.lock().unwrap().contains_key("https://one.example"));
    }
}
