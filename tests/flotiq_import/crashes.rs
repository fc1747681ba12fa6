//! A run that dies in the middle and is resumed: nothing is lost, nothing is there twice, and no demand stays relaxed.

use std::time::Duration;

use haul::engine::{ResumeSpec, WhenBusy, resume};
use haul::model::{Decision, Kind, Policy, RunStatus};
use rstest::rstest;

use crate::process::{Doomed, everything_that_fits, go_on};
use crate::world::{World, demands, everything, objects, succeeded};

#[rstest]
#[case::at_the_first_write(1)]
#[case::among_files(12)]
#[case::among_definitions(45)]
#[case::among_objects(65)]
#[case::among_states(75)]
#[tokio::test]
async fn a_run_that_died_is_resumed_to_the_same_end(#[case] writes: usize) {
    let world = World::new(&[]).await;
    world.empty_prod().await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Skip)).await;
    // Slow enough to be met in the middle.
    world.prod().set_faults(&["latency=5"]).expect("faults");
    let mut handle = world.begin(dev.clone(), prod, survey).expect("a run");
    let id = handle.id.clone();
    while world.writes().len() < writes {
        while handle.events.try_recv().is_ok() {}
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // Whatever is under way from here on is never heard of, as if the process were gone.
    world.prod().set_faults(&["latency=600000"]).expect("faults");
    handle.cancel.cancel();
    while handle.events.recv().await.is_some() {}
    let report = handle.report.await.expect("a report");
    assert_eq!(report.status, RunStatus::Cancelled);
    world.prod().set_faults(&[]).expect("healed");

    let destination = world.remote("prod", "read-write").await;
    let spec = ResumeSpec {
        store: world.store(),
        run: id,
        source: None,
        destination,
        when_busy: WhenBusy::Refuse,
        relay: None,
    };
    let mut handle = resume(spec).expect("a run");
    while handle.events.recv().await.is_some() {}
    let report = handle.report.await.expect("a report");
    succeeded(&report);
    assert!(report.items.iter().all(|item| item.decision != Decision::Create || item.error.is_none()));

    let count = |server: &haul::sandbox::Server, type_: &str| {
        objects(server).keys().filter(|name| name.starts_with(&format!("{type_}/"))).count()
    };
    let dev_server = world.sandbox.server("dev");
    for type_ in
        ["_media", "_tag", "_webhooks", "_plugin_settings", "blog_post", "author", "category", "page", "recipe", "faq"]
    {
        assert_eq!(count(world.prod(), type_), count(dev_server, type_), "{type_}");
    }
    assert_eq!(demands(world.prod()), demands(dev_server));

    // What is there says what dev says: nothing is left to write.
    let again = world.between(dev, world.remote("prod", "read-write").await, everything(Policy::Overwrite)).await;
    let written: Vec<String> = again
        .items
        .iter()
        .filter(|item| item.decision != Decision::Skip && item.key.kind != Kind::Definition)
        .map(|item| item.key.to_string())
        .collect();
    assert_eq!(written, Vec::<String>::new());
}

#[tokio::test]
async fn objects_that_the_new_definition_of_their_type_changed_are_written_when_the_run_goes_on() {
    let world = World::new(&[]).await;
    let options = everything_that_fits(&world).await;
    world.prod().forget_requests();
    // The definition of products is overwritten, and strips and converts what is stored; none of them is written yet.
    let definition = |world: &World| {
        let is_it = |request: &haul::sandbox::RequestRecord| {
            request.method == "PUT" && request.path.ends_with("/product") && request.status == Some(200)
        };
        world.writes().iter().any(is_it)
    };
    let run = Doomed::new(&world, options).dies_after(definition).await;
    succeeded(&go_on(&world, &run).await);
    let weight = |side: &str| world.space(side).object("product", "product-0003").expect("there")["weight"].clone();
    assert_eq!(weight("prod"), weight("dev"));
}
