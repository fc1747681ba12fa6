//! How a location is opened: where a key comes from, and how a remote is written to.
//! Must not know: any platform, the screen, or where on the command line a value came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use crate::model::{Error, ErrorKind, EventSink, Result, SecretValues};
use crate::net::{Farewells, NetOptions};
use crate::remotes::Login;

/// Everything that opening a location may need.
#[derive(Clone)]
pub struct OpenOptions {
    pub net: NetOptions,
    /// `None` for a bundle.
    pub login: Option<Login>,
    pub keys: KeySource,
    pub events: Arc<dyn EventSink>,
    pub write: WriteOptions,
    /// Where content of a remote is kept that can only be read whole, for as long as the remote is open.
    pub spool: PathBuf,
    /// Who waits for conversations that were left midway.
    pub farewells: Farewells,
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions {
            net: NetOptions::default(),
            login: None,
            keys: KeySource::None,
            events: Arc::new(()),
            write: WriteOptions::default(),
            spool: std::env::temp_dir(),
            farewells: Farewells::default(),
        }
    }
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOptions").field("net", &self.net).field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// Asks a person for the key of an archive; the text names the archive.
pub type AskKey = dyn Fn(&str) -> Result<SecretString> + Send + Sync;

/// Where the key of a sealed archive comes from. Asked only when an archive turns out to be sealed.
#[derive(Clone, Default)]
pub enum KeySource {
    /// Nobody can be asked.
    #[default]
    None,
    Given(SecretString),
    Ask(Arc<AskKey>),
}

impl KeySource {
    /// The key that opens `archive`, which an error names.
    pub fn opening(&self, archive: &str) -> Result<SecretString> {
        match self {
            KeySource::Given(key) => Ok(key.clone()),
            KeySource::Ask(ask) => ask(archive),
            KeySource::None => {
                Err(Error::new(ErrorKind::NoKey, format!("{archive} is encrypted, and no key was given"))
                    .hint("pass --key-file FILE, or set HAUL_KEY"))
            }
        }
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeySource::None => "KeySource::None",
            KeySource::Given(_) => "KeySource::Given(hidden)",
            KeySource::Ask(_) => "KeySource::Ask",
        })
    }
}

/// What a run may do at a remote beyond writing what was planned.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// One backup of the remote's database before the first write, where the platform can.
    pub backup: bool,
    /// By the name of the secret: values for secrets that the run creates.
    pub secret_values: BTreeMap<String, SecretValues>,
    /// Ask the server to test what was imported.
    pub test_connections: bool,
}

impl Default for WriteOptions {
    fn default() -> Self {
        WriteOptions { backup: true, secret_values: BTreeMap::new(), test_connections: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_and_nobody_to_ask_says_how_to_give_one() {
        let error = KeySource::None.opening("./backup.tar.gz.enc").expect_err("nobody can be asked");
        assert_eq!((error.kind(), error.exit_code()), (ErrorKind::NoKey, 4));
        assert!(error.hint_text().is_some_and(|hint| hint.contains("--key-file")));
    }

    #[test]
    fn a_key_is_never_printed() {
        assert!(!format!("{:?}", KeySource::Given("hunter2".into())).contains("hunter2"));
    }
}
