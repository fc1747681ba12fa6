//! The other face of the program, as `main` hands it in.
//! Must not know: what it shows.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use tokio_util::sync::CancellationToken;

use super::context::Context;
use crate::model::Result;
use crate::remotes::Environment;

/// Opens the workbench. Handed in, so that neither face imports the other.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Comes back with the exit code when it was left.
    pub open: fn(ScreenOptions) -> Pin<Box<dyn Future<Output = Result<u8>> + Send>>,
    /// Gives the terminal back at once.
    pub restore: fn(),
}

/// What the screen is opened with.
#[derive(Debug)]
pub struct ScreenOptions {
    pub environment: Environment,
    /// Cancelled by a signal that ends the program.
    pub interrupt: CancellationToken,
    /// Where files are saved that are given without a folder; `None` for the current one.
    pub folder: Option<PathBuf>,
    /// What to try first.
    pub hint: Option<String>,
}

/// Opens the workbench on this user's own locations.
pub async fn open(context: &Context) -> Result<u8> {
    open_on(context, context.environment.clone(), None, None).await
}

/// Opens the workbench on an environment. After a signal the exit code is that of the signal.
pub async fn open_on(
    context: &Context,
    environment: Environment,
    folder: Option<PathBuf>,
    hint: Option<String>,
) -> Result<u8> {
    let interrupt = &context.interrupt;
    // Runs end in good order after a signal, and then the screen does.
    let _orderly = interrupt.orderly();
    interrupt.lend_terminal(context.screen.restore);
    let options = ScreenOptions { environment, interrupt: interrupt.token().clone(), folder, hint };
    let ended = (context.screen.open)(options).await;
    interrupt.take_terminal();
    match interrupt.kind() {
        Some(_) => ended.and(Err(interrupt.error())),
        None => ended,
    }
}
