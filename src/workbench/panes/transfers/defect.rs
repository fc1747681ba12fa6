//! A defect of the engine on purpose, for the tests of what happens then. Only in builds for development.
//! Must not know: what is written.

use std::sync::Arc;

use async_trait::async_trait;

use crate::model::{
    Access, Check, Destination, Digest, EventSink, ExportRequest, Exported, Finding, Inventory, ItemIndex, ItemKey,
    LocationInfo, Plan, Record, Result, Rules, SecretValues, Source, Step, StepOutcome, Work,
};
use crate::workbench::effect::Desk;

/// The destination itself, or one that panics at the first step where that was asked for.
pub fn on_purpose(destination: Arc<dyn Destination>, desk: &Arc<Desk>) -> Arc<dyn Destination> {
    match desk.environment.get("HAUL_TEST_PANIC") {
        Some("run") => Arc::new(Defective { destination, desk: desk.clone() }),
        _ => destination,
    }
}

struct Defective {
    destination: Arc<dyn Destination>,
    desk: Arc<Desk>,
}

#[async_trait]
impl Source for Defective {
    fn info(&self) -> LocationInfo {
        self.destination.info()
    }

    fn rules(&self) -> &Rules {
        self.destination.rules()
    }

    fn is_bundle(&self) -> bool {
        self.destination.is_bundle()
    }

    fn access(&self) -> Access {
        self.destination.access()
    }

    async fn list(&self) -> Result<Inventory> {
        self.destination.list().await
    }

    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        self.destination.examine(inventory, items).await
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        self.destination.read(items).await
    }

    fn exact_digest(&self, record: &Record) -> Option<Digest> {
        self.destination.exact_digest(record)
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        self.destination.export(request, events).await
    }

    async fn check(&self) -> Result<Option<Check>> {
        self.destination.check().await
    }
}

#[async_trait]
impl Destination for Defective {
    fn steps(&self, plan: &Plan) -> Vec<Step> {
        self.destination.steps(plan)
    }

    async fn perform(&self, step: &Step, work: &Work<'_>, events: &dyn EventSink) -> Result<StepOutcome> {
        self.desk.panic_if_told("run");
        self.destination.perform(step, work, events).await
    }

    async fn conclude(&self, work: &Work<'_>, events: &dyn EventSink) -> Result<Vec<Finding>> {
        self.destination.conclude(work, events).await
    }

    async fn fill(&self, item: &ItemKey, values: &SecretValues) -> Result<()> {
        self.destination.fill(item, values).await
    }

    async fn remarks(&self, plan: &Plan, source: &Inventory, destination: &Arc<Inventory>) -> Result<Vec<Finding>> {
        self.destination.remarks(plan, source, destination).await
    }
}
