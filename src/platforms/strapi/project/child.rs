//! A program that works for this one: in a process group of its own, without input, its output read line by line, and
//! ended with everything it started when nobody waits for it any more.
//! Must not know: what the program is, or what its lines mean.

use std::fmt;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child as Process, Command};
use tokio::time::{Instant, interval, timeout};

use crate::net::Farewells;

/// How long a program may take to end in good order once it is told to.
const GRACE: Duration = Duration::from_secs(3);
/// How often somebody who waits is told that the program is still there.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);
/// How long output is awaited of what a program that ended has left behind.
const LINGER: Duration = Duration::from_secs(1);
/// A longer line is cut.
const LONGEST_LINE: usize = 8 * 1024;

/// What is heard of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A line of either stream.
    Line(String),
    /// It still runs.
    Alive,
}

/// A running program. Dropped, it is ended.
pub(super) struct Child {
    process: Option<Process>,
    farewells: Farewells,
    /// What is done once the program was ended by force.
    afterwards: Option<Box<dyn FnOnce() + Send>>,
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child").field("process", &self.process).finish_non_exhaustive()
    }
}

impl Child {
    /// `afterwards` is called if the program has to be ended, and once it is gone.
    pub fn start(
        command: &mut Command,
        farewells: &Farewells,
        afterwards: impl FnOnce() + Send + 'static,
    ) -> io::Result<Child> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C at the terminal reaches this program alone, which then ends that one in good order.
        #[cfg(unix)]
        command.process_group(0);
        let process = Some(command.spawn()?);
        Ok(Child { process, farewells: farewells.clone(), afterwards: Some(Box::new(afterwards)) })
    }

    /// Waits for the end of the program.
    pub async fn follow(mut self, mut hear: impl FnMut(Heard)) -> io::Result<ExitStatus> {
        let Some(process) = &mut self.process else { return Err(io::Error::other("the program has ended")) };
        let mut out = Pipe::new(process.stdout.take());
        let mut err = Pipe::new(process.stderr.take());
        let mut signs = interval(SIGN_OF_LIFE);
        let mut ended: Option<(ExitStatus, Instant)> = None;
        loop {
            tokio::select! {
                lines = out.read() => lines?.into_iter().for_each(|line| hear(Heard::Line(line))),
                lines = err.read() => lines?.into_iter().for_each(|line| hear(Heard::Line(line))),
                status = process.wait(), if ended.is_none() => ended = Some((status?, Instant::now())),
                _ = signs.tick() => hear(Heard::Alive),
            }
            match ended {
                Some((status, since)) if (out.is_closed() && err.is_closed()) || since.elapsed() >= LINGER => {
                    self.process = None;
                    return Ok(status);
                }
                _ => {}
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let afterwards = self.afterwards.take();
        end(&mut process, Force::Ask);
        self.farewells.say(async move {
            if timeout(GRACE, process.wait()).await.is_err() {
                end(&mut process, Force::Kill);
                // Whoever cannot be killed is not waited for either.
                let _ = timeout(GRACE, process.wait()).await;
            }
            if let Some(afterwards) = afterwards {
                afterwards();
            }
        });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Force {
    Ask,
    Kill,
}

/// Ends the whole group. Best effort: a group that is gone needs no end.
#[cfg(unix)]
fn end(process: &mut Process, force: Force) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let group = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let signal = if force == Force::Ask { Signal::TERM } else { Signal::KILL };
    if let Some(group) = group {
        let _ = kill_process_group(group, signal);
    }
}

#[cfg(not(unix))]
fn end(process: &mut Process, _: Force) {
    let _ = process.start_kill();
}

/// One stream of a program.
struct Pipe {
    from: Option<Box<dyn AsyncRead + Send + Unpin>>,
    lines: Lines,
    buffer: Vec<u8>,
}

impl Pipe {
    fn new(from: Option<impl AsyncRead + Send + Unpin + 'static>) -> Pipe {
        let from = from.map(|from| Box::new(from) as _);
        Pipe { from, lines: Lines::default(), buffer: vec![0; 16 * 1024] }
    }

    fn is_closed(&self) -> bool {
        self.from.is_none()
    }

    /// The next lines. Never ends once the stream has. Whoever stops waiting loses nothing.
    async fn read(&mut self) -> io::Result<Vec<String>> {
        let Some(from) = &mut self.from else { return std::future::pending().await };
        match from.read(&mut self.buffer).await? {
            0 => {
                self.from = None;
                Ok(self.lines.rest().into_iter().collect())
            }
            count => Ok(self.lines.take(&self.buffer[..count])),
        }
    }
}

/// Bytes become lines; a line that is drawn over (`\r`) counts as one.
#[derive(Debug, Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' | b'\r' => lines.extend(self.rest()),
                _ if self.0.len() < LONGEST_LINE => self.0.push(byte),
                _ => {}
            }
        }
        lines
    }

    fn rest(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.0);
        (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned())
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script);
        command
    }

    async fn heard(script: &str) -> (ExitStatus, Vec<String>) {
        let mut lines = Vec::new();
        let child = Child::start(&mut shell(script), &Farewells::default(), || {}).unwrap();
        let status = child
            .follow(|heard| {
                if let Heard::Line(line) = heard {
                    lines.push(line)
                }
            })
            .await
            .unwrap();
        lines.sort();
        (status, lines)
    }

    #[tokio::test]
    async fn lines_of_both_streams_are_heard_and_input_is_closed() {
        let (status, lines) = heard("cat; printf 'a\\rb\\n'; echo c >&2; printf d; exit 7").await;
        assert_eq!((status.code(), lines), (Some(7), ["a", "b", "c", "d"].map(str::to_owned).to_vec()));
    }

    #[tokio::test]
    async fn what_a_program_leaves_behind_is_not_awaited() {
        let (status, lines) = heard("sleep 5 & echo done").await;
        assert!(status.success());
        assert_eq!(lines, ["done"]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(&vec![b'x'; 3 * LONGEST_LINE]), Vec::<String>::new());
        assert_eq!(lines.rest().map(|line| line.len()), Some(LONGEST_LINE));
    }

    /// Whether a process still lives; one that ended and that nobody asked about is gone too.
    fn lives(id: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    /// Starts a program, waits for its word, drops it, and waits for its end.
    async fn dropped(script: &str) -> String {
        let farewells = Farewells::default();
        let told = Arc::new(AtomicBool::new(false));
        let word = told.clone();
        let child = Child::start(&mut shell(script), &farewells, move || word.store(true, Ordering::SeqCst)).unwrap();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let mut sender = Some(sender);
        let follow = tokio::spawn(child.follow(move |heard| {
            if let Heard::Line(line) = heard
                && let Some(sender) = sender.take()
            {
                let _ = sender.send(line);
            }
        }));
        let line = receiver.await.unwrap();
        follow.abort();
        let _ = follow.await;
        farewells.finished(Duration::from_secs(60)).await;
        assert!(told.load(Ordering::SeqCst), "nobody did what is to be done afterwards");
        line
    }

    #[tokio::test]
    async fn a_program_that_is_dropped_ends_with_what_it_started() {
        let ids = dropped("sleep 600 & echo $$ $!; wait").await;
        for id in ids.split(' ') {
            // Whoever was told to end does so in its own time.
            while lives(id) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    #[tokio::test]
    async fn a_program_that_will_not_end_is_killed() {
        let id = dropped("trap '' TERM; echo $$; while :; do sleep 1; done").await;
        assert!(!lives(&id), "it still lives");
    }
}
