//! The order of a push: actions and stages go forward only, a stage may be repeated.
//! Must not know: what the steps do.

use serde_json::{Value, json};

use super::failure::Failure;

const ORDER: [&str; 10] = [
    "bootstrap",
    "init",
    "beforeTransfer",
    "stage schemas",
    "stage entities",
    "stage assets",
    "stage links",
    "stage configuration",
    "close",
    "",
];

#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    at: Option<usize>,
    /// The stage that runs, and whether it was started.
    stage: Option<(String, bool)>,
}

fn place(step: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == step && !step.is_empty())
}

fn step(stage: &str) -> Value {
    json!({ "step": { "kind": "transfer", "stage": stage } })
}

impl Flow {
    fn allows(&self, to: Option<usize>, repeats: bool) -> bool {
        match (self.at, to) {
            (None, _) => true,
            // A step that is not known stands before all others.
            (Some(_), None) => false,
            (Some(at), Some(to)) => to > at || (repeats && to == at),
        }
    }

    pub fn action(&mut self, action: &str) -> Result<(), Failure> {
        let Some(to) = place(action) else { return Ok(()) };
        if !self.allows(Some(to), false) {
            let message = format!("Invalid action \"{action}\" found for the current flow ");
            return Err(Failure::transfer_with(message, json!({ "action": action })));
        }
        self.at = Some(to);
        self.stage = None;
        Ok(())
    }

    fn check(&self, stage: &str) -> Result<Option<usize>, Failure> {
        let to = place(&format!("stage {stage}"));
        if self.allows(to, true) {
            return Ok(to);
        }
        let message = format!("Invalid stage ({stage}) provided for the current flow");
        Err(Failure::transfer_with(message, step(stage)))
    }

    pub fn start(&mut self, stage: &str) -> Result<(), Failure> {
        if let Some((current, true)) = &self.stage {
            return Err(Failure::transfer(format!(
                "It's not possible to start a new transfer stage ({stage}) while another one is in progress ({current})"
            )));
        }
        self.at = self.check(stage)?.or(self.at);
        self.stage = Some((stage.to_owned(), true));
        Ok(())
    }

    pub fn stream(&self, stage: &str) -> Result<(), Failure> {
        if let Some((_, false)) = &self.stage {
            return Err(Failure::transfer(format!("The transfer stage ({stage}) has to be started before data comes")));
        }
        self.check(stage).map(|_| ())
    }

    pub fn end(&mut self, stage: &str) -> Result<(), Failure> {
        if let Some((_, false)) = &self.stage {
            return Err(Failure::transfer(format!("The transfer stage ({stage}) has to be started before it ends")));
        }
        self.at = self.check(stage)?.or(self.at);
        self.stage = Some((stage.to_owned(), false));
        Ok(())
    }
}
