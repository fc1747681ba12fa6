//! Ctrl-C and SIGTERM: the first ends what is going on in an orderly way, the second at once.
//! Must not know: what is going on.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

use crate::model::{Error, ErrorKind};

/// Whether somebody wants the program to end, and who may finish first.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Cancelled by the first signal.
    token: CancellationToken,
    /// Cancelled too, where nothing was there to end in an orderly way when the signal came. Decided then and there:
    /// whoever has just ended in good order must not be cut off in its answer.
    abandoned: CancellationToken,
    kind: Mutex<Option<ErrorKind>>,
    /// Runs that end by themselves once the token is cancelled.
    orderly: AtomicUsize,
    #[cfg(unix)]
    terminal: Mutex<Option<super::prompt::SavedTerminal>>,
    /// Gives the terminal back, while a screen has it.
    screen: Mutex<Option<fn()>>,
}

/// While one is held, an interruption waits for its holder to end by itself.
#[derive(Debug)]
pub struct Orderly(Interrupt);

impl Drop for Orderly {
    fn drop(&mut self) {
        self.0.0.orderly.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Interrupt {
    /// Cancelled by the first signal.
    pub fn token(&self) -> &CancellationToken {
        &self.0.token
    }

    pub fn orderly(&self) -> Orderly {
        self.0.orderly.fetch_add(1, Ordering::SeqCst);
        Orderly(self.clone())
    }

    /// Which signal came, if one did.
    pub fn kind(&self) -> Option<ErrorKind> {
        *self.0.kind.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The error that an interrupted verb ends with.
    pub fn error(&self) -> Error {
        match self.kind() {
            Some(ErrorKind::Terminated) => Error::new(ErrorKind::Terminated, "terminated"),
            _ => Error::new(ErrorKind::Interrupted, "interrupted"),
        }
    }

    /// Ends when a signal came and nothing waited for an orderly end.
    pub async fn abandoned(&self) {
        self.0.abandoned.cancelled().await;
    }

    /// Listens for signals until the program ends.
    pub async fn listen(self) {
        let mut signals = Signals::new();
        loop {
            let (kind, from) = signals.next().await;
            let first = {
                let mut known = self.0.kind.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                known.replace(kind).is_none()
            };
            // A terminal that goes away may say so more than once, to a process and to its group; that is no impatience.
            if !first && from == From::Terminal {
                continue;
            }
            self.restore_terminal();
            let screen = *self.0.screen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(restore) = screen.filter(|_| !first) {
                restore();
            }
            if screen.is_none() && std::io::stderr().is_terminal() {
                // What follows begins on a line of its own, below `^C`. A closed stream needs no line.
                let _ = writeln!(std::io::stderr());
            }
            if !first {
                std::process::exit(i32::from(kind.exit_code()));
            }
            if self.0.orderly.load(Ordering::SeqCst) == 0 {
                self.0.abandoned.cancel();
            }
            self.0.token.cancel();
        }
    }

    /// A screen takes the terminal: nothing is written beside it, and `restore` gives it back if the process has to
    /// end at once.
    pub fn lend_terminal(&self, restore: fn()) {
        *self.0.screen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(restore);
    }

    /// The screen gave the terminal back.
    pub fn take_terminal(&self) {
        *self.0.screen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// A terminal whose echo a prompt has switched off.
    #[cfg(unix)]
    pub(super) fn remember_terminal(&self, saved: Option<super::prompt::SavedTerminal>) {
        *self.0.terminal.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = saved;
    }

    fn restore_terminal(&self) {
        #[cfg(unix)]
        if let Some(saved) = &*self.0.terminal.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            saved.restore();
        }
    }
}

/// Who wants the program to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Somebody,
    /// The terminal is gone; whatever runs is to end in good order.
    Terminal,
}

/// The signals that end the program. Heard from the first to the last: none gets lost in between.
#[cfg(unix)]
struct Signals(Option<[(tokio::signal::unix::Signal, ErrorKind, From); 3]>);

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let all = || {
            Ok::<_, std::io::Error>([
                (signal(SignalKind::interrupt())?, ErrorKind::Interrupted, From::Somebody),
                (signal(SignalKind::terminate())?, ErrorKind::Terminated, From::Somebody),
                (signal(SignalKind::hangup())?, ErrorKind::Terminated, From::Terminal),
            ])
        };
        Signals(all().ok())
    }

    async fn next(&mut self) -> (ErrorKind, From) {
        let Some([interrupt, terminate, hangup]) = &mut self.0 else {
            // Without handlers the system's own behaviour stays: signals end the program.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.0.recv() => (interrupt.1, interrupt.2),
            _ = terminate.0.recv() => (terminate.1, terminate.2),
            _ = hangup.0.recv() => (hangup.1, hangup.2),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Signals
    }

    async fn next(&mut self) -> (ErrorKind, From) {
        match tokio::signal::ctrl_c().await {
            Ok(()) => (ErrorKind::Interrupted, From::Somebody),
            Err(_) => std::future::pending().await,
        }
    }
}
