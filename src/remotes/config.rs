//! The remotes of this user: `config.toml`, and `HAUL_REMOTE_<NAME>` of the environment.
//! Must not know: how a remote is spoken to. Comments and order of the user's file stay.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use secrecy::SecretString;
use toml_edit::{Document, DocumentMut, InlineTable, Item, Table, TableLike, value};
use url::Url;

use super::{CredentialRef, CredentialStore, Environment, Login, Paths, RemoteName, StoreKind, address, command};
use crate::files::{self, Readers};
use crate::model::{Error, ErrorKind, Platform, Result, text};

const REMOTES: &str = "remotes";
/// The remote that the workbench preselects.
const DEFAULT_SOURCE: &str = "default-source";
const PRODUCTION: &str = "production";
const READ_ONLY: &str = "read-only";
const KEYS: [&str; 6] = ["platform", "url", "user", "credential", PRODUCTION, READ_ONLY];
const ENVIRONMENT: &str = "HAUL_REMOTE_";
const CREDENTIAL_VARIABLES: [&str; 3] = ["_TOKEN", "_USER", "_PASSWORD"];
const PRODUCTION_VARIABLE: &str = "_PRODUCTION";
const READ_ONLY_VARIABLE: &str = "_READ_ONLY";

/// A running instance, with a short name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    pub name: RemoteName,
    pub platform: Platform,
    pub url: Url,
    pub user: Option<String>,
    pub credential: CredentialRef,
    pub origin: Origin,
    /// Chosen by `haul remote use`: the workbench preselects it.
    pub default_source: bool,
    /// Marked as production: the workbench shows it so and asks for its name before a run. Headless nothing changes.
    pub production: bool,
    /// A source only: every verb that writes refuses it as destination.
    pub read_only: bool,
}

/// Where a remote was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Config,
    Environment,
}

/// A remote to add.
#[derive(Debug)]
pub struct NewRemote {
    pub name: RemoteName,
    pub platform: Platform,
    /// As [`super::parse_url`] gives it.
    pub url: Url,
    pub user: Option<String>,
    pub credential: NewCredential,
    /// As [`Remote::production`].
    pub production: bool,
    /// As [`Remote::read_only`].
    pub read_only: bool,
}

/// The credential of a remote to add.
#[derive(Debug)]
pub enum NewCredential {
    /// Put into the keyring, or the file where there is none.
    Store(SecretString),
    Env(String),
    Command(String),
    None,
}

/// Every remote that this user has.
#[derive(Debug)]
pub struct Remotes {
    paths: Paths,
    environment: Environment,
    store: CredentialStore,
}

impl Remotes {
    pub fn open(paths: &Paths, environment: &Environment) -> Result<Self> {
        let store = CredentialStore::open(paths, environment)?;
        Ok(Remotes { paths: paths.clone(), environment: environment.clone(), store })
    }

    /// With another store than the environment chooses.
    #[must_use]
    pub fn with_store(mut self, store: CredentialStore) -> Self {
        self.store = store;
        self
    }

    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// All of them by name; one of the environment hides its namesake of the file.
    pub fn list(&self) -> Result<Vec<Remote>> {
        let mut remotes = self.in_file()?;
        remotes.iter_mut().try_for_each(|remote| self.mark(remote))?;
        for found in self.in_environment() {
            let found = found?;
            remotes.retain(|remote| remote.name.in_variables() != found.name.in_variables());
            remotes.push(found);
        }
        remotes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(remotes)
    }

    /// The remote of this name. An unreadable configuration is an error, not an absence.
    pub fn find(&self, name: &str) -> Result<Option<Remote>> {
        let Ok(name) = RemoteName::parse(name) else { return Ok(None) };
        if let Some(address) = self.environment.get(&format!("{ENVIRONMENT}{}", name.in_variables()))
            && is_address_variable(&name.in_variables(), address)
        {
            return self.remote_of_variable(name, address).map(Some);
        }
        let mut found = self.in_file()?.into_iter().find(|remote| remote.name == name);
        found.iter_mut().try_for_each(|remote| self.mark(remote))?;
        Ok(found)
    }

    /// The remote of this name, or an error that suggests a similar one.
    pub fn get(&self, name: &str) -> Result<Remote> {
        match self.find(name)? {
            Some(remote) => Ok(remote),
            None => Err(self.unknown(name)),
        }
    }

    pub(super) fn unknown(&self, name: &str) -> Error {
        let known: Vec<_> = self.list().unwrap_or_default().into_iter().map(|remote| remote.name.to_string()).collect();
        let error = Error::new(ErrorKind::UnknownLocation, format!("no remote is called `{}`", text::printable(name)));
        match text::nearest(name, known.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => error.hint("add one with `haul remote add NAME PLATFORM:URL`"),
            None => error.hint(format!("there are: {}", known.join(", "))),
        }
    }

    /// Adds a remote, and puts its credential where it belongs.
    pub async fn add(&self, new: NewRemote) -> Result<Remote> {
        self.edit(|remotes| refuse_taken(remotes, &new.name))?;
        let credential = self.keep(&new.name, new.credential).await?;
        let remote = Remote {
            name: new.name,
            platform: new.platform,
            url: new.url,
            user: new.user,
            credential,
            origin: Origin::Config,
            default_source: false,
            production: new.production,
            read_only: new.read_only,
        };
        self.edit(|remotes| {
            refuse_taken(remotes, &remote.name)?;
            remotes_of(remotes)?.insert(remote.name.as_str(), Item::Table(table_of(&remote)));
            Ok(())
        })?;
        Ok(remote)
    }

    /// Puts a credential where it belongs.
    pub(super) async fn keep(&self, name: &RemoteName, credential: NewCredential) -> Result<CredentialRef> {
        Ok(match credential {
            NewCredential::Store(secret) => CredentialRef::Stored(self.store.put(name, &secret).await?),
            NewCredential::Env(variable) => CredentialRef::Env(variable),
            NewCredential::Command(command) => CredentialRef::Command(command),
            NewCredential::None => CredentialRef::None,
        })
    }

    /// Removes a remote with its credential.
    pub async fn remove(&self, name: &str) -> Result<Remote> {
        let remote = self.editable(name)?;
        self.forget(&remote).await?;
        self.edit(|document| {
            remotes_of(document)?.remove(remote.name.as_str());
            if remote.default_source {
                document.remove(DEFAULT_SOURCE);
            }
            Ok(())
        })?;
        Ok(remote)
    }

    /// Gives a remote another name; its credential moves along. The old one goes last, so that nothing is lost
    /// midway.
    pub async fn rename(&self, from: &str, to: &RemoteName) -> Result<Remote> {
        let old = self.editable(from)?;
        self.edit(|document| refuse_taken(document, to))?;
        let credential = self.copy_credential(&old, to).await?;
        let renamed = Remote { name: to.clone(), credential, ..old.clone() };
        self.edit(|document| {
            refuse_taken(document, to)?;
            let remotes = remotes_of(document)?;
            let mut table = remotes.remove(old.name.as_str()).unwrap_or_else(|| Item::Table(table_of(&renamed)));
            if let (CredentialRef::Stored(_), Some(table)) = (&renamed.credential, table.as_table_like_mut()) {
                table.insert("credential", credential_item(&renamed.credential));
            }
            remotes.insert(to.as_str(), table);
            if old.default_source {
                document[DEFAULT_SOURCE] = value(to.as_str());
            }
            Ok(())
        })?;
        self.forget(&old).await?;
        Ok(renamed)
    }

    /// Removes the credential of a remote from the store that it is in.
    pub(super) async fn forget(&self, remote: &Remote) -> Result<()> {
        match remote.credential {
            CredentialRef::Stored(kind) => self.store.remove(&remote.name, kind).await,
            _ => Ok(()),
        }
    }

    async fn copy_credential(&self, old: &Remote, to: &RemoteName) -> Result<CredentialRef> {
        let CredentialRef::Stored(kind) = old.credential else { return Ok(old.credential.clone()) };
        match self.store.get(&old.name, kind).await? {
            Some(secret) => Ok(CredentialRef::Stored(self.store.put(to, &secret).await?)),
            None => Ok(CredentialRef::None),
        }
    }

    /// Preselects a remote in the workbench.
    pub fn use_as_source(&self, name: &str) -> Result<Remote> {
        let remote = self.get(name)?;
        self.edit(|document| {
            document[DEFAULT_SOURCE] = value(remote.name.as_str());
            Ok(())
        })?;
        Ok(Remote { default_source: true, ..remote })
    }

    /// What the remote is opened with: `HAUL_REMOTE_<NAME>_TOKEN|USER|PASSWORD` first, then the remote's own.
    /// `None` where it has no credential.
    pub async fn login(&self, remote: &Remote) -> Result<Option<Login>> {
        let variable = |end: &str| self.environment.get(&format!("{ENVIRONMENT}{}{end}", remote.name.in_variables()));
        if let Some(token) = variable("_TOKEN") {
            return Ok(Some(Login::token(token)));
        }
        let user = variable("_USER").map(str::to_owned).or_else(|| remote.user.clone());
        if let Some(password) = variable("_PASSWORD") {
            return Ok(Some(Login { user, secret: password.into() }));
        }
        let secret = self.secret_of(remote).await.map_err(|error| error.at(&remote.name))?;
        Ok(secret.map(|secret| Login { user, secret }))
    }

    async fn secret_of(&self, remote: &Remote) -> Result<Option<SecretString>> {
        match &remote.credential {
            CredentialRef::None => Ok(None),
            CredentialRef::Command(line) => command::first_line(line, command::PATIENCE).await.map(Some),
            CredentialRef::Env(name) => match self.environment.get(name) {
                Some(secret) => Ok(Some(secret.into())),
                None => {
                    Err(Error::new(ErrorKind::NoCredential, format!("its credential is in {name}, which is not set"))
                        .hint(format!("set {name}, or give the remote another credential")))
                }
            },
            CredentialRef::Stored(kind) => match self.store.get(&remote.name, *kind).await? {
                Some(secret) => Ok(Some(secret)),
                None => {
                    Err(Error::new(ErrorKind::NoCredential, format!("the {} has no credential for it", kind.as_str()))
                        .hint("remove the remote and add it again with --credential-stdin"))
                }
            },
        }
    }

    /// A remote as it stands in the file, without the marks that the environment adds: what an edit form begins with.
    /// One that comes from the environment cannot be edited, and is [`ErrorKind::Usage`].
    pub fn editable(&self, name: &str) -> Result<Remote> {
        let remote = self.get(name)?;
        match remote.origin {
            Origin::Config => {
                let stored = self.in_file()?.into_iter().find(|stored| stored.name == remote.name);
                stored.ok_or_else(|| self.unknown(name))
            }
            Origin::Environment => {
                let variable = format!("{ENVIRONMENT}{}", remote.name.in_variables());
                Err(Error::new(ErrorKind::Usage, format!("{name} comes from {variable}"))
                    .hint(format!("change or unset {variable}")))
            }
        }
    }

    fn in_environment(&self) -> impl Iterator<Item = Result<Remote>> + '_ {
        self.environment.starting_with(ENVIRONMENT).filter(|(rest, value)| is_address_variable(rest, value)).map(
            |(rest, address)| {
                let name = RemoteName::parse(&rest.to_ascii_lowercase())
                    .map_err(|error| error.at(format_args!("{ENVIRONMENT}{rest}")))?;
                self.remote_of_variable(name, address)
            },
        )
    }

    fn remote_of_variable(&self, name: RemoteName, address: &str) -> Result<Remote> {
        let variable = format!("{ENVIRONMENT}{}", name.in_variables());
        let (platform, url) = address::parse_address(address)
            .unwrap_or_else(|| {
                Err(Error::new(ErrorKind::Usage, "it does not begin with a platform").hint(address_hint()))
            })
            .map_err(|error| error.at(variable))?;
        let mut remote = Remote {
            name,
            platform,
            url,
            user: None,
            credential: CredentialRef::None,
            origin: Origin::Environment,
            default_source: false,
            production: false,
            read_only: false,
        };
        self.mark(&mut remote)?;
        Ok(remote)
    }

    /// Adds the marks of the environment. They add to those of the file: a mark protects, and so is not taken away
    /// from afar.
    fn mark(&self, remote: &mut Remote) -> Result<()> {
        let marked = |end: &str| {
            let variable = format!("{ENVIRONMENT}{}{end}", remote.name.in_variables());
            match self.environment.get(&variable) {
                None => Ok(false),
                // The address of another remote, whose name ends so.
                Some(value) if address::parse_address(value).is_some() => Ok(false),
                Some(value) => truth(value).ok_or_else(|| {
                    Error::new(ErrorKind::Usage, format!("{variable} is neither yes nor no")).hint("set it to 1 or 0")
                }),
            }
        };
        let (production, read_only) = (marked(PRODUCTION_VARIABLE)?, marked(READ_ONLY_VARIABLE)?);
        remote.production |= production;
        remote.read_only |= read_only;
        Ok(())
    }

    fn in_file(&self) -> Result<Vec<Remote>> {
        let path = self.paths.config_file();
        match read(&path)? {
            Some(text) => remotes_in(&text).map_err(|error| error.at(path.display())),
            None => Ok(Vec::new()),
        }
    }

    /// Reads, changes and replaces the file, alone.
    pub(super) fn edit(&self, change: impl FnOnce(&mut DocumentMut) -> Result<()>) -> Result<()> {
        let path = self.paths.config_file();
        let _lock = lock_folder(self.paths.config_dir())?;
        let before = read(&path)?.unwrap_or_default();
        remotes_in(&before).map_err(|error| error.at(path.display()))?;
        let mut document: DocumentMut = before.parse().map_err(|error| no_toml(&before, &error).at(path.display()))?;
        change(&mut document)?;
        let after = document.to_string();
        if after == before { Ok(()) } else { files::write_whole(&path, after.as_bytes(), Readers::Umask) }
    }
}

fn address_hint() -> String {
    let platforms: Vec<_> = Platform::ALL.iter().map(|platform| platform.as_str()).collect();
    format!("write PLATFORM:URL, where PLATFORM is one of {}", platforms.join(", "))
}

/// Whether `HAUL_REMOTE_<REST>` is the address of a remote, rather than a credential or a mark of one. A name may end
/// as a mark does, such as `eu-production`; then the value tells.
fn is_address_variable(rest: &str, value: &str) -> bool {
    let is_credential = CREDENTIAL_VARIABLES.iter().any(|end| rest.ends_with(end));
    let may_be_a_mark = [PRODUCTION_VARIABLE, READ_ONLY_VARIABLE].iter().any(|end| rest.ends_with(end));
    let is_mark = may_be_a_mark && address::parse_address(value).is_none();
    !is_credential && !is_mark
}

fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Keeps other processes of this user from changing the folder's files. Waits for them: they take milliseconds.
pub(super) fn lock_folder(folder: &Path) -> Result<File> {
    files::create_private_folder(folder)?;
    let path = folder.join(".lock");
    let failed = |error| Error::io(format_args!("cannot lock {}", path.display()), error);
    let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

pub(super) fn read(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(format_args!("cannot read {}", path.display()), error)),
    }
}

/// The line, from 1, where a span begins.
pub(super) fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start.min(text.len()));
    1 + text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count()
}

pub(super) fn no_toml(text: &str, error: &toml_edit::TomlError) -> Error {
    let message = error.message().lines().next().unwrap_or("this is no TOML").to_owned();
    wrong(text, error.span(), message)
}

pub(super) fn wrong(text: &str, span: Option<Range<usize>>, message: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Usage, format!("line {}: {message}", line_of(text, span)))
        .hint("mend the file, or remove the lines and add the remote again")
}

fn remotes_in(text: &str) -> Result<Vec<Remote>> {
    let document = Document::parse(text).map_err(|error| no_toml(text, &error))?;
    let Some(item) = document.get(REMOTES) else { return Ok(Vec::new()) };
    let table = item.as_table_like().ok_or_else(|| wrong(text, item.span(), "`remotes` is no table"))?;
    let default = document.get(DEFAULT_SOURCE).and_then(Item::as_str);
    let remotes = table.iter().map(|(name, item)| {
        let remote = remote_in(text, name, item)?;
        Ok(Remote { default_source: default == Some(name), ..remote })
    });
    remotes.collect()
}

fn remote_in(text: &str, name: &str, item: &Item) -> Result<Remote> {
    let here = |message: String| wrong(text, item.span(), message);
    let name = RemoteName::parse(name).map_err(|error| here(error.message().to_owned()))?;
    let table = item.as_table_like().ok_or_else(|| here(format!("remote {name} is no table")))?;
    for (key, value) in table.iter() {
        if !KEYS.contains(&key) {
            let near = text::nearest(key, KEYS).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
            return Err(wrong(text, value.span(), format!("remote {name} has an unknown key `{key}`{near}")));
        }
    }
    let word = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(item) => match item.as_str() {
            Some(word) => Ok(Some(word)),
            None => Err(wrong(text, item.span(), format!("`{key}` of remote {name} is no string"))),
        },
    };
    let mark = |key: &str| match table.get(key) {
        None => Ok(false),
        Some(item) => item
            .as_bool()
            .ok_or_else(|| wrong(text, item.span(), format!("`{key}` of remote {name} is neither true nor false"))),
    };
    let platform = word("platform")?.ok_or_else(|| here(format!("remote {name} has no platform")))?;
    let url = word("url")?.ok_or_else(|| here(format!("remote {name} has no url")))?;
    let span = |key: &str| table.get(key).and_then(Item::span);
    Ok(Remote {
        platform: Platform::ALL.into_iter().find(|known| known.as_str() == platform).ok_or_else(|| {
            wrong(text, span("platform"), format!("`{platform}` is no platform")).hint(address_hint())
        })?,
        url: address::parse_url(url).map_err(|error| wrong(text, span("url"), error.message()))?,
        user: word("user")?.map(str::to_owned),
        credential: match table.get("credential") {
            None => CredentialRef::None,
            Some(item) => credential_in(item).ok_or_else(|| {
                wrong(text, item.span(), format!("the credential of remote {name} is not understood")).hint(
                    "it is { store = \"keyring\" }, { store = \"file\" }, { env = \"VAR\" } or { command = \"CMD\" }",
                )
            })?,
        },
        origin: Origin::Config,
        default_source: false,
        production: mark(PRODUCTION)?,
        read_only: mark(READ_ONLY)?,
        name,
    })
}

fn credential_in(item: &Item) -> Option<CredentialRef> {
    let table = item.as_table_like().filter(|table| table.len() == 1)?;
    let word = |key: &str| table.get(key).and_then(Item::as_str);
    let stored = word("store").and_then(StoreKind::parse).map(CredentialRef::Stored);
    let variable = || word("env").map(|name| CredentialRef::Env(name.to_owned()));
    let command = || word("command").map(|line| CredentialRef::Command(line.to_owned()));
    stored.or_else(variable).or_else(command)
}

pub(super) fn credential_item(credential: &CredentialRef) -> Item {
    let mut table = InlineTable::new();
    let (key, word) = match credential {
        CredentialRef::Stored(kind) => ("store", kind.as_str()),
        CredentialRef::Env(name) => ("env", name.as_str()),
        CredentialRef::Command(line) => ("command", line.as_str()),
        CredentialRef::None => return Item::None,
    };
    table.insert(key, word.into());
    value(table)
}

fn table_of(remote: &Remote) -> Table {
    let mut table = Table::new();
    table["platform"] = value(remote.platform.as_str());
    table["url"] = value(address::address_text(&remote.url));
    if let Some(user) = &remote.user {
        table["user"] = value(user);
    }
    if remote.credential != CredentialRef::None {
        table["credential"] = credential_item(&remote.credential);
    }
    for (key, _) in marks_of(remote).into_iter().filter(|(_, marked)| *marked) {
        table[key] = value(true);
    }
    table
}

/// The marks of a remote by their keys in the file.
pub(super) fn marks_of(remote: &Remote) -> [(&'static str, bool); 2] {
    [(PRODUCTION, remote.production), (READ_ONLY, remote.read_only)]
}

fn refuse_taken(document: &DocumentMut, name: &RemoteName) -> Result<()> {
    let remotes = document.get(REMOTES).and_then(Item::as_table_like);
    match remotes.is_some_and(|remotes| remotes.contains_key(name.as_str())) {
        true => Err(Error::new(ErrorKind::Usage, format!("a remote is called {name} already"))
            .hint(format!("choose another name, or `haul remote remove {name}` first"))),
        false => Ok(()),
    }
}

pub(super) fn remotes_of(document: &mut DocumentMut) -> Result<&mut dyn TableLike> {
    let fresh = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let item = document.entry(REMOTES).or_insert_with(fresh);
    item.as_table_like_mut().ok_or_else(|| Error::new(ErrorKind::Usage, "`remotes` is no table"))
}

#[cfg(test)]
mod tests;
