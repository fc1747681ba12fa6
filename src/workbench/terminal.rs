//! The terminal is borrowed: one guard takes it and gives it back after the end, an error, a panic and signals.
//! Must not know: what is drawn. No other file touches modes, the cursor or the alternate screen.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

/// Whether the terminal is ours at the moment. Of the process, since a terminal is.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back, if it was taken. May be called from anywhere, any number of times.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        // Nobody is left to tell if the terminal is gone.
        let _ = execute!(
            out,
            EndSynchronizedUpdate,
            DisableBracketedPaste,
            DisableMouseCapture,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
    }
}

/// Whether the terminal is ours, so that nothing else may be written to it.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Where a frame is put together, so that nobody sees half of one: ratatui flushes in the middle, too, and what the
/// standard output holds back is less than a frame. What comes after the terminal was given back stays here: ratatui
/// still shows the cursor then, and panics where it cannot even complain.
#[derive(Clone, Debug, Default)]
struct Out(Arc<Mutex<Vec<u8>>>);

impl Out {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal while it is ours.
#[derive(Debug)]
pub struct Guard {
    terminal: ratatui::Terminal<CrosstermBackend<Out>>,
    out: Out,
    mouse: bool,
}

impl Guard {
    pub fn take(mouse: bool) -> io::Result<Self> {
        let out = Out::default();
        let backend = CrosstermBackend::new(out.clone());
        enter(mouse)?;
        // Opens what keys are read from; where that fails, the stream of events would panic later.
        event::poll(Duration::ZERO).inspect_err(|_| restore())?;
        let terminal = ratatui::Terminal::new(backend).inspect_err(|_| restore())?;
        Ok(Guard { terminal, out, mouse })
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// A frame in one piece. Terminals that know synchronized updates show it at once, however its bytes arrive.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw)?;
        let mut bytes = Vec::new();
        queue!(bytes, BeginSynchronizedUpdate)?;
        bytes.extend(self.out.take());
        queue!(bytes, EndSynchronizedUpdate)?;
        if !is_taken() {
            return Ok(());
        }
        let mut stdout = io::stdout();
        stdout.write_all(&bytes)?;
        stdout.flush()
    }

    pub fn bell(&mut self) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(b"\x07")?;
        out.flush()
    }

    /// Puts a text into the clipboard of the user's own terminal, where that allows it.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Stops the program as ctrl-z does, and takes the terminal again when it goes on.
    pub async fn suspend(&mut self) -> io::Result<()> {
        restore();
        stop_process().await;
        enter(self.mouse)?;
        self.redraw()
    }

    /// Draws everything anew.
    pub fn redraw(&mut self) -> io::Result<()> {
        // Not `clear`: it asks the terminal where its cursor is, and the answer goes to whoever reads the keys.
        let (width, height) = self.size()?;
        self.terminal.resize(Rect { x: 0, y: 0, width, height })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    // Set first: a failure midway leaves something to restore.
    TAKEN.store(true, Ordering::SeqCst);
    let taken = (|| {
        enable_raw_mode()?;
        let mut out = io::stdout();
        queue!(out, EnterAlternateScreen, Hide, EnableBracketedPaste)?;
        if mouse {
            queue!(out, EnableMouseCapture)?;
        }
        out.flush()
    })();
    taken.inspect_err(|_| restore())
}

/// Comes back when the process goes on. Which thread of a process a signal reaches first is not said, so this one may
/// go on for a moment before all are stopped: the signal to continue tells the end, and where nothing could be
/// stopped, the time.
#[cfg(unix)]
async fn stop_process() {
    use tokio::signal::unix::{SignalKind, signal};
    let continues = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()));
    // The whole group, as the terminal itself would do it. Not allowed means going on at once.
    if rustix::process::kill_current_process_group(rustix::process::Signal::TSTP).is_err() {
        return;
    }
    if let Ok(mut continues) = continues {
        let _ = tokio::time::timeout(Duration::from_secs(1), continues.recv()).await;
    }
}

#[cfg(not(unix))]
async fn stop_process() {}
