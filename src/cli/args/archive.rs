//! Keys of sealed archives, and the form of a bundle that is written.
//! Must not know: codecs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The key of the one archive of a verb; serves both ends where there are two and none of their own is given.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Archive")]
pub struct OneKeyArgs {
    /// Key of the archive; visible to other processes, --key-file and HAUL_KEY are not
    #[arg(long, value_name = "KEY", conflicts_with = "key_file")]
    pub key: Option<String>,
    /// File whose first line is the key of the archive
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

/// The keys of two archives.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Archive")]
pub struct TwoKeysArgs {
    /// Key that opens the first archive, where there are two
    #[arg(long, value_name = "KEY", conflicts_with = "from_key_file")]
    pub from_key: Option<String>,
    /// File whose first line is that key
    #[arg(long, value_name = "FILE")]
    pub from_key_file: Option<PathBuf>,
    /// Key that seals or opens the second archive, where there are two
    #[arg(long, value_name = "KEY", conflicts_with = "to_key_file")]
    pub to_key: Option<String>,
    /// File whose first line is that key
    #[arg(long, value_name = "FILE")]
    pub to_key_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Args)]
pub struct ArchiveArgs {
    #[command(flatten)]
    pub one: OneKeyArgs,
    #[command(flatten)]
    pub two: TwoKeysArgs,
}

impl ArchiveArgs {
    /// Whether a key was given for what is written, and for nothing else.
    pub fn seals(&self) -> bool {
        self.two.to_key.is_some() || self.two.to_key_file.is_some()
    }
}

/// What a bundle looks like on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LayoutChoice {
    /// One archive
    Tar,
    /// The same unpacked into a folder, neither compressed nor encrypted
    Dir,
}

/// The form of a bundle that is written.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Format")]
pub struct ExportFormatArgs {
    /// Write one archive, or a folder with what it would hold
    #[arg(long, value_enum, value_name = "FORM")]
    pub format: Option<LayoutChoice>,
    /// Do not encrypt the archive
    #[arg(long)]
    pub no_encrypt: bool,
    /// Do not compress the archive
    #[arg(long)]
    pub no_compress: bool,
    /// Replace credentials in clear text, and list them
    #[arg(long)]
    pub redact: bool,
    /// Write into every object what the server alone knows of it: its state, its times
    #[arg(long)]
    pub with_internal: bool,
    /// Write a list of all files with their hashes beside them, for haul verify
    #[arg(long)]
    pub manifest: bool,
    /// Replace OUTPUT if it exists; --no-prompt does not imply this
    #[arg(long)]
    pub replace_output: bool,
}
