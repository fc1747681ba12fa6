//! A space as a destination: the steps of a run, and what each does.
//! Must not know: the engine, the screen.

mod batch;
mod cargo;
mod definitions;
mod foresee;
mod graph;
mod job;
mod media;
mod notes;
mod objects;
mod order;
mod pause;
mod remarks;
mod rewrite;
mod ring;
mod schema;
mod states;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;

pub(super) use job::{Began, Delivery};

use self::job::Job;
use self::notes::Notes;
use self::order::Deed;
use self::rewrite::Ids;
use super::Remote;
use crate::memory;
use crate::model::{
    Decision, Destination, Effect, Error, ErrorKind, EventSink, Finding, Forecast, Inventory, ItemIndex, ItemKey, Kind,
    Plan, PlanItem, Result, Schemas, Step, StepOutcome, Work,
};

#[async_trait]
impl Destination for Remote {
    fn steps(&self, plan: &Plan) -> Vec<Step> {
        order::steps(plan, None)
    }

    async fn steps_with(&self, plan: &Plan, content: Option<&Path>) -> Result<Vec<Step>> {
        let delivery = self.delivery(content).await?;
        Ok(order::steps(plan, Some(&delivery.cargo)))
    }

    fn underway(&self, plan: &Plan, content: Option<&Path>) -> Result<BTreeSet<ItemKey>> {
        let Some(folder) = content else { return Ok(BTreeSet::new()) };
        let noted = Notes::of(folder)?.into_noted();
        // Switching one off and on made other versions of it, which are no change.
        let was_paused = |item: &&PlanItem| {
            item.key.kind == Kind::Webhook
                && item.destination_id().is_some_and(|id| noted.paused.contains_key(&id.to_lowercase()))
        };
        let paused = plan.written().filter(was_paused).map(|item| item.key.clone());
        // Nor is what a new definition made of the objects of its type.
        let migrates = |item: &&PlanItem| {
            let type_ = item.key.type_.as_deref().map(|type_| ItemKey::new(Kind::Definition, type_));
            type_.is_some_and(|type_| noted.begun.contains(&type_))
        };
        let migrated = plan.written().filter(migrates).map(|item| item.key.clone());
        Ok(migrated.chain(paused).chain(noted.begun.iter().cloned()).collect())
    }

    /// A change of a definition changes the objects of its type.
    fn touched(&self, plan: &Plan, destination: &Inventory) -> Vec<ItemIndex> {
        let changed: BTreeSet<&str> = plan
            .items
            .iter()
            .filter(|item| item.key.kind == Kind::Definition && item.decision == Decision::Overwrite)
            .map(|item| &*item.key.id)
            .collect();
        let of_them = destination.items().filter(|item| item.type_().is_some_and(|type_| changed.contains(type_)));
        of_them.map(|item| item.index()).collect()
    }

    async fn foresee(&self, plan: &Plan, source: &Schemas) -> Result<(Vec<Finding>, Vec<Effect>)> {
        let held = self.held().ok_or_else(|| Error::new(ErrorKind::Internal, "nothing was listed yet"))?;
        foresee::of(plan, source, held.index).await
    }

    fn forecast(&self, plan: &Plan) -> Option<Forecast> {
        remarks::forecast(plan, self.api.rate())
    }

    async fn pause(&self, work: &Work<'_>, _: &dyn EventSink) -> Result<()> {
        let delivery = self.delivery(work.content).await?;
        pause::off(&self.api, &delivery.notes, work.plan).await.map_err(|error| error.at(&self.info.location))
    }

    async fn unpause(
        &self,
        work: &Work<'_>,
        is_done: &(dyn for<'k> Fn(&'k ItemKey) -> bool + Sync),
    ) -> Result<Vec<Finding>> {
        self.forget_delivery();
        // The notes alone: the content may never have come.
        let Some(folder) = work.content.filter(|folder| folder.exists()) else { return Ok(Vec::new()) };
        let notes = Notes::of(folder)?;
        pause::on(&self.api, &notes, work.plan, is_done).await.map_err(|error| error.at(&self.info.location))
    }

    async fn perform(&self, step: &Step, work: &Work<'_>, events: &dyn EventSink) -> Result<StepOutcome> {
        let deed = Deed::of(&step.name)
            .ok_or_else(|| Error::new(ErrorKind::Internal, format!("no step is called `{}`", step.name)))?;
        let delivery = self.delivery(work.content).await?;
        let there = self.there().await?;
        let ids = Ids::new(work.plan, &*there);
        let job = Job { api: &self.api, delivery: &delivery, ids, events };
        match deed {
            Deed::Restore => {}
            _ => ring::restore(&job).await?,
        }
        match deed {
            Deed::Records | Deed::Objects => objects::perform(&job, &step.items).await,
            Deed::Ring => ring::perform(&job, &step.items).await,
            Deed::Media => media::perform(&job, &step.items).await,
            Deed::Definitions => definitions::perform(&job, &step.items).await,
            Deed::Restore => ring::restore(&job).await.map(|()| StepOutcome::default()),
        }
    }

    async fn conclude(&self, work: &Work<'_>, _: &dyn EventSink) -> Result<Vec<Finding>> {
        self.forget_delivery();
        let began = self.began.lock().unwrap_or_else(PoisonError::into_inner).take();
        let cost = began.map(|began| began.cost(&self.api));
        Ok(remarks::afterwards(work.plan, cost, self.api.rate()))
    }

    async fn remarks(&self, plan: &Plan, source: &Inventory, destination: &Arc<Inventory>) -> Result<Vec<Finding>> {
        let mut findings = remarks::before(plan, source, destination, self.api.rate());
        if plan.options.pause_webhooks && plan.written().next().is_some() {
            let held = self.listed_as(destination).await?;
            match held.denied.iter().any(|type_| type_ == pause::TYPE) {
                true => findings.push(pause::unseen()),
                false => findings.extend(pause::foreseen(plan, destination, held.index).await?),
            }
        }
        Ok(findings)
    }
}

impl Remote {
    /// The content of the run in this folder, listed once for all its steps.
    async fn delivery(&self, content: Option<&Path>) -> Result<Arc<Delivery>> {
        let folder = content.ok_or_else(|| Error::new(ErrorKind::Internal, "the run has no content"))?;
        let known = self.delivery.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.is_of(folder)) {
            return Ok(known);
        }
        self.begin(folder);
        let delivery = Arc::new(Delivery::of(folder).await?);
        *self.delivery.lock().unwrap_or_else(PoisonError::into_inner) = Some(delivery.clone());
        Ok(delivery)
    }

    /// A run that came to no end here leaves nothing to the next one.
    fn begin(&self, folder: &Path) {
        let mut began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        if began.as_ref().is_none_or(|began| !began.is_of(folder)) {
            *began = Some(Began::now(folder, &self.api));
        }
    }

    /// What was listed of the content goes; who goes on with the run lists it anew.
    pub(super) fn forget_delivery(&self) {
        let known = self.delivery.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(known) = known {
            drop(known);
            memory::give_back();
        }
    }

    /// Whether the space had an item when it was listed last.
    async fn there(&self) -> Result<Arc<rewrite::There>> {
        if self.held().is_none() {
            let _one = self.pulling.lock().await;
            self.pull().await.map_err(|error| error.at(&self.info.location))?;
        }
        let held = self.held().ok_or_else(|| Error::new(ErrorKind::Internal, "a listing left nothing behind"))?;
        Ok(Arc::new(move |key: &ItemKey| held.known.contains(&super::number_of(key))))
    }
}
