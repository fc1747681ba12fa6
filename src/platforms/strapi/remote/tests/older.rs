//! A server of v4 as a source for a destination of v5.

use serde_json::json;

use super::server::Script;
use super::{Fault, Scene, asset, export, file, index};
use crate::model::{ItemKey, Kind, LocationInfo, Platform, Source, code};

fn destination(version: &str) -> LocationInfo {
    LocationInfo { version: Some(version.to_owned()), ..LocationInfo::new(Platform::Strapi, "there") }
}

/// An article and a file, as 4.26.2 tells them.
fn script() -> Script {
    let data = json!({"title": "One", "createdAt": "2026-11-21T14:00:53.450Z"});
    let file_data =
        json!({"name": "file 1", "provider": "local", "formats": null, "createdAt": "2026-11-21T14:00:52.520Z"});
    let end = |type_: &str, field: &str| json!({"type": type_, "ref": 1, "field": field});
    Script {
        version: "4.26.2",
        entities: vec![
            json!({"type": "admin::user", "id": 1, "data": {"password": "canary"}}),
            json!({"type": "api::a.a", "id": 1, "data": data}),
            json!({"type": "plugin::upload.file", "id": 1, "data": file_data}),
        ],
        links: vec![json!({"kind": "relation.morph", "relation": "morphToMany",
            "left": end("plugin::upload.file", "related"), "right": end("api::a.a", "cover")})],
        files: vec![file(1, "a_1.png", None)],
        fault: Fault::None,
    }
}

#[tokio::test]
async fn its_content_is_pulled_in_the_form_of_the_destination() {
    let scene = Scene::new(script()).await;
    let remote = scene.connect().await.expect("it opens");
    let suited = remote.suited(&destination("5.54.0")).await.expect("asks nothing").expect("another form");
    assert!(suited.suited(&destination("5.54.0")).await.expect("asks nothing").is_none(), "it suits now");
    let mut inventory = suited.list().await.expect("it is listed");
    let renamed = suited.renamed("api::a.a/1").expect("it has another id");
    let document = renamed.strip_prefix("api::a.a/").expect("the type stays");
    let article = index(&inventory, &ItemKey::typed(Kind::Entry, "api::a.a", document));
    let file = suited.renamed("asset:1").expect("it has another id").replace("asset:", "");
    let file = index(&inventory, &asset(&file));
    assert_eq!(inventory.item(article).local_references().flatten().collect::<Vec<_>>(), [file]);
    let said = inventory.findings.iter().find(|finding| finding.code == code::CONVERTED).expect("it is said");
    assert!(said.message.starts_with("converted from 4.26.2 to 5.54.0: "), "{said:?}");

    suited.examine(&mut inventory, &[file]).await.expect("its file comes");
    assert!(inventory.item(file).digests().is_some());
    assert_eq!(suited.info().version.as_deref(), Some("4.26.2"), "the source itself stays what it is");
    drop((suited, remote));
    assert_eq!(scene.spools(), 0, "nothing stays on disk");
    assert_eq!(scene.last_words().await, ["close", "end"]);
}

#[tokio::test]
async fn an_export_of_it_holds_files_and_no_rows_of_the_admin_panel() {
    let scene = Scene::new(script()).await;
    let remote = scene.connect().await.expect("it opens");
    let suited = remote.suited(&destination("5.54.0")).await.expect("asks nothing").expect("another form");
    let inventory = suited.list().await.expect("it is listed");
    let to = scene.spools.path().join("out.tar");
    let names = export(&*suited, &inventory, &to).await.expect("it is written");
    assert!(names.contains(&"assets/uploads/a_1.png".to_owned()), "{names:?}");
}

#[tokio::test]
async fn where_the_versions_fit_nothing_is_converted() {
    for (version, there) in [("5.54.0", "5.54.0"), ("5.54.0", "4.26.2")] {
        let scene = Scene::new(Script { version, ..script() }).await;
        let remote = scene.connect().await.expect("it opens");
        assert!(remote.suited(&destination(there)).await.expect("asks nothing").is_none(), "{version} for {there}");
    }
}

#[tokio::test]
async fn rows_of_v4_get_names_for_a_destination_of_v4() {
    let scene = Scene::new(script()).await;
    let remote = scene.connect().await.expect("it opens");
    assert!(remote.suited(&destination("4.26.2")).await.expect("asks nothing").is_some());
}
