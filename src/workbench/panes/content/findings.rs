//! Findings about what is picked: which of them matter, and going from one to the next.
//! Must not know: how findings come about.

use super::details;
use super::state::{State, Stock};
use crate::model::{Finding, ItemIndex};
use crate::workbench::canvas::ListId;
use crate::workbench::effect;
use crate::workbench::shell::Notice;
use crate::workbench::state::State as Workbench;
use crate::workbench::update;
use crate::workbench::widgets::Move;

/// Which findings matter: those about the picks and what comes along, and those about nothing in particular.
pub fn tell(state: &mut Workbench) {
    let State { stock, picks, needed, .. } = &mut state.content;
    let Some(stock) = stock else { return };
    let matters = |item: ItemIndex| picks.items.has(item) || needed.items.has(item);
    let about = stock.arranged.found.iter().filter(|(item, _)| matters(*item)).map(|(_, at)| *at);
    let mut findings: Vec<usize> = about.chain(stock.arranged.general.iter().copied()).collect();
    let severity = |at: &usize| stock.inventory.findings.get(*at).map(|finding| finding.severity);
    findings.sort_by_key(|at| (std::cmp::Reverse(severity(at)), *at));
    (needed.findings, needed.told) = (findings, 0);
}

/// Tells the next finding whole, and goes to what it is about. The filter and the groups stay: where they hide it, that is
/// told too, with the way out.
pub fn next(state: &mut Workbench) -> Vec<effect::Effect> {
    let State { stock, needed, shown, look, .. } = &mut state.content;
    let Some(stock) = stock else { return Vec::new() };
    let item_of = |finding: usize| stock.arranged.found.iter().find(|(_, at)| *at == finding).map(|(item, _)| *item);
    let row_of = |finding: usize| shown.iter().position(|&other| Some(other) == item_of(finding));
    let Some(&told) = needed.findings.get(needed.told) else { return Vec::new() };
    // Where the one that is told already is in the list, the first press goes there.
    let row = row_of(told).filter(|row| *row != look.items.at).or_else(|| {
        needed.told = (needed.told + 1) % needed.findings.len();
        row_of(needed.findings[needed.told])
    });
    look.focus = ListId::Items;
    let at = needed.findings[needed.told];
    let is_hidden = row.is_none() && item_of(at).is_some();
    let finding = stock.inventory.findings.get(at);
    if let Some(notice) = finding.map(|finding| notice_of(stock, finding, is_hidden)) {
        state.tell(notice);
    }
    row.map_or_else(Vec::new, |row| update::go(state, Move::To(row)))
}

/// A finding without anything cut.
fn notice_of(stock: &Stock, finding: &Finding, is_hidden: bool) -> Notice {
    let text = match details::name_in(stock, finding) {
        Some(name) => format!("{name}: {}", finding.message),
        None => finding.message.clone(),
    };
    let mut notice = Notice::info(text);
    notice.severity = finding.severity;
    match is_hidden {
        true => notice.hint("the list does not show it: esc takes filter and groups away"),
        false => notice,
    }
}
