//! Runs that are stopped, die and go on.

use std::sync::Arc;
use std::time::Duration;

use haul::engine::{ResumeSpec, RunHandle, RunId, WhenBusy, resume, start};
use haul::model::{Decision, Destination, ErrorKind, Kind, PlanOptions, Policy, Report};

use crate::world::{World, everything, spec};

pub async fn to_its_end(mut handle: RunHandle) -> Report {
    while handle.events.recv().await.is_some() {}
    handle.report.await.expect("a report")
}

pub async fn go_on(world: &World, run: &RunId) -> Report {
    world.prod().set_faults(&[]).expect("healed");
    go_on_with(world, run, world.remote("prod", "read-write").await).await
}

pub async fn go_on_with(world: &World, run: &RunId, destination: Arc<haul::platforms::flotiq::Remote>) -> Report {
    let handle = loop {
        let (run, destination) = (run.clone(), destination.clone() as Arc<dyn Destination>);
        let spec =
            ResumeSpec { store: world.store(), run, source: None, destination, when_busy: WhenBusy::Wait, relay: None };
        match resume(spec) {
            // What is left of a process that died lets go of its lock when it is gone.
            Err(error) if error.kind() == ErrorKind::NotResumable || error.kind() == ErrorKind::Busy => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            handle => break handle.expect("a run"),
        }
    };
    to_its_end(handle).await
}

/// Everything that prod takes, by overwriting.
pub async fn everything_that_fits(world: &World) -> PlanOptions {
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Overwrite)).await;
    let mut options = crate::world::without_blocked(&survey);
    // What webhooks the plan brings is another test.
    let hooks = survey.plan.items.iter().filter(|item| item.key.kind == Kind::Webhook);
    options.decisions.extend(hooks.map(|item| (item.key.clone(), Decision::Skip)));
    options
}

/// A process whose run is to die.
pub struct Doomed<'w> {
    pub world: &'w World,
    pub options: PlanOptions,
    /// Of the destination.
    pub faults: &'w [&'w str],
    pub rate: f64,
}

impl<'w> Doomed<'w> {
    /// Slow enough to be met in the middle.
    pub fn new(world: &'w World, options: PlanOptions) -> Self {
        Doomed { world, options, faults: &["latency=5"], rate: 2000.0 }
    }

    /// Ends the run as that of a killed process ends: all its tasks are gone at once, and nobody writes a report. The faults stay.
    pub async fn dies_after(self, has_come: impl Fn(&World) -> bool) -> RunId {
        let Doomed { world, options, faults, rate } = self;
        let (url, folder) = (world.prod().info.url.clone(), world.folder.path().to_owned());
        let dev_url = world.sandbox.server("dev").info.url.clone();
        world.prod().set_faults(faults).expect("faults");
        let process =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let (sender, receiver) = tokio::sync::oneshot::channel();
        process.spawn(async move {
            let open =
                async |url: &str, side: &str| Arc::new(World::connect_at(rate, url, side, "read-write", &folder).await);
            let (dev, prod) = (open(&dev_url, "dev").await, open(&url, "prod").await);
            let survey = haul::engine::survey(&*dev, &*prod, options).await.expect("a plan");
            let mut handle = start(spec(&folder, dev, prod, survey)).expect("a run");
            let _ = sender.send(handle.id.clone());
            while handle.events.recv().await.is_some() {}
        });
        let run = receiver.await.expect("a run");
        while !has_come(world) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        process.shutdown_background();
        tokio::time::sleep(Duration::from_millis(100)).await; // a request that was sent is handled
        run
    }
}
