//! What `haul demo` costs while nobody does anything: processor time, wake-ups and bytes drawn. Prints, and judges nothing.
//! `HAUL_BENCH_SECONDS` sets how long (60). Linux, which says this in /proc.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[cfg(target_os = "linux")]
#[path = "../tests/terminal_common/mod.rs"]
mod terminal_common;

#[cfg(target_os = "linux")]
fn main() {
    use std::time::{Duration, Instant};
    use terminal_common::{Kind, Screen};

    let seconds: u64 = std::env::var("HAUL_BENCH_SECONDS").map_or(60, |text| text.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_haul"));
    command.arg("demo").env("TMPDIR", folder.path()).env("HOME", folder.path());
    let mut screen = Screen::start_in(Kind::Pty, &command, 80, 24);
    screen.wait_for("5 History");
    // What happens after the start is not idleness.
    std::thread::sleep(Duration::from_secs(5));
    let process = screen.process_id();
    let (start, before, drawn) = (Instant::now(), Used::by(process), screen.raw_output().len());
    std::thread::sleep(Duration::from_secs(seconds));
    let (elapsed, after) = (start.elapsed().as_secs_f64(), Used::by(process));
    let drawn = screen.raw_output().len() - drawn;
    answers(&mut screen);
    let cpu = after.cpu - before.cpu;
    // Thread by thread: one that has ended takes its count with it, a new one begins at nothing.
    let wakes = after.wakes.iter().map(|(thread, count)| count - before.wakes.get(thread).unwrap_or(&0));
    let wakes = wakes.sum::<u64>() as f64 / elapsed;
    println!("idle for {elapsed:.1} s: {cpu:.2} s of processor time, {:.2} % of a core", 100.0 * cpu / elapsed);
    println!("{wakes:.1} wake-ups a second, {drawn} bytes drawn");
}

/// A program that hangs costs nothing either. More than one key, since the first may be the last that is heard; and each
/// is waited for by the tab that it selects, since two keys may be drawn as one frame in which nothing changes.
#[cfg(target_os = "linux")]
fn answers(screen: &mut terminal_common::Screen) {
    for (key, tab) in [("2", "2 Content"), ("1", "1 Locations"), ("3", "3 Plan"), ("1", "1 Locations")] {
        let is_selected = |picture: &terminal_common::Picture| {
            picture.find(tab).is_some_and(|(col, row)| picture.cell(col, row).reverse)
        };
        screen.keys(key).wait_until(is_selected);
    }
}

/// What a process has used since its start.
#[cfg(target_os = "linux")]
struct Used {
    /// Seconds, user and system.
    cpu: f64,
    /// How often each of its threads was put to sleep and woken.
    wakes: std::collections::BTreeMap<std::ffi::OsString, u64>,
}

#[cfg(target_os = "linux")]
impl Used {
    fn by(process: u32) -> Self {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
        // The name stands in brackets and may hold anything; utime and stime are fields 14 and 15 of proc_pid_stat(5).
        let (_, fields) = stat.rsplit_once(") ").expect("a name in brackets");
        let ticks: u64 = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().expect("ticks")).sum();
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
        let wakes = threads.filter_map(|thread| {
            // A thread may end meanwhile.
            let thread = thread.ok()?;
            let status = std::fs::read_to_string(thread.path().join("status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            Some((thread.file_name(), line?.trim().parse().ok()?))
        });
        Used { cpu: ticks as f64 / rustix::param::clock_ticks_per_second() as f64, wakes: wakes.collect() }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("not measured: this reads /proc of Linux");
}
