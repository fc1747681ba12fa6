//! What typed ids mean, one by one, for a screen that shows it while they are typed.
//! Must not know: errors, options, who types.

use super::select::Wanted;
use super::suggest;
use crate::model::{Inventory, ItemIndex};

/// Unknown ids that get a suggestion. Each costs a comparison with every item.
const SUGGESTED: usize = 10;

/// What one typed id means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Item(ItemIndex),
    /// Ambiguous: `TYPE/ID` or `KIND:ID` tells them apart.
    Several(Vec<ItemIndex>),
    /// Why not, and what may have been meant. Only the first few of many are looked into.
    Nothing {
        why: String,
        hint: Option<String>,
    },
}

/// The meaning of each text, read as [`resolve`](super::resolve) reads the ids of a selection.
pub fn meanings(texts: &[&str], inventory: &Inventory) -> Vec<Meaning> {
    let mut unknown = 0;
    let hits = Wanted::new(texts.iter().copied()).hits(&[inventory]);
    let meaning = |(text, hits): (&&str, &Vec<Vec<ItemIndex>>)| match hits.concat()[..] {
        [one] => Meaning::Item(one),
        [] => {
            unknown += 1;
            nothing(text, inventory, unknown <= SUGGESTED)
        }
        ref several => Meaning::Several(several.to_vec()),
    };
    texts.iter().zip(&hits).map(meaning).collect()
}

fn nothing(text: &str, inventory: &Inventory, look: bool) -> Meaning {
    let deleted = look && Wanted::new([text]).deleted(&[inventory]).is_some();
    match deleted {
        true => Meaning::Nothing { why: "was deleted and only lingers at the source".to_owned(), hint: None },
        false => Meaning::Nothing {
            why: "no item has this id".to_owned(),
            hint: look.then(|| suggest::for_id(text, &[inventory], None)).flatten(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Facts, ItemKey, Kind, NewItem};

    #[test]
    fn each_id_is_known_ambiguous_or_nothing() {
        let mut inventory = Inventory::new();
        let deleted = Facts { deleted: true, ..Facts::default() };
        inventory.add(&NewItem::new(ItemKey::typed(Kind::Entry, "t", "doc-one"), "One")).unwrap();
        inventory.add(&NewItem::new(ItemKey::typed(Kind::Entry, "u", "same"), "")).unwrap();
        inventory.add(&NewItem::new(ItemKey::typed(Kind::Entry, "v", "same"), "")).unwrap();
        inventory.add(&NewItem { facts: deleted, ..NewItem::new(ItemKey::new(Kind::Flow, "gone"), "") }).unwrap();
        let texts = ["doc-one", "same", "u/same", "entry:v/same", "doc-on", "gone", "One"];
        let found = meanings(&texts, &inventory);
        assert_eq!(found[0], Meaning::Item(0));
        assert_eq!(found[1], Meaning::Several(vec![1, 2]));
        assert_eq!(found[2..4], [Meaning::Item(1), Meaning::Item(2)]);
        let hints: Vec<_> = found[4..]
            .iter()
            .map(|meaning| match meaning {
                Meaning::Nothing { why, hint } => format!("{why}: {}", hint.as_deref().unwrap_or("-")),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            hints,
            [
                "no item has this id: did you mean `doc-one`?",
                "was deleted and only lingers at the source: -",
                "no item has this id: `One` is the name of entry:t/doc-one; say that",
            ]
        );
    }
}
