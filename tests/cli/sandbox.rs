//! `haul sandbox` as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::Child;

use serde_json::Value;

use crate::common::User;

fn start(user: &User, arguments: &[&str]) -> (Child, Value) {
    let mut child = user.command(&[&["sandbox"], arguments].concat()).spawn().expect("haul starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("one line");
    child.stdout = Some(stdout.into_inner());
    (child, serde_json::from_str(&line).expect("one JSON line"))
}

fn signal(child: &Child, name: &str) {
    let sent = std::process::Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill starts");
    assert!(sent.success());
}

#[test]
fn it_prints_one_line_serves_and_ends_on_a_signal() {
    let user = User::new();
    for name in ["-INT", "-TERM"] {
        let (child, line) = start(&user, &["--platform", "ziggy"]);
        let server = &line["servers"][0];
        assert_eq!(
            (&line["schema"], &server["platform"], &server["name"]),
            (&1.into(), &"ziggy".into(), &"dev".into())
        );
        let mut listing =
            user.command(&["list", &format!("ziggy:{}", server["url"].as_str().expect("a URL")), "--json"]);
        listing.args(["--from-user", server["user"].as_str().expect("a user")]);
        let output = listing.env("HAUL_FROM_PASSWORD", server["password"].as_str().expect("a password")).output();
        assert_eq!(output.expect("haul starts").status.code(), Some(0));
        signal(&child, name);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(
            (output.status.code(), output.stdout.as_slice(), output.stderr.as_slice()),
            (Some(0), &b""[..], &b""[..])
        );
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let user = User::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("known").port().to_string();
    let answer = user.haul(&["sandbox", "--port", &port, "--json"]);
    assert_ne!(answer.code, 0);
    assert!(answer.json()["error"]["message"].as_str().is_some_and(|message| message.contains(&port)), "{answer:?}");
}
