//! Questions to a person, on standard error. Where nobody can be asked, nothing is assumed.
//! Must not know: what is asked for.

use std::io::{self, IsTerminal, Write};

use secrecy::SecretString;

use super::interrupt::Interrupt;
use super::output::{Paint, Style};
use crate::model::{Error, ErrorKind, Result};

/// Whether a person can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Person {
    Present,
    /// `--no-prompt`: goes ahead without asking.
    Waived,
    /// Standard input is no terminal.
    Absent,
}

/// Asks, where somebody is there to answer.
#[derive(Clone, Debug)]
pub struct Prompter {
    person: Person,
    paint: Paint,
    interrupt: Interrupt,
}

impl Prompter {
    pub fn new(no_prompt: bool, paint: Paint, interrupt: Interrupt) -> Self {
        let person = match (no_prompt, io::stdin().is_terminal()) {
            (true, _) => Person::Waived,
            (false, true) => Person::Present,
            (false, false) => Person::Absent,
        };
        Prompter { person, paint, interrupt }
    }

    pub fn can_ask(&self) -> bool {
        self.person == Person::Present
    }

    /// Goes on after a yes or `--no-prompt`, and stops otherwise.
    pub async fn consent(&self, question: &str) -> Result<()> {
        match self.person {
            Person::Waived => Ok(()),
            Person::Absent => Err(Error::new(ErrorKind::NoTerminal, "there is no terminal to ask for consent on")
                .hint("pass --no-prompt (-y) to go ahead without being asked; nothing was changed")),
            Person::Present => {
                let (question, paint) = (question.to_owned(), self.paint);
                match blocking(move || ask_yes_or_no(&question, paint)).await? {
                    true => Ok(()),
                    false => Err(Error::new(ErrorKind::Refused, "answered no; nothing was changed")),
                }
            }
        }
    }

    /// Reads a line that is shown while it is typed.
    pub async fn line(&self, label: &str) -> Result<String> {
        let (label, paint) = (label.to_owned(), self.paint);
        blocking(move || {
            write!(io::stderr(), "{}: ", paint.paint(Style::Heading, &label))?;
            let mut line = String::new();
            io::stdin().read_line(&mut line)?;
            Ok(line.trim().to_owned())
        })
        .await
    }

    /// Reads a line that is not shown. Blocks the thread: the callers are questions in the midst of opening.
    pub fn hidden(&self, label: &str) -> Result<SecretString> {
        let failed = |error| Error::io("cannot read the answer", error);
        #[cfg(unix)]
        self.interrupt.remember_terminal(SavedTerminal::now());
        let prompt = format!("{}: ", self.paint.paint(Style::Heading, label));
        let answer = tokio::task::block_in_place(|| {
            write!(io::stderr(), "{prompt}").and_then(|()| io::stderr().flush())?;
            let answer = rpassword::read_password();
            // The line break that was typed is hidden too.
            writeln!(io::stderr())?;
            answer
        });
        #[cfg(unix)]
        self.interrupt.remember_terminal(None);
        answer.map(SecretString::from).map_err(failed)
    }
}

/// Reading from a terminal cannot be cancelled; it gets a thread that the end of the program does not wait for.
async fn blocking<T: Send + 'static>(ask: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = sender.send(ask()); // the program ends: nobody waits for the answer
    });
    let gone = |_| io::Error::from(io::ErrorKind::UnexpectedEof);
    receiver.await.map_err(gone).flatten().map_err(|error| Error::io("cannot read the answer", error))
}

fn ask_yes_or_no(question: &str, paint: Paint) -> io::Result<bool> {
    for _ in 0..3 {
        write!(io::stderr(), "{} [y/N] ", paint.paint(Style::Heading, question))?;
        io::stderr().flush()?;
        let mut answer = String::new();
        if io::stdin().read_line(&mut answer)? == 0 {
            writeln!(io::stderr())?;
            return Ok(false);
        }
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "" | "n" | "no" => return Ok(false),
            _ => writeln!(io::stderr(), "please answer yes or no")?,
        }
    }
    Ok(false)
}

/// How a terminal was before a prompt switched its echo off.
#[cfg(unix)]
#[derive(Debug)]
pub struct SavedTerminal(rustix::termios::Termios);

#[cfg(unix)]
impl SavedTerminal {
    fn now() -> Option<Self> {
        rustix::termios::tcgetattr(io::stdin()).ok().map(SavedTerminal)
    }

    pub fn restore(&self) {
        // A terminal that is gone needs no echo.
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &self.0);
    }
}
