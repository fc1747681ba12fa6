//! Which items are meant.
//! Must not know: inventories.

use clap::{Args, ValueEnum};

use crate::model::{Part, Selection};

/// Lists take values up to the next option and may be repeated; nothing given means everything.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Selection (nothing given means everything)")]
pub struct SelectionArgs {
    /// Pick items by id: ID, or TYPE/ID where an id alone is ambiguous
    #[arg(long, num_args = 1.., value_name = "ID")]
    pub ids: Vec<String>,
    /// Pick items that carry any of these tags; adds to --ids
    #[arg(long, num_args = 1.., value_name = "TAG")]
    pub tags: Vec<String>,
    /// Narrow to these types, or kinds where items have no types
    #[arg(long, visible_alias = "only-content-types", num_args = 1.., value_delimiter = ',', value_name = "TYPE")]
    pub types: Vec<String>,
    /// Leave out items of these types, or kinds where items have no types
    #[arg(long, visible_alias = "exclude-content-types", num_args = 1.., value_delimiter = ',', value_name = "TYPE")]
    pub exclude_types: Vec<String>,
    /// Narrow what moves, and what is compared, to these locales; content without a locale is always part of
    /// it, and other locales of a document stay as they are
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "LOCALE")]
    pub locales: Vec<String>,
    /// Narrow to items whose name or id holds this text
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// Narrow to these parts
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "PART", value_enum)]
    pub only: Vec<PartChoice>,
    /// Leave out these parts
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "PART", value_enum)]
    pub exclude: Vec<PartChoice>,
    /// Narrow to definitions of types, without their content
    #[arg(long)]
    pub only_definitions: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PartChoice {
    Content,
    Files,
    Config,
    /// Only to leave out: records of files, their files and their folders
    MediaLibrary,
}

impl PartChoice {
    fn part(self) -> Part {
        match self {
            PartChoice::Content => Part::Content,
            PartChoice::Files => Part::Files,
            PartChoice::Config => Part::Config,
            PartChoice::MediaLibrary => Part::MediaLibrary,
        }
    }
}

impl SelectionArgs {
    pub fn selection(&self) -> Selection {
        let parts = |choices: &[PartChoice]| choices.iter().map(|choice| choice.part()).collect();
        Selection {
            ids: self.ids.clone(),
            tags: self.tags.clone(),
            types: self.types.clone(),
            exclude_types: self.exclude_types.clone(),
            locales: self.locales.clone(),
            search: self.search.clone(),
            only: parts(&self.only),
            exclude: parts(&self.exclude),
            only_definitions: self.only_definitions,
        }
    }
}

/// What of two locations is compared.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Comparison")]
pub struct AspectArgs {
    /// Compare what the two say of their types, and what that means for content that moves from the first to
    /// the second; --types narrows
    #[arg(long, conflicts_with_all = ["ids", "tags", "exclude_types", "locales", "search", "only", "exclude", "only_definitions"])]
    pub schemas: bool,
}
