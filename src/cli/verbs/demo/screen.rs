//! The workbench on the sandbox's servers, with a configuration of its own that goes away with it.
//! Must not know: what the workbench shows.

use crate::cli::context::Context;
use crate::cli::screen::{self, Demo};
use crate::model::{Error, ErrorKind, Platform, Result};
use crate::remotes::{CredentialStore, Environment, NewCredential, NewRemote, Paths, RemoteName, Remotes, parse_url};
use crate::sandbox::{Sandbox, ServerInfo};

/// What to try first.
const HINT: &str = "choose dev on the left and prod on the right, or another pair; pick with 2, look at the plan with 3. \
                    Saved files go with the demo, unless you name a folder";

pub async fn run(context: &Context, sandbox: Sandbox) -> Result<u8> {
    // Until the folder is gone.
    let _orderly = context.interrupt.orderly();
    let folder = tempfile::tempdir().map_err(|error| Error::io("cannot make a folder for the demo", error))?;
    let text = folder.path().display().to_string();
    let mut own = vec![("HAUL_CONFIG_DIR", &*text), ("HAUL_STATE_DIR", &*text), ("HAUL_CREDENTIAL_STORE", "file")];
    // What is asked of this one start counts, and what happens after a defect is tried on the demo too.
    let of_start = if cfg!(debug_assertions) { &["HAUL_LOG", "HAUL_TEST_PANIC"][..] } else { &["HAUL_LOG"] };
    own.extend(of_start.iter().filter_map(|name| context.environment.get(name).map(|value| (*name, value))));
    // Nothing of this user is in reach of the demo.
    let environment = context.environment.with("HAUL_", own);
    add_servers(&sandbox, &environment).await?;
    let demo = Demo { folder: folder.path().to_owned(), hint: HINT.to_owned() };
    let ended = screen::open_on(context, environment, Some(demo)).await;
    sandbox.stop().await;
    ended
}

async fn add_servers(sandbox: &Sandbox, environment: &Environment) -> Result<()> {
    let paths = Paths::find(environment)?;
    let remotes = Remotes::open(&paths, environment)?.with_store(CredentialStore::open(&paths, environment)?);
    for server in &sandbox.servers {
        remotes.add(remote_of(server)?).await?;
    }
    Ok(())
}

fn remote_of(server: &ServerInfo) -> Result<NewRemote> {
    let platform = Platform::ALL.into_iter().find(|platform| platform.as_str() == server.platform);
    let (user, secret) = match &server.token {
        Some(token) => (None, token),
        None => (Some(server.user.clone()), &server.password),
    };
    Ok(NewRemote {
        name: RemoteName::parse(&super::name_of(server))?,
        platform: platform.ok_or_else(|| Error::new(ErrorKind::Internal, "the sandbox plays an unknown platform"))?,
        url: parse_url(&server.url)?,
        user,
        credential: NewCredential::Store(secret.as_str().into()),
        production: server.name == "prod",
        read_only: false,
    })
}
