//! What rows tell of their documents and files beyond a name: languages and states, dimensions and folders. Gathered row
//! by row, since the rows of a document lie far apart, and settled once all were seen.
//! Must not know: lines, archives.

use hashbrown::HashMap;

use crate::model::{FileInfo, Inventory, ItemIndex, Version, VersionState};
use crate::platforms::strapi::row::RowFacts;

/// A project has a few languages; what has more than this was made to fill the memory.
const MOST_WORDS: usize = 10_000;
/// Words are kept in memory, so none may be endless.
const LONGEST: usize = 255;
/// Folders in folders; what goes round ends here.
const DEEPEST: usize = 64;

type Word = u16;
const NO_WORD: Word = Word::MAX;

/// One row of a document that has languages or drafts.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Milliseconds since 1970.
    updated: i64,
    item: ItemIndex,
    locale: Word,
    form: Form,
}

/// In the order in which the rows of one language are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Plain,
    Draft,
    Published,
}

#[derive(Clone, Copy, Debug)]
struct File {
    bytes: Option<u64>,
    item: ItemIndex,
    width: Option<u32>,
    height: Option<u32>,
    mime: Word,
    folder: Word,
}

/// Words that occur often, stored once.
#[derive(Debug, Default)]
struct Words {
    words: Vec<Box<str>>,
    known: HashMap<Box<str>, Word>,
}

impl Words {
    /// `NO_WORD` for no word, and for one too many.
    fn number(&mut self, word: Option<&str>) -> Word {
        let Some(word) = word.filter(|word| !word.is_empty() && word.len() <= LONGEST) else { return NO_WORD };
        if let Some(&number) = self.known.get(word) {
            return number;
        }
        if self.words.len() >= MOST_WORDS {
            return NO_WORD;
        }
        let number = self.words.len() as Word;
        self.words.push(word.into());
        self.known.insert(word.into(), number);
        number
    }

    fn word(&self, number: Word) -> Option<&str> {
        self.words.get(usize::from(number)).map(|word| &**word)
    }
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Told {
    rows: Vec<Seen>,
    files: Vec<File>,
    words: Words,
    /// Names of folders by the numbers that lead to them.
    folders: HashMap<Box<str>, Box<str>>,
}

impl Told {
    /// Takes in a row of a document. What has neither languages nor drafts tells nothing.
    pub fn row(&mut self, item: ItemIndex, facts: &RowFacts<'_>, draftless: bool) {
        let locale = serde_json::from_str::<Option<&str>>(facts.locale).ok().flatten();
        let form = match facts.published.filter(|_| !draftless) {
            None => Form::Plain,
            Some(false) => Form::Draft,
            Some(true) => Form::Published,
        };
        let locale = self.words.number(locale);
        if locale != NO_WORD || form != Form::Plain {
            self.rows.push(Seen { updated: facts.updated.unwrap_or(i64::MIN), item, locale, form });
        }
    }

    /// Takes in the row of a file.
    pub fn file(&mut self, item: ItemIndex, facts: &RowFacts<'_>) {
        let file = &facts.file;
        let mime = self.words.number(file.mime.as_deref());
        let folder = self.words.number(file.folder.as_deref());
        self.files.push(File { bytes: file.main, item, width: file.width, height: file.height, mime, folder });
    }

    /// Takes in what a folder is called, and the numbers that lead to it.
    pub fn folder(&mut self, path: &str, name: &str) {
        if self.folders.len() < MOST_WORDS && path.len() <= LONGEST && name.len() <= LONGEST {
            self.folders.insert(path.into(), name.into());
        }
    }

    /// Tells the inventory.
    pub fn settle(mut self, inventory: &mut Inventory) {
        let words = self.words;
        self.rows.sort_unstable_by(|a, b| {
            let key = |row: &Seen| (row.item, words.word(row.locale), row.form, row.updated);
            key(a).cmp(&key(b))
        });
        for rows in self.rows.chunk_by(|a, b| (a.item, a.locale) == (b.item, b.locale)) {
            let version = Version { locale: words.word(rows[0].locale), state: state_of(rows) };
            inventory.add_version(rows[0].item, version);
        }
        for file in self.files {
            let folder = words.word(file.folder).and_then(|path| folder_named(&self.folders, path));
            let info = FileInfo {
                mime: words.word(file.mime),
                dimensions: file.width.zip(file.height),
                bytes: file.bytes,
                folder: folder.as_deref(),
            };
            inventory.add_file(file.item, info);
        }
    }
}

/// Of the rows of one language of a document, sorted by form. A draft that is newer than what is published was changed
/// since, as the content manager of 5.54.0 has it.
fn state_of(rows: &[Seen]) -> Option<VersionState> {
    let newest = |form: Form| rows.iter().filter(|row| row.form == form).map(|row| row.updated).max();
    match (newest(Form::Draft), newest(Form::Published)) {
        (None, None) => None,
        (Some(_), None) => Some(VersionState::Draft),
        (Some(draft), Some(published)) if draft > published => Some(VersionState::Modified),
        (_, Some(_)) => Some(VersionState::Published),
    }
}

/// `/1/4` as people see it: `API Uploads/Covers`. `None` where a folder on the way is unknown.
fn folder_named(folders: &HashMap<Box<str>, Box<str>>, path: &str) -> Option<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|&at| at > 0).chain([path.len()]);
    let names: Option<Vec<&str>> =
        ends.take(DEEPEST).map(|end| folders.get(&path[..end]).map(|name| &**name)).collect();
    names.map(|names| names.join("/")).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn seen(form: Form, updated: i64) -> Seen {
        Seen { updated, item: 0, locale: NO_WORD, form }
    }

    #[rstest]
    #[case::no_drafts(&[seen(Form::Plain, 1)], None)]
    #[case::never_published(&[seen(Form::Draft, 9)], Some(VersionState::Draft))]
    #[case::without_a_draft(&[seen(Form::Published, 1)], Some(VersionState::Published))]
    #[case::published_at_once(&[seen(Form::Draft, 5), seen(Form::Published, 5)], Some(VersionState::Published))]
    #[case::published_later(&[seen(Form::Draft, 5), seen(Form::Published, 6)], Some(VersionState::Published))]
    #[case::changed_since(&[seen(Form::Draft, 7), seen(Form::Published, 6)], Some(VersionState::Modified))]
    fn a_state_comes_of_both_rows(#[case] rows: &[Seen], #[case] state: Option<VersionState>) {
        assert_eq!(state_of(rows), state);
    }

    #[test]
    fn folders_are_named_by_the_way_that_leads_to_them() {
        let mut told = Told::default();
        told.folder("/1", "API Uploads");
        told.folder("/1/4", "Covers");
        let named = |path| folder_named(&told.folders, path);
        assert_eq!(named("/1/4").as_deref(), Some("API Uploads/Covers"));
        assert_eq!(named("/1").as_deref(), Some("API Uploads"));
        assert_eq!([named("/"), named(""), named("/2"), named("/2/4")], [None, None, None, None]);
    }
}
