//! Progress on standard error, from the events of a run or of a location that is read: bars, lines or JSON lines.
//! Must not know: what is done. Counts come from the one fold, [`Progress`].

use std::io::{self, Write};
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Output, ProgressMode};
use crate::model::text::printable;
use crate::model::{EventSink, Progress, RunEvent, Stage};
use crate::wording::{bytes, count, event_detail, event_sentence, reading_sentence, stage_title};

/// Shows what goes on until it is dropped.
#[derive(Debug)]
pub struct ProgressView {
    output: Output,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    progress: Progress,
    bar: Option<ProgressBar>,
    /// What goes on before a run has stages.
    title: String,
}

impl ProgressView {
    pub fn new(output: Output, title: impl Into<String>) -> Self {
        let title = printable(&title.into()).into_owned();
        let bar = (output.progress == ProgressMode::Bars).then(|| spinner(&title));
        if output.progress == ProgressMode::Plain {
            line(&title);
        }
        ProgressView { output, state: Mutex::new(State { progress: Progress::default(), bar, title }) }
    }

    /// Names what goes on now.
    pub fn title(&self, title: &str) {
        let mut state = self.state();
        state.title = printable(title).into_owned();
        match (self.output.progress, &state.bar) {
            (ProgressMode::Plain, _) => line(&state.title),
            (_, Some(bar)) => bar.set_message(state.title.clone()),
            _ => {}
        }
    }

    /// Takes the bar away, so that something else can be written.
    pub fn clear(&self) {
        if let Some(bar) = self.state().bar.take() {
            bar.finish_and_clear();
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic elsewhere must not hide what a run still has to say.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn draw(&self, state: &mut State, event: &RunEvent) {
        let Some(bar) = &state.bar else { return };
        if self.output.verbosity > 0
            && let Some(text) = event_detail(event)
        {
            bar.println(text);
        }
        match event {
            RunEvent::ItemFinished { error: Some(_), .. } => {
                if let Some(text) = event_sentence(event) {
                    bar.println(text);
                }
            }
            RunEvent::StageEntered { stage } => state.title = stage_title(*stage).to_owned(),
            RunEvent::Ended { .. } => {
                bar.finish_and_clear();
                return;
            }
            _ => {}
        }
        let progress = &state.progress;
        if progress.stage == Some(Stage::Write) && progress.items_total > 0 {
            if bar.length() != Some(progress.items_total) {
                bar.set_length(progress.items_total);
                bar.set_style(bar_style());
            }
            let finished = progress.tally.done + progress.tally.failed;
            bar.set_position(finished.min(progress.items_total));
        }
        bar.set_message(message(state));
    }
}

impl EventSink for ProgressView {
    fn emit(&self, event: RunEvent) {
        let mut state = self.state();
        let began = is_new_stage(&state.progress, &event);
        state.progress.absorb(&event);
        match self.output.progress {
            ProgressMode::None => {}
            ProgressMode::Bars => self.draw(&mut state, &event),
            ProgressMode::Plain => {
                if let (true, Some(reading)) = (began, &state.progress.reading) {
                    line(&format!("reading {}", reading_sentence(reading)));
                }
                let text =
                    event_sentence(&event).or_else(|| event_detail(&event).filter(|_| self.output.verbosity > 0));
                if let Some(text) = text {
                    line(&text);
                }
            }
            ProgressMode::Json => {
                if let Ok(text) = serde_json::to_string(&event) {
                    line(&text);
                }
            }
        }
    }
}

impl Drop for ProgressView {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A stage of reading is told of once, when it begins.
fn is_new_stage(before: &Progress, event: &RunEvent) -> bool {
    match event {
        RunEvent::Reading { reading } => before.reading.as_ref().is_none_or(|before| before.what != reading.what),
        _ => false,
    }
}

fn line(text: &str) {
    // Nobody reads a closed standard error.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn spinner(title: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(title.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn bar_style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len}  {per_sec}, {eta} left  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn message(state: &State) -> String {
    let progress = &state.progress;
    let mut text = state.title.clone();
    if let Some(step) = progress.step.as_deref().filter(|_| progress.stage == Some(Stage::Write)) {
        text = format!("{text}: {}", printable(step));
    }
    if let Some(reading) = &progress.reading {
        return format!("{text}: {}", reading_sentence(reading));
    }
    if progress.requests > 0 {
        text = format!("{text}  {} requests", count(progress.requests));
    }
    if progress.bytes > 0 {
        text = format!("{text}, {}", bytes(progress.bytes));
    }
    text
}
