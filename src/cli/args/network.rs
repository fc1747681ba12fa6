//! How servers are spoken to.
//! Must not know: which servers.

use std::path::PathBuf;

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// Allow plain http to other machines, which shows credentials to the network
    #[arg(long)]
    pub insecure: bool,
    /// Trust the certificates in this file too (PEM)
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Send this header with every request; may be repeated
    #[arg(long, value_name = "NAME: VALUE")]
    pub header: Vec<String>,
    /// Give up on an answer after so many seconds; imports, exports and backups may take 30 times as long
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<f64>,
    /// Send at most so many requests a second
    #[arg(long, value_name = "N")]
    pub rate: Option<f64>,
    /// Do not have files checked by checksums on their way
    #[arg(long)]
    pub no_checksums: bool,
    /// Wait so many milliseconds for each entry that is written, to spare the server
    #[arg(long, value_name = "MS")]
    pub throttle: Option<u32>,
}
