//! The other face of the program, as `main` hands it in.
//! Must not know: what it shows.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use tokio_util::sync::CancellationToken;

use super::context::Context;
use crate::model::{ErrorKind, Result};
use crate::remotes::Environment;

/// The screen while it is open: ends with the exit code.
pub type Opened = Pin<Box<dyn Future<Output = Result<u8>> + Send>>;

/// Opens the workbench. Handed in, so that neither face imports the other.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Comes back with the exit code when it was left.
    pub open: fn(ScreenOptions) -> Opened,
    /// Gives the terminal back at once.
    pub restore: fn(),
}

/// What the screen is opened with.
#[derive(Debug)]
pub struct ScreenOptions {
    pub environment: Environment,
    /// Cancelled by a signal that ends the program.
    pub interrupt: CancellationToken,
    /// Where a report of a defect is written, for this user to find.
    pub reports: PathBuf,
    pub demo: Option<Demo>,
}

/// What is different on sandbox servers: nothing of it is kept.
#[derive(Debug)]
pub struct Demo {
    /// Where files are saved that are given without a folder.
    pub folder: PathBuf,
    /// What to try first.
    pub hint: String,
}

/// Opens the workbench on this user's own locations.
pub async fn open(context: &Context) -> Result<u8> {
    open_on(context, context.environment.clone(), None).await
}

/// Opens the workbench on an environment. After a signal the exit code is that of the signal.
pub async fn open_on(context: &Context, environment: Environment, demo: Option<Demo>) -> Result<u8> {
    let interrupt = &context.interrupt;
    // Of this user, whatever the environment of a demo says: a report has to outlive it.
    let reports = context.paths().map_or_else(|_| std::env::temp_dir(), |paths| paths.state_dir().join("crashes"));
    // Runs end in good order after a signal, and then the screen does.
    let _orderly = interrupt.orderly();
    interrupt.lend_terminal(context.screen.restore);
    let options = ScreenOptions { environment, interrupt: interrupt.token().clone(), reports, demo };
    let ended = (context.screen.open)(options).await;
    interrupt.take_terminal();
    match (interrupt.kind(), &ended) {
        // A defect is told also by who was about to end.
        (Some(_), Err(error)) if error.kind() == ErrorKind::Internal => ended,
        // Whatever else went wrong, went wrong with the terminal, which may be gone.
        (Some(_), _) => Err(interrupt.error()),
        (None, _) => ended,
    }
}
