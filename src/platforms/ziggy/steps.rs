//! The order in which a plan is written: which items travel together in one upload, and which have a request of
//! their own.
//! Must not know: sockets, or what becomes of a step.
//!
//! The server takes one mode for a whole file, so items of different decisions go in different uploads: what is
//! missing with LEAVE, which guards what nobody foresaw, and what is overwritten with OVERWRITE. Secrets go before
//! the connections that name them, those before the flows that hold their ids.

use arcstr::ArcStr;

use super::document::Layout;
use crate::model::{Decision, ItemKey, Kind, Plan, PlanItem, Step};

/// What a step does. Its text is the step's name, which the journal keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// A backup of its own, because the first step is no upload that could ask for one.
    Backup,
    CreateSecrets,
    DescribeSecret(ArcStr),
    CreateConnections,
    OverwriteConnections,
    /// Where connections cannot be uploaded by themselves.
    PutConnection(ArcStr),
    CreateFlows,
    OverwriteFlows,
    /// Where flows carry what they need: new and overwritten flows with their missing connections and secrets.
    WriteFlowsWithCopies,
}

const PUT_SECRET: &str = "describe secret ";
const PUT_CONNECTION: &str = "overwrite connection ";

impl Deed {
    pub(super) fn name(&self) -> String {
        match self {
            Deed::Backup => "back up".to_owned(),
            Deed::CreateSecrets => "create secrets".to_owned(),
            Deed::DescribeSecret(id) => format!("{PUT_SECRET}{id}"),
            Deed::CreateConnections => "create connections".to_owned(),
            Deed::OverwriteConnections => "overwrite connections".to_owned(),
            Deed::PutConnection(id) => format!("{PUT_CONNECTION}{id}"),
            Deed::CreateFlows => "create flows".to_owned(),
            Deed::OverwriteFlows => "overwrite flows".to_owned(),
            Deed::WriteFlowsWithCopies => "write flows with what they need".to_owned(),
        }
    }

    pub(super) fn of(name: &str) -> Option<Deed> {
        let plain = [
            Deed::Backup,
            Deed::CreateSecrets,
            Deed::CreateConnections,
            Deed::OverwriteConnections,
            Deed::CreateFlows,
            Deed::OverwriteFlows,
            Deed::WriteFlowsWithCopies,
        ];
        if let Some(deed) = plain.into_iter().find(|deed| deed.name() == name) {
            return Some(deed);
        }
        let put = |prefix: &str| name.strip_prefix(prefix).filter(|id| !id.is_empty());
        put(PUT_SECRET)
            .map(|id| Deed::DescribeSecret(id.into()))
            .or_else(|| put(PUT_CONNECTION).map(|id| Deed::PutConnection(id.into())))
    }

    /// Whether the step is one upload, which can ask the server for a backup before it.
    fn is_upload(&self) -> bool {
        !matches!(self, Deed::Backup | Deed::DescribeSecret(_) | Deed::PutConnection(_) | Deed::WriteFlowsWithCopies)
    }
}

/// Whether the destination is backed up before the first write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backup {
    Wanted,
    Declined,
}

pub(super) fn steps(plan: &Plan, layout: Layout, backup: Backup) -> Vec<Step> {
    let mut steps = match layout {
        Layout::Lists => of_lists(plan),
        Layout::Nested => of_copies(plan),
    };
    if backup == Backup::Wanted && steps.first().is_some_and(|(deed, _)| !deed.is_upload()) {
        steps.insert(0, (Deed::Backup, Vec::new()));
    }
    steps.into_iter().map(|(deed, items)| Step { name: deed.name(), items }).collect()
}

/// Whether this upload is the one that asks for the backup of the run: the very first step.
pub(super) fn asks_for_backup(plan: &Plan, layout: Layout, backup: Backup, name: &str) -> bool {
    backup == Backup::Wanted
        && steps(plan, layout, backup).first().is_some_and(|first| first.name == name)
        && Deed::of(name).is_some_and(|deed| deed.is_upload())
}

fn of_lists(plan: &Plan) -> Vec<(Deed, Vec<ItemKey>)> {
    let mut steps = vec![(Deed::CreateSecrets, keys(plan, Kind::Secret, is_new))];
    steps.extend(describe_secrets(plan));
    steps.extend([
        (Deed::CreateConnections, keys(plan, Kind::Connection, is_new)),
        (Deed::OverwriteConnections, keys(plan, Kind::Connection, is_overwritten)),
        (Deed::CreateFlows, keys(plan, Kind::Flow, is_new)),
        (Deed::OverwriteFlows, keys(plan, Kind::Flow, is_overwritten)),
    ]);
    steps.retain(|(_, items)| !items.is_empty());
    steps
}

fn of_copies(plan: &Plan) -> Vec<(Deed, Vec<ItemKey>)> {
    let mut steps = describe_secrets(plan);
    for key in keys(plan, Kind::Connection, is_overwritten) {
        steps.push((Deed::PutConnection(key.id.clone()), vec![key]));
    }
    let mut rest = keys(plan, Kind::Secret, is_new);
    rest.extend(keys(plan, Kind::Connection, is_new));
    rest.extend(keys(plan, Kind::Flow, PlanItem::is_written));
    if !rest.is_empty() {
        steps.push((Deed::WriteFlowsWithCopies, rest));
    }
    steps
}

fn describe_secrets(plan: &Plan) -> Vec<(Deed, Vec<ItemKey>)> {
    let keys = keys(plan, Kind::Secret, is_overwritten).into_iter();
    keys.map(|key| (Deed::DescribeSecret(key.id.clone()), vec![key])).collect()
}

fn keys(plan: &Plan, kind: Kind, wanted: fn(&PlanItem) -> bool) -> Vec<ItemKey> {
    let items = plan.written().filter(|item| item.key.kind == kind && wanted(item));
    items.map(|item| item.key.clone()).collect()
}

pub(super) fn is_new(item: &PlanItem) -> bool {
    matches!(item.decision, Decision::Create | Decision::Duplicate)
}

fn is_overwritten(item: &PlanItem) -> bool {
    item.decision == Decision::Overwrite
}
