//! Which rows of a plan a filter lets through.
//! Must not know: the state of the pane. Goes through all rows: away from the screen.

use super::rows::Rows;
use super::sheet::Sheet;
use crate::model::{Inventory, ItemIndex, MatchMethod, Reason};

/// The filter that one key goes round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quick {
    #[default]
    All,
    Written,
    Skipped,
    Findings,
    Edited,
}

impl Quick {
    pub fn next(self) -> Self {
        match self {
            Quick::All => Quick::Written,
            Quick::Written => Quick::Skipped,
            Quick::Skipped => Quick::Findings,
            Quick::Findings => Quick::Edited,
            Quick::Edited => Quick::All,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Quick::All => "all",
            Quick::Written => "written",
            Quick::Skipped => "skipped",
            Quick::Findings => "with findings",
            Quick::Edited => "edited",
        }
    }
}

/// What is typed into the filter, and the quick one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub text: String,
    pub quick: Quick,
}

/// A word of the filter: `decision:skip`, `reason:…`, `match:…`, `kind:…`, `finding:…`, `tag:…`, or a part of name, id or tag.
enum Word {
    Decision(String),
    Reason(String),
    Match(String),
    Kind(String),
    Finding(String),
    Tag(String),
    Text(String),
}

impl Word {
    fn new(word: &str) -> Word {
        let word = word.to_lowercase();
        match word.split_once(':') {
            Some(("decision", rest)) => Word::Decision(rest.to_owned()),
            Some(("reason", rest)) => Word::Reason(rest.to_owned()),
            Some(("match", rest)) => Word::Match(rest.to_owned()),
            Some(("kind", rest)) => Word::Kind(rest.to_owned()),
            Some(("finding", rest)) => Word::Finding(rest.to_owned()),
            Some(("tag", rest)) => Word::Tag(rest.to_owned()),
            _ => Word::Text(word),
        }
    }

    fn fits(&self, sheet: &Sheet, row: u32) -> bool {
        let item = sheet.item(row);
        match self {
            Word::Decision(word) => item.decision.as_str().starts_with(word.as_str()),
            Word::Reason(word) => item.reason.as_str().starts_with(word.as_str()),
            Word::Match(word) => match item.match_ {
                MatchMethod::Unmatched => "none".starts_with(word.as_str()) || "unmatched".starts_with(word.as_str()),
                method => method.as_str().starts_with(word.as_str()),
            },
            Word::Kind(word) => item.key.kind.as_str().starts_with(word.as_str()),
            Word::Finding(word) => sheet
                .findings_of(row)
                .any(|finding| finding.code.contains(word.as_str()) || finding.severity.as_str() == word),
            Word::Tag(word) => item.tags.iter().any(|tag| tag.to_lowercase().contains(word.as_str())),
            Word::Text(word) => sheet.text_of(row).contains(word.as_str()) || item.key.kind.as_str() == word.as_str(),
        }
    }

    /// Of an item that no plan touches only what it is called can be asked.
    fn fits_extra(&self, inventory: &Inventory, item: ItemIndex) -> bool {
        let item = inventory.item(item);
        match self {
            Word::Kind(word) => item.kind().as_str().starts_with(word.as_str()),
            Word::Text(word) => {
                item.name().to_lowercase().contains(word.as_str()) || item.id().to_lowercase().contains(word.as_str())
            }
            _ => false,
        }
    }
}

/// The rows to show, in the order of the plan.
pub fn sift(sheet: &Sheet, query: &Query, extras: &[ItemIndex]) -> Rows {
    let words: Vec<Word> = query.text.split_whitespace().map(Word::new).collect();
    let quick = |row: u32| match query.quick {
        Quick::All => true,
        Quick::Written => sheet.item(row).is_written(),
        Quick::Skipped => !sheet.item(row).is_written(),
        Quick::Findings => sheet.findings_of(row).len() > 0,
        Quick::Edited => sheet.decided[row as usize].is_some() || sheet.item(row).reason == Reason::Mapped,
    };
    let rows = 0..sheet.len() as u32;
    let items = rows.filter(|&row| quick(row) && words.iter().all(|word| word.fits(sheet, row))).collect();
    let destination = sheet.survey().map(|survey| &survey.destination);
    let extras = match (query.quick, destination) {
        (Quick::All, Some(destination)) => {
            let fits = |item: &&ItemIndex| words.iter().all(|word| word.fits_extra(destination, **item));
            extras.iter().filter(fits).copied().collect()
        }
        _ => Vec::new(),
    };
    Rows { items, extras }
}
