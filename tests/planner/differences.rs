//! Two locations compared.

use haul::model::{Digest, Digests, Inventory, ItemKey, Kind, MatchMethod, NewItem, Reference, Rules, Selection};
use haul::planner::{
    Difference, DifferenceRequest, DifferenceSide, DifferenceState, difference, difference_needs, resolve_both,
};

use crate::world::{World, connection, flow, info, rules, thing};

fn compared(left: &World, right: &World, selection: &Selection) -> Difference {
    let (left, right, rules) = (left.inventory(), right.inventory(), rules());
    let (ours, theirs) = resolve_both(selection, &left, &right, &rules).expect("something fits");
    let side = |inventory, picked, name| DifferenceSide { inventory, info: info(name), picked };
    let request =
        DifferenceRequest { left: side(&left, &ours, "dev"), right: side(&right, &theirs, "prod"), rules: &rules };
    let (examine_left, examine_right) = difference_needs(&request);
    let difference = difference(&request);
    let count =
        |side: fn(&haul::planner::DifferenceItem) -> bool| difference.items.iter().filter(|item| side(item)).count();
    assert_eq!(examine_left.len(), count(|item| item.left.is_some()));
    assert_eq!(examine_right.len(), count(|item| item.right.is_some()));
    difference
}

fn worlds() -> (World, World) {
    let left = World::of([
        (flow("same"), thing("Same", "1").by_id(&connection("mine"))),
        (flow("changed"), thing("Changed", "1")),
        (flow("left"), thing("Left", "1")),
        (flow("moved"), thing("Moved", "1").by_id(&connection("mine"))),
        (connection("mine"), thing("Database", "1")),
    ]);
    let right = World::of([
        (flow("same"), thing("Same", "1").by_id(&connection("theirs"))),
        (flow("changed"), thing("Changed", "2")),
        (flow("right"), thing("Right", "1")),
        (flow("moved"), thing("Moved", "1").by_id(&connection("another"))),
        (connection("theirs"), thing("Database", "1")),
    ]);
    (left, right)
}

#[test]
fn every_item_is_on_one_side_or_equal_or_changed() {
    let (left, right) = worlds();
    let found = compared(&left, &right, &Selection::everything());
    let states: Vec<_> = found.items.iter().map(|item| (&*item.key.id, item.state)).collect();
    assert_eq!(
        states,
        [
            ("changed", DifferenceState::Changed),
            ("left", DifferenceState::OnlyLeft),
            ("moved", DifferenceState::Changed),
            ("right", DifferenceState::OnlyRight),
            ("same", DifferenceState::Equal),
        ]
    );
    assert_eq!((found.status.as_str(), found.summary.equal, found.summary.changed), ("different", 1, 2));
}

#[test]
fn a_selection_narrows_both_sides_alike() {
    let (left, right) = worlds();
    let search = Selection { search: Some("r".to_owned()), ..Selection::default() };
    let found = compared(&left, &right, &search);
    assert_eq!(found.items.iter().map(|item| &*item.key.id).collect::<Vec<_>>(), ["right"]);
    let types = Selection { types: vec!["connection".to_owned()], ..Selection::default() };
    let found = compared(&left, &right, &types);
    assert_eq!((found.items.len(), found.items[0].state), (1, DifferenceState::Equal));
    assert_eq!(found.items[0].right.as_ref().map(|item| &*item.id), Some("theirs"));
}

#[test]
fn a_pick_on_one_side_brings_its_other_half() {
    let left = World::of([(flow("a"), thing("Needle", "1"))]);
    let right = World::of([(flow("a"), thing("Hay", "1"))]);
    let found = compared(&left, &right, &Selection { search: Some("needle".to_owned()), ..Selection::default() });
    assert_eq!((found.items.len(), found.items[0].state), (1, DifferenceState::Changed));
}

#[test]
fn a_location_equals_itself() {
    let (left, _) = worlds();
    let found = compared(&left, &left, &Selection::everything());
    assert!(found.is_equal());
    assert_eq!(found.status, "equal");
}

/// A page that shows a file, and files by id, look and bytes.
fn gallery(shown: &str, files: &[(&str, u64, &[u8])]) -> Inventory {
    let mut inventory = Inventory::new();
    for (id, look, bytes) in files {
        let item = inventory.add(&NewItem::new(ItemKey::new(Kind::Asset, *id), id)).expect("new");
        inventory.examine(item, digests(id), &[], &[]);
        inventory.add_look(item, *look);
        inventory.set_bytes(item, Digest::of(bytes));
    }
    let page = ItemKey::typed(Kind::Entry, "api::page.page", "page");
    let page = inventory.add(&NewItem::new(page, "Page")).expect("new");
    inventory.examine(page, digests("page"), &[Reference::Id(ItemKey::new(Kind::Asset, shown))], &[]);
    inventory
}

fn digests(text: &str) -> Digests {
    let digest = Digest::of(text.as_bytes());
    Digests { semantic: digest, exact: digest }
}

/// By a plan's own rules the one stands for the other: a run would write nothing.
#[test]
fn a_file_of_the_same_bytes_is_as_good_for_what_shows_it() {
    let mut rules: Rules = crate::world::typed_rules();
    let assets = rules.kinds.iter_mut().find(|rules| rules.kind == Kind::Asset).expect("files have rules");
    assets.matching = &[MatchMethod::Uuid, MatchMethod::Content];
    let left = gallery("mine", &[("mine", 1, b"bytes")]);
    for (files, state, read) in [
        (("theirs", 1, &b"bytes"[..]), DifferenceState::Equal, 2),
        (("theirs", 1, &b"other"[..]), DifferenceState::Changed, 2),
        (("theirs", 2, &b"bytes"[..]), DifferenceState::Changed, 1),
    ] {
        let right = gallery("theirs", &[files]);
        let page = |inventory: &Inventory| vec![inventory.items().len() as u32 - 1];
        let (ours, theirs) = (page(&left), page(&right));
        let side = |inventory, picked, name| DifferenceSide { inventory, info: info(name), picked };
        let request =
            DifferenceRequest { left: side(&left, &ours, "dev"), right: side(&right, &theirs, "prod"), rules: &rules };
        let found = difference(&request);
        assert_eq!((found.items.len(), found.items[0].state), (1, state), "{files:?}");
        let (examine_left, examine_right) = difference_needs(&request);
        assert_eq!((examine_left.len(), examine_right.len()), (read, read), "only what looks alike is read: {files:?}");
    }
}
