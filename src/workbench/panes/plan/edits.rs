//! What a person decided beside the policy: decisions and mappings, with undo and redo.
//! Must not know: the screen; whether a decision is legal is asked of the planner, here and when it is planned again.

use std::collections::BTreeMap;

use super::sheet::{Counts, Sheet};
use crate::model::{Decision, ItemKey};
use crate::planner;

/// Undone edits and edits to undo beyond this are forgotten.
const REMEMBERED: usize = 1_000;

/// What is decided for a row by a person, and what the screen says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    wanted: Option<Decision>,
    shown: Decision,
}

/// One edit, to be taken back whole.
#[derive(Clone, Debug)]
pub struct Step {
    /// `overwrite: 3 items`.
    pub said: String,
    rows: Vec<(u32, Cell, Cell)>,
    map: Option<(ItemKey, Option<String>, Option<String>)>,
    number: u64,
}

/// The edits of a plan.
#[derive(Debug, Default)]
pub struct Edits {
    /// By row of the newest sheet.
    wanted: Vec<Option<Decision>>,
    /// What the screen says before it was planned again.
    ahead: Vec<Option<Decision>>,
    map: BTreeMap<ItemKey, String>,
    counts: Counts,
    decided: usize,
    undo: Vec<Step>,
    redo: Vec<Step>,
    number: u64,
    /// The newest edit that a plan was made with.
    settled: u64,
}

/// Which rows may be decided so, and why the others may not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Judged {
    pub allowed: Vec<u32>,
    /// Reasons with how often each.
    pub refused: Vec<(String, usize)>,
}

/// Asks the planner of each row.
pub fn judge(sheet: &Sheet, rows: &[u32], decision: Decision) -> Judged {
    let mut judged = Judged::default();
    for &row in rows {
        let legal = planner::legal(sheet.item(row), sheet.rules());
        match legal.into_iter().find(|(other, _)| *other == decision) {
            Some((_, Ok(()))) => judged.allowed.push(row),
            Some((_, Err(why))) => match judged.refused.iter_mut().find(|(known, _)| *known == why) {
                Some((_, count)) => *count += 1,
                None => judged.refused.push((why, 1)),
            },
            None => {}
        }
    }
    judged
}

impl Edits {
    /// A plan was made with all edits: what it says is true now.
    pub fn settle(&mut self, sheet: &Sheet) {
        self.load(sheet);
        self.settled = self.number;
    }

    /// The plan could not be made: back to what the newest one was made with.
    pub fn give_up(&mut self, sheet: &Sheet) {
        self.undo.retain(|step| step.number <= self.settled);
        self.redo.clear();
        self.load(sheet);
    }

    fn load(&mut self, sheet: &Sheet) {
        self.wanted.clone_from(&sheet.decided);
        self.map.clone_from(&sheet.plan().options.map);
        self.ahead.clear();
        self.ahead.resize(sheet.len(), None);
        self.counts = sheet.counts;
        self.decided = self.wanted.iter().flatten().count();
    }

    /// Rows are elsewhere in a plan of other items; what was decided for items that are gone is forgotten.
    pub fn move_rows(&mut self, moved: &[Option<u32>]) {
        let place = |row: u32| moved.get(row as usize).copied().flatten();
        for step in self.undo.iter_mut().chain(&mut self.redo) {
            step.rows.retain_mut(|(row, ..)| place(*row).map(|new| *row = new).is_some());
        }
        let empty = |step: &Step| step.rows.is_empty() && step.map.is_none();
        self.undo.retain(|step| !empty(step));
        self.redo.retain(|step| !empty(step));
    }

    /// What the screen says of a row.
    pub fn shown(&self, sheet: &Sheet, row: u32) -> Decision {
        self.ahead.get(row as usize).copied().flatten().unwrap_or_else(|| sheet.item(row).decision)
    }

    pub fn wanted(&self, row: u32) -> Option<Decision> {
        self.wanted.get(row as usize).copied().flatten()
    }

    /// Whether the plan has yet to be made again for what the screen says of a row.
    pub fn is_ahead(&self, row: u32) -> bool {
        self.ahead.get(row as usize).copied().flatten().is_some()
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How much a person decided.
    pub fn decided(&self) -> usize {
        self.decided + self.map.len()
    }

    pub fn wanted_rows(&self) -> Vec<Option<Decision>> {
        self.wanted.clone()
    }

    pub fn map(&self) -> &BTreeMap<ItemKey, String> {
        &self.map
    }

    /// Decides for rows that were judged.
    pub fn decide(&mut self, sheet: &Sheet, rows: &[u32], decision: Decision) {
        let rows = self.changes(sheet, rows, Some(decision));
        self.make(sheet, Step { said: said(decision.as_str(), rows.len()), rows, map: None, number: 0 });
    }

    /// Leaves rows to the policy again. Gives how many of them a person had decided.
    pub fn leave_to_policy(&mut self, sheet: &Sheet, rows: &[u32]) -> usize {
        let decided: Vec<u32> = rows.iter().copied().filter(|&row| self.wanted(row).is_some()).collect();
        let only = if let [only] = rows { Some(&sheet.item(*only).key) } else { None };
        let map = only.and_then(|key| Some((key.clone(), Some(self.map.get(key)?.clone()), None)));
        let count = decided.len().max(usize::from(map.is_some()));
        if count > 0 {
            let rows = self.changes(sheet, &decided, None);
            self.make(sheet, Step { said: said("as the policy says", count), rows, map, number: 0 });
        }
        count
    }

    /// Says which item of the destination stands for one of the source.
    pub fn map_to(&mut self, sheet: &Sheet, key: &ItemKey, id: &str) {
        let before = self.map.get(key).cloned();
        let said = format!("mapped: {}", sheet.row(key).map_or("", |row| &sheet.item(row).name));
        let map = Some((key.clone(), before, Some(id.to_owned())));
        self.make(sheet, Step { said, rows: Vec::new(), map, number: 0 });
    }

    /// Takes the newest edit back; gives what it said.
    pub fn undo(&mut self, sheet: &Sheet) -> Option<String> {
        let step = self.undo.pop()?;
        step.rows.iter().for_each(|&(row, before, _)| self.set(sheet, row, before));
        self.set_map(step.map.as_ref().map(|(key, before, _)| (key, before)));
        self.number += 1;
        let said = step.said.clone();
        self.redo.push(step);
        Some(said)
    }

    pub fn redo(&mut self, sheet: &Sheet) -> Option<String> {
        let mut step = self.redo.pop()?;
        step.rows.iter().for_each(|&(row, _, after)| self.set(sheet, row, after));
        self.set_map(step.map.as_ref().map(|(key, _, after)| (key, after)));
        self.number += 1;
        step.number = self.number;
        let said = step.said.clone();
        self.undo.push(step);
        Some(said)
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    fn changes(&self, sheet: &Sheet, rows: &[u32], wanted: Option<Decision>) -> Vec<(u32, Cell, Cell)> {
        let change = |&row: &u32| {
            let before = Cell { wanted: self.wanted(row), shown: self.shown(sheet, row) };
            // What the policy says of it is known only when it is planned again.
            (row, before, Cell { wanted, shown: wanted.unwrap_or(before.shown) })
        };
        rows.iter().map(change).collect()
    }

    fn make(&mut self, sheet: &Sheet, mut step: Step) {
        step.rows.iter().for_each(|&(row, _, after)| self.set(sheet, row, after));
        self.set_map(step.map.as_ref().map(|(key, _, after)| (key, after)));
        self.number += 1;
        step.number = self.number;
        self.undo.push(step);
        if self.undo.len() > REMEMBERED {
            self.undo.remove(0);
        }
        self.redo.clear();
    }

    fn set(&mut self, sheet: &Sheet, row: u32, cell: Cell) {
        self.counts.take(self.shown(sheet, row));
        self.counts.add(cell.shown);
        if let (Some(wanted), Some(ahead)) = (self.wanted.get_mut(row as usize), self.ahead.get_mut(row as usize)) {
            self.decided -= usize::from(wanted.is_some());
            self.decided += usize::from(cell.wanted.is_some());
            (*wanted, *ahead) = (cell.wanted, Some(cell.shown));
        }
    }

    fn set_map(&mut self, change: Option<(&ItemKey, &Option<String>)>) {
        match change {
            Some((key, Some(id))) => drop(self.map.insert(key.clone(), id.clone())),
            Some((key, None)) => drop(self.map.remove(key)),
            None => {}
        }
    }
}

fn said(what: &str, count: usize) -> String {
    format!("{what}: {}", crate::wording::plural(count as u64, "item"))
}
