//! What only the server can say of a plan before it is carried out. Changes nothing.
//! Must not know: how a plan is made; what both inventories tell is the planner's to say.

use std::collections::{HashMap, HashSet};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::Value;

use super::access::sees_all;
use super::document::Layout;
use super::json;
use super::remote::Remote;
use super::sanitize;
use crate::model::text::printable;
use crate::model::{
    Decision, Finding, Inventory, ItemKey, Kind, MatchMethod, Plan, PlanItem, Reference, Result, Source, code,
};
use crate::net::{Client, Method};

/// Questions that are open at once.
const AT_ONCE: usize = 4;
/// Flows of a destination that are read to find who points to a duplicated item.
const MOST_FLOWS: usize = 5000;

impl Remote {
    pub(super) async fn look_ahead(&self, plan: &Plan, destination: &Inventory) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        findings.extend(self.partial_view().await);
        findings.extend(self.layout_assumption(plan));
        findings.extend(self.unused_values(plan));
        findings.extend(self.tokens_at_risk(plan).await?);
        findings.extend(self.hidden_items(plan).await?);
        findings.extend(self.moved_away(plan, destination).await?);
        Ok(findings)
    }

    async fn partial_view(&self) -> Option<Finding> {
        let role = self.session.role().await?;
        let message =
            format!("the account's role at the destination is `{}`; it may not see every item there", printable(&role));
        (!sees_all(&role)).then(|| Finding::warning(code::PARTIAL_VIEW, message))
    }

    fn layout_assumption(&self, plan: &Plan) -> Option<Finding> {
        let nested = self.layout() == Some(Layout::Nested);
        let message = "the destination's files nest connections and secrets in flows; what it has already is left out \
                       of them, and it is not known whether a flow then keeps its relation to it";
        (nested && plan.written().next().is_some()).then(|| Finding::info(code::ASSUMPTION, message))
    }

    /// A value is only ever given to a secret that the run creates.
    fn unused_values(&self, plan: &Plan) -> Vec<Finding> {
        let Some(write) = &self.write else { return Vec::new() };
        let created = |name: &str| {
            plan.items
                .iter()
                .any(|item| item.key.kind == Kind::Secret && *item.name == *name && item.decision == Decision::Create)
        };
        let unused = write.secret_values.keys().filter(|name| !created(name));
        let say = |name: &String| {
            let name = printable(name);
            let message =
                format!("a value is given for the secret `{name}`, which this plan does not create; it is not used");
            Finding::warning(code::NOT_WRITTEN, message)
        };
        unused.map(say).collect()
    }

    /// Connections that were authorized at the destination: no upload holds a token, and no snapshot either.
    async fn tokens_at_risk(&self, plan: &Plan) -> Result<Vec<Finding>> {
        let overwritten = |item: &&PlanItem| item.key.kind == Kind::Connection && item.decision == Decision::Overwrite;
        let overwritten: Vec<&PlanItem> = plan.items.iter().filter(overwritten).collect();
        if overwritten.is_empty() {
            return Ok(Vec::new());
        }
        let (there, _) = self.all_visible(Kind::Connection).await?;
        let authorized: HashSet<&str> =
            there.iter().filter(|there| has_token(&there.value)).map(|there| &*there.key.id).collect();
        let at_risk =
            overwritten.into_iter().filter(|item| item.destination_id().is_some_and(|id| authorized.contains(id)));
        let say = |item: &PlanItem| {
            let message = format!(
                "connection `{}` holds an OAuth token at the destination; it is not known whether an overwrite keeps \
                 it, so it may have to be authorized again",
                printable(&item.name)
            );
            Finding::warning(code::ASSUMPTION, message).on(&item.key)
        };
        Ok(at_risk.map(say).collect())
    }

    /// Items that the plan creates, but that the server knows: deleted, or not shown to this account. An upload would
    /// leave them alone, so nothing would be created.
    async fn hidden_items(&self, plan: &Plan) -> Result<Vec<Finding>> {
        let mut checks = Vec::new();
        for item in plan.items.iter().filter(|item| item.decision == Decision::Create) {
            checks.push(self.hidden(item).boxed());
        }
        few_at_once(checks).await
    }

    async fn hidden(&self, item: &PlanItem) -> Result<Option<Finding>> {
        let path = format!("{}/{}", item.key.kind, Client::segment(&item.key.id));
        let answer = self.session.answer(|| self.session.call(Method::GET, &path)).await?;
        let found = match answer.is_success() {
            true => answer.json().ok().filter(|found| json::text(found, "uuid") == Some(&item.key.id)),
            // 404 is what is hoped for; any other refusal tells nothing.
            false => None,
        };
        let Some(found) = found else { return Ok(None) };
        let called = format!("{} `{}`", item.key.kind, printable(&item.name));
        Ok(Some(match json::is_true(&found, "isDeleted") {
            true => {
                let message =
                    format!("{called}: the destination holds a deleted item of this id, so it cannot be created");
                Finding::blocking(code::DELETED_AT_DESTINATION, message).on(&item.key)
            }
            false => {
                let message = format!("{called}: the destination has this id, but does not list it for this account");
                Finding::blocking(code::PARTIAL_VIEW, message).on(&item.key)
            }
        }))
    }

    /// Flows and schedules of the destination that go on using the original of what is duplicated, or the item that
    /// a name match replaces under another id than the source's.
    async fn moved_away(&self, plan: &Plan, destination: &Inventory) -> Result<Vec<Finding>> {
        let duplicated: HashMap<ItemKey, &PlanItem> = plan
            .items
            .iter()
            .filter(|item| item.decision == Decision::Duplicate && item.match_ != MatchMethod::Unmatched)
            .filter_map(|item| Some((item.key.with_id(item.matched.as_ref()?.id.clone()), item)))
            .collect();
        if duplicated.is_empty() {
            return Ok(Vec::new());
        }
        let mut users: HashMap<ItemKey, Vec<String>> = HashMap::new();
        self.flows_that_use(destination, &mut users).await?;
        self.schedules_that_use(&mut users).await?;
        let mut findings: Vec<Finding> =
            duplicated.into_iter().filter_map(|(key, item)| Some(still_used(item, users.get(&key)?))).collect();
        findings.sort();
        Ok(findings)
    }

    async fn flows_that_use(&self, destination: &Inventory, users: &mut HashMap<ItemKey, Vec<String>>) -> Result<()> {
        if destination.items().filter(|item| item.kind() == Kind::Flow).count() > MOST_FLOWS {
            return Ok(());
        }
        // An inventory of its own: the planner's is not to be changed here.
        let mut inventory = self.list().await?;
        let flows: Vec<u32> = inventory
            .items()
            .filter(|item| item.kind() == Kind::Flow && !item.facts().deleted)
            .map(|item| item.index())
            .collect();
        self.examine(&mut inventory, &flows).await?;
        for flow in flows.into_iter().map(|index| inventory.item(index)) {
            for reference in flow.references() {
                if let Reference::Id(key) = reference {
                    users.entry(key).or_default().push(format!("the flow `{}`", printable(flow.name())));
                }
            }
        }
        Ok(())
    }

    async fn schedules_that_use(&self, users: &mut HashMap<ItemKey, Vec<String>>) -> Result<()> {
        let Some(Value::Array(schedules)) = self.session.get_if_any("schedule").await? else { return Ok(()) };
        for schedule in schedules {
            if let Some(flow) = json::text(&schedule, "flowUuid") {
                let name = json::text(&schedule, "name").unwrap_or("without a name");
                let user = format!("the schedule `{}`", printable(name));
                users.entry(ItemKey::new(Kind::Flow, flow)).or_default().push(user);
            }
        }
        Ok(())
    }
}

/// Asks all questions, a few of them at once, and keeps the answers' order.
pub(super) async fn few_at_once(checks: Vec<BoxFuture<'_, Result<Option<Finding>>>>) -> Result<Vec<Finding>> {
    let found: Vec<Result<Option<Finding>>> = stream::iter(checks).buffered(AT_ONCE).collect().await;
    found.into_iter().filter_map(Result::transpose).collect()
}

fn has_token(connection: &Value) -> bool {
    sanitize::OAUTH.iter().any(|field| json::text(connection, field).is_some())
}

fn still_used(item: &PlanItem, users: &[String]) -> Finding {
    const SHOWN: usize = 3;
    let mut words = users.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if users.len() > SHOWN {
        words.push_str(&format!(" and {} more", users.len() - SHOWN));
    }
    let message = format!(
        "{} `{}` gets a copy, but {words} of the destination go on using the original",
        item.key.kind,
        printable(&item.name)
    );
    Finding::warning(code::REFERENCES_MOVED_AWAY, message).on(&item.key)
}
