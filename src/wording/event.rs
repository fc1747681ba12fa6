//! How the facts of a run are told while it goes on.
//! Must not know: bars, panes, how often something is drawn.

use super::{bytes, count, plural, seconds};
use crate::model::text::printable;
use crate::model::{ItemResult, Reading, RunEnd, RunEvent, Stage};

/// What a run does in a stage: `saving what will be changed`.
pub fn stage_title(stage: Stage) -> &'static str {
    match stage {
        Stage::Check => "checking both ends against the plan",
        Stage::Fetch => "fetching what will be written",
        Stage::Snapshot => "saving what will be changed",
        Stage::Write => "writing",
        Stage::Verify => "verifying the destination",
    }
}

/// What everybody wants to know of a run; `None` for facts that only a detailed log shows, and for items that are
/// left as they are. Fit for a terminal.
pub fn event_sentence(event: &RunEvent) -> Option<String> {
    match event {
        RunEvent::Started { run, items, .. } if run.is_empty() => Some(format!("{} to write", plural(*items, "item"))),
        RunEvent::Started { run, items, .. } => Some(format!("run {run} started, {} to write", count(*items))),
        RunEvent::StageEntered { stage } => Some(stage_title(*stage).to_owned()),
        // What is left as it is needs no line.
        RunEvent::ItemFinished { result: ItemResult::Skipped, .. } => None,
        RunEvent::ItemFinished { item, decision, result, error } => {
            let end = match (result, error) {
                (ItemResult::Failed, Some(error)) => format!("failed: {}", printable(error)),
                (result, _) => result.to_string(),
            };
            Some(format!("{decision} {}: {end}", printable(&item.to_string())))
        }
        RunEvent::Waited { milliseconds, why } => {
            Some(format!("waited {}: {}", seconds(*milliseconds as f64 / 1000.0), printable(why)))
        }
        RunEvent::Ended { end } => Some(match end {
            RunEnd::Succeeded => "succeeded".to_owned(),
            RunEnd::Partial => "ended; some items failed".to_owned(),
            RunEnd::Failed { error } => format!("failed: {}", printable(&error.message)),
            RunEnd::Cancelled => "cancelled".to_owned(),
        }),
        _ => None,
    }
}

/// How far the reading of a location is: `files, 12 of 54, 3.1 of 7.8 MB, video.mp4`. Fit for a terminal.
pub fn reading_sentence(reading: &Reading) -> String {
    let mut text = printable(&reading.what).into_owned();
    match reading.rows_total {
        Some(total) => text.push_str(&format!(", {} of {}", count(reading.rows), count(total))),
        None if reading.rows > 0 => text.push_str(&format!(", {}", plural(reading.rows, "row"))),
        None => {}
    }
    match reading.bytes_total {
        Some(total) => text.push_str(&format!(", {} of {}", bytes(reading.bytes), bytes(total))),
        None if reading.bytes > 0 => text.push_str(&format!(", {}", bytes(reading.bytes))),
        None => {}
    }
    if let Some(file) = &reading.current {
        text.push_str(&format!(", {}", printable(file)));
    }
    text
}

/// What a detailed log adds: requests, steps, findings. Fit for a terminal.
pub fn event_detail(event: &RunEvent) -> Option<String> {
    match event {
        RunEvent::RequestSent { method, path, status } => {
            let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            Some(format!("  {method} {} → {status}", printable(path)))
        }
        RunEvent::Said { program, line } => Some(format!("  {}: {}", printable(program), printable(line))),
        RunEvent::StepStarted { what, items } => Some(format!("{} ({} items)", printable(what), count(*items))),
        RunEvent::Found { finding } => {
            Some(format!("  {} {}: {}", finding.severity, finding.code, printable(&finding.message)))
        }
        _ => None,
    }
}
