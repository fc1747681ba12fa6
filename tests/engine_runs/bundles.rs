//! Verbs that write no remote.

use std::sync::{Arc, Mutex};

use haul::engine::{Depth, ExportSpec, diff, export, list, needs, pick, survey, verify};
use haul::model::{
    Credentials, DependencyMode, ErrorKind, EventSink, Existing, ExportFormat, Files, Finding, Following, Layout,
    Policy, Progress, Reason, Role, RunEnd, RunEvent, RunStatus, Seal, Selection, Source, Squeeze, Stage,
};
use tokio_util::sync::CancellationToken;

use crate::world::{World, base, key, options, read_json};

fn format() -> ExportFormat {
    ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing: Existing::Refuse,
        files: Files::With,
        credentials: Credentials::Keep,
        folder: haul::model::FolderFormat::default(),
    }
}

fn only(id: &str) -> Selection {
    Selection { ids: vec![id.into()], ..Selection::default() }
}

#[tokio::test]
async fn an_export_takes_along_what_the_selection_needs() {
    let world = World::new();
    let output = world.folder.path().join("bundle");
    for (dependencies, expected) in [(None, 2), (Some(DependencyMode::None), 1)] {
        let selection = only("a");
        let format = format();
        let spec = ExportSpec {
            selection: &selection,
            dependencies: Following::unbounded(dependencies),
            format: &format,
            output: Some(&output),
        };
        let report = export(&world.source, &spec, &(), &CancellationToken::new()).await.unwrap();
        assert_eq!((report.status, report.run.as_deref()), (RunStatus::Succeeded, None));
        assert_eq!(report.items.len(), expected);
        assert!(report.items.iter().all(|item| item.reason == Reason::Selected));
        assert!(report.destination.location.ends_with("bundle.json"), "{}", report.destination.location);
        assert_eq!(read_json(&output.with_extension("json")).as_array().unwrap().len(), expected);
    }
}

#[tokio::test]
async fn a_cancelled_export_says_so() {
    let world = World::new();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let (selection, format) = (Selection::everything(), format());
    let spec =
        ExportSpec { selection: &selection, dependencies: Following::unbounded(None), format: &format, output: None };
    assert_eq!(export(&world.source, &spec, &(), &cancel).await.unwrap_err().kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn an_unknown_id_is_never_an_empty_success() {
    let world = World::new();
    assert_eq!(list(&world.source, &only("aa"), Depth::Listed).await.unwrap_err().kind(), ErrorKind::UnknownItem);
    let listing = list(&world.source, &only("a"), Depth::Examined).await.unwrap();
    assert_eq!(listing.picked.len(), 1);
    assert!(listing.inventory.item(listing.picked[0]).digests().is_some());
}

#[tokio::test]
async fn a_survey_carries_what_the_platform_remarks() {
    let world = World::new();
    let survey = survey(&world.source, &world.destination, options(Policy::Overwrite)).await.unwrap();
    assert!(survey.plan.findings.contains(&Finding::info("backup", "a remark of the platform")));
    let again = haul::engine::survey(&world.source, &world.destination, options(Policy::Overwrite)).await.unwrap();
    assert_eq!(survey.plan, again.plan);
}

#[tokio::test]
async fn a_difference_is_that_of_the_items() {
    let world = World::new();
    let [left, right] = [&world.source, &world.destination].map(|shelf| Arc::new(shelf.clone()) as Arc<dyn Source>);
    let same = diff(left.clone(), left.clone(), &Selection::everything()).await.unwrap();
    assert!(same.is_equal());
    let other = diff(left, right, &Selection::everything()).await.unwrap();
    assert_eq!((other.summary.only_left, other.summary.only_right), (2, 1));
    assert!(other.items.iter().any(|item| item.key == base("b1")));
    assert!(other.items.iter().any(|item| item.key == key("z")));
}

#[tokio::test]
async fn only_a_bundle_can_be_verified() {
    let world = World::new();
    assert!(world.source.check().await.unwrap().is_none());
    assert_eq!(verify(&world.source).await.unwrap_err().kind(), ErrorKind::Usage);
}

/// Folds what an export says.
#[derive(Default)]
struct Folding(Mutex<(Progress, Vec<RunEvent>)>);

impl EventSink for Folding {
    fn emit(&self, event: RunEvent) {
        let mut state = self.0.lock().unwrap();
        state.0.absorb(&event);
        state.1.push(event);
    }
}

#[tokio::test]
async fn an_export_tells_how_far_it_is_and_how_it_ended() {
    let world = World::new();
    let output = world.folder.path().join("bundle");
    let (selection, format) = (Selection { ids: vec!["a".into(), "d".into()], ..Selection::default() }, format());
    let spec = ExportSpec {
        selection: &selection,
        dependencies: Following::unbounded(None),
        format: &format,
        output: Some(&output),
    };
    let told = Folding::default();
    let report = export(&world.source, &spec, &told, &CancellationToken::new()).await.unwrap();
    let (progress, events) = told.0.into_inner().unwrap();
    assert_eq!((progress.items_total, progress.tally.done), (3, 3), "a, d, and the base of a");
    assert!(progress.bytes_total > 0 && progress.bytes == report.summary.bytes);
    assert_eq!((progress.run, progress.stage, progress.end), (None, Some(Stage::Write), Some(RunEnd::Succeeded)));
    assert!(matches!(events.last(), Some(RunEvent::Ended { .. })));

    let told = Folding::default();
    let unknown = ExportSpec { selection: &only("nothing"), ..spec };
    export(&world.source, &unknown, &told, &CancellationToken::new()).await.unwrap_err();
    let (progress, _) = told.0.into_inner().unwrap();
    assert!(matches!(progress.end, Some(RunEnd::Failed { error }) if error.code == ErrorKind::UnknownItem));
}

#[tokio::test]
async fn what_a_selection_needs_can_be_asked_without_a_destination() {
    let world = World::new();
    let mut inventory = world.source.list().await.unwrap();
    let picked = pick(&world.source, &mut inventory, &only("a")).await.unwrap();
    let members = needs(&world.source, &mut inventory, &picked, Following::unbounded(None)).await.unwrap().items;
    let told: Vec<_> = members.iter().map(|(item, role)| (inventory.item(*item).key(), *role)).collect();
    assert_eq!(told, [(base("b1"), Role::Dependency), (key("a"), Role::Picked)]);
    assert!(members.iter().all(|(item, _)| inventory.item(*item).digests().is_some()));
}
