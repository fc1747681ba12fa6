//! The client against servers of a few lines: what is repeated, what is not, and what each failure says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Client, Method, NetOptions};
use crate::model::{ErrorKind, EventSink, RunEvent};

/// What a server does with one connection.
#[derive(Clone, Copy, Debug)]
enum Act {
    Answer(&'static str),
    /// Reads the request and hangs up.
    Cut,
    /// Says this, then nothing more.
    Stall(&'static str),
}

#[derive(Default)]
struct Log(Mutex<Vec<RunEvent>>);

impl EventSink for Log {
    fn emit(&self, event: RunEvent) {
        self.0.lock().expect("no thread panicked").push(event);
    }
}

struct Script {
    client: Client,
    seen: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    log: Arc<Log>,
}

/// A server that does one act for each connection, the last one again and again.
async fn script(acts: &'static [Act]) -> Script {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (seen, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (counter, heard) = (seen.clone(), requests.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let act = acts[counter.fetch_add(1, Ordering::SeqCst).min(acts.len() - 1)];
            let heard = heard.clone();
            tokio::spawn(async move {
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).await.unwrap_or(0);
                heard.lock().expect("no thread panicked").push(String::from_utf8_lossy(&head[..read]).into_owned());
                match act {
                    Act::Cut => {}
                    Act::Answer(text) => {
                        let _ = stream.write_all(text.as_bytes()).await; // the client may be gone
                    }
                    Act::Stall(text) => {
                        let _ = stream.write_all(text.as_bytes()).await; // the client may be gone
                        std::future::pending::<()>().await;
                    }
                }
            });
        }
    });
    let options = NetOptions {
        first_byte_timeout: Duration::from_millis(400),
        stall_timeout: Duration::from_millis(400),
        retries: 2,
        ..NetOptions::default()
    };
    let log = Arc::new(Log::default());
    let base = format!("http://{address}/api").parse().expect("a URL");
    let client = Client::new(base, &options, log.clone()).expect("a client");
    Script { client, seen, requests, log }
}

const OK: Act = Act::Answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
const BUSY: Act = Act::Answer("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nretry-after: 0\r\nconnection: close\r\n\r\n");
const TOO_MANY: Act =
    Act::Answer("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\nretry-after: 0\r\nconnection: close\r\n\r\n");
const LATER: Act =
    Act::Answer("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\nretry-after: 86400\r\nconnection: close\r\n\r\n");

#[tokio::test]
async fn what_is_safe_is_repeated_and_what_is_not_is_sent_once() {
    for (acts, method, tries, fine) in [
        (&[BUSY, OK][..], Method::GET, 2, true),
        (&[Act::Cut, OK], Method::GET, 2, true),
        (&[BUSY], Method::GET, 3, false),
        (&[BUSY, OK], Method::POST, 1, false),
        (&[Act::Cut, OK], Method::POST, 1, false),
        (&[TOO_MANY, OK], Method::POST, 2, true),
        (&[LATER, OK], Method::GET, 1, false),
    ] {
        let acts: &'static [Act] = Box::leak(acts.to_vec().into_boxed_slice());
        let script = script(acts).await;
        let answer = script.client.call(method.clone(), "x").send().await;
        assert_eq!(answer.is_ok(), fine, "{method} {acts:?}: {answer:?}");
        assert_eq!(script.seen.load(Ordering::SeqCst), tries, "{method} {acts:?}");
        assert_eq!(script.client.requests(), tries as u64);
    }
}

#[tokio::test]
async fn a_repeatable_post_is_repeated() {
    let script = script(&[Act::Cut, BUSY, OK]).await;
    assert!(script.client.call(Method::POST, "x").repeatable().send().await.is_ok());
    assert_eq!(script.seen.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn each_phase_that_takes_too_long_has_its_own_words() {
    for (act, words) in [
        (Act::Stall(""), "no answer within 0.4 s"),
        (Act::Stall("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), "the answer stalled, no byte within 0.4 s"),
    ] {
        let acts: &'static [Act] = Box::leak(Box::new([act]));
        let script = script(acts).await;
        let error = script.client.call(Method::POST, "x").send().await.expect_err("too slow");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(error.message().contains(words), "{error}");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_named_with_what_to_do() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let options = NetOptions { retries: 0, ..NetOptions::default() };
    let client = Client::new(format!("http://{address}").parse().expect("a URL"), &options, Arc::new(())).expect("one");
    let error = client.call(Method::POST, "x").send().await.expect_err("nobody listens");
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Unreachable, 1));
    assert_eq!(error.message(), format!("cannot reach {address}: connection refused"));
    assert!(error.hint_text().is_some());
}

#[tokio::test]
async fn no_redirection_carries_a_credential_to_another_server() {
    let elsewhere = script(&[OK]).await;
    let target = elsewhere.client.base().clone();
    let answer = format!("HTTP/1.1 307 Go\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let acts: &'static [Act] = Box::leak(Box::new([Act::Answer(Box::leak(answer.into_boxed_str()))]));
    let script = script(acts).await;
    let call = script.client.call(Method::GET, "x").header("authorization", "Bearer canary").expect("a header");
    let error = call.send().await.expect_err("another server");
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert!(error.message().contains("another server") && !format!("{error:?}").contains("canary"), "{error:?}");
    assert_eq!(elsewhere.seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirection_within_the_server_is_followed_by_reads_only() {
    let moved = Act::Answer("HTTP/1.1 302 Go\r\nlocation: /api/y\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let acts: &'static [Act] = Box::leak(Box::new([moved, OK]));
    let reading = script(acts).await;
    assert!(reading.client.call(Method::GET, "x").send().await.is_ok());
    let paths: Vec<String> = reading
        .requests
        .lock()
        .expect("no panic")
        .iter()
        .filter_map(|head| head.split_whitespace().nth(1).map(str::to_owned))
        .collect();
    assert_eq!(paths, ["/api/x", "/api/y"]);
    let writing = script(acts).await;
    assert!(writing.client.call(Method::POST, "x").send().await.is_err());
}

#[tokio::test]
async fn events_name_methods_and_paths_but_no_query() {
    let script = script(&[TOO_MANY, OK]).await;
    script.client.call(Method::GET, "x").query(&[("token", "canary")]).send().await.expect("an answer");
    let events = script.log.0.lock().expect("no panic");
    let sent = |status| RunEvent::RequestSent { method: "GET".into(), path: "/api/x".into(), status: Some(status) };
    assert_eq!(*events, [sent(429), sent(200)]);
}

#[tokio::test]
async fn a_body_goes_to_a_file_whole_or_the_call_fails() {
    let cut = Act::Answer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nhalf");
    let whole = Act::Answer("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nwhole");
    let gone = Act::Answer("HTTP/1.1 404 No\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    let acts: &'static [Act] = Box::leak(Box::new([cut, whole, gone]));
    let script = script(acts).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    script.client.call(Method::GET, "x").into_file(path.clone()).send().await.expect("whole at the second try");
    assert_eq!(std::fs::read(&path).expect("a file"), b"whole");
    let other = folder.path().join("other");
    assert!(script.client.call(Method::GET, "x").into_file(other.clone()).send().await.is_err());
    assert!(!other.exists(), "what a refusal says is no file");
}

#[tokio::test]
async fn a_client_that_keeps_a_rate_bears_more_refusals_than_failures() {
    let acts: &'static [Act] = Box::leak(Box::new([TOO_MANY, TOO_MANY, TOO_MANY, TOO_MANY, TOO_MANY, TOO_MANY, OK]));
    let script = script(acts).await;
    let options = NetOptions { rate: Some(500.0), retries: 2, ..NetOptions::default() };
    let paced = Client::new(script.client.base().clone(), &options, script.log.clone()).expect("a client");
    paced.call(Method::POST, "x").send().await.expect("six refusals are borne, also of what is not repeated otherwise");
    assert_eq!(paced.requests(), 7);
}

#[tokio::test]
async fn a_client_of_another_process_heeds_what_an_earlier_one_was_told() {
    const PATIENCE: Act = Act::Answer(
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 100\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    let script = script(&[PATIENCE]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let options =
        NetOptions { rate: Some(500.0), retries: 0, waits: Some(folder.path().to_owned()), ..NetOptions::default() };
    let open = || Client::new(script.client.base().clone(), &options, script.log.clone()).expect("a client");
    assert!(open().call(Method::GET, "x").send().await.is_err(), "no try is left");
    let later = tokio::time::timeout(Duration::from_millis(100), open().call(Method::GET, "x").send()).await;
    assert!(later.is_err(), "it waits until the hundred seconds are over");
    assert_eq!(script.seen.load(Ordering::SeqCst), 1);
    let events = script.log.0.lock().expect("no thread panicked");
    let is_told = |event: &RunEvent| matches!(event, RunEvent::Waited { why, .. } if why == "the server asked for patience before");
    assert!(events.iter().any(is_told), "{events:?}");
}

#[tokio::test]
async fn an_answer_that_is_too_long_or_no_json_is_refused() {
    let script =
        script(&[Act::Answer("HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>")]).await;
    let error = script.client.call(Method::GET, "x").at_most(5).send().await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let answer = script.client.call(Method::GET, "x").send().await.expect("an answer");
    assert_eq!(answer.json().expect_err("no JSON").kind(), ErrorKind::Protocol);
}

#[test]
fn a_segment_cannot_leave_its_place() {
    for (text, segment) in [("a b", "a%20b"), ("../x", "..%2Fx"), ("..", "%2E%2E"), ("ü", "%C3%BC"), ("v1.2", "v1.2")]
    {
        assert_eq!(Client::segment(text), segment);
    }
}
