//! Last words that are still being said: a conversation that was dropped midway is ended in good order by a task of its
//! own, and whoever ends the program waits a moment for those.
//! Must not know: what is said.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// The goodbyes of one program. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Farewells(TaskTracker);

impl Farewells {
    /// Says goodbye beside everything else. Where no runtime is left there is nobody to say it; the other side then sees a
    /// connection that breaks.
    pub fn say(&self, goodbye: impl Future<Output = ()> + Send + 'static) {
        if let Ok(runtime) = Handle::try_current() {
            self.0.spawn_on(goodbye, &runtime);
        }
    }

    /// Waits for what is still being said, but no longer than this.
    pub async fn finished(&self, within: Duration) {
        self.0.close();
        // Whoever does not come to an end is left behind.
        let _ = tokio::time::timeout(within, self.0.wait()).await;
        self.0.reopen();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[tokio::test]
    async fn the_end_waits_for_a_goodbye_but_not_for_ever() {
        let farewells = Farewells::default();
        let said = Arc::new(AtomicBool::new(false));
        let word = said.clone();
        farewells.say(async move {
            tokio::task::yield_now().await;
            word.store(true, Ordering::SeqCst);
        });
        farewells.finished(Duration::from_secs(60)).await;
        assert!(said.load(Ordering::SeqCst));
        farewells.say(std::future::pending());
        farewells.finished(Duration::from_millis(1)).await;
    }
}
