//! Two locations compared.

use haul::model::Selection;
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
