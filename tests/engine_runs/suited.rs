//! A source that has to take on another form for its destination.

use std::sync::Arc;

use async_trait::async_trait;
use haul::engine::{Freshness, RunSpec, start, suited, survey};
use haul::model::{
    Error, ErrorKind, EventSink, ExportRequest, Exported, Inventory, ItemIndex, ItemKey, LocationInfo, PlanOptions,
    Policy, Record, Result, Rules, RunStatus, Selection, Source,
};

use crate::world::{Shelf, World, ended, key, options};

/// A shelf that cannot be used before it was asked for another form.
struct Guise {
    shelf: Shelf,
    suits: bool,
}

impl Guise {
    fn of(world: &World) -> Arc<dyn Source> {
        Arc::new(Guise { shelf: world.source.clone(), suits: false })
    }

    fn shelf(&self) -> Result<&Shelf> {
        match self.suits {
            true => Ok(&self.shelf),
            false => Err(Error::new(ErrorKind::Internal, "it does not suit")),
        }
    }
}

#[async_trait]
impl Source for Guise {
    fn info(&self) -> LocationInfo {
        self.shelf.info()
    }

    fn rules(&self) -> &Rules {
        self.shelf.rules()
    }

    async fn list(&self) -> Result<Inventory> {
        self.shelf()?.list().await
    }

    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        self.shelf()?.examine(inventory, items).await
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        self.shelf()?.read(items).await
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        self.shelf()?.export(request, events).await
    }

    async fn suited(&self, _: &LocationInfo) -> Result<Option<Arc<dyn Source>>> {
        Ok((!self.suits).then(|| Arc::new(Guise { shelf: self.shelf.clone(), suits: true }) as Arc<dyn Source>))
    }

    fn renamed(&self, typed: &str) -> Option<String> {
        (self.suits && typed == "called-d-before").then(|| "d".to_owned())
    }
}

#[tokio::test]
async fn what_was_picked_under_another_id_is_found() {
    let world = World::new();
    let source = suited(Guise::of(&world), &world.destination).await.expect("it suits");
    let ids = vec!["called-d-before".to_owned(), "c".to_owned()];
    let selection = Selection { ids, ..Selection::default() };
    let asked = PlanOptions { selection, ..options(Policy::Overwrite) };
    let survey = survey(&*source, &world.destination, asked).await.expect("a plan");
    assert!(survey.plan.item(&key("d")).is_some() && survey.plan.item(&key("c")).is_some());
    assert_eq!(survey.plan.options.selection.ids, ["d", "c"], "a run asks by the ids of now");
}

#[tokio::test]
async fn a_run_asks_its_source_for_the_form_itself() {
    let world = World::new();
    let plan = world.plan(Policy::Overwrite).await;
    let spec = RunSpec { source: Guise::of(&world), freshness: Freshness::MayBeStale, ..world.spec(plan) };
    let (report, _) = ended(start(spec).expect("it starts")).await;
    assert_eq!(report.status, RunStatus::Succeeded, "{:?}", report.error);
}
