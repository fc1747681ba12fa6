//! Files: uploads, downloads, and records that have none.

use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Api, assuming, faulty, relation, sandbox, space};

const MEDIA: &str = "/api/v1/content/_media";

/// The first picture of dev.
fn picture(api: &Api, sandbox: &haul::sandbox::Sandbox) -> (Value, String) {
    let media = space(sandbox).objects("_media");
    let medium = media.into_iter().find(|medium| medium["mimeType"] == "image/png").unwrap();
    let url = format!("{}{}", api.base, medium["url"].as_str().unwrap());
    (medium, url)
}

#[tokio::test]
async fn an_upload_gets_an_id_of_its_own_and_a_record_without_internal() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let (medium, _) = picture(&api, &sandbox);
    let bytes = space(&sandbox).file(medium["id"].as_str().unwrap()).unwrap();
    let (status, made) = api.upload("image", "pic.png", "image/png", &bytes).await;
    assert_eq!(status, 200, "{made}");
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("_media-") && id.len() == "_media-".len() + 36, "{id}");
    assert_eq!(made["url"], format!("/image/0x0/{id}.png"));
    assert_eq!((&made["width"], &made["height"]), (&medium["width"], &medium["height"]));
    assert_eq!(
        (&made["fileName"], &made["extension"], &made["size"]),
        (&json!("pic.png"), &json!("png"), &json!(bytes.len()))
    );
    assert_eq!((&made["source"], &made["externalId"], &made["internal"]), (&json!("disk"), &json!(""), &Value::Null));
    assert_eq!(space(&sandbox).file(id).unwrap(), bytes);
    assert_eq!(api.get(&format!("{MEDIA}/{id}")).await["internal"]["status"], "public");
    let (_, again) = api.upload("image", "pic.png", "image/png", &bytes).await;
    assert_ne!(again["id"], made["id"], "nothing is recognised");
    let (_, file) = api.upload("file", "a.pdf", "application/pdf", b"%PDF-").await;
    assert_eq!((&file["type"], &file["width"], &file["height"]), (&json!("file"), &json!(0), &json!(0)));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let mut made = Vec::new();
    for _ in 0..2 {
        let sandbox = sandbox().await;
        made.push(Api::dev(&sandbox).upload("file", "a.txt", "text/plain", b"a").await.1);
    }
    assert_eq!(made[0], made[1]);
}

#[rstest]
#[case::kind("picture", "a.png", "image/png", "type")]
#[case::mime("file", "a.gz", "application/gzip", "file")]
#[case::no_image("image", "a.txt", "text/plain", "file")]
#[tokio::test]
async fn an_upload_that_breaks_a_rule_is_refused(
    #[case] kind: &str,
    #[case] name: &str,
    #[case] mime: &str,
    #[case] place: &str,
) {
    let sandbox = sandbox().await;
    let before = space(&sandbox).objects("_media").len();
    let (status, body) = Api::dev(&sandbox).upload(kind, name, mime, b"abc").await;
    assert_eq!(status, 400);
    assert!(body[place].is_array(), "{body}");
    assert_eq!(space(&sandbox).objects("_media").len(), before);
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused() {
    let sandbox = faulty(&["max-upload=1000"]).await;
    let (status, body) = Api::dev(&sandbox).upload("file", "a.txt", "text/plain", &[b'a'; 1001]).await;
    assert_eq!(status, 400);
    assert!(body["file"][0].as_str().unwrap().starts_with("The file is too large"), "{body}");
    assert_eq!(Api::dev(&sandbox).upload("file", "a.txt", "text/plain", &[b'a'; 1000]).await.0, 200);
}

#[tokio::test]
async fn an_upload_that_is_no_form_is_415() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    api.refused(Method::POST, "/api/media", &json!({ "type": "file" }), 415).await;
}

#[rstest]
#[case("unsaved-upload=stored", None, true)]
#[case("unsaved-upload=dropped", None, false)]
#[case("unsaved-upload=dropped", Some("0"), false)]
#[case("unsaved-upload=dropped", Some("1"), true)]
#[tokio::test]
async fn whether_an_upload_without_save_is_kept_is_an_assumption(
    #[case] switch: &str,
    #[case] save: Option<&'static str>,
    #[case] kept: bool,
) {
    let sandbox = assuming(&[switch]).await;
    let api = Api::dev(&sandbox);
    let part = reqwest::multipart::Part::bytes(b"abc".to_vec()).file_name("a.txt").mime_str("text/plain").unwrap();
    let mut form = reqwest::multipart::Form::new().text("type", "file").part("file", part);
    if let Some(save) = save {
        form = form.text("save", save);
    }
    let reply = api.request(Method::POST, "/api/media").multipart(form).send().await.unwrap();
    let id = reply.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(space(&sandbox).object("_media", &id).is_some(), kept);
    assert_eq!(space(&sandbox).file(&id).is_some(), kept);
}

#[tokio::test]
async fn a_server_may_recognise_a_file_that_it_has() {
    let sandbox = assuming(&["upload-twice=reused"]).await;
    let api = Api::dev(&sandbox);
    let (_, one) = api.upload("file", "a.txt", "text/plain", b"abc").await;
    let (_, two) = api.upload("file", "a.txt", "text/plain", b"abc").await;
    let (_, other) = api.upload("file", "a.txt", "text/plain", b"abd").await;
    assert_eq!(one["id"], two["id"]);
    assert_ne!(one["id"], other["id"]);
}

#[tokio::test]
async fn files_are_read_without_a_key_at_every_address_of_theirs() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox).with_key(None);
    let (medium, url) = picture(&api, &sandbox);
    let id = medium["id"].as_str().unwrap();
    let bytes = space(&sandbox).file(id).unwrap();
    for path in [
        format!("/image/0x0/{id}.png"),
        format!("/image/640x0/{id}.png"),
        format!("/image/0x0/{id}/any-name.png"),
        format!("/image/0x0/{id}/any-name.png/variant/square"),
        format!("/image/0x0/{}.PNG", id.to_uppercase()),
    ] {
        let reply = api.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(
            (reply.status(), reply.headers()["content-type"].to_str().unwrap()),
            (StatusCode::OK, "image/png"),
            "{path}"
        );
        assert_eq!(reply.bytes().await.unwrap(), bytes, "{path}");
    }
    let head = reqwest::Client::builder().no_proxy().build().unwrap().head(&url).send().await.unwrap();
    assert_eq!(head.headers()["content-length"].to_str().unwrap(), bytes.len().to_string());
    for path in [
        format!("/image/0x0/{id}.jpg"),
        format!("/image/0x0/{id}"),
        format!("/image/big/{id}.png"),
        "/image/0x0/none.png".to_owned(),
    ] {
        let body = api.expect(Method::GET, &path, None, 404).await;
        assert_eq!(body["code"], 404, "{path}");
    }
}

#[tokio::test]
async fn a_record_that_was_written_has_no_file() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let (medium, _) = picture(&api, &sandbox);
    let mut record = medium.clone();
    record["id"] = json!("_media-chosen");
    api.post(&format!("{MEDIA}/batch?updateExisting=true"), &json!([record])).await;
    api.expect(Method::GET, "/image/0x0/_media-chosen.png", None, 404).await;
}

#[tokio::test]
async fn a_file_goes_with_its_record_and_not_while_it_is_used() {
    let sandbox = sandbox().await;
    let api = Api::dev(&sandbox);
    let used = space(&sandbox).objects("blog_post")[0]["image"][0]["dataUrl"].as_str().unwrap().to_owned();
    api.expect(Method::DELETE, &used, None, 400).await;
    let (_, made) = api.upload("file", "a.txt", "text/plain", b"abc").await;
    let (id, url) = (made["id"].as_str().unwrap(), made["url"].as_str().unwrap());
    api.patch(&format!("{MEDIA}/{id}"), &json!({ "alt": "words", "tags": [relation("_tag", "_tag-1")] })).await;
    assert_eq!(api.request(Method::GET, url).send().await.unwrap().status(), 200);
    api.expect(Method::DELETE, &format!("{MEDIA}/{id}"), None, 204).await;
    api.expect(Method::GET, url, None, 404).await;
}

#[tokio::test]
async fn a_file_can_come_cut_or_with_other_bytes() {
    let sandbox = faulty(&["truncated-file=once"]).await;
    let api = Api::dev(&sandbox);
    let (medium, _) = picture(&api, &sandbox);
    let path = medium["url"].as_str().unwrap();
    let whole = space(&sandbox).file(medium["id"].as_str().unwrap()).unwrap();
    let read = async || api.request(Method::GET, path).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(read().await, whole[..whole.len() / 2]);
    assert_eq!(read().await, whole);
    sandbox.server("dev").set_faults(&["corrupted-file=2"]).unwrap();
    for _ in 0..2 {
        let bytes = read().await;
        assert!(bytes.len() == whole.len() && bytes != whole);
    }
    assert_eq!(read().await, whole);
}

/// What a file of the sample content is, its first bytes say.
#[tokio::test]
async fn every_file_is_what_its_record_says() {
    let sandbox = sandbox().await;
    for server in ["dev", "prod"] {
        let space = sandbox.server(server).space().unwrap();
        for medium in space.objects("_media") {
            let Some(bytes) = space.file(medium["id"].as_str().unwrap()) else { continue };
            let start: &[u8] = match medium["mimeType"].as_str().unwrap() {
                "image/png" => b"\x89PNG\r\n\x1a\n",
                "image/jpeg" => b"\xff\xd8\xff",
                "application/pdf" => b"%PDF-1.4",
                _ => b"Note",
            };
            assert!(bytes.starts_with(start), "{medium}");
            assert_eq!(medium["size"], bytes.len());
        }
    }
}
