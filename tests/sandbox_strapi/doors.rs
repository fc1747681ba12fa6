//! Who is let in, and what the routes beside the transfer say.

use reqwest::{Client as Http, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Client, faulty, sandbox, site};

fn http() -> Http {
    Http::builder().no_proxy().tls_built_in_root_certs(false).build().unwrap()
}

#[tokio::test]
async fn tokens_open_what_they_may_and_nothing_else() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let token = |name| site(server).token_named(name).unwrap();
    let open = async |direction, token: &str| Client::try_open(server, direction, token).await.err();
    assert_eq!(open("pull", &token("transfer")).await, None);
    assert_eq!(open("push", &token("transfer")).await, None);
    assert_eq!(open("pull", &token("pull")).await, None);
    assert_eq!(open("push", &token("pull")).await, Some(403));
    assert_eq!(open("pull", &token("push")).await, Some(403));
    assert_eq!(open("pull", &token("expired")).await, Some(401));
    assert_eq!(open("pull", "wrong").await, Some(401));
    assert_eq!(open("pull", "").await, Some(401));
    assert_eq!(open("else", &token("transfer")).await, Some(404));
    assert_eq!(open("pull/", &token("transfer")).await, None, "a trailing slash is taken");
}

#[tokio::test]
async fn a_plain_get_tells_a_token_from_none() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let get = async |token: &str| {
        let request = http().get(format!("{}/transfer/runner/pull", server.info.url));
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    assert_eq!(get(server.info.token.as_deref().unwrap()).await.0, 404);
    let (status, body) = get("").await;
    let error = json!({ "status": 401, "name": "UnauthorizedError", "message": "Missing or invalid credentials",
        "details": {} });
    assert_eq!((status, body), (401, json!({ "data": null, "error": error })));
}

#[rstest]
#[case("transfer-disabled", 404)]
#[case("no-salt", 500)]
#[case("token-expired", 401)]
#[case("refuse-right=pull", 403)]
#[tokio::test]
async fn a_server_can_be_told_to_refuse(#[case] fault: &str, #[case] status: u16) {
    let sandbox = faulty(&[fault]).await;
    let server = sandbox.server("prod");
    assert_eq!(Client::try_open(server, "pull", "EXAMPLE-prod-transfer-token").await.err(), Some(status));
}

#[tokio::test]
async fn health_login_and_files_are_answered() {
    let sandbox = sandbox().await;
    let server = sandbox.server("dev");
    let base = server.info.url.strip_suffix("/admin").unwrap();
    assert_eq!(http().get(format!("{base}/_health")).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    let login = json!({ "email": server.info.user, "password": server.info.password });
    let login = http().post(format!("{base}/admin/login")).body(login.to_string()).send().await.unwrap();
    let token = login.json::<Value>().await.unwrap()["data"]["token"].as_str().unwrap().to_owned();
    assert_eq!(Client::try_open(server, "pull", &token).await.err(), Some(401), "a login is no transfer token");
    let file = site(server).rows("plugin::upload.file").remove(0);
    let url = file["data"]["url"].as_str().unwrap();
    let bytes = http().get(format!("{base}{url}")).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(Some(bytes.to_vec()), site(server).file(url.strip_prefix("/uploads/").unwrap()));
    let missing = http().get(format!("{base}/uploads/none.png")).send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}
