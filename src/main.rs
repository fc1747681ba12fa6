//! The program: everything is in the library. The two faces, command line and workbench, meet only here.

use std::process::ExitCode;

use haul::cli::{Screen, ScreenOptions};
use haul::workbench;

fn main() -> ExitCode {
    keep_memory_together();
    let open = |options: ScreenOptions| {
        let ScreenOptions { environment, interrupt, reports, demo } = options;
        let demo = demo.map(|demo| workbench::Demo { folder: demo.folder, hint: demo.hint });
        Box::pin(workbench::run(workbench::Options { environment, interrupt, reports, demo })) as _
    };
    haul::cli::main(Screen { open, restore: workbench::restore_terminal })
}

/// What is read is handed from thread to thread here. The allocator of glibc would keep a heap for each of them, and lists of
/// megabytes inside, so that what one frees is of no use to the next: twice as much was held as was used (`docs/performance.md`).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc has no other way to be told")]
fn keep_memory_together() {
    /// Larger pieces are maps of their own, and go back to the system once they are freed.
    const PIECE: libc::c_int = 128 * 1024;
    // SAFETY: `mallopt` takes two numbers and no pointer, and no other thread was started.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, PIECE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, PIECE);
    }
}

/// Other allocators give back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_memory_together() {}
