//! What a selection picks, and what it says when something fits nothing.

use haul::model::{ErrorKind, Facts, ItemKey, KeyPattern, Kind, Part, Rules, Selection};
use haul::planner::{item_named, only_at_destination, resolve, resolve_both, selection_of};
use rstest::rstest;

use crate::world::{World, connection, flow, rules, secret, thing, typed_rules};

fn location() -> World {
    let mut world = World::of([
        (flow("f-1"), thing("Orders", "").tagged(&["sales", "nightly"])),
        (flow("f-2"), thing("Invoices", "").tagged(&["sales"])),
        (flow("f-3"), thing("Cleanup", "")),
        (flow("f-4"), thing("Deleted", "").tagged(&["old"])),
        (connection("c-1"), thing("Database", "").tagged(&["sales"])),
        (secret("same"), thing("TOKEN", "")),
        (connection("same"), thing("Mail", "")),
    ]);
    world.things.get_mut(&flow("f-4")).expect("there").facts = Facts { deleted: true, ..Facts::default() };
    world
}

fn typed_location() -> World {
    let entry = |type_: &str, id: &str| ItemKey::typed(Kind::Entry, type_, id);
    World::of([
        (entry("api::article.article", "a1"), thing("First", "")),
        (entry("api::article.article", "a2"), thing("Second", "")),
        (entry("api::page.page", "a1"), thing("Home", "")),
        (ItemKey::new(Kind::Schema, "api::article.article"), thing("Article", "")),
        (ItemKey::new(Kind::Schema, "api::empty.empty"), thing("Empty", "")),
        (ItemKey::new(Kind::Asset, "img"), thing("Picture", "")),
        (ItemKey::new(Kind::Configuration, "core/store:x"), thing("Store", "")),
    ])
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

fn ids(list: &[&str]) -> Selection {
    Selection { ids: words(list), ..Selection::default() }
}

fn tags(list: &[&str]) -> Selection {
    Selection { tags: words(list), ..Selection::default() }
}

fn types(list: &[&str]) -> Selection {
    Selection { types: words(list), ..Selection::default() }
}

fn search(text: &str) -> Selection {
    Selection { search: Some(text.to_owned()), ..Selection::default() }
}

fn picked(selection: &Selection, world: &World, rules: &Rules) -> Result<Vec<String>, haul::model::Error> {
    let inventory = world.inventory();
    let mut keys: Vec<_> =
        resolve(selection, &inventory, rules)?.into_iter().map(|item| inventory.item(item).key().to_string()).collect();
    keys.sort();
    Ok(keys)
}

#[rstest]
#[case::nothing_given(Selection::everything(), &["flow:f-1", "flow:f-2", "flow:f-3"])]
#[case::ids(ids(&["f-3", "c-1"]), &["connection:c-1", "flow:f-3"])]
#[case::kind_and_id(ids(&["secret:same"]), &["secret:same"])]
#[case::kind_as_type(ids(&["connection/same"]), &["connection:same"])]
#[case::tags_pick_what_is_part_of_everything(tags(&["sales"]), &["flow:f-1", "flow:f-2"])]
#[case::tags_and_types(Selection { types: words(&["connection"]), ..tags(&["sales"]) }, &["connection:c-1"])]
#[case::ids_and_tags_add_up(Selection { ids: words(&["f-3"]), ..tags(&["nightly"]) }, &["flow:f-1", "flow:f-3"])]
#[case::types_pick_kinds_that_are_not_part_of_everything(types(&["connection", "secret"]), &["connection:c-1", "connection:same", "secret:same"])]
#[case::types_narrow_ids(Selection { types: words(&["flow"]), ..ids(&["c-1", "f-1"]) }, &["flow:f-1"])]
#[case::search_in_names(search("INV"), &["flow:f-2"])]
#[case::search_in_ids(search("F-3"), &["flow:f-3"])]
fn a_selection_picks(#[case] selection: Selection, #[case] expected: &[&str]) {
    assert_eq!(picked(&selection, &location(), &rules()).expect("something fits"), expected);
}

#[rstest]
#[case::nothing_given(Selection::everything(), 7)]
#[case::type_and_id(ids(&["api::page.page/a1"]), 1)]
#[case::kind_type_and_id(ids(&["entry:api::article.article/a1"]), 1)]
#[case::an_id_with_both_signs_in_it(ids(&["core/store:x"]), 1)]
#[case::kind_where_items_have_no_type(ids(&["asset/img"]), 1)]
#[case::a_type(types(&["api::article.article"]), 2)]
#[case::a_kind_without_types(types(&["asset", "configuration"]), 2)]
#[case::only_content(Selection { only: vec![Part::Content], ..Selection::default() }, 6)]
#[case::only_config(Selection { only: vec![Part::Config], ..Selection::default() }, 3)]
#[case::records_stay_without_their_files(Selection { exclude: vec![Part::Files], ..Selection::default() }, 7)]
#[case::definitions(Selection { only_definitions: true, ..Selection::default() }, 2)]
#[case::the_definition_of_a_type(Selection { only_definitions: true, ..types(&["api::empty.empty"]) }, 1)]
fn a_selection_picks_among_types(#[case] selection: Selection, #[case] count: usize) {
    assert_eq!(picked(&selection, &typed_location(), &typed_rules()).expect("something fits").len(), count);
}

#[rstest]
#[case::id(ids(&["f-9"]), "no item has the id `f-9`", Some("did you mean `f-1`?"))]
#[case::a_name_for_an_id(ids(&["Orders"]), "no item has the id `Orders`", Some("`Orders` is the name of flow:f-1; say that"))]
#[case::several(ids(&["same"]), "`same` is ambiguous: connection:same, secret:same", Some("say TYPE/ID, or KIND:ID"))]
#[case::deleted(ids(&["f-4"]), "flow:f-4 was deleted and only lingers at the source", None)]
#[case::no_id_at_all(ids(&[""]), "no item has the id ``", None)]
#[case::tag(tags(&["slaes"]), "no item has the tag `slaes`", Some("did you mean `sales`?"))]
#[case::tag_of_what_was_deleted(tags(&["old"]), "no item has the tag `old`", None)]
#[case::kind(types(&["flows"]), "no item has the type `flows`", Some("did you mean `flow`?"))]
#[case::everything_at_once(Selection { tags: words(&["x"]), types: words(&["y"]), ..ids(&["z", "f-1"]) },
    "no item has the type `y`; no item has the id `z`; no item has the tag `x`", None)]
#[case::search(
    search("nowhere"),
    "nothing is left: of 3 items none fits `--search nowhere`",
    Some("leave `--search nowhere` out, or widen it")
)]
#[case::narrowed_away(Selection { types: words(&["secret"]), ..ids(&["f-1"]) },
    "nothing is left: of 1 items none fits `--types secret`", Some("leave `--types secret` out, or widen it"))]
fn what_fits_nothing_is_an_error(#[case] selection: Selection, #[case] message: &str, #[case] hint: Option<&str>) {
    let error = picked(&selection, &location(), &rules()).expect_err("nothing fits");
    assert_eq!((error.kind(), error.message()), (ErrorKind::UnknownItem, message));
    assert_eq!(error.hint_text(), Some(hint.unwrap_or("`haul list LOCATION` shows what there is")));
}

#[test]
fn a_type_without_items_says_whether_it_exists() {
    let message = |selection| {
        picked(&selection, &typed_location(), &typed_rules()).expect_err("nothing fits").message().to_owned()
    };
    assert_eq!(message(types(&["api::empty.empty"])), "the type `api::empty.empty` is defined, but has no items");
    assert_eq!(message(ids(&["a1"])), "`a1` is ambiguous: entry:api::article.article/a1, entry:api::page.page/a1");
    let flows_only = World::of([(flow("a"), thing("A", ""))]);
    let error = picked(&types(&["secret"]), &flows_only, &rules()).expect_err("nothing fits");
    assert_eq!(error.message(), "no item is a secret");
}

#[test]
fn an_option_that_the_platform_lacks_is_a_usage_error() {
    let lacking = Selection { only: vec![Part::Files], only_definitions: true, ..Selection::default() };
    let error = picked(&lacking, &location(), &rules()).expect_err("lacking");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Usage, "ziggy has no --only and no --only-definitions"));
    let error = picked(&tags(&["a"]), &typed_location(), &typed_rules()).expect_err("lacking");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Usage, "strapi has no --tags"));
}

#[test]
fn an_empty_location_has_nothing_to_pick_and_that_is_no_error() {
    assert_eq!(picked(&Selection::everything(), &World::default(), &rules()).expect("fine"), Vec::<String>::new());
}

#[test]
fn of_two_locations_one_has_to_know_a_word() {
    let left = World::of([(flow("a"), thing("A", "").tagged(&["t"]))]).inventory();
    let right = World::of([(flow("b"), thing("B", ""))]).inventory();
    assert_eq!(resolve_both(&ids(&["a", "b"]), &left, &right, &rules()).expect("known"), (vec![0], vec![0]));
    assert_eq!(resolve_both(&tags(&["t"]), &left, &right, &rules()).expect("known"), (vec![0], vec![]));
    assert!(resolve_both(&ids(&["c"]), &left, &right, &rules()).is_err());
}

#[test]
fn a_typed_key_means_one_item() {
    let inventory = location().inventory();
    let found = |text: &str| item_named(&KeyPattern::kind_and_id(text).expect("a key"), &inventory);
    assert_eq!(inventory.item(found("secret:same").expect("there")).key(), secret("same"));
    assert_eq!(found("flow:same").expect_err("not there").kind(), ErrorKind::UnknownItem);
}

/// Picks by key, as a person does on a screen.
fn indices(world: &World, keys: &[ItemKey]) -> (haul::model::Inventory, Vec<u32>) {
    let inventory = world.inventory();
    let items = keys.iter().map(|key| inventory.find(key).expect("it is there").index()).collect();
    (inventory, items)
}

#[rstest]
#[case::a_tag(&[flow("f-1"), flow("f-2")], Some(tags(&["sales"])))]
#[case::a_tag_and_an_id(&[flow("f-1"), flow("f-2"), connection("c-1")], Some(Selection { ids: words(&["c-1"]), ..tags(&["sales"]) }))]
#[case::one(&[flow("f-3")], Some(ids(&["f-3"])))]
#[case::an_ambiguous_id(&[secret("same")], Some(ids(&["secret:same"])))]
#[case::types(&[connection("c-1"), connection("same"), secret("same")], Some(types(&["connection", "secret"])))]
#[case::what_would_bring_strays_along_is_not_everything(&[flow("f-1"), flow("f-2"), flow("f-3")], Some(types(&["flow"])))]
#[case::nothing(&[], None)]
#[case::something_deleted(&[flow("f-1"), flow("f-4")], None)]
fn picked_items_are_said_in_as_few_words_as_can_be(#[case] keys: &[ItemKey], #[case] expected: Option<Selection>) {
    let (inventory, items) = indices(&location(), keys);
    assert_eq!(selection_of(&items, &inventory, &rules()), expected);
}

#[test]
fn everything_is_said_without_a_word() {
    let world = World::of([(flow("f-1"), thing("A", "").by_id(&connection("c"))), (connection("c"), thing("C", ""))]);
    let (inventory, items) = indices(&world, &[flow("f-1")]);
    assert_eq!(selection_of(&items, &inventory, &rules()), Some(Selection::everything()));
    let (inventory, items) = indices(&world, &[flow("f-1"), connection("c")]);
    assert_eq!(selection_of(&items, &inventory, &rules()), Some(ids(&["f-1", "c"])));
}

#[test]
fn only_there_is_what_neither_id_nor_name_leads_to() {
    let source = World::of([
        (flow("1"), thing("A", "")),
        (flow("2"), thing("B", "")),
        (flow("3"), thing("C", "")),
        (connection("1"), thing("D", "")),
    ]);
    let mut destination = World::of([
        (flow("1"), thing("other", "")),
        (flow("b"), thing("B", "")),
        (flow("c1"), thing("C", "")),
        (flow("c2"), thing("C", "")),
        (flow("d"), thing("D", "")),
        (flow("e"), thing("E", "")),
    ]);
    destination.things.get_mut(&flow("e")).expect("there").facts = Facts { deleted: true, ..Facts::default() };
    let (ours, theirs) = (source.inventory(), destination.inventory());
    let only: Vec<_> =
        only_at_destination(&ours, &theirs, &rules()).into_iter().map(|i| theirs.item(i).key()).collect();
    assert_eq!(only, [flow("d")], "a connection of that name is no flow");
}
