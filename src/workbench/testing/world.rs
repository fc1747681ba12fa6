//! The whole workbench but for the terminal: two servers of the sandbox, effects that are carried out, answers that
//! arrive, a frame after each.
//! Must not know: what is tested.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::look;
use crate::remotes::{CredentialStore, Environment, NewCredential, NewRemote, Paths, RemoteName, Remotes, parse_url};
use crate::sandbox::{self, Sandbox, SandboxOptions};
use crate::workbench::effect::{Desk, Effect, Executor};
use crate::workbench::message::Message;
use crate::workbench::panes;
use crate::workbench::state::{Settings, State};
use crate::workbench::theme::Theme;
use crate::workbench::update::update;

/// Far beyond what any of this takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// As long nothing has to happen until all has happened.
const QUIET: Duration = Duration::from_millis(250);

pub struct World {
    pub state: State,
    pub folder: TempDir,
    pub desk: Arc<Desk>,
    /// What was put into the clipboard last.
    pub copied: Option<String>,
    executor: Executor,
    messages: mpsc::Receiver<Message>,
    _sandbox: Sandbox,
}

impl World {
    /// As `haul demo` begins, with nothing of this user in reach.
    pub async fn new() -> World {
        let sandbox = sandbox::start(SandboxOptions::default()).await.expect("a sandbox");
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::at(folder.path().join("config"), folder.path().join("state"));
        let environment = Environment::from_iter([("HAUL_CREDENTIAL_STORE", "file")]);
        let store = CredentialStore::open(&paths, &environment).expect("a place for credentials");
        let remotes = Remotes::open(&paths, &environment).expect("a configuration").with_store(store);
        for server in &sandbox.servers {
            let remote = NewRemote {
                name: RemoteName::parse(server.name).expect("a name"),
                platform: crate::model::Platform::Ziggy,
                url: parse_url(&server.url).expect("an address"),
                user: Some(server.user.clone()),
                credential: NewCredential::Store(server.password.as_str().into()),
                production: server.name == "prod",
                read_only: false,
            };
            remotes.add(remote).await.expect("added");
        }
        let settings =
            Settings { theme: Theme::Dark, folder: folder.path().to_owned(), fleeting: true, ..Settings::default() };
        let desk = Arc::new(Desk::new(environment, paths));
        let (executor, messages) = Executor::new(desk.clone());
        let state = State::new(settings, Timestamp::now());
        let mut world = World { state, folder, desk, copied: None, executor, messages, _sandbox: sandbox };
        let effects = panes::begin(&mut world.state);
        world.begin(effects);
        world
    }

    /// Begins effects, as the loop does.
    pub fn begin(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Copy(text) => self.copied = Some(text),
                Effect::Bell | Effect::Suspend | Effect::Redraw => {}
                effect => self.executor.start(effect),
            }
        }
    }

    /// Takes a message and begins what follows.
    pub fn take(&mut self, message: Message) {
        self.state.now = Timestamp::now();
        let effects = update(&mut self.state, message);
        self.begin(effects);
    }

    /// Takes all answers that wait; gives how many.
    pub fn take_waiting(&mut self) -> usize {
        let mut taken = 0;
        while let Ok(message) = self.messages.try_recv() {
            self.take(message);
            taken += 1;
        }
        taken
    }

    /// Presses keys, with blanks between, and takes the answers to each until there are none; gives the last frame.
    pub async fn press(&mut self, keys: &str) -> Buffer {
        for key in keys.split(' ') {
            look(&mut self.state);
            self.take(Message::Key(key.parse().expect("a key")));
            self.settle().await;
        }
        look(&mut self.state)
    }

    /// Presses a key and takes what has been answered until then, whatever goes on.
    pub async fn press_once(&mut self, key: &str) {
        look(&mut self.state);
        self.take(Message::Key(key.parse().expect("a key")));
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.take_waiting();
    }

    /// Takes answers until there are none for a while.
    pub async fn settle(&mut self) {
        let quiet = async {
            while let Ok(Some(message)) = tokio::time::timeout(QUIET, self.messages.recv()).await {
                self.take(message);
            }
        };
        tokio::time::timeout(PATIENCE, quiet).await.expect("it comes to rest");
    }
}
