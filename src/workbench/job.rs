//! What a person asked for, between the panes: a question to plan, and a job to run.
//! Must not know: how either is carried out.

use secrecy::SecretString;

use super::ends::{Location, NewBundle};
use crate::engine::RunId;
use crate::model::{DependencyMode, Plan, PlanOptions, Selection};

/// A plan to make.
#[derive(Clone, Debug)]
pub struct Question {
    pub source: Location,
    pub destination: Location,
    pub options: PlanOptions,
}

/// A run to start.
#[derive(Debug)]
pub enum Job {
    /// Reviewed: it is carried out as it stands, or refused if an end changed since.
    Transfer {
        source: Location,
        destination: Location,
        plan: Box<Plan>,
    },
    Export(Box<Export>),
    /// Goes on with a run that was stopped.
    Resume {
        run: RunId,
        title: String,
    },
}

/// A bundle to write.
#[derive(Debug)]
pub struct Export {
    pub source: Location,
    pub selection: Selection,
    pub dependencies: Option<DependencyMode>,
    pub bundle: NewBundle,
    /// What seals it.
    pub key: Option<SecretString>,
    /// What the preview counted.
    pub items: u64,
    pub bytes: u64,
}

impl Job {
    /// `dev → prod`.
    pub fn title(&self) -> String {
        match self {
            Job::Transfer { source, destination, .. } => format!("{} → {}", source.text(), destination.text()),
            Job::Export(export) => format!("{} → {}", export.source.text(), export.bundle.path.display()),
            Job::Resume { title, .. } => title.clone(),
        }
    }
}
