//! The lines of a run's log: each fact as a sentence.
//! Must not know: how a line is drawn, or how many are kept.

use std::collections::HashMap;

use super::fold::Deed;
use crate::model::{Decision, ItemKey, ItemResult, RunEnd, RunEvent, Severity, Stage};
use crate::wording::{event_detail, event_sentence, plural, stage_title};

/// A line before it has a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub text: String,
    /// `None` for what is neither good nor bad.
    pub severity: Option<Severity>,
    /// Only for the verbose log.
    pub detail: bool,
    /// Tells the result of an item.
    pub of_item: bool,
}

/// `None` for facts that are no line, not even of the verbose log. `names` are those of items at hand.
pub fn of(event: &RunEvent, deed: Deed, names: &HashMap<ItemKey, String>) -> Option<Sentence> {
    match event {
        RunEvent::StageEntered { stage } => Some(plain(stage_sentence(*stage, deed))),
        // A bundle appears whole; its items are no news one by one.
        RunEvent::ItemFinished { .. } if deed == Deed::Export => None,
        RunEvent::ItemFinished { item, decision, result, error } => {
            item_sentence(&called(item, names), *decision, *result, error.as_deref())
        }
        RunEvent::Found { finding } if finding.severity != Severity::Info => {
            let named = finding.item.as_ref().map(|item| format!("{}: ", called(item, names))).unwrap_or_default();
            Some(Sentence { severity: Some(finding.severity), ..plain(format!("{named}{}", finding.message)) })
        }
        RunEvent::Waited { .. } => {
            Some(Sentence { severity: Some(Severity::Warning), ..plain(event_sentence(event)?) })
        }
        RunEvent::Ended { end } => Some(Sentence { severity: severity_of(end), ..plain(event_sentence(event)?) }),
        RunEvent::Started { .. } => event_sentence(event).map(plain),
        RunEvent::StepStarted { what, items } => {
            Some(Sentence { detail: true, ..plain(format!("{what} ({})", plural(*items, "item"))) })
        }
        event => {
            let text = event_detail(event)?;
            Some(Sentence { detail: true, ..plain(text.trim_start().to_owned()) })
        }
    }
}

/// What a stage is about, for this kind of run.
pub fn stage_sentence(stage: Stage, deed: Deed) -> &'static str {
    match (deed, stage) {
        (Deed::Export, Stage::Check) => "reading the source",
        (Deed::Export, Stage::Write) => "writing the bundle",
        (_, stage) => stage_title(stage),
    }
}

fn plain(text: impl Into<String>) -> Sentence {
    Sentence { text: text.into(), severity: None, detail: false, of_item: false }
}

fn called(item: &ItemKey, names: &HashMap<ItemKey, String>) -> String {
    match names.get(item) {
        Some(name) => format!("{} {name}", item.kind),
        None => item.to_string(),
    }
}

fn item_sentence(called: &str, decision: Decision, result: ItemResult, error: Option<&str>) -> Option<Sentence> {
    let done = match decision {
        Decision::Create => "created",
        Decision::Overwrite => "overwrote",
        Decision::Duplicate => "duplicated",
        Decision::Skip => "skipped",
    };
    let sentence = match result {
        ItemResult::Done => plain(format!("{done} {called}")),
        ItemResult::Failed => {
            let why = error.map(|error| format!(": {error}")).unwrap_or_default();
            Sentence { severity: Some(Severity::Blocking), ..plain(format!("failed to {decision} {called}{why}")) }
        }
        ItemResult::Skipped | ItemResult::Pending | ItemResult::Planned => return None,
    };
    Some(Sentence { of_item: true, ..sentence })
}

fn severity_of(end: &RunEnd) -> Option<Severity> {
    match end {
        RunEnd::Succeeded => None,
        RunEnd::Partial | RunEnd::Cancelled => Some(Severity::Warning),
        RunEnd::Failed { .. } => Some(Severity::Blocking),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn finished(decision: Decision, result: ItemResult, error: Option<&str>) -> RunEvent {
        let item = ItemKey::new(Kind::Connection, "7");
        RunEvent::ItemFinished { item, decision, result, error: error.map(str::to_owned) }
    }

    #[test]
    fn results_are_told_in_the_past_with_the_name_of_the_item() {
        let names = HashMap::from([(ItemKey::new(Kind::Connection, "7"), "HubSpot".to_owned())]);
        let told = |event: &RunEvent| of(event, Deed::Transfer, &names).map(|sentence| sentence.text);
        let table = [
            (finished(Decision::Create, ItemResult::Done, None), Some("created connection HubSpot")),
            (finished(Decision::Overwrite, ItemResult::Done, None), Some("overwrote connection HubSpot")),
            (finished(Decision::Duplicate, ItemResult::Done, None), Some("duplicated connection HubSpot")),
            (
                finished(Decision::Overwrite, ItemResult::Failed, Some("name already in use")),
                Some("failed to overwrite connection HubSpot: name already in use"),
            ),
            (finished(Decision::Skip, ItemResult::Skipped, None), None),
        ];
        for (event, text) in table {
            assert_eq!(told(&event).as_deref(), text);
        }
        assert_eq!(of(&finished(Decision::Create, ItemResult::Done, None), Deed::Export, &names), None);
    }

    #[test]
    fn requests_are_for_the_verbose_log_only() {
        let event = RunEvent::RequestSent { method: "GET".into(), path: "/flows".into(), status: Some(200) };
        let sentence = of(&event, Deed::Transfer, &HashMap::new()).unwrap();
        assert!(sentence.detail);
        assert_eq!(sentence.text, "GET /flows → 200");
        assert_eq!(of(&RunEvent::BytesMoved { bytes: 1 }, Deed::Transfer, &HashMap::new()), None);
    }
}
