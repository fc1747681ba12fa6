//! Turns what a person asked for into items of an inventory, or says what fits nothing.
//! Must not know: references, destinations.

use std::collections::{BTreeSet, HashSet};

use hashbrown::HashMap; // twice as fast over a million ids as that of std

use super::reach::{is_media, refuse_unknown_types};
use super::suggest;
use crate::model::{
    Error, ErrorKind, Inventory, ItemIndex, ItemKey, ItemRef, KeyPattern, Kind, KindRules, Part, Result, Rules,
    Selection,
};

/// The items that a selection picks, in the order of the inventory. Nothing given picks everything that is part of
/// everything. What fits nothing is an error with a suggestion, and all of it is reported at once.
pub fn resolve(selection: &Selection, inventory: &Inventory, rules: &Rules) -> Result<Vec<ItemIndex>> {
    Ok(resolve_in(selection, &[inventory], rules)?.into_iter().next().unwrap_or_default())
}

/// [`resolve`] for two locations that are compared: what one of them has is known.
pub fn resolve_both(
    selection: &Selection,
    left: &Inventory,
    right: &Inventory,
    rules: &Rules,
) -> Result<(Vec<ItemIndex>, Vec<ItemIndex>)> {
    let mut picked = resolve_in(selection, &[left, right], rules)?.into_iter();
    Ok((picked.next().unwrap_or_default(), picked.next().unwrap_or_default()))
}

/// The one item that a typed key means, as `--decide` and `--map` take it.
pub fn item_named(pattern: &KeyPattern, inventory: &Inventory) -> Result<ItemIndex> {
    let mut unknown = Unknown::default();
    let text = pattern.to_string();
    let hits = Wanted::new([text.as_str()]).hits(&[inventory]);
    unknown.check_id(&text, &hits[0], &[inventory]);
    unknown.into_result()?;
    hits[0][0].first().copied().ok_or_else(|| Error::new(ErrorKind::Internal, format!("{text} fits nothing")))
}

fn resolve_in(selection: &Selection, inventories: &[&Inventory], rules: &Rules) -> Result<Vec<Vec<ItemIndex>>> {
    refuse_what_the_platform_lacks(selection, rules)?;
    refuse_unknown_types("--exclude-types", &selection.exclude_types, inventories, rules)?;
    let mut unknown = Unknown::default();
    let types = TypeFilter { words: &selection.types, rules, definitions: selection.only_definitions };
    types.check(inventories, &mut unknown);
    let left_out = TypeFilter { words: &selection.exclude_types, ..types };
    let mut picked = vec![BTreeSet::new(); inventories.len()];
    pick_ids(&selection.ids, inventories, &mut picked, &mut unknown);
    pick_tags(&selection.tags, inventories, &types, &mut picked, &mut unknown);
    unknown.into_result()?;
    if selection.ids.is_empty() && selection.tags.is_empty() {
        pick_everything(inventories, &types, &mut picked);
    }
    let picked = picked.into_iter().map(|items| items.into_iter().collect()).collect();
    narrow(selection, inventories, &types, &left_out, picked)
}

fn refuse_what_the_platform_lacks(selection: &Selection, rules: &Rules) -> Result<()> {
    let features = &rules.features;
    let lacking = [
        ("--tags", !selection.tags.is_empty() && !features.tags),
        ("--locales", !selection.locales.is_empty() && !features.locales),
        ("--only", !selection.only.is_empty() && !features.only_exclude),
        ("--exclude", !selection.exclude.is_empty() && !features.only_exclude),
        ("--only-definitions", selection.only_definitions && !features.only_definitions),
    ];
    let lacking: Vec<_> = lacking.iter().filter(|(_, lacks)| *lacks).map(|(option, _)| *option).collect();
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Usage, format!("{} has no {}", rules.platform, lacking.join(" and no ")))
            .hint("leave the option out; --ids, --types and --search work on every platform")),
    }
}

/// What fits nothing, gathered so that one error names all of it.
#[derive(Default)]
struct Unknown {
    problems: Vec<String>,
    hints: Vec<String>,
    items: Vec<ItemKey>,
}

impl Unknown {
    fn add(&mut self, problem: String, hint: Option<String>) {
        self.problems.push(problem);
        self.hints.extend(hint.filter(|hint| !self.hints.contains(hint)));
    }

    fn into_result(self) -> Result<()> {
        if self.problems.is_empty() {
            return Ok(());
        }
        let error = Error::new(ErrorKind::UnknownItem, self.problems.join("; ")).items(self.items);
        Err(error.hint(match self.hints.is_empty() {
            true => "`haul list LOCATION` shows what there is".to_owned(),
            false => self.hints.join("; "),
        }))
    }

    /// One item for each location, or a problem.
    fn check_id(&mut self, text: &str, hits: &[Vec<ItemIndex>], inventories: &[&Inventory]) {
        if let Some((several, inventory)) = hits.iter().zip(inventories).find(|(hits, _)| hits.len() > 1) {
            let mut keys: Vec<_> = several.iter().map(|&item| inventory.item(item).key()).collect();
            keys.sort();
            let list = suggest::listed(keys.iter().map(ItemKey::to_string), ", ", 10);
            self.add(format!("`{text}` is ambiguous: {list}"), Some("say TYPE/ID, or KIND:ID".to_owned()));
            self.items.extend(keys);
        } else if hits.iter().all(Vec::is_empty) {
            let deleted = Wanted::new([text]).deleted(inventories);
            match deleted {
                Some(key) => self.add(format!("{key} was deleted and only lingers at the source"), None),
                None => self.add(format!("no item has the id `{text}`"), suggest::for_id(text, inventories, None)),
            }
        }
    }
}

/// The readings of typed ids: a whole id, `TYPE/ID`, `KIND:ID` and `KIND:TYPE/ID`. Ids and types may hold `/` and
/// `:` themselves, so that every reading is tried.
pub(super) struct Wanted<'a> {
    count: usize,
    readings: HashMap<&'a str, Vec<Reading<'a>>>,
}

#[derive(Clone, Copy)]
struct Reading<'a> {
    number: usize,
    kind: Option<Kind>,
    type_: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    pub fn new(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut wanted = Wanted { count: 0, readings: HashMap::new() };
        for (number, text) in texts.into_iter().enumerate() {
            wanted.count += 1;
            wanted.read(number, None, text);
            let kind_and_rest = text.split_once(':').and_then(|(kind, rest)| Some((kind.parse().ok()?, rest)));
            if let Some((kind, rest)) = kind_and_rest {
                wanted.read(number, Some(kind), rest);
            }
        }
        wanted
    }

    fn read(&mut self, number: usize, kind: Option<Kind>, text: &'a str) {
        self.readings.entry(text).or_default().push(Reading { number, kind, type_: None });
        if let Some((type_, id)) = text.split_once('/') {
            self.readings.entry(id).or_default().push(Reading { number, kind, type_: Some(type_) });
        }
    }

    fn fitting<'w>(&'w self, item: ItemRef<'w>) -> impl Iterator<Item = usize> + 'w {
        let readings = self.readings.get(item.id()).map_or(&[][..], Vec::as_slice);
        readings.iter().filter(move |reading| reading.fits(item)).map(|reading| reading.number)
    }

    /// For each text and each inventory, what fits.
    pub fn hits(&self, inventories: &[&Inventory]) -> Vec<Vec<Vec<ItemIndex>>> {
        let mut hits = vec![vec![Vec::new(); inventories.len()]; self.count];
        for (at, inventory) in inventories.iter().enumerate() {
            for item in inventory.items() {
                for number in self.fitting(item).filter(|_| !item.facts().deleted) {
                    let found: &mut Vec<ItemIndex> = &mut hits[number][at];
                    if found.last() != Some(&item.index()) {
                        found.push(item.index());
                    }
                }
            }
        }
        hits
    }

    pub fn deleted(&self, inventories: &[&Inventory]) -> Option<ItemKey> {
        let mut items = inventories.iter().flat_map(|inventory| inventory.items());
        items.find(|item| self.fitting(*item).next().is_some()).map(|item| item.key())
    }
}

impl Reading<'_> {
    fn fits(&self, item: ItemRef<'_>) -> bool {
        self.kind.is_none_or(|kind| kind == item.kind()) && self.type_.is_none_or(|type_| is_of_type(item, type_))
    }
}

/// The kind stands for the type where items have none.
fn is_of_type(item: ItemRef<'_>, type_: &str) -> bool {
    item.type_().unwrap_or(item.kind().as_str()) == type_
}

/// Kinds that say what other items look like.
fn is_definition(kind: Kind) -> bool {
    matches!(kind, Kind::Definition | Kind::Schema)
}

fn pick_ids(ids: &[String], inventories: &[&Inventory], picked: &mut [BTreeSet<ItemIndex>], unknown: &mut Unknown) {
    if ids.is_empty() {
        return;
    }
    let hits = Wanted::new(ids.iter().map(String::as_str)).hits(inventories);
    for (id, hits) in ids.iter().zip(&hits) {
        unknown.check_id(id, hits, inventories);
        for (picked, hits) in picked.iter_mut().zip(hits) {
            picked.extend(hits);
        }
    }
}

/// Tags pick among what is part of everything, or among the types that were named.
fn pick_tags(
    tags: &[String],
    inventories: &[&Inventory],
    types: &TypeFilter<'_>,
    picked: &mut [BTreeSet<ItemIndex>],
    unknown: &mut Unknown,
) {
    if tags.is_empty() {
        return;
    }
    let wanted: HashSet<&str> = tags.iter().map(String::as_str).collect();
    let mut used: HashSet<&str> = HashSet::new();
    for (inventory, picked) in inventories.iter().zip(picked) {
        for item in inventory.items().filter(|item| types.is_offered(*item)) {
            let mut hits = item.tags().filter(|tag| wanted.contains(tag)).peekable();
            if hits.peek().is_some() {
                picked.insert(item.index());
            }
            used.extend(hits);
        }
    }
    let missing: Vec<_> = tags.iter().filter(|tag| !used.contains(tag.as_str())).collect();
    if !missing.is_empty() {
        let known: HashSet<&str> = inventories
            .iter()
            .flat_map(|inventory| inventory.items())
            .filter(|item| types.is_offered(*item))
            .flat_map(|item| item.tags())
            .collect();
        for tag in missing {
            let hint = suggest::for_word(tag, known.iter().copied());
            unknown.add(format!("no item has the tag `{tag}`"), hint);
        }
    }
}

fn pick_everything(inventories: &[&Inventory], types: &TypeFilter<'_>, picked: &mut [BTreeSet<ItemIndex>]) {
    for (inventory, picked) in inventories.iter().zip(picked) {
        picked.extend(inventory.items().filter(|item| types.is_offered(*item)).map(|item| item.index()));
    }
}

/// `--types` and `--exclude-types`: types, or kinds.
#[derive(Clone, Copy)]
pub(super) struct TypeFilter<'a> {
    pub words: &'a [String],
    pub rules: &'a Rules,
    /// `--only-definitions`: a type then means its definition.
    pub definitions: bool,
}

impl TypeFilter<'_> {
    fn fits(&self, item: ItemRef<'_>) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| self.word_of(item) == word)
    }

    pub fn word_of<'i>(&self, item: ItemRef<'i>) -> &'i str {
        match item.type_() {
            _ if self.rules.features.types_are_kinds => item.kind().as_str(),
            Some(type_) => type_,
            None if self.definitions && is_definition(item.kind()) => item.id(),
            None => item.kind().as_str(),
        }
    }

    /// What tags and "everything" choose from. Naming a type asks for its items, part of everything or not.
    pub fn is_offered(&self, item: ItemRef<'_>) -> bool {
        let Some(rules) = self.rules.of(item.kind()) else { return false };
        let asked = rules.part_of_everything || !self.words.is_empty() || self.definitions;
        asked && !item.facts().deleted && self.fits(item)
    }

    fn check(&self, inventories: &[&Inventory], unknown: &mut Unknown) {
        if self.words.is_empty() {
            return;
        }
        let items = || inventories.iter().flat_map(|inventory| inventory.items()).filter(|item| !item.facts().deleted);
        let known: HashSet<&str> = items().map(|item| self.word_of(item)).collect();
        for word in self.words.iter().filter(|word| !known.contains(word.as_str())) {
            let is_kind = |kind: &KindRules| self.rules.features.types_are_kinds && kind.kind.as_str() == word;
            if self.rules.kinds.iter().any(is_kind) {
                unknown.add(format!("no item is a {word}"), None);
            } else if items().any(|item| is_definition(item.kind()) && item.id() == word) {
                unknown.add(format!("the type `{word}` is defined, but has no items"), None);
            } else {
                let kinds = self.rules.kinds.iter().filter(|_| self.rules.features.types_are_kinds);
                let words = known.iter().copied().chain(kinds.map(|kind| kind.kind.as_str()));
                unknown.add(format!("no item has the type `{word}`"), suggest::for_word(word, words));
            }
        }
    }
}

fn narrow(
    selection: &Selection,
    inventories: &[&Inventory],
    types: &TypeFilter<'_>,
    left_out: &TypeFilter<'_>,
    mut picked: Vec<Vec<ItemIndex>>,
) -> Result<Vec<Vec<ItemIndex>>> {
    let search = selection.search.as_deref().map(str::to_lowercase);
    let says = |text: &str, part: &str| text.to_lowercase().contains(part);
    type Fits<'f> = Box<dyn Fn(ItemRef<'_>) -> bool + 'f>;
    let steps: [(String, bool, Fits<'_>); 5] = [
        (
            format!("--types {}", selection.types.join(" ")),
            !selection.types.is_empty(),
            Box::new(|item| types.fits(item)),
        ),
        (
            format!("--exclude-types {}", selection.exclude_types.join(" ")),
            !selection.exclude_types.is_empty(),
            Box::new(|item| !left_out.fits(item)),
        ),
        ("--only-definitions".to_owned(), selection.only_definitions, Box::new(|item| is_definition(item.kind()))),
        (
            part_options(selection),
            !selection.only.is_empty() || !selection.exclude.is_empty(),
            Box::new(|item| {
                let is_in = types.rules.of(item.kind()).is_some_and(|rules| is_in_parts(rules, selection));
                is_in && (selection.carries_media() || !is_media(item, types.rules))
            }),
        ),
        (
            format!("--search {}", selection.search.as_deref().unwrap_or_default()),
            search.is_some(),
            Box::new(|item| search.as_deref().is_none_or(|part| says(item.name(), part) || says(item.id(), part))),
        ),
    ];
    for (option, _, fits) in steps.iter().filter(|(_, given, _)| *given) {
        let before: usize = picked.iter().map(Vec::len).sum();
        for (items, inventory) in picked.iter_mut().zip(inventories) {
            items.retain(|&item| fits(inventory.item(item)));
        }
        if picked.iter().all(Vec::is_empty) {
            return Err(Error::new(
                ErrorKind::UnknownItem,
                format!("nothing is left: of {before} items none fits `{option}`"),
            )
            .hint(format!("leave `{option}` out, or widen it")));
        }
    }
    Ok(picked)
}

fn part_options(selection: &Selection) -> String {
    let list = |parts: &[Part]| parts.iter().map(|part| part.as_str()).collect::<Vec<_>>().join(",");
    match (selection.only.is_empty(), selection.exclude.is_empty()) {
        (false, true) => format!("--only {}", list(&selection.only)),
        (true, _) => format!("--exclude {}", list(&selection.exclude)),
        (false, false) => format!("--only {} --exclude {}", list(&selection.only), list(&selection.exclude)),
    }
}

/// A kind stays as long as one of its parts does; one without parts is never narrowed.
fn is_in_parts(rules: &KindRules, selection: &Selection) -> bool {
    let stays =
        |part: &Part| (selection.only.is_empty() || selection.only.contains(part)) && !selection.exclude.contains(part);
    rules.parts.is_empty() || rules.parts.iter().any(stays)
}
