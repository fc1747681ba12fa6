//! What is told of one item: what a listing knows, what it needs and what needs it, findings, its content.
//! Must not know: how wide the screen is.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::state::{Content, State, Stock};
use crate::model::{Finding, Inventory, ItemIndex, ItemRef, Kind, ReferenceView, VersionState};
use crate::wording::{ago, bytes, count, file_sentence};
use crate::workbench::canvas::wrap;
use crate::workbench::theme::Role;

/// Neighbours that are listed by name.
const NAMED: usize = 200;
/// Columns that sentences are broken at.
const COLUMNS: usize = 76;

/// A line of the details.
#[derive(Clone, Debug, Default)]
pub struct Line(pub Vec<(String, Role)>);

impl Line {
    fn of(text: impl Into<String>, role: Role) -> Self {
        Line(vec![(text.into(), role)])
    }

    fn heading(text: impl Into<String>) -> Self {
        Line::of(text, Role::Heading)
    }
}

/// An item that another refers to, or is referred to by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    pub kind: Kind,
    pub name: String,
    /// The location has it.
    pub here: bool,
}

/// What examination tells of an item.
#[derive(Clone, Debug, Default)]
pub struct Near {
    /// `None` until the item was examined.
    pub needs: Option<Vec<Neighbour>>,
    /// What it needs of a destination beyond items.
    pub requirements: Vec<String>,
    pub needed_by: Vec<Neighbour>,
    /// As far as they matter for this item.
    pub findings: Vec<Finding>,
}

/// What an item needs and what needs it. Looks at every item, so only effects call it. `views` are the references of the
/// item as far as they are known.
pub fn near<'a>(
    inventory: &Inventory,
    item: ItemIndex,
    views: Option<impl Iterator<Item = ReferenceView<'a>>>,
) -> Near {
    let own = inventory.item(item);
    Near {
        needs: views.map(|views| views.map(|view| neighbour(inventory, view)).collect()),
        requirements: own.needs().map(str::to_owned).collect(),
        needed_by: needed_by(inventory, own),
        findings: Vec::new(),
    }
}

fn neighbour(inventory: &Inventory, view: ReferenceView<'_>) -> Neighbour {
    match view {
        ReferenceView::Id { kind, type_, id, .. } => match inventory.lookup(kind, type_, id) {
            Some(item) => Neighbour { kind, name: called(item).to_owned(), here: true },
            None => Neighbour { kind, name: id.to_owned(), here: false },
        },
        ReferenceView::Name { kind, name } => {
            let here =
                inventory.items().any(|item| item.kind() == kind && item.name() == name && !item.facts().deleted);
            Neighbour { kind, name: name.to_owned(), here }
        }
    }
}

fn needed_by(inventory: &Inventory, own: ItemRef<'_>) -> Vec<Neighbour> {
    let refers = |view: ReferenceView<'_>| match view {
        ReferenceView::Id { item, .. } => item == Some(own.index()),
        ReferenceView::Name { kind, name } => kind == own.kind() && name == own.name(),
    };
    let others = inventory.items().filter(|item| item.index() != own.index() && !item.facts().deleted);
    others
        .filter(|item| item.reference_views().any(refers))
        .map(|item| Neighbour { kind: item.kind(), name: called(item).to_owned(), here: true })
        .collect()
}

/// What a state looks like.
pub fn role_of_state(state: Option<VersionState>) -> Role {
    match state {
        Some(VersionState::Published) => Role::Good,
        Some(VersionState::Modified) => Role::Warning,
        Some(VersionState::Draft) => Role::Info,
        Some(VersionState::Archived) => Role::Dim,
        None => Role::Text,
    }
}

/// Each language with its state, in words.
fn versions(item: ItemRef<'_>) -> Vec<Line> {
    let line = |version: crate::model::Version<'_>| {
        let words = match version.state {
            Some(VersionState::Draft) => "draft, never published",
            Some(VersionState::Published) => "published",
            Some(VersionState::Archived) => "archived: kept, and no longer public",
            Some(VersionState::Modified) => "published; the draft changed since (modified)",
            None => "",
        };
        let locale = version.locale.map_or_else(String::new, |locale| format!("{locale}  "));
        Line(vec![(locale, Role::Strong), (words.to_owned(), role_of_state(version.state))])
    };
    let all = item.versions();
    let left = all.len().saturating_sub(NAMED);
    let mut lines: Vec<_> = all.take(NAMED).map(line).collect();
    if left > 0 {
        lines.push(Line::of(format!("and {} more languages", count(left as u64)), Role::Dim));
    }
    lines
}

/// What is known of the file: kind, dimensions, size, folder.
fn file(item: ItemRef<'_>) -> Vec<Line> {
    let Some(file) = item.file() else { return Vec::new() };
    let mut lines = Vec::new();
    let words = file_sentence(&file);
    if !words.is_empty() {
        lines.push(Line::of(words, Role::Text));
    }
    if let Some(own) = file.bytes {
        let whole = if item.size() > own { format!(" · {} in all", bytes(item.size())) } else { String::new() };
        lines.push(Line(vec![(bytes(own), Role::Text), (whole, Role::Dim)]));
    }
    if let Some(folder) = file.folder {
        lines.push(Line(vec![("folder ".to_owned(), Role::Dim), (folder.to_owned(), Role::Text)]));
    }
    lines
}

/// What an item is called on the screen: its name, or its id where it has none.
pub fn called(item: ItemRef<'_>) -> &str {
    if item.name().is_empty() { item.id() } else { item.name() }
}

/// What the item of a finding is called, where the finding itself does not say so.
pub fn name_in<'a>(stock: &'a Stock, finding: &Finding) -> Option<&'a str> {
    let item = finding.item.as_ref().and_then(|key| stock.inventory.find(key));
    item.map(called).filter(|name| !finding.message.contains(name))
}

/// What examination tells, as lines.
pub fn near_lines(near: &Near) -> Vec<Line> {
    let mut lines = Vec::new();
    for finding in &near.findings {
        for (at, text) in wrap(&crate::model::text::printable(&finding.message), COLUMNS).into_iter().enumerate() {
            let sign = if at == 0 { "! " } else { "  " };
            lines.push(Line::of(format!("{sign}{text}"), Role::of_severity(finding.severity)));
        }
    }
    match &near.needs {
        None => lines.push(Line::of("needs: known once it was read", Role::Dim)),
        Some(needs) if needs.is_empty() && near.requirements.is_empty() => {
            lines.push(Line::of("needs nothing", Role::Dim));
        }
        Some(needs) => {
            lines.push(Line::heading("needs"));
            lines.extend(neighbours(needs));
            let requirements = near.requirements.iter();
            lines.extend(requirements.map(|word| Line::of(format!(" ◦ {word} at the destination"), Role::Dim)));
        }
    }
    if near.needed_by.is_empty() {
        lines.push(Line::of("needed by nothing known", Role::Dim));
    } else {
        lines.push(Line::heading("needed by"));
        lines.extend(neighbours(&near.needed_by));
    }
    lines
}

fn neighbours(list: &[Neighbour]) -> Vec<Line> {
    let line = |neighbour: &Neighbour| {
        let (note, role) = match neighbour.here {
            true => (format!("  {}", neighbour.kind), Role::Dim),
            false => (format!("  {} that is not here", neighbour.kind), Role::Warning),
        };
        Line(vec![(" ◦ ".to_owned(), Role::Dim), (neighbour.name.clone(), Role::Text), (note, role)])
    };
    let mut lines: Vec<_> = list.iter().take(NAMED).map(line).collect();
    if list.len() > NAMED {
        lines.push(Line::of(format!("   and {} more", count((list.len() - NAMED) as u64)), Role::Dim));
    }
    lines
}

/// What the listing tells.
fn head(item: ItemRef<'_>, now: Timestamp, zone: &TimeZone) -> Vec<Line> {
    let facts = item.facts();
    let what = match item.type_title() {
        Some(title) => format!("{} · {title}", item.kind()),
        None => item.kind().to_string(),
    };
    let mut lines = vec![Line::of(called(item), Role::Strong), Line::of(what, Role::Text)];
    lines.extend(versions(item));
    lines.extend(file(item));
    lines.extend(item.type_().filter(|_| item.type_title() != item.type_()).map(|type_| Line::of(type_, Role::Dim)));
    if !item.name().is_empty() {
        lines.push(Line::of(item.id(), Role::Dim));
    }
    let tags: Vec<_> = item.tags().collect();
    if !tags.is_empty() {
        lines.push(Line(vec![("tags ".to_owned(), Role::Dim), (tags.join(", "), Role::Text)]));
    }
    if let Some(updated) = facts.updated.and_then(|time| Timestamp::from_millisecond(time).ok()) {
        let date = updated.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        lines.push(Line(vec![
            (format!("updated {}", ago(updated, now)), Role::Text),
            (format!(" · {date}"), Role::Dim),
        ]));
    }
    if item.size() > 0 && item.file().is_none_or(|file| file.bytes.is_none()) {
        lines.push(Line::of(bytes(item.size()), Role::Text));
    }
    for (is, text) in [(facts.locked, "locked"), (facts.without_value, "without value")] {
        lines.extend(is.then(|| Line::of(text, Role::Warning)));
    }
    lines
}

/// All lines about the item under the cursor, those of its content as they are asked for.
#[derive(Debug)]
pub struct Lines<'a> {
    head: Vec<Line>,
    near: &'a [Line],
    content: &'a Content,
    /// What stands above the content, or instead of it.
    note: Vec<Line>,
}

impl<'a> Lines<'a> {
    pub fn of(state: &'a State, now: Timestamp, zone: &TimeZone) -> Self {
        let Some(item) = state.current_item() else {
            return Lines { head: Vec::new(), near: &[], content: &Content::Unknown, note: Vec::new() };
        };
        let details = &state.details;
        let is_known = details.item == Some(item.index());
        let content = if is_known { &details.content } else { &Content::Unknown };
        let near = if is_known { &details.near[..] } else { &[] };
        Lines { head: head(item, now, zone), near, content, note: note(content, now) }
    }

    pub fn len(&self) -> usize {
        self.head.len() + self.near.len() + self.note.len() + self.content_lines().map_or(0, <[String]>::len)
    }

    pub fn line(&self, at: usize) -> Line {
        let parts: Vec<&Line> = self.head.iter().chain(self.near).chain(&self.note).collect();
        match parts.get(at) {
            Some(line) => (*line).clone(),
            None => {
                let text = self.content_lines().and_then(|lines| lines.get(at - parts.len()));
                text.map_or_else(Line::default, |text| Line::of(text.clone(), Role::Text))
            }
        }
    }

    fn content_lines(&self) -> Option<&'a [String]> {
        match self.content {
            Content::Read { pretty, .. } => Some(&pretty.lines),
            _ => None,
        }
    }
}

fn note(content: &Content, now: Timestamp) -> Vec<Line> {
    match content {
        Content::Unknown => Vec::new(),
        Content::Unasked => vec![Line::heading("content"), Line::of("enter reads it (takes a while)", Role::Dim)],
        Content::Reading(since) => {
            let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
            vec![Line::heading("content"), Line::of(format!("reading … {seconds} s"), Role::Dim)]
        }
        Content::Read { pretty, .. } => {
            let mut lines = vec![Line::heading("content")];
            if pretty.left_out > 0 {
                let shown = count(pretty.lines.len() as u64);
                let text = format!("the first {shown} lines; {} are not shown", bytes(pretty.left_out as u64));
                lines.push(Line::of(text, Role::Warning));
            }
            lines
        }
        Content::Failed(failure) => {
            let text = [Some(failure.message.as_str()), failure.hint.as_deref()].into_iter().flatten();
            let lines = text.flat_map(|text| wrap(&crate::model::text::printable(text), COLUMNS));
            std::iter::once(Line::heading("content")).chain(lines.map(|line| Line::of(line, Role::Bad))).collect()
        }
    }
}
