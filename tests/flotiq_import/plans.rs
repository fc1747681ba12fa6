//! What a plan says before anything is written, and what it refuses.

use haul::model::{EffectKind, ErrorKind, Kind, Policy, Severity, code};
use rstest::rstest;

use crate::world::{World, everything, objects, only};

#[tokio::test]
async fn a_definition_that_strips_and_converts_stored_values_says_so_with_counts() {
    let world = World::new(&[]).await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, only(&["definition:product"], Policy::Overwrite)).await;
    let told: Vec<&str> = survey
        .plan
        .findings
        .iter()
        .filter(|finding| finding.code == code::STORED_DATA_CHANGES)
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(told.iter().any(|text| text.contains("strips `old_price` of ")), "{told:?}");
    assert!(
        told.iter().any(|text| text.contains("converts `weight` of ") && text.contains("text to number")),
        "{told:?}"
    );
    let effect = survey.plan.effects.iter().find(|effect| effect.effect == EffectKind::Convert).expect("an effect");
    let products = objects(world.prod()).keys().filter(|name| name.starts_with("product/")).count() as u64;
    assert_eq!((effect.kind, effect.type_.as_deref(), effect.count), (Kind::Object, Some("product"), products));
    let forecast = survey.plan.findings.iter().find(|finding| finding.code == code::FORECAST).expect("a forecast");
    assert!(forecast.message.contains(" requests "), "{}", forecast.message);
    // The objects that lose something are in the snapshot.
    let report = world.run(dev, prod, survey).await.expect("a run");
    let snapshot = report.snapshot.expect("a snapshot");
    let kept =
        std::fs::read_to_string(std::path::Path::new(&snapshot).join("ContentTypeProduct/contentObjectProduct.json"));
    assert!(kept.expect("the objects").contains("old_price"));
}

#[tokio::test]
async fn objects_that_a_kept_definition_would_not_take_block_the_plan() {
    let world = World::new(&[]).await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, only(&["object:product/product-0003"], Policy::Overwrite)).await;
    let blocking: Vec<&str> = survey.plan.blocking().map(|finding| finding.message.as_str()).collect();
    assert!(blocking.iter().any(|text| text.contains("`weight` holds text there and number here")), "{blocking:?}");
    let refused = world.run(dev, prod, survey).await.expect_err("refused");
    assert_eq!((refused.kind(), refused.exit_code()), (ErrorKind::BlockingFinding, 4));
    assert_eq!(world.writes().len(), 0);
}

#[rstest]
#[case::read_only("read-only", 1)]
#[case::expired("expired", 1)]
#[tokio::test]
async fn a_key_that_may_not_write_changes_nothing(#[case] key: &str, #[case] code: i32) {
    let world = World::new(&[]).await;
    let before = objects(world.prod());
    let url = world.prod().info.url.clone();
    let dev = world.dev().await;
    let prod = match key {
        "expired" => {
            let options = haul::platforms::OpenOptions {
                login: Some(haul::remotes::Login::token("EXAMPLE-prod-expired-key".to_owned())),
                spool: world.folder.path().join("spool"),
                ..haul::platforms::OpenOptions::default()
            };
            let url = url.parse().expect("a URL");
            let refused = haul::platforms::flotiq::Remote::connect(&url, Some("prod"), &options).await;
            let error = refused.expect_err("refused");
            assert_eq!(i32::from(error.exit_code()), code);
            assert!(error.hint_text().is_some_and(|hint| hint.contains("expired")));
            return;
        }
        key => world.remote("prod", key).await,
    };
    let report = world.between(dev, prod, only(&["object:recipe/recipe-0003"], Policy::Overwrite)).await;
    let error = report.error.expect("an error");
    assert!(error.hint.unwrap_or_default().contains("right"), "{}", error.message);
    assert_eq!(objects(world.prod()), before);
}

#[tokio::test]
async fn a_plan_counts_the_states_that_change() {
    let world = World::new(&[]).await;
    let (dev, prod) = (world.dev().await, world.remote("prod", "read-write").await);
    let survey = world.plan(&*dev, &*prod, everything(Policy::Overwrite)).await;
    let has = |wanted: &str| {
        survey.plan.findings.iter().any(|finding| finding.code == wanted && finding.severity == Severity::Warning)
    };
    assert!(has(code::STATES_CHANGE) && has(code::PUBLIC_VERSION_LEFT_OUT));
    // One file of the sample is another one at prod, under the same id.
    let blocking: Vec<String> = survey.plan.blocking().map(|finding| finding.message.clone()).collect();
    assert_eq!(blocking.len(), 1, "{blocking:?}");
    assert!(blocking[0].contains("holds another file at the destination"), "{}", blocking[0]);
}
