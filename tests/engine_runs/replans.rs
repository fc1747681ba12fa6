//! Planning again between the same inventories.

use haul::engine::{Survey, replan, survey};
use haul::model::{Decision, DependencyMode, ErrorKind, PlanOptions, Policy, Reason, Selection};

use crate::world::{World, key, options};

async fn surveyed(world: &World, options: PlanOptions) -> Survey {
    survey(&world.source, &world.destination, options).await.unwrap()
}

fn some(ids: &[&str]) -> PlanOptions {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    PlanOptions { selection: Selection { ids, ..Selection::default() }, ..options(Policy::Skip) }
}

#[tokio::test]
async fn another_policy_makes_the_plan_that_a_new_survey_would_make() {
    let world = World::new();
    for dependencies in [None, Some(DependencyMode::None), Some(DependencyMode::Create), Some(DependencyMode::Policy)] {
        let first = surveyed(&world, PlanOptions { dependencies, ..some(&["e"]) }).await;
        for policy in [Policy::Skip, Policy::Overwrite, Policy::Duplicate] {
            for dependencies in [None, Some(DependencyMode::None), Some(DependencyMode::Policy)] {
                let asked = PlanOptions { policy, dependencies, ..some(&["e"]) };
                let again = replan(&first, &world.source, &world.destination, asked.clone()).await.unwrap();
                assert_eq!(again.plan, surveyed(&world, asked).await.plan, "{policy} {dependencies:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_picked_stays_picked_and_the_first_survey_stays_as_it_was() {
    let world = World::new();
    let first = surveyed(&world, some(&["b"])).await;
    let before = first.plan.clone();
    let again = replan(&first, &world.source, &world.destination, options(Policy::Overwrite)).await.unwrap();
    assert_eq!((&again.picked, &again.plan.options.selection), (&first.picked, &before.options.selection));
    assert_eq!(first.plan, before);
}

#[tokio::test]
async fn decisions_are_taken_or_refused_with_the_item_named() {
    let world = World::new();
    let first = surveyed(&world, options(Policy::Overwrite)).await;
    let decide = |id: &str, decision| {
        let mut options = options(Policy::Overwrite);
        options.decisions.insert(key(id), decision);
        options
    };
    let again = replan(&first, &world.source, &world.destination, decide("b", Decision::Skip)).await.unwrap();
    let item = again.plan.item(&key("b")).unwrap();
    assert_eq!((item.decision, item.reason), (Decision::Skip, Reason::Override));
    for (id, decision, kind) in
        [("b", Decision::Create, ErrorKind::Usage), ("z", Decision::Skip, ErrorKind::UnknownItem)]
    {
        let refused = replan(&first, &world.source, &world.destination, decide(id, decision)).await.unwrap_err();
        assert_eq!((refused.kind(), refused.item_keys()), (kind, &[key(id)][..]));
    }
}

#[tokio::test]
async fn nothing_is_listed_again() {
    let world = World::new();
    let first = surveyed(&world, options(Policy::Overwrite)).await;
    world.source.put(key("new"), "new", "new", &[]);
    let again = replan(&first, &world.source, &world.destination, options(Policy::Overwrite)).await.unwrap();
    assert_eq!(again.plan, first.plan);
}
