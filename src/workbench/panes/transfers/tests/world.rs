//! A workbench without a terminal on two servers of the sandbox: effects are carried out, and their answers arrive.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::engine;
use crate::model::{Plan, PlanOptions, Policy, Selection};
use crate::remotes::{Environment, Paths};
use crate::sandbox::{self, Sandbox, SandboxOptions};
use crate::workbench::effect::{Desk, Effect, Executor};
use crate::workbench::ends::Location;
use crate::workbench::job::Job;
use crate::workbench::message::Message;
use crate::workbench::state::State;
use crate::workbench::testing;
use crate::workbench::update::update;

/// Far beyond what any of this takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct World {
    pub sandbox: Sandbox,
    pub desk: Arc<Desk>,
    pub state: State,
    pub folder: TempDir,
    executor: Executor,
    messages: mpsc::Receiver<Message>,
    /// What the loop would do itself.
    pub rang: u32,
    pub copied: Vec<String>,
}

pub fn remote(name: &str) -> Location {
    Location::Remote(name.to_owned())
}

impl World {
    pub async fn new() -> World {
        World::with(SandboxOptions::default(), &[]).await
    }

    pub async fn with(options: SandboxOptions, variables: &[(&str, &str)]) -> World {
        World::again(options, variables, tempfile::tempdir().expect("a folder")).await
    }

    /// With the runs of another world.
    pub async fn again(options: SandboxOptions, variables: &[(&str, &str)], folder: TempDir) -> World {
        let sandbox = sandbox::start(options).await.expect("a sandbox");
        let mut environment: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        for server in &sandbox.servers {
            let name = format!("HAUL_REMOTE_{}", server.name.to_uppercase());
            environment.push((name.clone(), format!("{}:{}", server.platform, server.url)));
            environment.push((format!("{name}_USER"), server.user.clone()));
            environment.push((format!("{name}_PASSWORD"), server.password.clone()));
        }
        let paths = Paths::at(folder.path().join("config"), folder.path().join("state"));
        let desk = Arc::new(Desk::new(Environment::from_iter(environment), paths));
        let (executor, messages) = Executor::new(desk.clone());
        World { sandbox, desk, state: testing::state(), folder, executor, messages, rang: 0, copied: Vec::new() }
    }

    /// A plan of everything, as a person has it before a run.
    pub async fn plan(&self, policy: Policy, selection: Selection) -> Plan {
        let options = PlanOptions { selection, ..PlanOptions::of(policy) };
        let source = self.desk.source(&remote("dev")).await.expect("dev opens");
        let destination = self.desk.destination(&remote("prod")).await.expect("prod opens");
        engine::survey(&*source, &*destination, options).await.expect("a plan").plan
    }

    pub async fn transfer(&self, tags: &[&str]) -> Job {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let plan = self.plan(Policy::Overwrite, Selection { tags, ..Selection::default() }).await;
        Job::Transfer { source: remote("dev"), destination: remote("prod"), plan: Box::new(plan) }
    }

    /// Begins effects, as the loop does.
    pub fn begin(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Bell => self.rang += 1,
                Effect::Copy(text) => self.copied.push(text),
                Effect::Suspend | Effect::Redraw => {}
                effect => self.executor.start(effect),
            }
        }
    }

    /// Begins effects and takes answers until something is so.
    pub async fn until(&mut self, effects: Vec<Effect>, is_so: impl Fn(&State) -> bool) {
        self.begin(effects);
        let waited = tokio::time::timeout(PATIENCE, async {
            while !is_so(&self.state) {
                let message = self.messages.recv().await.expect("the executor is there");
                let effects = update(&mut self.state, message);
                self.begin(effects);
            }
        });
        waited.await.expect("what is waited for comes");
    }

    /// Begins effects and takes answers until no run goes on.
    pub async fn until_all_ended(&mut self, effects: Vec<Effect>) {
        self.until(effects, |state| !state.transfers.is_moving()).await;
    }
}
