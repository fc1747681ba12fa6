//! What the workbench does outside of its state: on tokio, each in a task of its own, answering with messages.
//! Must not know: what is drawn.

mod desk;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc;

pub use desk::Desk;

use super::crash;
use super::message::Message;
use super::panes::{content, history, locations, plan, transfers};

/// Something to be done. The terminal's own are done by the loop, the others in the background.
#[derive(Debug)]
pub enum Effect {
    Locations(locations::Effect),
    Content(content::Effect),
    Plan(plan::Effect),
    Transfers(transfers::Effect),
    History(history::Effect),
    /// A message to this program itself, later.
    After(Duration, Box<Message>),
    /// A text for the user's clipboard.
    Copy(String),
    Bell,
    Suspend,
    Redraw,
}

/// Where answers go. Bounded: who answers faster than the screen takes it, waits.
#[derive(Clone, Debug)]
pub struct Tell(mpsc::Sender<Message>);

impl Tell {
    pub async fn tell(&self, message: impl Into<Message>) {
        // After the end of the workbench nobody listens any more.
        let _ = self.0.send(message.into()).await;
    }

    /// Waits until there is room for one message, for those who rather add up their news meanwhile. `None` after the
    /// end of the workbench.
    pub async fn room(&self) -> Option<mpsc::Permit<'_, Message>> {
        self.0.reserve().await.ok()
    }
}

/// Answers that wait to be taken.
const WAITING: usize = 256;

/// Carries effects out.
#[derive(Debug)]
pub struct Executor {
    desk: Arc<Desk>,
    tell: Tell,
}

impl Executor {
    pub fn new(desk: Arc<Desk>) -> (Self, mpsc::Receiver<Message>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Executor { desk, tell: Tell(sender) }, receiver)
    }

    /// Begins an effect. A defect in it is told like any other answer.
    pub fn start(&self, effect: Effect) {
        let (desk, tell) = (self.desk.clone(), self.tell.clone());
        // From now on, and not from when it is first polled: leaving waits for it.
        let running = matches!(&effect, Effect::Transfers(effect) if effect.writes()).then(|| desk.tasks.token());
        tokio::spawn(async move {
            let _running = running;
            let done = AssertUnwindSafe(perform(&desk, effect, &tell)).catch_unwind().await;
            if done.is_err() {
                tell.tell(Message::Defect(crash::sentence())).await;
            }
        });
    }
}

/// Carries one effect out and gives its answers, those of alarm clocks at once. For tests.
#[cfg(test)]
pub async fn answers(desk: &Arc<Desk>, effect: Effect) -> Vec<Message> {
    if let Effect::After(_, message) = effect {
        return vec![*message];
    }
    let (sender, mut receiver) = mpsc::channel(WAITING);
    perform(desk, effect, &Tell(sender)).await;
    std::iter::from_fn(|| receiver.try_recv().ok()).collect()
}

async fn perform(desk: &Arc<Desk>, effect: Effect, tell: &Tell) {
    desk.panic_if_told("effect");
    match effect {
        Effect::Locations(effect) => locations::perform(desk, effect, tell).await,
        Effect::Content(effect) => content::perform(desk, effect, tell).await,
        Effect::Plan(effect) => plan::perform(desk, effect, tell).await,
        Effect::Transfers(effect) => transfers::perform(desk, effect, tell).await,
        Effect::History(effect) => history::perform(desk, effect, tell).await,
        Effect::After(time, message) => {
            tokio::time::sleep(time).await;
            tell.tell(*message).await;
        }
        // The loop does these itself: they are the terminal's.
        Effect::Copy(_) | Effect::Bell | Effect::Suspend | Effect::Redraw => {}
    }
}
