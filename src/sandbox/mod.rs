//! In-memory servers that play the platforms, for the demo, for tests and for rehearsals: two for each platform, "dev"
//! and "prod", with content that overlaps. They listen on 127.0.0.1 alone and stop when they are dropped.
//! Must not know: `platforms`, `net` and `model`. A misunderstanding must not hide on both sides of the wire.

mod difference;
mod fault;
mod flotiq;
mod log;
mod options;
mod pipeline;
mod platform;
mod rng;
mod server;
mod side;
mod strapi;
mod switch;
mod trigger;
mod weather;
mod wire;
mod ziggy;

use serde_json::{Value, json};

pub use difference::changes;
pub use fault::{Fault, FaultHelp, Faults};
pub use flotiq::{Right, Space};
pub use log::{Authorization, RequestRecord};
pub use options::SandboxOptions;
pub use platform::{ALL, PLATFORMS, TOURS, Tour, TourBy};
pub use server::{Server, ServerInfo};
pub use strapi::{FrameRecord, Site};
pub use switch::{Switch, SwitchHelp, Switches};
pub use trigger::Trigger;
pub use ziggy::{Kind, SecretField};

use platform::Played;
use side::Side;
use wire::Life;

/// Why a sandbox did not start: the sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SandboxError(String);

/// Running servers.
#[derive(Debug)]
pub struct Sandbox {
    /// In the order of their ports.
    pub servers: Vec<ServerInfo>,
    running: Vec<Server>,
}

/// Starts the servers of one platform, or of all. Nothing runs unless every option is right.
pub async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxError> {
    launch(&options).await.map_err(SandboxError)
}

async fn launch(options: &SandboxOptions) -> Result<Sandbox, String> {
    for text in &options.faults {
        check_server(&Fault::parse(text)?)?;
    }
    let mut made = Vec::new();
    for platform in chosen(options.platform.as_deref())? {
        for side in Side::BOTH {
            let (life, options) = (Life::default(), options.clone());
            let of_server = life.clone();
            // Content is made for all servers at once.
            made.push((life, tokio::task::spawn_blocking(move || Played::new(platform, side, &options, of_server))));
        }
    }
    let mut running: Vec<Server> = Vec::new();
    for (life, played) in made {
        let played = played.await.map_err(|error| format!("the content of a server could not be made: {error}"))??;
        let offset = u16::try_from(running.len()).unwrap_or(u16::MAX);
        let port = match options.port {
            None | Some(0) => 0,
            Some(first) => first.checked_add(offset).ok_or_else(|| format!("there is no port after {first}"))?,
        };
        running.push(Server::start(played, life, port).await?);
    }
    Ok(Sandbox { servers: running.iter().map(|server| server.info.clone()).collect(), running })
}

/// The platforms to play: the first where none is named.
fn chosen(platform: Option<&str>) -> Result<&'static [&'static str], String> {
    let at = match platform {
        None => 0,
        Some(ALL) => return Ok(PLATFORMS),
        Some(name) => PLATFORMS.iter().position(|known| *known == name).ok_or_else(|| {
            format!("there is no sandbox of {name:?}: choose one of {}, or {ALL}", PLATFORMS.join(", "))
        })?,
    };
    Ok(&PLATFORMS[at..=at])
}

fn check_server(fault: &Fault) -> Result<(), String> {
    match &fault.server {
        Some(server) if !Side::BOTH.iter().any(|side| side.name() == server) => {
            Err(format!("there is no server {server:?}: choose dev or prod"))
        }
        _ => Ok(()),
    }
}

impl Sandbox {
    /// The one line that `haul sandbox` prints.
    pub fn announce(&self) -> Value {
        json!({ "schema": 1, "servers": self.servers })
    }

    /// The first server of that name. For tests, which know the names.
    pub fn server(&self, name: &str) -> &Server {
        self.find(name).expect("a sandbox has the servers dev and prod, and no other")
    }

    pub fn find(&self, name: &str) -> Option<&Server> {
        self.running.iter().find(|server| server.info.name == name)
    }

    pub async fn stop(self) {
        for server in self.running {
            server.stop().await;
        }
    }
}
