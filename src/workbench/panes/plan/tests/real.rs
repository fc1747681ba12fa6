//! The effects against the sandbox's servers: planned, decided, compared, saved and loaded.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::super::question;
use super::super::state::Trouble;
use super::ends_on;
use crate::model::{Decision, ItemKey, Kind, Platform, Policy, Severity, code};
use crate::remotes::{Environment, Paths};
use crate::sandbox::{self, Sandbox, SandboxOptions};
use crate::workbench::effect::{Desk, Effect, Executor};
use crate::workbench::message::Message;
use crate::workbench::panes::plan;
use crate::workbench::state::{Pane, State};
use crate::workbench::testing::{coloured, picture, press, state};
use crate::workbench::theme::Theme;
use crate::workbench::update::update;

/// The workbench on two servers.
struct Bench {
    _sandbox: Sandbox,
    folder: TempDir,
    executor: Executor,
    messages: tokio::sync::mpsc::Receiver<Message>,
    state: State,
}

impl Bench {
    async fn start() -> Self {
        Self::on(Platform::Ziggy).await
    }

    async fn on(platform: Platform) -> Self {
        let options = SandboxOptions { platform: Some(platform.as_str().to_owned()), ..SandboxOptions::default() };
        let sandbox = sandbox::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut variables = vec![("HOME".to_owned(), folder.path().display().to_string())];
        for server in &sandbox.servers {
            let name = server.name.to_uppercase();
            variables.push((format!("HAUL_REMOTE_{name}"), format!("{}:{}", server.platform, server.url)));
            match &server.token {
                Some(token) => variables.push((format!("HAUL_REMOTE_{name}_TOKEN"), token.clone())),
                None => {
                    variables.push((format!("HAUL_REMOTE_{name}_USER"), server.user.clone()));
                    variables.push((format!("HAUL_REMOTE_{name}_PASSWORD"), server.password.clone()));
                }
            }
        }
        let environment = Environment::from_iter(variables);
        let desk =
            Arc::new(Desk::new(environment, Paths::at(folder.path().join("config"), folder.path().join("state"))));
        let (executor, messages) = Executor::new(desk);
        let mut state = state();
        state.settings.folder = folder.path().to_owned();
        ends_on(&mut state, platform, false);
        Bench { _sandbox: sandbox, folder, executor, messages, state }
    }

    /// Carries out effects and what follows from their answers, until `done`.
    async fn until(&mut self, effects: Vec<Effect>, done: impl Fn(&State) -> bool) {
        self.start_all(effects);
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
        while !done(&self.state) {
            let message = tokio::time::timeout_at(deadline, self.messages.recv()).await;
            let message = message.unwrap_or_else(|_| panic!("{}", picture(&mut self.state))).expect("the desk is open");
            let effects = update(&mut self.state, message);
            self.start_all(effects);
        }
    }

    fn start_all(&self, effects: Vec<Effect>) {
        effects.into_iter().for_each(|effect| self.executor.start(effect));
    }

    async fn save_as(&mut self, name: &str, told: &str) {
        press(&mut self.state, "w ctrl-u");
        crate::workbench::testing::type_in(&mut self.state, name);
        self.state.notice = None;
        self.press("enter", |state| state.notice.is_some()).await;
        let notice = self.state.notice.clone().unwrap().text;
        assert!(notice.contains(told) && self.state.popups.is_empty(), "{notice}");
    }

    async fn press(&mut self, keys: &str, done: impl Fn(&State) -> bool) {
        let effects = press(&mut self.state, keys);
        self.until(effects, done).await;
    }
}

fn settled(state: &State) -> bool {
    state.plan.settled().is_some()
}

fn compared(state: &State) -> bool {
    settled(state) && state.plan.difference.shown.is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_two_servers_is_made_decided_saved_and_loaded() {
    let mut bench = Bench::start().await;
    let effects = question::everything(&mut bench.state);
    bench.until(effects, compared).await;
    let sheet = bench.state.plan.settled().unwrap().clone();
    assert!(sheet.len() > 20 && sheet.counts.of(Decision::Create) > 0, "{:?}", sheet.counts);
    assert!(sheet.outlook.requests > 0 && sheet.outlook.seconds > 0.0 && sheet.outlook.steps > 0);

    let effects = question::set_policy(&mut bench.state, Policy::Overwrite);
    bench.until(effects, settled).await;
    let sheet = bench.state.plan.settled().unwrap().clone();
    assert!(sheet.counts.of(Decision::Overwrite) > 0);
    let row = sheet.items().iter().position(|item| item.decision == Decision::Overwrite).unwrap() as u32;
    let effects = plan::list::go_to(&mut bench.state, row);
    bench.until(effects, compared).await;
    assert!(bench.state.plan.difference.comparison().unwrap().fields.unwrap() > 0);
    assert!(bench.state.plan.fields[&row] > 0);

    bench.press("s", settled).await;
    assert_eq!(bench.state.plan.settled().unwrap().item(row).decision, Decision::Skip);

    let path = bench.folder.path().join("plan-dev-prod.json");
    bench.press("w enter", |state| state.notice.as_ref().is_some_and(|notice| notice.text.contains("saved as"))).await;
    assert!(path.exists());
    bench.press("w enter", |state| !state.popups.is_empty()).await;
    assert!(picture(&mut bench.state).contains("exists already"));
    bench.press("esc", |state| state.popups.is_empty()).await;

    bench.save_as("~/mine.json", "saved as").await;
    assert!(bench.folder.path().join("mine.json").exists());
    bench.save_as("~", "is a folder").await;

    edit_first_skip(&path);
    bench.state.plan = plan::State::default();
    let effects = press(&mut bench.state, "L");
    assert!(effects.is_empty());
    bench.state.notice = None;
    crate::workbench::testing::type_in(&mut bench.state, "plan-dev-prod.json");
    bench.press("enter", compared).await;
    let now = bench.state.plan.settled().unwrap();
    assert_eq!(bench.state.plan.policy, Policy::Overwrite);
    assert_eq!(now.item(row).decision, Decision::Skip, "the decision of before");
    assert!(bench.state.plan.special.as_ref().unwrap().title.contains("edited in it: "));
    assert_eq!(bench.state.notice, None, "nothing changed since it was saved");
}

/// What a definition does to stored values is marked where it is read, and a file that differs is told from its record.
#[tokio::test(flavor = "multi_thread")]
async fn what_spaces_would_lose_is_marked_in_the_difference() {
    let mut bench = Bench::on(Platform::Flotiq).await;
    bench.state.plan.policy = Policy::Overwrite;
    let effects = question::everything(&mut bench.state);
    bench.until(effects, compared).await;
    let sheet = bench.state.plan.settled().unwrap().clone();
    let forecast = sheet.outlook.forecast.expect("spaces count requests");
    assert_eq!((forecast.rate, sheet.outlook.expected_requests() > forecast.requests), (Some(10.0), true));
    let product = ItemKey::new(Kind::Definition, "product");
    let effects = plan::list::go_to(&mut bench.state, sheet.row(&product).unwrap());
    bench.until(effects, compared).await;
    insta::assert_snapshot!("definition", picture(&mut bench.state));
    bench.press("enter", compared).await;
    insta::assert_snapshot!("definition-whole", coloured(&mut bench.state, Theme::Dark));
    bench.press("esc", compared).await;
    let picture_12 = sheet.items().iter().position(|item| &*item.name == "picture-12.png").unwrap();
    let effects = plan::list::go_to(&mut bench.state, picture_12 as u32);
    bench.until(effects, compared).await;
    let shown = picture(&mut bench.state);
    assert!(shown.contains("the records are alike, the files not"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_off_while_a_space_is_written_where_somebody_says_so() {
    let mut bench = Bench::on(Platform::Flotiq).await;
    let effects = question::everything(&mut bench.state);
    bench.until(effects, compared).await;
    let told = |state: &State| {
        let sheet = state.plan.settled().unwrap();
        sheet.plan().findings.iter().filter(|finding| finding.code == code::WEBHOOK_PAUSED).count()
    };
    assert_eq!(told(&bench.state), 0);
    let is_asked = |state: &State| state.plan.settled().is_some_and(|sheet| sheet.plan().options.pause_webhooks);
    bench.press("W", is_asked).await;
    assert!(told(&bench.state) > 0, "the plan names those that are on");
    assert!(picture(&mut bench.state).contains(", webhooks off"));
    bench.press("W", |state| settled(state) && !is_asked(state)).await;
    assert_eq!(told(&bench.state), 0);
}

/// As a person edits the file: the first item that is skipped by the policy is overwritten.
fn edit_first_skip(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    let items = plan["items"].as_array_mut().unwrap();
    let identical = items.iter_mut().find(|item| item["reason"] == "identical").unwrap();
    identical["decision"] = "overwrite".into();
    std::fs::write(path, plan.to_string()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_plan_file_is_said() {
    let mut bench = Bench::start().await;
    press(&mut bench.state, "L");
    crate::workbench::testing::type_in(&mut bench.state, "missing.json");
    bench.press("enter", |state| state.notice.is_some()).await;
    let notice = bench.state.notice.clone().unwrap();
    assert!(notice.severity == Severity::Blocking && notice.text.contains("missing.json"), "{}", notice.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_the_login_sends_back_to_the_locations() {
    let mut bench = Bench::start().await;
    let environment = Environment::from_iter([("HAUL_REMOTE_DEV".to_owned(), "ziggy:http://127.0.0.1:9".to_owned())]);
    let paths = Paths::at(bench.folder.path().join("c"), bench.folder.path().join("s"));
    let (executor, messages) = Executor::new(Arc::new(Desk::new(environment, paths)));
    (bench.executor, bench.messages) = (executor, messages);
    let effects = question::everything(&mut bench.state);
    bench.until(effects, |state| state.plan.trouble.is_some()).await;
    assert!(matches!(bench.state.plan.trouble, Some(Trouble::Failed(_))));
    let shown = picture(&mut bench.state);
    assert!(shown.contains("R tries again") && shown.contains("1 goes to the locations"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_left_is_planned_again() {
    let mut bench = Bench::start().await;
    let effects = question::everything(&mut bench.state);
    bench.until(effects, settled).await;
    let sheet = bench.state.plan.settled().unwrap().clone();
    let failed = sheet.items().iter().find(|item| item.decision == Decision::Skip).unwrap();
    let options = crate::model::PlanOptions {
        policy: Policy::Overwrite,
        selection: crate::model::Selection { ids: vec![failed.key.to_string()], ..Default::default() },
        decisions: Default::default(),
        ..sheet.plan().options.clone()
    };
    let question = crate::workbench::job::Question {
        source: sheet.asked.source.clone(),
        destination: crate::workbench::ends::Location::Remote("prod".into()),
        options,
    };
    bench.state.pane = Pane::History;
    let effects = plan::open_for(&mut bench.state, question);
    bench.until(effects, |state| settled(state) && state.plan.special.is_some()).await;
    assert_eq!(bench.state.pane, Pane::Plan);
    let now = bench.state.plan.settled().unwrap();
    assert!(now.len() < sheet.len() && now.row(&failed.key).is_some());
    assert!(picture(&mut bench.state).contains("what a run left"));
}
