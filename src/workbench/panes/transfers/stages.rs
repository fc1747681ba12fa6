//! The stages of a run as rows: what is done, what goes on, what comes; writing is split by kind where that is known.
//! Must not know: how a row is drawn.

use std::borrow::Cow;

use super::fold::{Deed, Facts, KindCount};
use super::state::{Phase, Run, written};
use crate::model::{RunStatus, Stage};
use crate::wording::{count, plural};

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct StageRow {
    pub label: Cow<'static, str>,
    pub bar: Bar,
    pub note: String,
    pub tone: Tone,
}

/// How full the bar of a stage is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    Part(f64),
    /// It goes on, and nobody knows how far it is.
    Going,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Not begun, or left out.
    Dim,
    Plain,
    Good,
    Bad,
}

/// Kinds beyond these are shown as one row.
const KINDS: usize = 5;

/// The rows of a run, in order.
pub fn rows(run: &Run) -> Vec<StageRow> {
    let stages: &[Stage] = match run.deed {
        Deed::Transfer => Stage::ALL,
        Deed::Export => &[Stage::Check, Stage::Write],
    };
    let mut rows = Vec::new();
    for stage in stages {
        let kinds = &run.facts.kinds;
        if *stage == Stage::Write && (1..=KINDS).contains(&kinds.len()) {
            rows.extend(kinds.iter().map(|kind| of_kind(run, kind)));
        } else {
            rows.push(of_stage(run, *stage));
        }
    }
    rows
}

/// Where a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Ahead,
    Now,
    Stopped,
    Done,
    /// Something later came, but never this one.
    LeftOut,
}

fn standing(run: &Run, stage: Stage) -> Standing {
    let facts = &run.facts;
    let over = matches!(run.phase, Phase::Ended(RunStatus::Succeeded | RunStatus::Partial | RunStatus::Planned));
    let stopped = matches!(run.phase, Phase::Ended(_)) && !over;
    match facts.stage() {
        Some(now) if now == stage && stopped => Standing::Stopped,
        Some(now) if now == stage && !over => Standing::Now,
        _ if facts.stages.contains(&stage) => Standing::Done,
        Some(now) if now > stage || over => Standing::LeftOut,
        _ => Standing::Ahead,
    }
}

fn of_stage(run: &Run, stage: Stage) -> StageRow {
    let row = |bar, note: &str, tone| StageRow { label: label(stage, run.deed), bar, note: note.to_owned(), tone };
    let is_write = stage == Stage::Write;
    match standing(run, stage) {
        Standing::Ahead => row(Bar::Part(0.0), "", Tone::Dim),
        Standing::Now if is_write && written(&run.facts, run.deed) > 0.0 => {
            row(Bar::Part(written(&run.facts, run.deed)), &items(&run.facts), Tone::Plain)
        }
        Standing::Now => row(Bar::Going, "", Tone::Plain),
        Standing::Stopped => {
            row(Bar::Part(if is_write { written(&run.facts, run.deed) } else { 0.0 }), "stopped", Tone::Bad)
        }
        Standing::Done if is_write => row(Bar::Part(1.0), &format!("{} done", items(&run.facts)), Tone::Good),
        Standing::Done => row(Bar::Part(1.0), "done", Tone::Good),
        // A resumed run has checked and fetched what it needs, and has its snapshot.
        Standing::LeftOut if stage < Stage::Write && !run.facts.stages.contains(&Stage::Check) => {
            row(Bar::Part(1.0), "done before", Tone::Good)
        }
        Standing::LeftOut => row(Bar::Part(0.0), "not needed", Tone::Dim),
    }
}

fn label(stage: Stage, deed: Deed) -> Cow<'static, str> {
    match (deed, stage) {
        (Deed::Export, Stage::Check) => "read".into(),
        (_, stage) => stage.as_str().into(),
    }
}

fn items(facts: &Facts) -> String {
    format!("{}/{}", count(facts.finished()), count(facts.items_total))
}

fn of_kind(run: &Run, kind: &KindCount) -> StageRow {
    let part = if kind.total == 0 { 0.0 } else { kind.finished as f64 / kind.total as f64 };
    let so_far = format!("{}/{}", count(kind.finished), count(kind.total));
    let complete = kind.finished >= kind.total;
    let (note, tone) = match (kind.failed, complete, standing(run, Stage::Write)) {
        (0, true, _) => (format!("{so_far} done"), Tone::Good),
        (0, false, Standing::Stopped) => (format!("{so_far} stopped"), Tone::Bad),
        (0, false, Standing::Ahead) => (so_far, Tone::Dim),
        (0, false, _) => (so_far, Tone::Plain),
        (failed, ..) => (format!("{so_far}, {} failed", count(failed)), Tone::Bad),
    };
    // "2 flows" without its number.
    let label = plural(2, kind.kind.as_str()).split_off(2);
    StageRow { label: label.into(), bar: Bar::Part(part), note, tone }
}
