//! A plan as the pane shows it: whatever a frame looks up is laid out by row beforehand.
//! Must not know: the state of the pane, or how a plan is made. Built away from the screen: it goes through all items.

use std::collections::{BTreeMap, HashMap};

use super::schemas::SchemaLines;
use crate::engine::Survey;
use crate::model::{
    Decision, Finding, Forecast, ItemKey, Kind, Plan, PlanItem, PlanOptions, Reason, Rules, Severity, code,
};
use crate::platforms;
use crate::workbench::ends::{DestinationEnd, Location};

/// What is planned: from where, to where, what and how.
#[derive(Clone, Debug)]
pub struct Asked {
    pub source: Location,
    pub destination: DestinationEnd,
    pub options: PlanOptions,
}

/// Where the plan comes from.
#[derive(Debug)]
pub enum Basis {
    /// Two inventories, so that it can be planned again between them.
    Survey(Box<Survey>),
    /// What an export would write, with its bytes.
    Export { plan: Box<Plan>, bytes: u64 },
}

/// What making the plan cost, by which a run is guessed, and what is known only outside of the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// Requests that looking at both ends took, and for how long.
    pub requests: u64,
    pub seconds: f64,
    /// What a run writes at once, so many times.
    pub steps: u64,
    /// What the destination itself foresees from the first write on.
    pub forecast: Option<Forecast>,
    /// Where snapshots go.
    pub snapshots: String,
    /// The output of an export exists already.
    pub output_exists: bool,
}

impl Outlook {
    /// Requests of a run: it looks at both ends again before it writes, and at the destination when it has written; what
    /// is written at once is sent, waited for and looked at.
    pub fn expected_requests(&self) -> u64 {
        match self.forecast {
            Some(forecast) => self.requests + forecast.requests,
            None => self.requests + self.requests.div_ceil(2) + 3 * self.steps,
        }
    }

    pub fn expected_seconds(&self) -> f64 {
        let each = self.seconds / self.requests.max(1) as f64;
        match self.forecast.and_then(|forecast| forecast.seconds(forecast.requests)) {
            Some(seconds) => self.seconds + seconds,
            None => each * self.expected_requests() as f64,
        }
    }
}

/// Items by decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; 4]);

impl Counts {
    pub fn of(&self, decision: Decision) -> u64 {
        self.0[decision as usize]
    }

    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }

    pub fn written(&self) -> u64 {
        self.all() - self.of(Decision::Skip)
    }

    pub fn add(&mut self, decision: Decision) {
        self.0[decision as usize] += 1;
    }

    pub fn take(&mut self, decision: Decision) {
        self.0[decision as usize] = self.0[decision as usize].saturating_sub(1);
    }
}

/// A line of the list of effects and findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    Effect(usize),
    Finding(usize),
}

/// A plan with its look-ups.
#[derive(Debug)]
pub struct Sheet {
    pub asked: Asked,
    basis: Basis,
    pub outlook: Outlook,
    pub counts: Counts,
    /// What a run writes, by kind.
    pub by_kind: BTreeMap<Kind, Counts>,
    pub identical: u64,
    /// Picked items that the policy skips although they differ.
    pub differ: u64,
    /// Bytes that are written.
    pub bytes: u64,
    /// Items that somebody has to fill in after the run, by row.
    pub without_value: Vec<u32>,
    /// What a person decided, by row.
    pub decided: Vec<Option<Decision>>,
    /// Findings by severity.
    pub severities: [u64; 3],
    /// Blocking findings, effects, and the other findings, the gravest first.
    pub notes: Vec<Note>,
    /// What differs between the schemas of the types in use.
    pub schemas: SchemaLines,
    rows: HashMap<ItemKey, u32>,
    row_of_finding: Vec<Option<u32>>,
    /// For each row where its findings begin in `findings`; one more at the end.
    findings_at: Vec<u32>,
    /// Findings by row, the gravest first.
    findings: Vec<u32>,
    /// Name, id, type and tags of each row in small letters, one after the other.
    text: String,
    text_at: Vec<u32>,
}

impl Sheet {
    pub fn new(asked: Asked, basis: Basis, outlook: Outlook) -> Self {
        let mut sheet = Sheet {
            asked,
            basis,
            outlook,
            counts: Counts::default(),
            by_kind: BTreeMap::new(),
            identical: 0,
            differ: 0,
            bytes: 0,
            without_value: Vec::new(),
            decided: Vec::new(),
            severities: [0; 3],
            notes: Vec::new(),
            schemas: SchemaLines::default(),
            rows: HashMap::new(),
            row_of_finding: Vec::new(),
            findings_at: Vec::new(),
            findings: Vec::new(),
            text: String::new(),
            text_at: Vec::new(),
        };
        sheet.rows = sheet.items().iter().zip(0..).map(|(item, row)| (item.key.clone(), row)).collect();
        sheet.count();
        sheet.sort_findings();
        sheet.schemas = sheet.survey().map(SchemaLines::of).unwrap_or_default();
        (sheet.text, sheet.text_at) = texts(sheet.items());
        sheet
    }

    pub fn plan(&self) -> &Plan {
        match &self.basis {
            Basis::Survey(survey) => &survey.plan,
            Basis::Export { plan, .. } => plan,
        }
    }

    /// `None` for an export.
    pub fn survey(&self) -> Option<&Survey> {
        match &self.basis {
            Basis::Survey(survey) => Some(survey),
            Basis::Export { .. } => None,
        }
    }

    pub fn rules(&self) -> &'static Rules {
        platforms::rules(self.plan().source.platform)
    }

    pub fn items(&self) -> &[PlanItem] {
        &self.plan().items
    }

    pub fn item(&self, row: u32) -> &PlanItem {
        &self.items()[row as usize]
    }

    pub fn len(&self) -> usize {
        self.items().len()
    }

    pub fn row(&self, key: &ItemKey) -> Option<u32> {
        self.rows.get(key).copied()
    }

    /// The findings on an item, the gravest first.
    pub fn findings_of(&self, row: u32) -> impl ExactSizeIterator<Item = &Finding> {
        let (from, to) = (self.findings_at[row as usize] as usize, self.findings_at[row as usize + 1] as usize);
        self.findings[from..to].iter().map(|&at| &self.plan().findings[at as usize])
    }

    pub fn worst_of(&self, row: u32) -> Option<Severity> {
        self.findings_of(row).next().map(|finding| finding.severity)
    }

    /// The item that a finding is about.
    pub fn row_of_finding(&self, finding: usize) -> Option<u32> {
        self.row_of_finding.get(finding).copied().flatten()
    }

    /// All findings, the gravest first.
    pub fn gravest(&self) -> impl Iterator<Item = &Finding> {
        self.notes.iter().filter_map(|note| match note {
            Note::Finding(at) => Some(&self.plan().findings[*at]),
            Note::Effect(_) => None,
        })
    }

    pub fn text_of(&self, row: u32) -> &str {
        &self.text[self.text_at[row as usize] as usize..self.text_at[row as usize + 1] as usize]
    }

    /// Whether both plans have the same items, so that a row means the same in both.
    pub fn same_rows(&self, other: &Sheet) -> bool {
        self.len() == other.len() && self.items().iter().zip(other.items()).all(|(a, b)| a.key == b.key)
    }

    /// Where each row of another plan is in this one.
    pub fn rows_from(&self, other: &Sheet) -> Option<Vec<Option<u32>>> {
        let moved = || other.items().iter().map(|item| self.row(&item.key)).collect();
        (!self.same_rows(other)).then(moved)
    }

    fn count(&mut self) {
        let mut counts = Counts::default();
        let mut by_kind: BTreeMap<Kind, Counts> = BTreeMap::new();
        let (mut identical, mut differ) = (0, 0);
        let mut bytes = match &self.basis {
            Basis::Survey(_) => 0,
            Basis::Export { bytes, .. } => *bytes,
        };
        let plan = self.plan();
        let decided = plan.items.iter().map(|item| plan.options.decisions.get(&item.key).copied()).collect();
        for item in &plan.items {
            counts.add(item.decision);
            by_kind.entry(item.key.kind).or_default().add(item.decision);
            identical += u64::from(item.reason == Reason::Identical);
            differ += u64::from(item.reason == Reason::Policy && !item.is_written() && item.changed == Some(true));
            bytes += if item.is_written() { item.size } else { 0 };
        }
        let without_value = plan.findings.iter().filter(|finding| finding.code == code::SECRET_WITHOUT_VALUE);
        let mut without_value: Vec<u32> =
            without_value.filter_map(|finding| self.row(finding.item.as_ref()?)).collect();
        without_value.sort_unstable();
        without_value.dedup();
        (self.counts, self.by_kind, self.bytes) = (counts, by_kind, bytes);
        (self.identical, self.differ) = (identical, differ);
        (self.decided, self.without_value) = (decided, without_value);
    }

    fn sort_findings(&mut self) {
        let plan = self.plan();
        let findings = &plan.findings;
        let rows: Vec<_> = findings.iter().map(|finding| finding.item.as_ref().and_then(|key| self.row(key))).collect();
        let mut order: Vec<usize> = (0..findings.len()).collect();
        order.sort_by_key(|&at| (std::cmp::Reverse(findings[at].severity), at));
        let mut severities = [0; 3];
        findings.iter().for_each(|finding| severities[finding.severity as usize] += 1);
        let blocking = order.partition_point(|&at| findings[at].severity == Severity::Blocking);
        let (first, rest) = order.split_at(blocking);
        let notes = first.iter().map(|&at| Note::Finding(at));
        let notes = notes.chain((0..plan.effects.len()).map(Note::Effect));
        let notes: Vec<_> = notes.chain(rest.iter().map(|&at| Note::Finding(at))).collect();
        let mut by_row: Vec<(u32, usize)> =
            order.iter().enumerate().filter_map(|(place, &at)| Some((rows[at]?, place))).collect();
        by_row.sort_unstable();
        let mut at = Vec::with_capacity(self.len() + 1);
        for row in 0..=self.len() as u32 {
            at.push(by_row.partition_point(|(other, _)| *other < row) as u32);
        }
        self.findings = by_row.into_iter().map(|(_, place)| order[place] as u32).collect();
        (self.findings_at, self.notes, self.severities, self.row_of_finding) = (at, notes, severities, rows);
    }
}

fn texts(items: &[PlanItem]) -> (String, Vec<u32>) {
    let mut text = String::new();
    let mut at = vec![0];
    for item in items {
        let parts = [Some(&*item.name), Some(&*item.key.id), item.key.type_.as_deref(), item.new_name.as_deref()];
        let there = item.matched.iter().flat_map(|there| [&*there.name, &*there.id]);
        for part in parts.into_iter().flatten().chain(there).chain(item.tags.iter().map(|tag| &**tag)) {
            text.push_str(&part.to_lowercase());
            text.push('\n');
        }
        at.push(text.len() as u32);
    }
    (text, at)
}
