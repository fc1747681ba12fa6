//! Draws the line above the footer: the finding that matters here, or how to go on.
//! Must not know: how findings come about.

use crate::model::{DependencyMode, Finding, Severity};
use crate::wording::{count, plural};
use crate::workbench::canvas::{Canvas, Rect, Target, skip, span};
use crate::workbench::panes::content::details::name_in;
use crate::workbench::panes::content::state::{State, Stock};
use crate::workbench::state::State as Workbench;
use crate::workbench::theme::Role;

pub fn draw_finding(state: &Workbench, line: Rect, canvas: &mut Canvas<'_>) {
    let content = &state.content;
    let Some(stock) = &content.stock else { return };
    if content.narrowing.typing {
        canvas.text(line, " words narrow: sync tag:billing kind: type: id: state: !not ^start end$ ~fuzzy", Role::Dim);
        return;
    }
    let line = go_on(content, line, canvas);
    if let Some(failure) = &content.needed.failure {
        let text = format!(" ✗ what comes along is not known (R tries again): {}", failure.message);
        canvas.text(line, &text, Role::Bad);
        return;
    }
    match told(content, stock) {
        Some((finding, place)) => {
            let line = match place {
                Some(place) => draw_place(place, content.needed.findings.len(), line, canvas),
                None => line,
            };
            draw_told(stock, finding, line, canvas);
        }
        None => {
            canvas.text(line, &next_step(content), Role::Dim);
        }
    }
}

/// At the right edge: what to press when something is picked. Gives what is left.
fn go_on(content: &State, line: Rect, canvas: &mut Canvas<'_>) -> Rect {
    if content.picks.items.is_empty() {
        return line;
    }
    let rest = canvas.right(line, " plan ", Role::Dim);
    let rest = canvas.right(rest, " 3", Role::Key);
    canvas.hit(Rect { x: rest.x + rest.width, width: line.width - rest.width, ..line }, Target::Command("pane.plan"));
    rest
}

/// The finding to tell, and its place among those of the picks: that of the row first.
fn told<'a>(content: &State, stock: &'a Stock) -> Option<(&'a Finding, Option<usize>)> {
    let listed = &content.needed.findings;
    let of_row: Vec<usize> = content.current().map(|item| stock.findings_of(item).collect()).unwrap_or_default();
    let told = listed.get(content.needed.told).copied();
    let at = told.filter(|at| of_row.contains(at)).or(of_row.first().copied()).or(told)?;
    let place = listed.iter().position(|other| *other == at);
    Some((stock.inventory.findings.get(at)?, place))
}

/// `1 of 2 f`, at the right edge. Gives what is left.
fn draw_place(place: usize, all: usize, line: Rect, canvas: &mut Canvas<'_>) -> Rect {
    if all < 2 {
        return line;
    }
    let rest = canvas.right(line, " next ", Role::Dim);
    let rest = canvas.right(rest, " f", Role::Key);
    let rest = canvas.right(rest, &format!("  {} of {}", count(place as u64 + 1), count(all as u64)), Role::Dim);
    canvas.hit(
        Rect { x: rest.x + rest.width, width: line.width - rest.width, ..line },
        Target::Command("content.finding"),
    );
    rest
}

fn draw_told(stock: &Stock, finding: &Finding, line: Rect, canvas: &mut Canvas<'_>) {
    let (sign, role) = match finding.severity {
        Severity::Info => ("i", Role::Info),
        Severity::Warning => ("!", Role::Warning),
        Severity::Blocking => ("✗", Role::Bad),
    };
    let name = name_in(stock, finding);
    let used = canvas.line(line, &[span(format!(" {sign} "), role), span(name.unwrap_or_default(), Role::Strong)]);
    let text = if name.is_some() { format!(": {}", finding.message) } else { finding.message.clone() };
    canvas.text(skip(line, used), &text, role);
}

/// What a person can do next, where nothing needs to be told.
fn next_step(content: &State) -> String {
    let picked = content.picks.items.len() as u64;
    if picked == 0 {
        return " Pick what is to be moved: space, a for all shown, u by id; tab for the groups.".to_owned();
    }
    let needed = match content.needed.items.len() as u64 {
        0 => String::new(),
        _ if content.dependencies == Some(DependencyMode::None) => String::new(),
        needed => format!(", {} more with them", count(needed)),
    };
    format!(" {} picked{needed}. Press 3 to see what would happen to each.", plural(picked, "item"))
}
