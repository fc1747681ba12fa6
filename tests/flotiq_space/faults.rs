//! A space in bad weather.

use haul::model::Source;
use rstest::rstest;

use crate::spaces::{Spaces, examined, export_all};

#[rstest]
#[case::now_and_then_too_many(&["too-many=4,0"])]
#[case::with_dates(&["too-many=25,date"])]
#[case::errors(&["fail-rate=0.2"])]
#[case::lost_replies(&["lose-rate=0.1"])]
#[case::cut_in_the_middle(&["cut-body=%7:*"])]
#[tokio::test]
async fn what_passes_is_survived(#[case] faults: &[&str]) {
    let fair = Spaces::new(&[], &[]).await;
    let foul = Spaces::new(&[], faults).await;
    let (one, two) = (fair.connect().await, foul.connect().await);
    let (one, two) = (examined(&one).await, examined(&two).await);
    assert_eq!(one.len(), two.len());
    for item in one.items() {
        let same = two.find(&item.key()).expect("as many");
        assert_eq!(item.digests().map(|d| d.semantic), same.digests().map(|d| d.semantic), "{}", item.key());
    }
    let dump = foul.sandbox.server("dev").dump();
    assert_eq!(dump["counters"]["early"], 0, "nothing was sent before a wait that was asked for was over");
}

#[tokio::test]
async fn a_space_that_never_answers_leaves_nothing() {
    let spaces = Spaces::new(&[], &["status=500,1+:/api/v1/content/author"]).await;
    let remote = spaces.connect().await;
    let to = spaces.folder.path().join("out");
    let error = remote.list().await.expect_err("it never answers");
    assert!(error.message().contains("500"), "{error}");
    assert!(!to.exists());
}

#[tokio::test]
async fn a_file_that_a_space_lost_is_a_finding() {
    let spaces = Spaces::new(&[], &[]).await;
    let media = spaces.ask("/api/v1/content/_media?limit=1").await["data"][0].clone();
    let id = media["id"].as_str().expect("an id").to_owned();
    let foul = Spaces::new(&[], &[&format!("status=404,1+:{}", media["url"].as_str().expect("a URL"))]).await;
    let to = foul.folder.path().join("out");
    let exported = export_all(&foul.connect().await, &to).await.expect("written all the same");
    let missing: Vec<_> = exported.findings.iter().filter(|finding| finding.code == "missing-file").collect();
    assert!(missing.len() == 1 && missing[0].message.contains(&id), "{:?}", exported.findings);
}

#[rstest]
#[case::once("once", 0)]
#[case::always("always", 1)]
#[tokio::test]
async fn a_file_that_ends_too_soon_is_asked_for_again_and_then_told(#[case] when: &str, #[case] at_least: usize) {
    let spaces = Spaces::new(&[], &[&format!("truncated-file={when}")]).await;
    let to = spaces.folder.path().join("out");
    let exported = export_all(&spaces.connect().await, &to).await.expect("written all the same");
    let short = exported.findings.iter().filter(|finding| finding.code == "file-size-differs").count();
    assert!(if at_least == 0 { short == 0 } else { short >= at_least }, "{:?}", exported.findings);
}
