//! A location with types, languages, states and files: what is seen of it, and what narrows it.

use insta::assert_snapshot;
use rstest::rstest;

use crate::model::{
    Facts, FileInfo, Inventory, ItemKey, Kind, KindRules, LeftAlone, NewItem, Rules, Version, VersionState,
};
use crate::workbench::panes::content::groups::GroupKey;
use crate::workbench::panes::content::testing::{names, press, rules, stocked_of, type_in};
use crate::workbench::state::State;
use crate::workbench::testing::{coloured, gallery};
use crate::workbench::theme::Theme;

const ARTICLE: &str = "api::article.article";
const DRAFT: Option<VersionState> = Some(VersionState::Draft);
const PUBLISHED: Option<VersionState> = Some(VersionState::Published);
const MODIFIED: Option<VersionState> = Some(VersionState::Modified);

/// Articles in languages and states, authors without either, pictures in folders, and a schema that is never written.
fn magazine() -> (Inventory, Rules) {
    let mut inventory = Inventory::new();
    for (type_, name) in [(ARTICLE, "Article"), ("api::author.author", "Author"), ("plugin::i18n.locale", "Locale")] {
        inventory.name_type(type_, name);
    }
    let mut add = |key: ItemKey, name: &str, size: u64| {
        let facts = Facts { updated: Some(1_793_000_000_000), ..Facts::default() };
        inventory.add(&NewItem { size, facts, ..NewItem::new(key, name) }).expect("new")
    };
    let article = |id: &str| ItemKey::typed(Kind::Entry, ARTICLE, id);
    let coffee = add(article("n5xhkqktwj2hn2jf2mx0vk1d"), "Coffee art", 4_200);
    let news =
        add(article("b8w3f2a1q9z7y6x5c4v3u2t1"), "Brand new, and with a headline that does not want to end", 900);
    let meme = add(article("z8sewlj056kyaekxyzjznsy9"), "A bug is becoming a meme", 2_100);
    add(ItemKey::typed(Kind::Entry, "api::author.author", "q1"), "Łukasz Żółć", 300);
    add(ItemKey::typed(Kind::Entry, "plugin::i18n.locale", "l1"), "English (en)", 80);
    let picture = add(ItemKey::new(Kind::Asset, "p1"), "sunrise.png", 121_000);
    let text = add(ItemKey::new(Kind::Asset, "p2"), "résumé.txt", 512);
    add(ItemKey::new(Kind::Schema, ARTICLE), "Article", 3_000);
    let languages = [
        (coffee, Some("en"), MODIFIED),
        (coffee, Some("de"), PUBLISHED),
        (coffee, Some("fr"), DRAFT),
        (news, Some("en"), DRAFT),
        (meme, Some("en"), PUBLISHED),
        (meme, Some("de-AT"), PUBLISHED),
    ];
    languages.iter().for_each(|&(item, locale, state)| inventory.add_version(item, Version { locale, state }));
    let file =
        FileInfo { mime: Some("image/png"), dimensions: Some((640, 480)), bytes: Some(2_400), ..FileInfo::default() };
    inventory.add_file(picture, FileInfo { folder: Some("API Uploads/Covers"), ..file });
    inventory.add_file(text, FileInfo { mime: Some("text/plain"), dimensions: None, ..file });
    inventory.shrink();
    let mut rules = rules();
    let of = |kind, left_alone| KindRules { kind, left_alone, ..rules.kinds[0].clone() };
    let more = [of(Kind::Asset, LeftAlone::Nothing), of(Kind::Schema, LeftAlone::All("they belong to the project"))];
    rules.kinds.extend(more);
    rules.features.tags = false;
    (inventory, rules)
}

fn stocked() -> State {
    let (inventory, rules) = magazine();
    stocked_of(inventory, rules)
}

fn shown(state: &State) -> Vec<String> {
    names(state, &state.content.shown)
}

#[test]
fn documents_stand_in_a_tree_by_type_with_their_languages_and_states() {
    let mut state = stocked();
    press(&mut state, "down");
    assert_snapshot!("documents", gallery(&mut state));
    assert_snapshot!("documents-ansi", coloured(&mut state, Theme::Ansi));
}

#[test]
fn a_file_shows_its_size_dimensions_and_folder() {
    let mut state = stocked();
    type_in(&mut state, "/sunrise");
    press(&mut state, "enter");
    assert_snapshot!("file", gallery(&mut state));
}

#[test]
fn a_type_of_the_tree_narrows_the_list_and_is_named_in_its_title() {
    let mut state = stocked();
    let groups = state.content.stock.as_ref().expect("listed").arranged.groups.clone();
    let at = groups.iter().position(|group| group.key == GroupKey::Type(ARTICLE.into())).expect("it has a group");
    assert_eq!(groups[at].title, "Article");
    press(&mut state, "tab g down down enter");
    assert_eq!(shown(&state).len(), 3);
    assert_snapshot!("one-type", gallery(&mut state));
}

#[rstest]
#[case::a_language("locale:de", &["A bug is becoming a meme", "Coffee art"])]
#[case::exactly_that_language("locale:^de$", &["Coffee art"])]
#[case::none_of_it("kind:entry !locale:", &["Łukasz Żółć", "English (en)"])]
#[case::any_draft("is:draft", &["Brand new, and with a headline that does not want to end", "Coffee art"])]
#[case::drafts_of_a_language("is:draft locale:fr", &["Coffee art"])]
#[case::no_draft_in_that_language("is:draft locale:de", &[])]
#[case::published_though_changed_since("is:published locale:en", &["A bug is becoming a meme", "Coffee art"])]
#[case::changed_since("is:modified", &["Coffee art"])]
#[case::state_says_the_same("state:modified", &["Coffee art"])]
#[case::never_published("!is:published kind:entry locale:", &["Brand new, and with a headline that does not want to end"])]
#[case::a_type_by_its_name("type:auth", &["Łukasz Żółć"])]
fn words_ask_for_languages_and_states(#[case] words: &str, #[case] found: &[&str]) {
    let mut state = stocked();
    type_in(&mut state, &format!("/{words}"));
    assert_eq!(shown(&state), found);
}

#[test]
fn groups_of_languages_narrow_each_other_and_say_which_language_a_state_is_asked_of() {
    let mut state = stocked();
    let choose = |state: &mut State, key: GroupKey| {
        state.content.narrowing.chosen.insert(key);
        let effects = crate::workbench::panes::content::narrowing::ask(state);
        crate::workbench::panes::content::testing::settle(state, effects);
    };
    choose(&mut state, GroupKey::Locale("de".into()));
    assert_eq!(shown(&state), ["Coffee art"]);
    choose(&mut state, GroupKey::Mark(crate::workbench::panes::content::groups::Mark::Draft));
    assert_eq!(shown(&state), [""; 0], "the draft is French");
    choose(&mut state, GroupKey::Locale("fr".into()));
    assert_eq!(shown(&state), ["Coffee art"]);
}
