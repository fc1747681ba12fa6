//! How long `haul demo` takes from its start to the first frame, in a terminal of 80×24. Prints, and judges nothing.
//! `HAUL_BENCH_RUNS` sets how often (20).
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[cfg(unix)]
#[path = "../tests/terminal_common/mod.rs"]
mod terminal_common;

/// Ends of the line of tabs, which is drawn with the rest of a frame.
#[cfg(unix)]
const TABS: [&str; 2] = ["1 Locations", "5 History"];

#[cfg(unix)]
fn main() {
    let runs: usize = std::env::var("HAUL_BENCH_RUNS").map_or(20, |text| text.parse().expect("a number"));
    // The first one reads the program from the disk.
    let first = measure();
    let mut times: Vec<_> = (0..runs).map(|_| measure()).collect();
    times.sort();
    let (least, most) = (times[0], times[times.len() - 1]);
    println!("start to first frame, {runs} runs: median {:.1?}, least {least:.1?}, most {most:.1?}", times[runs / 2]);
    println!("the run before those: {first:.1?}");
}

#[cfg(unix)]
fn measure() -> std::time::Duration {
    use terminal_common::{Kind, Screen};
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_haul"));
    // What a killed program leaves goes away with the folder.
    command.arg("demo").env("TMPDIR", folder.path()).env("HOME", folder.path());
    let start = std::time::Instant::now();
    let mut screen = Screen::start_in(Kind::Pty, &command, 80, 24);
    screen.wait_until(|picture| TABS.iter().all(|tab| picture.contains(tab)));
    start.elapsed()
}

#[cfg(not(unix))]
fn main() {
    println!("not measured: this needs the terminal of Unix");
}
