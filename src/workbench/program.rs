//! The loop: what happened becomes a message, a message a new state and effects, a new state a frame.
//! Must not know: what any message means.

use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::canvas::Canvas;
use super::crash;
use super::draw::draw;
use super::effect::{Desk, Effect, Executor};
use super::log::Log;
use super::message::{Click, Message};
use super::panes;
use super::settings;
use super::state::State;
use super::terminal::Guard;
use super::update::update;
use crate::model::{Error, ErrorKind, Result};
use crate::remotes::{Environment, Paths};

/// How long servers may take to be told that a conversation is over.
const LAST_WORDS: Duration = Duration::from_secs(4);
/// How long runs get to stop in good order at the end: two seconds, and five more where webhooks have to be switched on again.
const LAST_WAIT: Duration = Duration::from_millis(7_500);
/// How often a clock on the screen goes on.
const TICK: Duration = Duration::from_millis(250);
/// Messages that are taken before the next frame, so that a flood cannot keep the screen from being drawn.
const BATCH: usize = 512;
/// Rows that one turn of the wheel scrolls.
const WHEEL: isize = 3;

/// What the workbench is opened with.
#[derive(Debug)]
pub struct Options {
    pub environment: Environment,
    /// Cancelled by a signal that ends the program.
    pub interrupt: CancellationToken,
    /// Where a report of a defect is written, for this user to find.
    pub reports: PathBuf,
    pub demo: Option<Demo>,
}

/// What is different on sandbox servers: nothing of it is kept.
#[derive(Debug)]
pub struct Demo {
    /// Where files are saved that are given without a folder.
    pub folder: PathBuf,
    /// What to try first.
    pub hint: String,
}

/// Opens the workbench and comes back when it was left. The exit code: 0, or 1 after a defect of Haul itself.
pub async fn run(options: Options) -> Result<u8> {
    let mut log = Log::open(options.environment.get("HAUL_LOG"))?;
    log.line(Timestamp::now(), &format!("haul {} opens", env!("CARGO_PKG_VERSION")));
    let ended = open(options, &mut log).await;
    match &ended {
        Ok(_) => log.line(Timestamp::now(), "haul closes"),
        Err(error) => log.line(Timestamp::now(), &format!("haul closes: {error:?}")),
    }
    ended
}

async fn open(options: Options, log: &mut Log) -> Result<u8> {
    let paths = Paths::find(&options.environment)?;
    let settings = settings::read(&options.environment, &paths, options.demo.as_ref())?;
    crash::install(&options.reports);
    let desk = Arc::new(Desk::new(options.environment.clone(), paths));
    let guard = Guard::take(settings.mouse).map_err(|error| Error::io("cannot use this terminal", error))?;
    let state = State::new(settings, Timestamp::now());
    let (executor, messages) = Executor::new(desk.clone());
    let (desk_of_screen, interrupt) = (desk.clone(), options.interrupt);
    let screen = Screen {
        guard,
        state,
        executor,
        messages,
        desk: desk_of_screen,
        interrupt,
        log,
        is_lost: false,
        suspends: false,
    };
    // A panic on the way gives the terminal back (see `crash`), but runs are to stop in good order all the same.
    let ended = AssertUnwindSafe(screen.turn()).catch_unwind().await;
    stop_runs(&desk, options.demo.is_some()).await;
    crash::reported().await;
    match ended {
        Ok(Ok(())) if crash::defects() == 0 => Ok(0),
        Ok(Err(error)) => Err(error),
        Ok(Ok(())) | Err(_) => Err(Error::new(ErrorKind::Internal, "a defect of haul came up in the workbench")
            .hint(format!("{}; runs can be resumed with `haul runs resume last`", crash::sentence()))),
    }
}

/// Lets what runs stop in good order, and says so: the terminal is the shell's again, and waits.
async fn stop_runs(desk: &Desk, is_demo: bool) {
    let runs = desk.tasks.len();
    desk.quitting.cancel();
    desk.tasks.close();
    // Nobody is left to read it if the terminal is gone.
    let say = |text: &str| drop(writeln!(std::io::stderr(), "{text}"));
    if runs > 0 {
        say("stopping what runs, after the item at hand …");
    }
    let stopped = tokio::time::timeout(LAST_WAIT, desk.tasks.wait()).await; // a run that hangs can be resumed too
    desk.farewells.finished(LAST_WORDS).await;
    match (runs, is_demo) {
        (0, _) => {}
        (_, true) => say(if stopped.is_ok() { "stopped" } else { "left as it was" }),
        (_, false) => say("`haul runs list` shows how far it came, `haul runs resume last` goes on"),
    }
}

/// A terminal that could be used, and can no longer be read from or written to: nobody is there any more.
fn lost(error: std::io::Error) -> Error {
    gone().caused_by(error)
}

fn gone() -> Error {
    Error::new(ErrorKind::Terminated, "the terminal is gone")
}

/// What happens at the terminal, through a channel: the stream itself cannot be asked whether something waits without
/// losing the next wake-up.
fn listen() -> mpsc::Receiver<std::io::Result<Event>> {
    let (sender, receiver) = mpsc::channel(BATCH);
    tokio::spawn(async move {
        let mut events = EventStream::new();
        while let Some(event) = events.next().await {
            if sender.send(event).await.is_err() {
                return;
            }
        }
    });
    receiver
}

struct Screen<'a> {
    guard: Guard,
    state: State,
    executor: Executor,
    messages: mpsc::Receiver<Message>,
    desk: Arc<Desk>,
    interrupt: CancellationToken,
    log: &'a mut Log,
    /// The terminal is gone.
    is_lost: bool,
    /// The program is to stop for a while.
    suspends: bool,
}

impl Screen<'_> {
    /// Runs until the workbench is left.
    async fn turn(mut self) -> Result<()> {
        self.state.size = self.guard.size().map_err(lost)?;
        self.draw().map_err(lost)?;
        let effects = panes::begin(&mut self.state);
        self.start(effects).map_err(lost)?;
        let mut input = listen();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.state.over {
            let moves = self.state.moves();
            let message = tokio::select! {
                biased;
                () = self.interrupt.cancelled() => Some(Message::Stop),
                event = input.recv() => self.message_of(event),
                message = self.messages.recv() => message,
                _ = tick.tick(), if moves => Some(Message::Tick),
            };
            let Some(message) = message else { continue };
            self.take(message).map_err(lost)?;
            self.take_waiting(&mut input).map_err(lost)?;
            if std::mem::take(&mut self.suspends) {
                self.guard.suspend().await.map_err(lost)?;
                // The terminal may have got another size meanwhile.
                let (columns, rows) = self.guard.size().map_err(lost)?;
                self.take(Message::Resize(columns, rows)).map_err(lost)?;
            }
            if !self.state.over {
                self.draw().map_err(lost)?;
            }
        }
        if self.is_lost { Err(gone()) } else { Ok(()) }
    }

    /// Everything that waits already, so that it costs one frame.
    fn take_waiting(&mut self, input: &mut mpsc::Receiver<std::io::Result<Event>>) -> std::io::Result<()> {
        for _ in 0..BATCH {
            let message = match (input.try_recv(), self.messages.try_recv()) {
                (Ok(event), Ok(message)) => {
                    self.take(message)?;
                    self.message_of(Some(event))
                }
                (Ok(event), Err(_)) => self.message_of(Some(event)),
                (Err(_), Ok(message)) => Some(message),
                (Err(_), Err(_)) => return Ok(()),
            };
            if let Some(message) = message {
                // Clicks mean what was seen when they were made, and what is seen may have changed by now.
                self.take(message)?;
            }
            if self.state.over || self.suspends {
                return Ok(());
            }
        }
        Ok(())
    }

    fn take(&mut self, message: Message) -> std::io::Result<()> {
        self.state.now = Timestamp::now();
        let state = &mut self.state;
        let desk = &self.desk;
        let effects = crash::fatal(|| {
            if matches!(message, Message::Key(_)) {
                desk.panic_if_told("update");
            }
            update(state, message)
        });
        self.write_log();
        self.start(effects)
    }

    fn write_log(&mut self) {
        let now = self.state.now;
        if let Some(id) = self.state.used.take() {
            self.log.line(now, &format!("command {id}"));
        }
        for notice in self.state.told.take_fresh() {
            self.log.told(now, notice);
        }
    }

    fn start(&mut self, effects: Vec<Effect>) -> std::io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Copy(text) => self.guard.copy(&text)?,
                Effect::Bell => self.guard.bell()?,
                Effect::Suspend => self.suspends = true,
                Effect::Redraw => self.guard.redraw()?,
                effect => self.executor.start(effect),
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let state = &self.state;
        let mut seen = None;
        let desk = &self.desk;
        crash::fatal(|| {
            self.guard.draw(|frame| {
                desk.panic_if_told("draw");
                let mut canvas = Canvas::new(frame.buffer_mut(), state.settings.theme);
                draw(state, &mut canvas);
                let shown = canvas.finish();
                if let Some(cursor) = shown.cursor {
                    frame.set_cursor_position(cursor);
                }
                seen = Some(shown);
            })
        })?;
        self.state.seen = seen.unwrap_or_default();
        Ok(())
    }

    /// `None` for what means nothing here.
    fn message_of(&mut self, event: Option<std::io::Result<Event>>) -> Option<Message> {
        match event {
            Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => Some(Message::Key(key.into())),
            Some(Ok(Event::Paste(text))) => Some(Message::Paste(text)),
            Some(Ok(Event::Mouse(mouse))) => self.mouse(mouse),
            Some(Ok(Event::Resize(columns, rows))) => Some(Message::Resize(columns, rows)),
            Some(Ok(_)) => None,
            // Nothing can be read any more: the terminal is gone.
            Some(Err(_)) | None => {
                self.is_lost = true;
                Some(Message::Stop)
            }
        }
    }

    fn mouse(&self, mouse: MouseEvent) -> Option<Message> {
        let seen = &self.state.seen;
        let wheel = |rows| seen.list_at(mouse.column, mouse.row).map(|list| Message::Scroll(list, rows));
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let extends = mouse.modifiers.intersects(KeyModifiers::SHIFT | KeyModifiers::CONTROL);
                let how = if extends { Click::Extend } else { Click::Plain };
                seen.at(mouse.column, mouse.row).map(|target| Message::Click(target, how))
            }
            MouseEventKind::ScrollUp => wheel(-WHEEL),
            MouseEventKind::ScrollDown => wheel(WHEEL),
            _ => None,
        }
    }
}
