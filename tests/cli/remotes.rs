//! Remotes and credentials: where they are kept, in which order they are taken, and that they are never shown.

use crate::common::{Scene, User, assert_transcript};

/// A user who has no remotes in the environment, and the addresses of two servers.
fn stranger(scene: &Scene) -> User {
    let server = &scene.sandbox.servers[0];
    User::new().with("ADDRESS", &format!("{}:{}", server.platform, server.url))
}

fn address(scene: &Scene) -> String {
    let server = &scene.sandbox.servers[0];
    format!("{}:{}", server.platform, server.url)
}

#[test]
fn a_remote_is_added_tested_renamed_and_forgotten() {
    let scene = Scene::new();
    let user = stranger(&scene);
    let server = &scene.sandbox.servers[0];
    let add = ["remote", "add", "main", &address(&scene), "--user", &server.user, "--credential-stdin"];
    let added = user.haul_with_stdin(&add, format!("{}\n", server.password).as_bytes()).exits(0);
    assert!(!format!("{added:?}").contains(&server.password));
    assert_transcript!("remote-list", user.haul(&["remote", "list"]).exits(0));
    let tested = user.haul(&["remote", "test", "main", "--json"]).exits(0).json();
    assert_eq!(tested["status"], "ok");
    assert!(tested["summary"]["items"].as_u64() > Some(40));
    assert_eq!(
        (&tested["access"]["account"], &tested["access"]["role"]),
        (&server.user.as_str().into(), &"ADMIN".into())
    );
    assert!(user.haul(&["remote", "test", "main"]).exits(0).stdout.contains("rights: sees every flow"));
    user.haul(&["remote", "rename", "main", "other"]).exits(0);
    user.haul(&["list", "main"]).exits(2);
    user.haul(&["list", "other", "--tags", "billing"]).exits(0);
    assert_eq!(user.haul(&["remote", "use", "other", "--json"]).exits(0).json()["remote"]["defaultSource"], true);
    user.haul(&["remote", "remove", "other"]).exits(0);
    assert_eq!(user.haul(&["remote", "list", "--json"]).exits(0).json()["remotes"].as_array().map(Vec::len), Some(0));
    let kept = std::fs::read_to_string(user.path("config/credentials.toml")).unwrap_or_default();
    assert!(!kept.contains(&server.password));
}

#[test]
fn a_remote_is_added_once_and_with_a_legal_name() {
    let user = User::new();
    let add =
        |name: &str| user.haul(&["remote", "add", name, "ziggy:https://ziggy.example.com", "--credential-env", "X"]);
    add("prod").exits(0);
    for name in ["prod", "-x", "a b", ""] {
        add(name).exits(2);
    }
    for address in ["ziggy.example.com", "ziggy:ziggy.example.com", "ziggy:https://anna:canary@ziggy.example.com"] {
        let answer = user.haul(&["remote", "add", "other", address]).exits(2);
        assert!(!answer.stderr.contains("canary"), "{answer:?}");
    }
    user.haul(&["remote", "add", "y", "ziggy:https://z.example.com", "--credential-env", "A", "--credential-stdin"])
        .exits(2);
}

#[test]
fn credentials_are_taken_in_the_order_of_the_guide() {
    let scene = Scene::new();
    let server = &scene.sandbox.servers[0];
    let (address, user, password) = (address(&scene), server.user.as_str(), server.password.as_str());
    let listed = |variables: &[(&str, &str)], arguments: &[&str]| {
        let fresh = User::new();
        let mut command = fresh.command(&[&["list", "dev", "--tags", "billing"], arguments].concat());
        command.env("HAUL_REMOTE_DEV", &address).envs(variables.iter().copied());
        fresh.answer(arguments, command.output().expect("haul starts")).code
    };
    let own = [("HAUL_REMOTE_DEV_USER", user), ("HAUL_REMOTE_DEV_PASSWORD", password)];
    let wrong = [("HAUL_REMOTE_DEV_USER", user), ("HAUL_REMOTE_DEV_PASSWORD", "wrong")];
    assert_eq!(listed(&own, &[]), 0);
    assert_eq!(listed(&wrong, &[]), 1);
    let given = [wrong[0], wrong[1], ("HAUL_FROM_PASSWORD", password)];
    assert_eq!(listed(&given, &["--from-user", user]), 0, "an option goes before the remote's own");
    assert_eq!(
        listed(&[own[0], own[1], ("HAUL_FROM_TOKEN", "wrong")], &[]),
        1,
        "a variable goes before the remote's own"
    );
    assert_eq!(listed(&own, &["--from-token", "wrong"]), 1, "an option goes before everything");
    assert_eq!(listed(&[], &["--from-user", user]), 4, "a user without a password");
    assert_eq!(listed(&own, &["--from-user", user, "--from-token", "x"]), 2, "one of them");
}

#[test]
fn a_remote_takes_its_credential_from_a_variable_or_a_command() {
    let scene = Scene::new();
    let server = &scene.sandbox.servers[0];
    let user = stranger(&scene).with("SECRET_OF_DEV", &server.password);
    let add = |name: &str, option: &str, value: &str| {
        user.haul(&["remote", "add", name, &address(&scene), "--user", &server.user, option, value]).exits(0);
        user.haul(&["list", name, "--tags", "billing"]).exits(0);
    };
    add("by-variable", "--credential-env", "SECRET_OF_DEV");
    add("by-command", "--credential-command", "printenv SECRET_OF_DEV");
    let shown = user.haul(&["remote", "list", "--json"]).exits(0).stdout;
    assert!(!shown.contains(&server.password) && !shown.contains("printenv"), "{shown}");
}

#[test]
fn a_name_wins_over_a_file_and_a_path_is_always_a_file() {
    let scene = Scene::new();
    scene.user.write("dev", r#"{"flows": [], "connections": [], "secrets": []}"#);
    assert!(scene.haul(&["list", "dev", "--json"]).exits(0).json()["summary"]["items"].as_u64() > Some(40));
    assert_eq!(scene.haul(&["list", "./dev", "--json"]).exits(0).json()["summary"]["items"], 0);
}

#[test]
fn a_remote_is_changed_and_the_rest_of_the_file_stays() {
    let scene = Scene::new();
    let user = stranger(&scene).with("SECRET_OF_DEV", &scene.sandbox.servers[0].password);
    let config =
        format!("# mine\n[remotes.main]\nplatform = \"ziggy\"\nurl = \"{}\" # here\n", scene.sandbox.servers[1].url);
    std::fs::create_dir_all(user.path("config")).expect("a folder");
    let file = user.write("config/config.toml", &config);
    user.haul(&["remote", "edit", "main"]).exits(2);
    user.haul(&["remote", "edit", "mian", "--production"]).exits(2);
    let server = &scene.sandbox.servers[0];
    let edit = ["remote", "edit", "main", "--url", &server.url, "--user", &server.user];
    let rest = ["--credential-env", "SECRET_OF_DEV", "--production", "--read-only=true", "--json"];
    let changed = user.haul(&[&edit[..], &rest[..]].concat()).exits(0).json();
    assert_eq!((&changed["status"], &changed["remote"]["production"]), (&"changed".into(), &true.into()));
    let listed = user.haul(&["remote", "list", "--json"]).exits(0).json();
    assert_eq!(listed["remotes"][0]["readOnly"], true);
    assert!(user.haul(&["remote", "list"]).exits(0).stdout.contains("production, read-only"));
    user.haul(&["list", "main", "--tags", "billing"]).exits(0);
    let now = std::fs::read_to_string(&file).expect("it is there");
    assert!(now.starts_with("# mine\n") && now.contains("# here"), "{now}");
    user.haul(&["remote", "edit", "main", "--url", "https://anna:canary@z.example.com"]).exits(2);
}

#[test]
fn nothing_is_written_to_a_remote_that_is_read_only() {
    let scene = Scene::new();
    let user = &scene.user;
    let plan = user.path("plan.json").display().to_string();
    scene.haul(&["plan", "dev", "prod", "--overwrite", "--tags", "billing", "--out", &plan]).exits(0);
    let bundle = user.path("b.json").display().to_string();
    scene.haul(&["export", "dev", &bundle, "--tags", "billing"]).exits(0);
    let before = scene.requests("prod");
    for arguments in [
        &["plan", "dev", "prod", "--overwrite"][..],
        &["transfer", "dev", "prod", "--overwrite", "-y"],
        &["import", &bundle, "prod", "--overwrite", "-y"],
        &["apply", &plan, "-y"],
    ] {
        let mut command = user.command(arguments);
        let output = command.env("HAUL_REMOTE_PROD_READ_ONLY", "1").output().expect("haul starts");
        let answer = user.answer(arguments, output).exits(4);
        assert!(answer.stderr.contains("HAUL_REMOTE_PROD_READ_ONLY"), "{answer:?}");
    }
    assert_eq!(scene.requests("prod"), before);
    let mut command = user.command(&["list", "prod", "--tags", "billing"]);
    assert!(command.env("HAUL_REMOTE_PROD_READ_ONLY", "1").status().expect("haul starts").success());
}
