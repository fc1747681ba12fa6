//! What a listing holds.

use haul::model::{ErrorKind, Kind, Source};
use haul::sandbox::SandboxOptions;
use rstest::rstest;

use crate::spaces::{Spaces, examined};

#[tokio::test]
async fn everything_is_listed_drafts_included() {
    let spaces = Spaces::new(&[], &[]).await;
    let remote = spaces.connect().await;
    let inventory = remote.list().await.expect("a listing");
    let of = |kind: Kind| inventory.items().filter(|item| item.kind() == kind).count() as u64;
    let definitions = spaces.ask("/api/v1/internal/contenttype?internal=0&limit=1000").await;
    let types: Vec<String> = definitions["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|definition| definition["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(of(Kind::Definition), types.len() as u64);
    let mut objects = 0;
    for type_ in &types {
        objects += spaces.count(type_).await;
    }
    assert!(objects > 100, "{objects}");
    assert_eq!(of(Kind::Object), objects);
    for (kind, type_) in [(Kind::Media, "_media"), (Kind::Tag, "_tag"), (Kind::Webhook, "_webhooks")] {
        assert_eq!(of(kind), spaces.count(type_).await, "{type_}");
    }
    let open: Vec<String> = inventory
        .items()
        .filter(|item| item.kind() != Kind::Media && item.digests().is_none())
        .map(|item| item.key().to_string())
        .collect();
    assert_eq!(open, Vec::<String>::new(), "everything but files was examined");
    assert!(inventory.items().all(|item| item.is_traced()));
}

#[rstest]
#[case::as_it_is(&[])]
#[case::sorted_keys(&["key-order=length"])]
#[case::php(&["empty-objects=lists"])]
#[case::by_creation(&["order-by-id=refused"])]
#[tokio::test]
async fn how_a_server_behaves_makes_no_difference(#[case] switches: &[&str]) {
    let plain = Spaces::new(&[], &[]).await;
    let other = Spaces::new(switches, &[]).await;
    let (one, two) = (plain.connect().await, other.connect().await);
    let (one, two) = (examined(&one).await, examined(&two).await);
    assert_eq!(one.len(), two.len());
    for item in one.items() {
        let same = two.find(&item.key()).unwrap_or_else(|| panic!("{} is missing", item.key()));
        let semantic = |item: haul::model::ItemRef<'_>| item.digests().expect("examined").semantic;
        assert_eq!(semantic(item), semantic(same), "{}", item.key());
        assert_eq!(item.references().collect::<Vec<_>>(), same.references().collect::<Vec<_>>());
    }
}

/// The official order leaves objects of one second in no order at all, so that pages repeat some and leave others out.
#[tokio::test]
async fn a_list_whose_pages_overlap_is_whole_or_refused() {
    let options = SandboxOptions {
        items: Some(2500),
        switches: vec!["order-by-id=refused".to_owned(), "ties=shuffled".to_owned()],
        ..SandboxOptions::default()
    };
    let spaces = Spaces::of(options).await;
    match spaces.connect().await.list().await {
        Err(error) => assert_eq!(error.kind(), ErrorKind::Stale, "{error}"),
        Ok(inventory) => {
            for definition in inventory.items().filter(|item| item.kind() == Kind::Definition) {
                let listed = inventory.items().filter(|item| item.type_() == Some(definition.id())).count() as u64;
                assert_eq!(listed, spaces.count(definition.id()).await, "{}", definition.id());
            }
        }
    }
}

#[tokio::test]
async fn a_list_of_many_pages_is_whole() {
    let spaces = Spaces::of(SandboxOptions { items: Some(3000), ..SandboxOptions::default() }).await;
    let inventory = spaces.connect().await.list().await.expect("a listing");
    assert!(inventory.items().filter(|item| item.kind() == Kind::Object).count() >= 2500);
}

#[tokio::test]
async fn what_a_key_may_not_see_is_named() {
    let spaces = Spaces::new(&[], &[]).await;
    let remote = spaces.try_connect("scoped").await.expect("a good key");
    let inventory = remote.list().await.expect("a listing of what it sees");
    let partial: Vec<_> = inventory.findings.iter().filter(|finding| finding.code == "partial-view").collect();
    assert_eq!(partial.len(), 1, "{:?}", inventory.findings);
    assert!(partial[0].message.contains("`_webhooks`") && !partial[0].message.contains("`blog_post`"), "{partial:?}");
    assert!(inventory.items().any(|item| item.type_() == Some("blog_post")));
    assert!(!inventory.items().any(|item| item.kind() == Kind::Webhook));
    assert!(remote.access().limits.iter().any(|limit| limit.contains("_webhooks")), "{:?}", remote.access());
}

#[rstest]
#[case::expired("expired")]
#[case::wrong("no-such")]
#[tokio::test]
async fn a_key_that_is_not_good_says_so(#[case] key: &str) {
    let spaces = Spaces::new(&[], &[]).await;
    let error = spaces.try_connect(key).await.expect_err("not good");
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Unauthorized, 1));
    assert!(error.hint_text().is_some_and(|hint| hint.contains("API key")), "{error}");
    assert!(!error.message().contains("EXAMPLE"), "{error}");
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_no_partial_view() {
    for calls in [1, 3, 8] {
        let spaces = Spaces::new(&[], &[&format!("quota={calls}")]).await;
        let remote = spaces.connect().await;
        let error = remote.list().await.expect_err("no calls are left");
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{calls}: {error}");
        assert!(error.hint_text().is_some_and(|hint| hint.contains("calls of the month")), "{error}");
    }
}
