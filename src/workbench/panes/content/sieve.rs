//! Finds the items that fit a filter and the chosen groups, on as many threads as there are cores.
//! Must not know: the screen. Takes its time: only effects call it, and each stops when it is no longer wanted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use memchr::memmem::Finder;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::arrange::has_mark;
use super::bits::Bits;
use super::groups::{GroupKey, Mark, Section};
use super::query::{Place, Shape, Term};
use crate::model::{Inventory, ItemIndex, ItemRef};

/// Items that a thread looks at before it takes more, and before it looks whether the answer is still wanted. A multiple
/// of the bits in a word.
const BLOCK: usize = 8192;
/// Fewer blocks than this are not worth a thread.
const WORTH_A_THREAD: usize = 3;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// All of them have to fit.
    pub terms: Vec<Term>,
    /// Kinds and types widen each other, since no item has two; all others narrow. What is asked of states is asked of
    /// the languages that are chosen or typed, if any are.
    pub groups: BTreeSet<GroupKey>,
    pub marks: Marks,
}

/// What marks rest on that is no part of an inventory.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    pub picked: Arc<Bits>,
    pub needed: Arc<Bits>,
    /// Items with the places of the findings about them, by item.
    pub found: Arc<[(ItemIndex, usize)]>,
    /// Milliseconds since 1970 after which an item counts as changed.
    pub day_ago: i64,
}

/// Whether a language is what was typed: `de` is `de` and `de-AT`.
fn is_language(term: &Term, locale: &str) -> bool {
    let locale = if term.case_counts { locale.to_owned() } else { locale.to_lowercase() };
    let text = term.text.as_str();
    match term.shape {
        Shape::Part | Shape::Start => locale.starts_with(text),
        Shape::End => locale.ends_with(text),
        Shape::Whole => locale == text,
        Shape::Fuzzy => in_order(text.as_bytes(), locale.as_bytes(), term.case_counts),
    }
}

impl Marks {
    fn are_on(&self, item: ItemRef<'_>, mark: Mark) -> bool {
        match mark {
            Mark::Picked => self.picked.has(item.index()),
            Mark::Needed => self.needed.has(item.index()),
            mark => {
                let found = || self.found.binary_search_by_key(&item.index(), |(about, _)| *about).is_ok();
                has_mark(item, mark, mark == Mark::Found && found(), self.day_ago)
            }
        }
    }
}

impl Wanted {
    /// Whether everything fits.
    pub fn is_everything(&self) -> bool {
        self.terms.is_empty() && self.groups.is_empty()
    }

    /// The items of `order` that fit, in that order; `None` if it was stopped.
    ///
    /// Items are looked at in the order in which they lie in memory, which is several times as fast as any other.
    pub fn sift(&self, inventory: &Inventory, order: &[ItemIndex], stop: &AtomicBool) -> Option<Vec<ItemIndex>> {
        let blocks = inventory.len().div_ceil(BLOCK);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let look = || Sieve::new(self).run(inventory, &next, stop);
        let found = match cores.min(blocks / WORTH_A_THREAD) {
            0 | 1 => vec![look()],
            threads => std::thread::scope(|scope| {
                let threads: Vec<_> = (0..threads).map(|_| scope.spawn(look)).collect();
                let answer = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
                    Ok(found) => found,
                    Err(panic) => std::panic::resume_unwind(panic),
                };
                threads.into_iter().map(answer).collect()
            }),
        };
        let mut words = vec![0; inventory.len().div_ceil(64)];
        for found in found {
            for (block, fitting) in found? {
                let from = block * BLOCK / 64;
                words[from..from + fitting.len()].copy_from_slice(&fitting);
            }
        }
        let fitting = Bits::from_words(words);
        Some(order.iter().copied().filter(|&item| fitting.has(item)).collect())
    }

    /// Whether a mark is true of an item.
    fn marks(&self, item: ItemRef<'_>, mark: Mark) -> bool {
        match mark.is_of_version(None) {
            None => self.marks.are_on(item, mark),
            Some(_) => item
                .versions()
                .any(|version| mark.is_of_version(version.state) == Some(true) && self.is_asked_of(version.locale)),
        }
    }

    /// Whether states are asked of this language.
    fn is_asked_of(&self, locale: Option<&str>) -> bool {
        let mut chosen = self.groups.iter().filter_map(|key| match key {
            GroupKey::Locale(locale) => Some(&**locale),
            _ => None,
        });
        let typed = || self.terms.iter().filter(|term| term.place == Place::Locale && !term.excludes);
        let is_narrowed = chosen.clone().next().is_some() || typed().next().is_some();
        !is_narrowed
            || locale.is_some_and(|locale| {
                chosen.any(|other| other == locale) || typed().any(|term| is_language(term, locale))
            })
    }
}

/// Blocks by their number, each with a bit for every item that fits.
type Fitting = Vec<(usize, Vec<u64>)>;

/// What one thread looks with.
struct Sieve<'a> {
    wanted: &'a Wanted,
    terms: Vec<Probe<'a>>,
    /// And types.
    kinds: Vec<&'a GroupKey>,
    others: Vec<&'a GroupKey>,
    lower: Lowered,
}

/// Texts of the item at hand in lower case, once a term asked for them.
struct Lowered {
    name: Lower,
    id: Lower,
    /// Any other.
    word: Lower,
}

/// A term, ready to be looked for.
struct Probe<'a> {
    term: &'a Term,
    how: How<'a>,
}

enum How<'a> {
    Part(Box<Finder<'a>>),
    Tied,
    Fuzzy(Box<Fuzzy>),
}

struct Fuzzy {
    /// The letters to find, where they and their case are those of ASCII. Most names need no more.
    ascii: Option<Vec<u8>>,
    case_counts: bool,
    atom: Atom,
    matcher: Matcher,
    letters: Vec<char>,
}

/// A text in lower case; the memory is used again for the next.
#[derive(Default)]
struct Lower {
    text: String,
    of: Option<ItemIndex>,
    /// No word has other letters than those of ASCII, so that other letters may stay as they are.
    only_ascii: bool,
}

impl Lower {
    fn get(&mut self, text: &str, of: Option<ItemIndex>) -> &str {
        if of.is_none() || self.of != of {
            self.of = of;
            self.text.clear();
            if self.only_ascii || text.is_ascii() {
                self.text.push_str(text);
                self.text.make_ascii_lowercase();
            } else {
                self.text.extend(text.chars().flat_map(char::to_lowercase));
            }
        }
        &self.text
    }
}

impl<'a> Sieve<'a> {
    fn new(wanted: &'a Wanted) -> Self {
        let of = |section| wanted.groups.iter().filter(|key| key.section() == section).collect::<Vec<_>>();
        let others = [Section::Tag, Section::Locale, Section::State].into_iter().flat_map(of).collect();
        let only_ascii = wanted.terms.iter().all(|term| term.text.is_ascii());
        let lower = || Lower { only_ascii, ..Lower::default() };
        Sieve {
            wanted,
            terms: wanted.terms.iter().map(Probe::new).collect(),
            kinds: of(Section::Kind),
            others,
            lower: Lowered { name: lower(), id: lower(), word: lower() },
        }
    }

    /// Takes block after block until there is none left; `None` if it was stopped.
    fn run(mut self, inventory: &Inventory, next: &AtomicUsize, stop: &AtomicBool) -> Option<Fitting> {
        let mut found = Fitting::new();
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            let items = block * BLOCK..((block + 1) * BLOCK).min(inventory.len());
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            if items.is_empty() {
                return Some(found);
            }
            let mut words = vec![0; items.len().div_ceil(64)];
            for (at, item) in items.enumerate() {
                let fits = self.fits(inventory.item(item as ItemIndex));
                words[at / 64] |= u64::from(fits) << (at % 64);
            }
            found.push((block, words));
        }
    }

    fn fits(&mut self, item: ItemRef<'_>) -> bool {
        let wanted = self.wanted;
        (self.kinds.is_empty() || self.kinds.iter().any(|key| is_in(item, key, wanted)))
            && self.others.iter().all(|key| is_in(item, key, wanted))
            && self.terms.iter_mut().all(|probe| probe.fits(item, wanted, &mut self.lower) != probe.term.excludes)
    }
}

fn is_in(item: ItemRef<'_>, key: &GroupKey, wanted: &Wanted) -> bool {
    match key {
        GroupKey::Kind(kind) => item.kind() == *kind,
        GroupKey::Type(type_) => item.type_() == Some(type_),
        GroupKey::Tag(tag) => item.tags().any(|other| other == &**tag),
        GroupKey::Untagged => item.tags().len() == 0,
        GroupKey::Locale(locale) => item.versions().any(|version| version.locale == Some(locale)),
        GroupKey::Mark(mark) => wanted.marks(item, *mark),
    }
}

impl<'a> Probe<'a> {
    fn new(term: &'a Term) -> Self {
        let how = match term.shape {
            Shape::Part => How::Part(Box::new(Finder::new(term.text.as_bytes()))),
            Shape::Start | Shape::End | Shape::Whole => How::Tied,
            Shape::Fuzzy => How::Fuzzy(Box::new(Fuzzy::new(term))),
        };
        Probe { term, how }
    }

    fn fits(&mut self, item: ItemRef<'_>, wanted: &Wanted, lower: &mut Lowered) -> bool {
        let index = Some(item.index());
        match &self.term.place {
            Place::NameOrId => {
                self.holds(item.name(), index, &mut lower.name) || self.holds(item.id(), index, &mut lower.id)
            }
            Place::Name => self.holds(item.name(), index, &mut lower.name),
            Place::Id => self.holds(item.id(), index, &mut lower.id),
            Place::Type => self.is_in_any([item.type_(), item.type_title()].into_iter().flatten(), lower),
            Place::Kind => self.holds(item.kind().as_str(), None, &mut lower.word),
            Place::Tag if self.term.text.is_empty() => item.tags().len() > 0,
            Place::Tag => item.tags().any(|tag| self.holds(tag, None, &mut lower.word)),
            Place::Locale => {
                item.versions().filter_map(|version| version.locale).any(|locale| is_language(self.term, locale))
            }
            Place::Marks(marks) => marks.iter().any(|mark| wanted.marks(item, *mark)),
        }
    }

    fn is_in_any<'t>(&mut self, mut texts: impl Iterator<Item = &'t str>, lower: &mut Lowered) -> bool {
        texts.any(|text| self.holds(text, None, &mut lower.word))
    }

    fn holds(&mut self, text: &str, of: Option<ItemIndex>, lower: &mut Lower) -> bool {
        match self.term.case_counts || matches!(self.how, How::Fuzzy(_)) {
            true => self.is_held_by(text),
            false => self.is_held_by(lower.get(text, of)),
        }
    }

    fn is_held_by(&mut self, text: &str) -> bool {
        let wanted = self.term.text.as_str();
        match &mut self.how {
            How::Part(finder) => finder.find(text.as_bytes()).is_some(),
            How::Fuzzy(fuzzy) => fuzzy.fits(text),
            How::Tied => match self.term.shape {
                Shape::Start => text.starts_with(wanted),
                Shape::End => text.ends_with(wanted),
                _ => text == wanted,
            },
        }
    }
}

impl Fuzzy {
    fn new(term: &Term) -> Self {
        let case = if term.case_counts { CaseMatching::Respect } else { CaseMatching::Ignore };
        let atom = Atom::new(&term.text, case, Normalization::Smart, AtomKind::Fuzzy, false);
        let ascii = term.text.is_ascii().then(|| term.text.as_bytes().to_vec());
        let matcher = Matcher::new(Config::DEFAULT);
        Fuzzy { ascii, case_counts: term.case_counts, atom, matcher, letters: Vec::new() }
    }

    fn fits(&mut self, text: &str) -> bool {
        match &self.ascii {
            Some(letters) => {
                in_order(letters, text.as_bytes(), self.case_counts) && (text.is_ascii() || self.scores(text))
            }
            None => self.scores(text),
        }
    }

    fn scores(&mut self, text: &str) -> bool {
        let text = Utf32Str::new(text, &mut self.letters);
        self.atom.score(text, &mut self.matcher).is_some()
    }
}

/// Whether all letters stand in the text, one after the other. What is not ASCII may be any of them: `u` finds `ü`.
fn in_order(letters: &[u8], text: &[u8], case_counts: bool) -> bool {
    let mut text = text.iter();
    let is =
        |byte: u8, letter: u8| byte == letter || byte >= 0x80 || (!case_counts && byte.eq_ignore_ascii_case(&letter));
    letters.iter().all(|&letter| text.any(|&byte| is(byte, letter)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Facts, ItemKey, Kind, NewItem};
    use crate::workbench::panes::content::query;
    use proptest::prelude::*;
    use rstest::rstest;

    fn inventory() -> Inventory {
        let mut inventory = Inventory::new();
        let mut add = |kind, type_: Option<&str>, id: &str, name: &str, tags: &[&str], locked| {
            let key = ItemKey { kind, type_: type_.map(Into::into), id: id.into() };
            let facts = Facts { locked, ..Facts::default() };
            inventory.add(&NewItem { key, name, tags, size: 0, facts }).expect("new");
        };
        add(Kind::Flow, None, "c4492541", "SMS reminder", &["billing", "prod"], false);
        add(Kind::Flow, None, "0001", "Invoice sync", &["billing"], true);
        add(Kind::Flow, None, "0002", "Überweisung prüfen", &[], false);
        add(Kind::Connection, None, "0003", "Twilio", &[], false);
        add(Kind::Entry, Some("api::article.article"), "doc1", "", &["two words"], false);
        inventory
    }

    fn found(text: &str, groups: &[GroupKey]) -> Vec<ItemIndex> {
        let inventory = inventory();
        let marks =
            Marks { picked: Arc::new(Bits::from_iter([3])), found: Arc::new([(1, 0), (1, 1)]), ..Marks::default() };
        let wanted = Wanted { terms: query::read(text), groups: groups.iter().cloned().collect(), marks };
        wanted.sift(&inventory, &[4, 3, 2, 1, 0], &AtomicBool::new(false)).expect("not stopped")
    }

    #[rstest]
    #[case("", &[4, 3, 2, 1, 0])]
    #[case("sms", &[0])]
    #[case("SMS", &[0])]
    #[case("Sms", &[])]
    #[case("000", &[3, 2, 1])]
    #[case("000 !sync", &[3, 2])]
    #[case("^invoice", &[1])]
    #[case("^sync", &[])]
    #[case("sync$", &[1])]
    #[case("^twilio$", &[3])]
    #[case("~ivsyn", &[1])]
    #[case("überw", &[2])]
    #[case("prüfen", &[2])]
    #[case("ÜBERW", &[])]
    #[case("berweisung pr", &[2])]
    #[case("tag:bill", &[1, 0])]
    #[case("tag:bill tag:prod", &[0])]
    #[case("!tag:", &[3, 2])]
    #[case("tag:\"two w\"", &[4])]
    #[case("type:article", &[4])]
    #[case("kind:connection", &[3])]
    #[case("kind:con !twi", &[])]
    #[case("id:c44", &[0])]
    #[case("name:c44", &[])]
    #[case("state:locked", &[1])]
    #[case("state:finding", &[1])]
    #[case("state:picked", &[3])]
    #[case("state:nonsense", &[])]
    fn words_narrow(#[case] text: &str, #[case] items: &[ItemIndex]) {
        assert_eq!(found(text, &[]), items);
    }

    #[test]
    fn kinds_widen_each_other_and_tags_narrow() {
        let (flow, connection) = (GroupKey::Kind(Kind::Flow), GroupKey::Kind(Kind::Connection));
        let (billing, prod) = (GroupKey::Tag("billing".into()), GroupKey::Tag("prod".into()));
        assert_eq!(found("", &[flow.clone(), connection.clone()]), [3, 2, 1, 0]);
        assert_eq!(found("", &[flow, connection, GroupKey::Untagged]), [3, 2]);
        assert_eq!(found("", &[billing, prod]), [0]);
        let article = GroupKey::Type("api::article.article".into());
        assert_eq!(found("", std::slice::from_ref(&article)), [4]);
        assert_eq!(found("", &[article, GroupKey::Kind(Kind::Connection)]), [4, 3]);
    }

    #[test]
    fn who_is_stopped_has_no_answer() {
        let wanted = Wanted { terms: query::read("a"), ..Wanted::default() };
        assert_eq!(wanted.sift(&inventory(), &[0], &AtomicBool::new(true)), None);
    }

    #[test]
    fn several_threads_find_what_one_finds() {
        let mut inventory = Inventory::new();
        for n in 0..2 * WORTH_A_THREAD * BLOCK + 77 {
            inventory
                .add(&NewItem::new(ItemKey::new(Kind::Flow, format!("{n:x}")), &format!("Flow {n}")))
                .expect("new");
        }
        let order: Vec<ItemIndex> = (0..inventory.len() as ItemIndex).rev().collect();
        let wanted = Wanted { terms: query::read("flow 77 !8"), ..Wanted::default() };
        let go_on = AtomicBool::new(false);
        let mut alone = Sieve::new(&wanted);
        let expected: Vec<_> = order.iter().copied().filter(|&item| alone.fits(inventory.item(item))).collect();
        assert!(expected.len() > 10);
        assert_eq!(wanted.sift(&inventory, &order, &go_on), Some(expected));
    }

    proptest! {
        #[test]
        fn letters_in_order_are_what_the_matcher_finds(letters in "[a-cA-C ]{1,4}", text in "[a-dA-D äÄçß]{0,12}", case_counts: bool) {
            let letters = if case_counts { letters } else { letters.to_lowercase() };
            let term = Term { text: letters, shape: Shape::Fuzzy, case_counts, place: Place::Name, excludes: false };
            let mut fuzzy = Fuzzy::new(&term);
            prop_assert_eq!(fuzzy.fits(&text), fuzzy.scores(&text), "{:?} {:?}", term, text);
        }

        #[test]
        fn no_filter_is_too_odd(text in "[!^$~\":a-zÜ ]{0,12}") {
            let all = found(&text, &[]);
            prop_assert!(all.is_sorted_by(|a, b| a > b));
        }
    }
}
