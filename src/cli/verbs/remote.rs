//! `haul remote`: the running instances that the user has given a name.
//! Must not know: how a credential is kept.

use std::io::{BufRead, IsTerminal};
use std::time::Instant;

use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde::Serialize;

use crate::cli::args::{FromArgs, NetworkArgs};
use crate::cli::context::Context;
use crate::cli::ends::Opener;
use crate::cli::output::{Cell, Style, Table};
use crate::cli::request;
use crate::model::text::printable;
use crate::model::{Access, Error, ErrorKind, LocationInfo, Platform, Result};
use crate::platforms::{self, KeySource};
use crate::remotes::{
    CredentialChange, CredentialRef, Environment, NewCredential, NewRemote, Origin, Remote, RemoteChange, RemoteName,
    StoreKind, address_text, parse_address, parse_url,
};
use crate::wording::{plural, seconds};

/// Name, test and remove running instances
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/remote.txt"))]
pub struct RemoteArgs {
    #[command(subcommand)]
    verb: RemoteVerb,
}

#[derive(Debug, Subcommand)]
enum RemoteVerb {
    Add(AddArgs),
    /// Show all remotes
    List,
    Test(TestArgs),
    Edit(EditArgs),
    /// Preselect a remote as the source in the workbench; verbs that write always name their destination
    Use {
        name: String,
    },
    /// Give a remote another name
    Rename {
        from: String,
        to: String,
    },
    /// Forget a remote and its credential
    Remove {
        name: String,
    },
}

/// Name a running instance
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/remote-add.txt"))]
struct AddArgs {
    /// Letters, digits, - and _
    name: String,
    /// Where it is
    #[arg(value_name = "PLATFORM:URL")]
    address: String,
    /// Whom to log in as
    #[arg(long, value_name = "USER", help_heading = "Credentials")]
    user: Option<String>,
    #[command(flatten)]
    credential: CredentialArgs,
    /// Mark it as production: the workbench shows it so and asks for its name before a run
    #[arg(long, help_heading = "Marks")]
    production: bool,
    /// Use it as a source only: every verb that writes refuses it as destination
    #[arg(long, help_heading = "Marks")]
    read_only: bool,
}

/// Change a remote; what is not given stays as it is
#[derive(Debug, Args)]
#[command(after_help = include_str!("../../../assets/help/remote-edit.txt"))]
struct EditArgs {
    name: String,
    /// Where it is now
    #[arg(long)]
    url: Option<String>,
    /// Whom to log in as; an empty one removes it
    #[arg(long, value_name = "USER", help_heading = "Credentials")]
    user: Option<String>,
    #[command(flatten)]
    credential: CredentialArgs,
    /// Mark it as production, or take the mark away
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(help_heading = "Marks")]
    production: Option<bool>,
    /// Use it as a source only, or let it be written to again
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(help_heading = "Marks")]
    read_only: Option<bool>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Credentials")]
#[group(multiple = false)]
struct CredentialArgs {
    /// Read the password or token from standard input, and keep it in the keyring
    #[arg(long)]
    credential_stdin: bool,
    /// Take the password or token from this variable of the environment, each time
    #[arg(long, value_name = "VAR")]
    credential_env: Option<String>,
    /// Take the password or token from the first line that this command prints, each time
    #[arg(long, value_name = "CMD")]
    credential_command: Option<String>,
}

impl CredentialArgs {
    fn is_given(&self) -> bool {
        self.credential_stdin || self.credential_env.is_some() || self.credential_command.is_some()
    }
}

/// Log in to a remote and list it, changing nothing
#[derive(Debug, Args)]
struct TestArgs {
    /// A remote, or PLATFORM:URL
    remote: String,
    #[command(flatten)]
    credentials: FromArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub async fn run(context: &Context, args: &RemoteArgs) -> Result<u8> {
    match &args.verb {
        RemoteVerb::Add(args) => add(context, args).await,
        RemoteVerb::Edit(args) => edit(context, args).await,
        RemoteVerb::List => list(context),
        RemoteVerb::Test(args) => test(context, args).await,
        RemoteVerb::Use { name } => {
            let remote = context.remotes()?.use_as_source(name)?;
            answer(context, "used", &remote)
        }
        RemoteVerb::Rename { from, to } => {
            let remote = context.remotes()?.rename(from, &RemoteName::parse(to)?).await?;
            answer(context, "renamed", &remote)
        }
        RemoteVerb::Remove { name } => {
            let remote = context.remotes()?.remove(name).await?;
            answer(context, "removed", &remote)
        }
    }
}

async fn add(context: &Context, args: &AddArgs) -> Result<u8> {
    let name = RemoteName::parse(&args.name)?;
    let (platform, url) = parse_address(&args.address).unwrap_or_else(|| {
        let platforms: Vec<_> = platforms::available_remotes().iter().map(|platform| platform.as_str()).collect();
        Err(Error::new(ErrorKind::Usage, format!("`{}` does not begin with a platform", args.address))
            .hint(format!("write PLATFORM:URL, where PLATFORM is one of {}", platforms.join(", "))))
    })?;
    platforms::refuse_unavailable(platform)?;
    refuse_user(platform, args.user.as_deref())?;
    let credential = credential_of(context, &args.credential)?;
    let (user, production, read_only) = (args.user.clone(), args.production, args.read_only);
    let new = NewRemote { name, platform, url, user, credential, production, read_only };
    let remote = context.remotes()?.add(new).await?;
    answer(context, "added", &remote)
}

fn refuse_user(platform: Platform, user: Option<&str>) -> Result<()> {
    match user {
        Some(_) if !platforms::rules(platform).features.password_login => {
            Err(Error::new(ErrorKind::Usage, format!("{platform} has no --user")).hint("it is opened with a token"))
        }
        _ => Ok(()),
    }
}

async fn edit(context: &Context, args: &EditArgs) -> Result<u8> {
    let remotes = context.remotes()?;
    let remote = remotes.editable(&args.name)?;
    refuse_user(remote.platform, args.user.as_deref().filter(|user| !user.is_empty()))?;
    let marks = args.production.is_some() || args.read_only.is_some();
    if args.url.is_none() && args.user.is_none() && !args.credential.is_given() && !marks {
        return Err(Error::new(ErrorKind::Usage, format!("nothing was said to change about {}", remote.name))
            .hint("pass --url, --user, --credential-stdin, --production or --read-only"));
    }
    let mut change = RemoteChange::of(&remote);
    if let Some(url) = &args.url {
        change.url = parse_url(url)?;
    }
    if let Some(user) = &args.user {
        change.user = Some(user.clone()).filter(|user| !user.is_empty());
    }
    if args.credential.is_given() {
        change.credential = CredentialChange::Replace(credential_of(context, &args.credential)?);
    }
    change.production = args.production.unwrap_or(change.production);
    change.read_only = args.read_only.unwrap_or(change.read_only);
    let changed = remotes.change(&args.name, change).await?;
    answer(context, "changed", &changed)?;
    if args.credential.is_given() && !context.output.is_json() {
        note_credential(context, &changed)?;
    }
    Ok(0)
}

fn credential_of(context: &Context, args: &CredentialArgs) -> Result<NewCredential> {
    if args.credential_stdin {
        return read_credential(context).map(NewCredential::Store);
    }
    Ok(match (&args.credential_env, &args.credential_command) {
        (Some(variable), _) => NewCredential::Env(variable.clone()),
        (None, Some(command)) => NewCredential::Command(command.clone()),
        (None, None) => NewCredential::None,
    })
}

/// The first line of standard input; hidden where a person types it.
fn read_credential(context: &Context) -> Result<SecretString> {
    let secret = match std::io::stdin().is_terminal() {
        true => return context.prompter.hidden("password or token"),
        false => {
            let mut line = String::new();
            std::io::stdin()
                .lock()
                .read_line(&mut line)
                .map_err(|error| Error::io("cannot read the credential from standard input", error))?;
            line.trim_end_matches(['\r', '\n']).to_owned()
        }
    };
    match secret.is_empty() {
        true => Err(Error::new(ErrorKind::NoCredential, "standard input holds no credential")
            .hint("pipe it in, such as `pass show prod | haul remote add … --credential-stdin`")),
        false => Ok(secret.into()),
    }
}

/// A remote as it is shown: never with its credential, nor with a command, which may hold one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    name: &'a str,
    platform: &'a str,
    url: &'a str,
    user: Option<&'a str>,
    /// `keyring`, `file`, `env`, `command`, `environment` (HAUL_REMOTE_…) or null.
    credential: Option<&'static str>,
    credential_env: Option<&'a str>,
    origin: &'static str,
    default_source: bool,
    production: bool,
    read_only: bool,
}

impl Shown<'_> {
    fn marks(&self) -> String {
        let marks = [(self.production, "production"), (self.read_only, "read-only")];
        marks.iter().filter(|(marked, _)| *marked).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
    }
}

impl<'a> Shown<'a> {
    fn of(remote: &'a Remote, environment: &Environment) -> Self {
        let variable = format!("HAUL_REMOTE_{}_", remote.name.in_variables());
        let overrides = ["TOKEN", "PASSWORD"].iter().any(|end| environment.get(&format!("{variable}{end}")).is_some());
        let (credential, credential_env) = match &remote.credential {
            _ if overrides => (Some("environment"), None),
            CredentialRef::Stored(kind) => (Some(kind.as_str()), None),
            CredentialRef::Env(name) => (Some("env"), Some(name.as_str())),
            CredentialRef::Command(_) => (Some("command"), None),
            CredentialRef::None => (None, None),
        };
        Shown {
            name: remote.name.as_str(),
            platform: remote.platform.as_str(),
            url: address_text(&remote.url),
            user: remote.user.as_deref(),
            credential,
            credential_env,
            origin: match remote.origin {
                Origin::Config => "config",
                Origin::Environment => "environment",
            },
            default_source: remote.default_source,
            production: remote.production,
            read_only: remote.read_only,
        }
    }
}

#[derive(Debug, Serialize)]
struct One<'a> {
    schema: u32,
    status: &'static str,
    remote: Shown<'a>,
}

fn answer(context: &Context, done: &'static str, remote: &Remote) -> Result<u8> {
    if context.output.is_json() {
        context.output.json(&One { schema: 1, status: done, remote: Shown::of(remote, &context.environment) })?;
        return Ok(0);
    }
    let url = address_text(&remote.url);
    context.output.text(|out, _| writeln!(out, "{done} {}: {} {url}", remote.name, remote.platform))?;
    if done == "added" {
        note_credential(context, remote)?;
    }
    Ok(0)
}

fn note_credential(context: &Context, remote: &Remote) -> Result<()> {
    match &remote.credential {
        CredentialRef::Stored(StoreKind::Keyring) => context.output.note("its credential is in the keyring"),
        CredentialRef::Stored(StoreKind::File) => {
            let path = context.paths()?.credentials_file();
            context.output.warn(&format!(
                "there is no keyring; its credential is in {}, in clear text, readable by you alone",
                path.display()
            ));
        }
        CredentialRef::Env(_) | CredentialRef::Command(_) => {}
        CredentialRef::None => context.output.note("it has no credential; you will be asked for one when it is needed"),
    }
    Ok(())
}

fn list(context: &Context) -> Result<u8> {
    let remotes = context.remotes()?.list()?;
    if context.output.is_json() {
        let shown: Vec<_> = remotes.iter().map(|remote| Shown::of(remote, &context.environment)).collect();
        context.output.json(&serde_json::json!({ "schema": 1, "remotes": shown }))?;
        return Ok(0);
    }
    if remotes.is_empty() {
        context.output.note("there are no remotes yet: `haul remote add NAME PLATFORM:URL`");
        return Ok(0);
    }
    let rows = || {
        remotes.iter().map(|remote| {
            let shown = Shown::of(remote, &context.environment);
            let credential = match shown.credential_env {
                Some(variable) => format!("env {variable}"),
                None => shown.credential.unwrap_or("none").to_owned(),
            };
            [
                Cell::new(shown.name),
                Cell::new(shown.platform),
                Cell::new(shown.url),
                Cell::new(shown.user.unwrap_or_default()),
                Cell::styled(credential, Style::Dim),
                Cell::styled(if shown.origin == "config" { "" } else { shown.origin }, Style::Dim),
                Cell::styled(shown.marks(), Style::Warning),
                Cell::styled(if shown.default_source { "source" } else { "" }, Style::Good),
            ]
        })
    };
    let table = Table::new(["name", "platform", "url", "user", "credential", "origin", "marks", "preselected"]);
    context.output.text(|out, paint| table.write(out, paint, rows))?;
    Ok(0)
}

#[derive(Debug, Serialize)]
struct Tested {
    schema: u32,
    status: &'static str,
    location: LocationInfo,
    access: Access,
    summary: TestSummary,
}

#[derive(Debug, Serialize)]
struct TestSummary {
    items: u64,
    requests: u64,
    seconds: f64,
}

async fn test(context: &Context, args: &TestArgs) -> Result<u8> {
    let remotes = context.remotes()?;
    let located = match platforms::locate_remote(&args.remote, &remotes)? {
        Some(located) => located,
        None => {
            remotes.get(&args.remote)?;
            return Err(Error::new(ErrorKind::Internal, "a remote that is not found is found"));
        }
    };
    let started = Instant::now();
    let opener = Opener::new(context, request::network(&args.network)?, Vec::new());
    let view = opener.watch(format!("asking {}", located.shown));
    let source = opener.source(&located, args.credentials.typed(), KeySource::None).await?;
    let inventory = source.list().await?;
    view.clear();
    let answer = Tested {
        schema: 1,
        status: "ok",
        location: source.info(),
        access: source.access(),
        summary: TestSummary {
            items: inventory.len() as u64,
            requests: opener.relay.requests(),
            seconds: started.elapsed().as_secs_f64(),
        },
    };
    if context.output.is_json() {
        context.output.json(&answer)?;
        return Ok(0);
    }
    context.output.text(|out, paint| {
        let ok = paint.paint(Style::Good, "ok");
        let version = answer.location.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        let (items, time) = (plural(answer.summary.items, "item"), seconds(answer.summary.seconds));
        writeln!(out, "{}: {ok}, {}{version}, {items}, {time}", located.shown, answer.location.platform)?;
        write_access(&answer.access, out)
    })?;
    Ok(0)
}

/// Whose login it is, and what it may do, as far as that is known.
fn write_access(access: &Access, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let words = [("account", &access.account), ("role", &access.role)];
    for (word, text) in words.into_iter().filter_map(|(word, text)| Some((word, text.as_deref()?))) {
        writeln!(out, "  {word}: {}", printable(text))?;
    }
    for (word, list) in [("rights", &access.rights), ("limits", &access.limits)] {
        list.iter().try_for_each(|line| writeln!(out, "  {word}: {}", printable(line)))?;
    }
    Ok(())
}
