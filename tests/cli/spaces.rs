//! Spaces as destinations, by the binary: what is said and done where something is amiss, and that nothing is written then.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use haul::sandbox::{SandboxOptions, Server, Space};
use serde_json::{Value, json};

use crate::common::{Answer, Scene, User};

struct Spaces {
    scene: Scene,
}

impl Spaces {
    fn new() -> Self {
        Spaces::of(160)
    }

    fn of(items: usize) -> Self {
        let platform = Some("flotiq".to_owned());
        let mut scene = Scene::with(SandboxOptions { platform, items: Some(items), ..SandboxOptions::default() });
        for side in ["dev", "prod"] {
            let key = scene.sandbox.server(side).info.token.clone().expect("a key");
            scene.user = with(&mut scene, side, &key);
        }
        Spaces { scene }
    }

    /// Another key for prod.
    fn with_key(mut self, name: &str) -> Self {
        let key = self.space().key_named(name).expect("a key");
        self.scene.user = with(&mut self.scene, "prod", &key);
        self
    }

    fn prod(&self) -> &Server {
        self.scene.sandbox.server("prod")
    }

    fn space(&self) -> &Space {
        self.prod().space().expect("a space")
    }

    fn haul(&self, arguments: &[&str]) -> Answer {
        self.scene.haul(&[arguments, &["--rate", "2000"]].concat())
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.scene.user.command(&[arguments, &["--rate", "2000"]].concat()).spawn().expect("haul starts")
    }

    /// Everything that prod holds.
    fn held(&self) -> Value {
        let dump = self.prod().dump();
        json!([dump["types"], dump["fired"]])
    }

    /// Requests to prod that change something.
    fn writes(&self) -> usize {
        self.prod().requests().iter().filter(|request| request.method != "GET").count()
    }

    fn wait_for(&self, mut has_come: impl FnMut(&Self) -> bool) {
        let patience = Instant::now() + Duration::from_secs(60);
        while !has_come(self) && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Two webhooks that hear of everything, beside those that the sample has.
    fn with_webhooks(self) -> Self {
        let actions: Vec<Value> = ["Create", "Update", "Delete"].map(|action| json!({ "action": action })).to_vec();
        for id in ["hear-1", "hear-2"] {
            let hook = json!({
                "id": id, "name": format!("Hook {id}"), "type": "async", "executionMode": "url", "enabled": true,
                "url": "https://hooks.example.invalid/", "content_type_definitions": [], "actions": actions,
            });
            self.space().save("_webhooks", hook).expect("a webhook");
        }
        self.space().forget_fired();
        self
    }

    fn webhooks(&self) -> Vec<Value> {
        self.space().objects("_webhooks").iter().map(|hook| json!([hook["id"], hook["enabled"]])).collect()
    }
}

fn with(scene: &mut Scene, side: &str, key: &str) -> User {
    let user = std::mem::replace(&mut scene.user, User::new());
    user.with(&format!("HAUL_REMOTE_{}_TOKEN", side.to_uppercase()), key)
}

fn signal(child: &Child, name: &str) {
    std::process::Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill starts");
}

/// Types of which prod takes everything: nothing in the way blocks a plan of these.
const TYPES: [&str; 3] = ["recipe", "author", "category"];

fn transfer(more: &[&str]) -> Vec<String> {
    let most = ["transfer", "dev", "prod", "--overwrite", "-y", "--types"];
    [&most[..], &TYPES, &["--dependencies", "create"], more].concat().iter().map(|word| (*word).to_owned()).collect()
}

fn words(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

#[test]
fn a_saved_plan_that_pauses_webhooks_is_applied_without_their_hearing_of_it() {
    let spaces = Spaces::new().with_webhooks();
    let before = spaces.webhooks();
    let mut plan = transfer(&["--pause-webhooks", "--out", "plan.json"]);
    plan[0] = "plan".to_owned();
    let shown = spaces.haul(&words(&plan)).exits(0);
    assert!(shown.stdout.contains("`Hook hear-1` is switched off while the run writes"), "{shown:?}");
    assert_eq!(spaces.writes(), 0);
    spaces.haul(&["apply", "plan.json", "-y"]).exits(0);
    assert_eq!((spaces.space().fired(), spaces.webhooks()), (Vec::new(), before));
    assert!(spaces.writes() > 3);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_run_with_the_webhooks_on_again() {
    let spaces = Spaces::new().with_webhooks();
    let before = spaces.webhooks();
    spaces.prod().set_faults(&["latency=20"]).expect("faults");
    let child = spaces.start(&words(&transfer(&["--pause-webhooks"])));
    spaces.wait_for(|spaces| spaces.writes() > 4);
    assert_ne!(spaces.webhooks(), before, "off meanwhile");
    signal(&child, "-TERM");
    let answer = spaces.scene.user.answer(&["transfer"], child.wait_with_output().expect("it ends")).exits(143);
    assert!(answer.stderr.contains("haul runs resume"), "{answer:?}");
    assert_eq!(spaces.webhooks(), before);
    spaces.haul(&["runs", "resume", "last", "-y"]).exits(0);
    assert_eq!((spaces.space().fired(), spaces.webhooks()), (Vec::new(), before));
}

#[cfg(unix)]
#[test]
fn webhooks_that_a_killed_run_left_off_are_on_when_it_is_resumed() {
    let spaces = Spaces::new().with_webhooks();
    let before = spaces.webhooks();
    spaces.prod().set_faults(&["latency=20"]).expect("faults");
    let mut child = spaces.start(&words(&transfer(&["--pause-webhooks"])));
    spaces.wait_for(|spaces| spaces.writes() > 4);
    signal(&child, "-KILL");
    child.wait().expect("it is gone");
    assert_ne!(spaces.webhooks(), before, "nobody was there to switch them on");
    spaces.prod().set_faults(&[]).expect("healed");
    spaces.haul(&["runs", "resume", "last", "-y"]).exits(0);
    assert_eq!((spaces.space().fired(), spaces.webhooks()), (Vec::new(), before));
}

#[test]
fn webhooks_that_stay_off_are_a_failure_that_says_how_they_come_back() {
    let spaces = Spaces::new().with_webhooks();
    let before = spaces.webhooks();
    spaces.prod().set_faults(&["status=403,2+:PATCH /api/v1/content/_webhooks/batch"]).expect("faults");
    let answer = spaces.haul(&words(&transfer(&["--pause-webhooks"]))).exits(1);
    let said = [&*answer.stdout, &*answer.stderr].concat();
    for words in ["`Hook hear-2`", "are off still", "webhook-left-off", "haul runs resume"] {
        assert!(said.contains(words), "{words}: {answer:?}");
    }
    spaces.prod().set_faults(&[]).expect("healed");
    spaces.haul(&["runs", "resume", "last", "-y"]).exits(0);
    assert_eq!(spaces.webhooks(), before);
}

/// What the verb says, its exit code, and that the destination holds what it held.
#[track_caller]
fn refuses(spaces: &Spaces, arguments: &[&str], code: i32, says: &[&str]) {
    let before = spaces.held();
    let answer = spaces.haul(arguments).exits(code);
    for words in says {
        assert!(answer.stderr.contains(words) || answer.stdout.contains(words), "`{words}` is not said: {answer:?}");
    }
    assert_eq!(spaces.held(), before, "the destination was touched: {answer:?}");
}

#[test]
fn a_key_without_the_right_to_write_is_told_so_and_changes_nothing() {
    let spaces = Spaces::new().with_key("read-only");
    refuses(&spaces, &words(&transfer(&[])), 1, &["failed with 403: ", "the API key lacks the right to do this"]);
}

#[test]
fn a_key_without_the_right_to_read_a_type_is_named_and_changes_nothing() {
    let spaces = Spaces::new().with_key("scoped");
    let all = ["transfer", "dev", "prod", "--overwrite", "-y", "--types", "recipe", "--dependencies", "none"];
    refuses(&spaces, &all, 1, &["may not read objects of", "`recipe`", "the API key lacks the right to do this"]);
}

#[test]
fn an_expired_key_is_told_so_and_changes_nothing() {
    let spaces = Spaces::new().with_key("expired");
    refuses(
        &spaces,
        &words(&transfer(&[])),
        1,
        &["failed with 401: ", "the API key is wrong, was deleted or has expired"],
    );
    assert_eq!(spaces.writes(), 0);
}

#[test]
fn a_key_that_expires_before_the_first_write_changes_nothing() {
    let spaces = Spaces::new();
    let calls = calls_before_the_first_write();
    spaces.prod().set_faults(&[&format!("expire-after={calls}")]).expect("faults");
    refuses(&spaces, &words(&transfer(&[])), 1, &["failed with 401: ", "has expired"]);
}

/// Calls that a space counts of a transfer until it writes.
fn calls_before_the_first_write() -> usize {
    let spaces = Spaces::new();
    spaces.haul(&words(&transfer(&[]))).exits(0);
    let requests = spaces.prod().requests();
    let read = requests.iter().take_while(|request| request.method == "GET");
    read.filter(|request| !request.path.starts_with("/image/")).count()
}

#[test]
fn a_quota_that_is_used_up_is_told_so_changes_nothing_and_the_run_goes_on_with_new_calls() {
    let spaces = Spaces::new();
    let calls = calls_before_the_first_write();
    spaces.prod().set_faults(&[&format!("quota={calls}")]).expect("faults");
    let says = ["failed with 403: ", "or the account's calls of the month are used up"];
    refuses(&spaces, &words(&transfer(&[])), 1, &says);
    spaces.prod().set_faults(&[]).expect("healed");
    spaces.haul(&["runs", "resume", "last", "-y"]).exits(0);
    spaces.haul(&words(&transfer(&["--fail-on", "damaged"]))).exits(0);
}

#[test]
fn a_quota_that_is_used_up_at_once_leaves_everything_as_it_is() {
    let spaces = Spaces::new();
    spaces.prod().set_faults(&["quota=3"]).expect("faults");
    refuses(&spaces, &words(&transfer(&[])), 1, &["failed with 403: ", "calls of the month are used up"]);
    assert_eq!(spaces.writes(), 0);
}

#[test]
fn a_type_that_was_removed_while_the_source_was_read_stops_before_anything_is_written() {
    let spaces = Spaces::new();
    let dev = spaces.scene.sandbox.server("dev");
    dev.set_faults(&["status=404,1+:GET /api/v1/content/recipe"]).expect("faults");
    refuses(
        &spaces,
        &words(&transfer(&[])),
        4,
        &["the type `recipe` was removed while the space was read", "start again"],
    );
    assert_eq!(spaces.writes(), 0);
}

#[test]
fn a_type_that_was_removed_at_the_destination_makes_a_saved_plan_stale() {
    let spaces = Spaces::new();
    let mut plan = transfer(&["--out", "plan.json"]);
    plan[0] = "plan".to_owned();
    spaces.haul(&words(&plan)).exits(0);
    remove_type(&spaces, "recipe");
    refuses(&spaces, &["apply", "plan.json", "-y"], 4, &["plan.json is stale", "definition:recipe", "make a new plan"]);
    assert_eq!(spaces.writes(), 0);
}

fn remove_type(spaces: &Spaces, type_: &str) {
    let server = &spaces.prod().info;
    let url = format!("{}/api/v1/internal/contenttype/{type_}/purge", server.url);
    let (key, body) = (server.token.clone().expect("a key"), json!({ "deleteSchema": true }));
    let sent = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let http = reqwest::Client::builder().no_proxy().build().expect("a client");
            http.post(url).header("X-AUTH-TOKEN", key).json(&body).send().await.expect("an answer").status()
        })
    });
    assert!(sent.join().expect("sent").is_success());
    spaces.prod().forget_requests();
}

#[test]
fn an_object_of_more_than_a_megabyte_blocks_the_plan_and_names_itself() {
    let spaces = Spaces::new();
    spaces.haul(&["export", "dev", "dir", "--with-internal", "--types", "recipe"]).exits(0);
    let path = spaces.scene.user.path("dir/ContentTypeRecipe/contentObjectRecipe.json");
    let mut lines: Vec<String> = std::fs::read_to_string(&path).expect("objects").lines().map(str::to_owned).collect();
    let mut object: Value = serde_json::from_str(&lines[0]).expect("JSON");
    object["name"] = Value::from("x".repeat(1_000_001));
    let id = object["id"].as_str().expect("an id").to_owned();
    lines[0] = object.to_string();
    std::fs::write(&path, lines.join("\n")).expect("written");
    let says = format!("object:recipe/{id} has 1");
    let import = ["import", "./dir", "prod", "--overwrite", "-y", "--types", "recipe", "--dependencies", "none"];
    refuses(&spaces, &import, 4, &["not-written", &says, "and a space takes 1000000 of one object"]);
    assert_eq!(spaces.writes(), 0);
    let decide = format!("object:recipe/{id}=skip");
    spaces.haul(&[&import[..], &["--decide", &decide]].concat()).exits(0);
}

#[test]
fn more_than_a_hundred_objects_of_a_type_are_cut_into_batches_that_the_space_takes() {
    let spaces = Spaces::of(3600);
    let count = |server: &Server| server.space().expect("a space").objects("faq").len();
    let all = count(spaces.scene.sandbox.server("dev"));
    assert!(all > 101 && count(spaces.prod()) == 0, "{all}");
    let report = spaces.haul(&["transfer", "dev", "prod", "--skip", "-y", "--types", "faq", "--json"]).exits(0).json();
    assert_eq!((&report["status"], count(spaces.prod())), (&json!("succeeded"), all));
    let requests = spaces.prod().requests();
    let batches = requests.iter().filter(|request| request.path == "/api/v1/content/faq/batch");
    assert_eq!(batches.count(), all.div_ceil(100), "as few as the space allows");
}

#[test]
fn a_definition_whose_update_would_strip_data_says_what_is_lost_and_can_be_refused() {
    let spaces = Spaces::new();
    let product = ["transfer", "dev", "prod", "--overwrite", "-y", "--ids", "definition:product"];
    let says = ["stored-data-changes", "overwriting definition:product strips `old_price` of "];
    let with = |more: &[&'static str]| [&product[..], more].concat();
    refuses(&spaces, &with(&["--dry-run"]), 0, &says);
    refuses(
        &spaces,
        &with(&["--fail-on", "stored-data-changes"]),
        4,
        &["--fail-on names: stored-data-changes", "definition:product"],
    );
    let asked = [&product[..4], &product[5..]].concat();
    refuses(&spaces, &asked, 4, &["--no-prompt"]);
    assert_eq!(spaces.writes(), 0);
    let decided = with(&["--decide", "definition:product=skip", "--fail-on", "stored-data-changes"]);
    refuses(&spaces, &decided, 0, &[]);
}

#[test]
fn defect_29_a_folder_that_is_taken_or_is_no_export_is_a_success() {
    let spaces = Spaces::of(20);
    std::fs::create_dir(spaces.scene.user.path("taken")).expect("made");
    spaces.scene.user.write("taken/something", "else");
    refuses(&spaces, &["export", "dev", "./taken"], 4, &["taken", "another"]);
    refuses(&spaces, &["import", "./missing", "prod", "--overwrite", "-y"], 2, &["missing"]);
    std::fs::create_dir(spaces.scene.user.path("empty")).expect("made");
    refuses(&spaces, &["import", "./empty", "prod", "--overwrite", "-y"], 1, &["empty"]);
    assert_eq!(spaces.writes(), 0);
}

#[test]
fn defect_30_the_key_is_shown_in_addresses_messages_or_files() {
    let spaces = Spaces::of(20);
    let key = spaces.prod().info.token.clone().expect("a key");
    spaces.prod().set_faults(&["status=418,POST /api/v1/content/recipe/batch"]).expect("faults");
    let answer = spaces.haul(&words(&transfer(&["-v"]))).exits(1);
    assert!(answer.stdout.contains("418"), "{answer:?}");
    assert!(!answer.stdout.contains(&key) && !answer.stderr.contains(&key), "{answer:?}");
    assert!(spaces.prod().requests().iter().all(|request| {
        !request.path.contains(&key) && !request.query.as_deref().unwrap_or_default().contains("auth_token")
    }));
    let mut open = vec![spaces.scene.user.path("state")];
    let mut files = 0;
    while let Some(path) = open.pop() {
        match path.is_dir() {
            true => {
                open.extend(std::fs::read_dir(&path).expect("readable").map(|entry| entry.expect("an entry").path()))
            }
            false => {
                let bytes = std::fs::read(&path).expect("readable");
                files += 1;
                assert!(!String::from_utf8_lossy(&bytes).contains(&key), "{}", path.display());
            }
        }
    }
    assert!(files > 3, "plan, journal and report are there: {files}");
}

/// A process that was killed had been told to wait; the next one does, and says so instead of seeming to hang.
#[test]
fn a_wait_that_a_killed_command_was_told_of_is_heeded_and_told() {
    let spaces = Spaces::new();
    spaces.prod().set_faults(&["too-many=1,100"]).expect("faults");
    let mut killed = spaces.start(&["list", "prod"]);
    let waits = spaces.scene.user.path("state/waits");
    let is_kept = |path: &Path| path.extension().is_none();
    spaces.wait_for(|_| {
        let kept = std::fs::read_dir(&waits).into_iter().flatten().flatten();
        kept.map(|entry| entry.path()).any(|path| is_kept(&path))
    });
    killed.kill().and_then(|()| killed.wait()).expect("it was there");
    spaces.prod().set_faults(&[]).expect("healed");
    spaces.prod().forget_requests();
    let mut next = spaces.start(&["list", "prod"]);
    let mut line = String::new();
    BufReader::new(next.stderr.take().expect("piped")).read_line(&mut line).expect("a line");
    next.kill().and_then(|()| next.wait()).expect("it was there");
    assert!(line.starts_with("note: waiting ") && line.contains("asked for patience before"), "{line}");
    assert_eq!(spaces.prod().requests().len(), 0, "nothing was sent meanwhile");
}
