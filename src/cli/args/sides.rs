//! Credentials of the two ends of a verb. A verb with one location takes the `from` forms.
//! Must not know: remotes.

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Credentials")]
pub struct FromArgs {
    /// Token for the source; visible to other processes, HAUL_FROM_TOKEN is not
    #[arg(long, value_name = "TOKEN", hide_env_values = true)]
    pub from_token: Option<String>,
    /// Log in to the source as this user, with the password in HAUL_FROM_PASSWORD
    #[arg(long, value_name = "USER")]
    pub from_user: Option<String>,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Credentials")]
pub struct ToArgs {
    /// Token for the destination; visible to other processes, HAUL_TO_TOKEN is not
    #[arg(long, value_name = "TOKEN")]
    pub to_token: Option<String>,
    /// Log in to the destination as this user, with the password in HAUL_TO_PASSWORD
    #[arg(long, value_name = "USER")]
    pub to_user: Option<String>,
}
