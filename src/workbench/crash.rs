//! A defect of Haul itself: the terminal is given back, a report is written, and the program says where it is.
//! Must not know: what was going on.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::terminal;
use crate::files;
use crate::model::text::printable;

/// How long a report may take to be written, with all its frames looked up.
const WRITING: Duration = Duration::from_secs(5);

thread_local! {
    /// Whether this thread is drawing or updating, so that a panic ends the workbench.
    static FATAL: Cell<bool> = const { Cell::new(false) };
}

static DEFECTS: AtomicUsize = AtomicUsize::new(0);
/// Reports that were written, or given up.
static REPORTED: AtomicUsize = AtomicUsize::new(0);
static LAST: Mutex<Option<PathBuf>> = Mutex::new(None);

/// From now on a panic writes a report into `folder`. One on the thread of the screen gives the terminal back first.
pub fn install(folder: &Path) {
    let folder = folder.to_owned();
    std::panic::set_hook(Box::new(move |info| {
        let number = DEFECTS.fetch_add(1, Ordering::SeqCst);
        let path = write_report(&folder, number, info).or_else(|| write_report(&std::env::temp_dir(), number, info));
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = path;
        REPORTED.fetch_add(1, Ordering::SeqCst);
        if FATAL.get() {
            terminal::restore();
        }
        if !terminal::is_taken() {
            // The words of a panic may hold anything that was on the screen. A closed stream has no reader.
            let _ = writeln!(std::io::stderr(), "haul: {}", printable(&info.to_string()));
        }
    }));
}

/// Does something whose panic ends the workbench.
pub fn fatal<T>(work: impl FnOnce() -> T) -> T {
    let before = FATAL.replace(true);
    let done = work();
    FATAL.set(before);
    done
}

/// Panics so far.
pub fn defects() -> usize {
    DEFECTS.load(Ordering::SeqCst)
}

/// Waits for reports that other threads write at this moment, for a short time.
pub async fn reported() {
    let limit = tokio::time::Instant::now() + WRITING;
    while REPORTED.load(Ordering::SeqCst) < defects() && tokio::time::Instant::now() < limit {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Where the newest report is, as a sentence.
pub fn sentence() -> String {
    match &*LAST.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(path) => format!("what is known of it is in {}", path.display()),
        None => "no report of it could be written".to_owned(),
    }
}

fn write_report(folder: &Path, number: usize, info: &PanicHookInfo<'_>) -> Option<PathBuf> {
    let now = jiff::Timestamp::now();
    let text = format!(
        "haul {} on {} ({})\n{now}\n\n{info}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        Backtrace::force_capture()
    );
    files::create_private_folder(folder).ok()?;
    let id = std::process::id();
    let path = folder.join(format!("haul-crash-{}-{id}-{number}.txt", now.strftime("%Y%m%d-%H%M%S")));
    files::write_whole(&path, text.as_bytes(), files::Readers::Owner).ok()?;
    Some(path)
}
