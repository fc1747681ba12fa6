//! Asks a shell command for a credential.
//! Must not know: remotes. What the command prints is never logged or shown.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use secrecy::SecretString;

use crate::model::{Error, ErrorKind, Result};

/// A password manager may ask a person first.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// No token is longer.
const LONGEST: u64 = 64 * 1024;

/// The first line that the command prints, within `patience`.
pub(super) async fn first_line(command: &str, patience: Duration) -> Result<SecretString> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let owned = command.to_owned();
    // A thread of its own: one of the runtime's would hold up the end of the process.
    std::thread::spawn(move || {
        let _ = sender.send(ask(&owned, patience)); // nobody waits any more after a cancellation
    });
    receiver.await.map_err(|_| failed("its thread ended early"))?
}

fn failed(why: &str) -> Error {
    Error::new(ErrorKind::NoCredential, format!("the credential command {why}"))
        .hint("run it in a shell: it must print the credential as its first line and end with success")
}

fn ask(command: &str, patience: Duration) -> Result<SecretString> {
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed("cannot be started").caused_by(error))?;
    let line = read_line(&mut child, patience);
    if line.is_err() {
        let _ = child.kill(); // it may have ended meanwhile
    }
    let line = line?;
    // Printed and closed its output; what it still does is waited for.
    let status = child.wait().map_err(|error| failed("cannot be waited for").caused_by(error))?;
    if !status.success() {
        return Err(failed(&format!("ended with {status}")));
    }
    match line.trim_end_matches(['\r', '\n']) {
        "" => Err(failed("printed nothing")),
        secret => Ok(secret.into()),
    }
}

fn read_line(child: &mut Child, patience: Duration) -> Result<String> {
    let output = child.stdout.take().ok_or_else(|| failed("has no output"))?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output.take(LONGEST));
        let mut line = String::new();
        let read = output.read_line(&mut line).map(|_| line);
        // The rest is read and dropped, so that the command does not end on a closed pipe.
        let _ = std::io::copy(&mut output, &mut std::io::sink());
        let _ = sender.send(read); // nobody waits any more after the time is up
    });
    match receiver.recv_timeout(patience) {
        Ok(Ok(line)) => Ok(line),
        Ok(Err(error)) => Err(failed("printed something that is no text").caused_by(error)),
        Err(_) => Err(failed(&format!("did not answer within {} s", patience.as_secs()))),
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[tokio::test]
    async fn the_first_line_is_the_credential() {
        for (command, secret) in [("echo canary", "canary"), ("printf 'a b\\r\\nuser: x\\n'", "a b"), ("printf x", "x")]
        {
            assert_eq!(first_line(command, PATIENCE).await.unwrap().expose_secret(), secret);
        }
    }

    #[tokio::test]
    async fn a_command_that_fails_says_so_and_does_not_repeat_its_output() {
        for command in ["echo canary; exit 3", "true", "/no/such/command canary", "printf '\\377\\n'"] {
            let error = first_line(command, PATIENCE).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NoCredential);
            assert!(!error.message().contains("canary"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_given_up() {
        let error = first_line("sleep 600", Duration::from_millis(50)).await.unwrap_err();
        assert!(error.message().contains("did not answer"), "{error}");
    }
}
