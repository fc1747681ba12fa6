//! The stores for credentials: the keyring of the operating system, else a file that only its owner can read.
//! Must not know: URLs, platforms, what a credential is for.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use toml_edit::DocumentMut;

use super::{Environment, Paths, RemoteName, StoreKind};
use crate::files::{self, Readers};
use crate::model::{Error, ErrorKind, Result};

/// A keyring on a machine without a desktop may wait for somebody to unlock it, forever.
const PATIENCE: Duration = Duration::from_secs(10);

const FIRST_LINE: &str =
    "# Credentials of Haul in clear text, because no keyring was used. Keep mode 0600; do not share.\n";

/// What a keyring can do. The operating system's own, or one of a test.
pub trait Keyring: Send + Sync {
    fn put(&self, service: &str, name: &str, secret: &str) -> keyring::Result<()>;
    fn get(&self, service: &str, name: &str) -> keyring::Result<String>;
    fn remove(&self, service: &str, name: &str) -> keyring::Result<()>;
}

struct SystemKeyring;

impl Keyring for SystemKeyring {
    fn put(&self, service: &str, name: &str, secret: &str) -> keyring::Result<()> {
        keyring::Entry::new(service, name)?.set_password(secret)
    }
    fn get(&self, service: &str, name: &str) -> keyring::Result<String> {
        keyring::Entry::new(service, name)?.get_password()
    }
    fn remove(&self, service: &str, name: &str) -> keyring::Result<()> {
        keyring::Entry::new(service, name)?.delete_credential()
    }
}

/// The credentials of this user's remotes, by name.
#[derive(Clone)]
pub struct CredentialStore {
    file: PathBuf,
    service: String,
    /// `HAUL_CREDENTIAL_STORE`: only this one.
    only: Option<StoreKind>,
    keyring: Arc<dyn Keyring>,
    patience: Duration,
}

impl std::fmt::Debug for CredentialStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialStore").field("file", &self.file).field("only", &self.only).finish_non_exhaustive()
    }
}

impl CredentialStore {
    pub fn open(paths: &Paths, environment: &Environment) -> Result<Self> {
        let only = match environment.get("HAUL_CREDENTIAL_STORE") {
            None => None,
            Some(text) => Some(StoreKind::parse(text).ok_or_else(|| {
                Error::new(ErrorKind::Usage, format!("HAUL_CREDENTIAL_STORE is `{text}`")).hint("it is keyring or file")
            })?),
        };
        Ok(CredentialStore {
            file: paths.credentials_file(),
            service: paths.keyring_service(),
            only,
            keyring: Arc::new(SystemKeyring),
            patience: PATIENCE,
        })
    }

    /// With another keyring than the system's, and another patience with it.
    #[must_use]
    pub fn with_keyring(mut self, keyring: Arc<dyn Keyring>, patience: Duration) -> Self {
        (self.keyring, self.patience) = (keyring, patience);
        self
    }

    /// Puts a credential into the keyring, or into the file where there is no keyring. Says into which.
    pub async fn put(&self, name: &RemoteName, secret: &SecretString) -> Result<StoreKind> {
        if self.only != Some(StoreKind::File) {
            match self.put_into_keyring(name, secret).await {
                Ok(()) => return Ok(StoreKind::Keyring),
                Err(error) if self.only == Some(StoreKind::Keyring) => return Err(error),
                Err(_) => {} // no keyring here: the file, which the caller names
            }
        }
        self.put_into_file(name, secret)?;
        Ok(StoreKind::File)
    }

    async fn put_into_keyring(&self, name: &RemoteName, secret: &SecretString) -> Result<()> {
        let secret = secret.clone();
        self.ask(name, move |keyring, service, name| keyring.put(service, name, secret.expose_secret())).await?;
        Ok(())
    }

    /// The credential of a remote, from the store that its configuration names.
    pub async fn get(&self, name: &RemoteName, kind: StoreKind) -> Result<Option<SecretString>> {
        match kind {
            StoreKind::File => self.get_from_file(name),
            StoreKind::Keyring => {
                let found = self.ask(name, |keyring, service, name| keyring.get(service, name)).await?;
                Ok(found.map(SecretString::from))
            }
        }
    }

    /// Removes a credential; one that is not there is fine.
    pub async fn remove(&self, name: &RemoteName, kind: StoreKind) -> Result<()> {
        match kind {
            StoreKind::File => self.remove_from_file(name),
            StoreKind::Keyring => {
                self.ask(name, |keyring, service, name| keyring.remove(service, name)).await.map(|_| ())
            }
        }
    }

    /// Asks the keyring on a thread of its own, and gives it up after a while. `None` where it has no such entry.
    async fn ask<T: Send + 'static>(
        &self,
        name: &RemoteName,
        question: impl FnOnce(&dyn Keyring, &str, &str) -> keyring::Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let (keyring, service, entry) = (self.keyring.clone(), self.service.clone(), name.to_string());
        // Not a thread of the runtime: one that hangs would hold up the end of the process.
        std::thread::spawn(move || {
            let _ = sender.send(question(&*keyring, &service, &entry)); // nobody waits after the time is up
        });
        match tokio::time::timeout(self.patience, receiver).await {
            Ok(Ok(Ok(answer))) => Ok(Some(answer)),
            Ok(Ok(Err(keyring::Error::NoEntry))) => Ok(None),
            Ok(Ok(Err(error))) => Err(keyring_failed(name, keyring_reason(&error))),
            Ok(Err(_)) => Err(keyring_failed(name, "it broke off")),
            Err(_) => Err(keyring_failed(name, "it does not answer")),
        }
    }

    fn put_into_file(&self, name: &RemoteName, secret: &SecretString) -> Result<()> {
        let _lock = self.lock()?;
        let mut document = self.read_file()?.unwrap_or_default();
        document[name.as_str()] = toml_edit::value(secret.expose_secret());
        self.write_file(&document)
    }

    fn get_from_file(&self, name: &RemoteName) -> Result<Option<SecretString>> {
        let document = self.read_file()?;
        Ok(document.and_then(|document| Some(document.get(name.as_str())?.as_str()?.into())))
    }

    fn remove_from_file(&self, name: &RemoteName) -> Result<()> {
        let _lock = self.lock()?;
        let mut document = self.read_file()?.unwrap_or_default();
        match document.remove(name.as_str()) {
            Some(_) => self.write_file(&document),
            None => Ok(()),
        }
    }

    fn lock(&self) -> Result<File> {
        super::config::lock_folder(files::folder_of(&self.file))
    }

    fn read_file(&self) -> Result<Option<DocumentMut>> {
        let failed = |error| Error::io(format_args!("cannot read {}", self.file.display()), error);
        let mut file = match File::open(&self.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        if files::others_may_read(&file).map_err(failed)? {
            let message = format!("{} can be read by others than its owner", self.file.display());
            return Err(Error::new(ErrorKind::NoCredential, message).hint(format!(
                "run `chmod 600 {}`; if others use this machine, also change the credentials in it",
                self.file.display()
            )));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        // The parser's message would show the line, and so a credential.
        let document = text.parse::<DocumentMut>().map_err(|error| {
            let line = super::config::line_of(&text, error.span());
            Error::new(ErrorKind::NoCredential, format!("{}: line {line} is no TOML", self.file.display()))
                .hint("each line is NAME = \"CREDENTIAL\"; mend it or remove the file and add the credentials again")
        })?;
        Ok(Some(document))
    }

    fn write_file(&self, document: &DocumentMut) -> Result<()> {
        let text = document.to_string();
        let first = if text.starts_with('#') { "" } else { FIRST_LINE };
        files::write_whole(&self.file, format!("{first}{text}").as_bytes(), Readers::Owner)
    }
}

fn keyring_failed(name: &RemoteName, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::NoCredential, format!("cannot use the keyring for the credential of {name}: {why}"))
        .hint("unlock it, or set HAUL_CREDENTIAL_STORE=file and add the credential again")
}

/// The keyring's own words, except where they could hold the credential.
fn keyring_reason(error: &keyring::Error) -> String {
    match error {
        keyring::Error::BadEncoding(_) => "what it holds is no text".to_owned(),
        keyring::Error::Ambiguous(_) => "it holds several credentials of this name".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Working(Mutex<BTreeMap<String, String>>);
    impl Keyring for Working {
        fn put(&self, service: &str, name: &str, secret: &str) -> keyring::Result<()> {
            self.0.lock().unwrap().insert(format!("{service}/{name}"), secret.to_owned());
            Ok(())
        }
        fn get(&self, service: &str, name: &str) -> keyring::Result<String> {
            self.0.lock().unwrap().get(&format!("{service}/{name}")).cloned().ok_or(keyring::Error::NoEntry)
        }
        fn remove(&self, service: &str, name: &str) -> keyring::Result<()> {
            let removed = self.0.lock().unwrap().remove(&format!("{service}/{name}"));
            removed.map(|_| ()).ok_or(keyring::Error::NoEntry)
        }
    }

    struct Absent;
    impl Keyring for Absent {
        fn put(&self, _: &str, _: &str, _: &str) -> keyring::Result<()> {
            Err(keyring::Error::PlatformFailure("no bus".into()))
        }
        fn get(&self, _: &str, _: &str) -> keyring::Result<String> {
            Err(keyring::Error::PlatformFailure("no bus".into()))
        }
        fn remove(&self, _: &str, _: &str) -> keyring::Result<()> {
            Err(keyring::Error::PlatformFailure("no bus".into()))
        }
    }

    struct Hanging;
    impl Keyring for Hanging {
        fn put(&self, _: &str, _: &str, _: &str) -> keyring::Result<()> {
            loop {
                std::thread::park();
            }
        }
        fn get(&self, _: &str, _: &str) -> keyring::Result<String> {
            loop {
                std::thread::park();
            }
        }
        fn remove(&self, _: &str, _: &str) -> keyring::Result<()> {
            loop {
                std::thread::park();
            }
        }
    }

    fn store(folder: &std::path::Path, only: &str, keyring: impl Keyring + 'static) -> CredentialStore {
        let environment = Environment::from_iter([("HAUL_CREDENTIAL_STORE", only)]);
        let store = CredentialStore::open(&Paths::at(folder, folder), &environment).unwrap();
        store.with_keyring(Arc::new(keyring), Duration::from_millis(50))
    }

    fn prod() -> RemoteName {
        RemoteName::parse("prod").unwrap()
    }

    async fn comes_back(store: &CredentialStore, kind: StoreKind) {
        let found = store.get(&prod(), kind).await.unwrap();
        assert_eq!(found.as_ref().map(|secret| secret.expose_secret()), Some("canary"));
        store.remove(&prod(), kind).await.unwrap();
        assert!(store.get(&prod(), kind).await.unwrap().is_none());
        store.remove(&prod(), kind).await.unwrap();
    }

    #[tokio::test]
    async fn a_working_keyring_is_preferred() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), "", Working::default());
        assert_eq!(store.put(&prod(), &"canary".into()).await.unwrap(), StoreKind::Keyring);
        assert!(!store.file.exists());
        comes_back(&store, StoreKind::Keyring).await;
    }

    #[tokio::test]
    async fn without_a_keyring_the_file_is_used_and_says_so() {
        for hangs in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let store = match hangs {
                false => store(folder.path(), "", Absent),
                true => store(folder.path(), "", Hanging),
            };
            assert_eq!(store.put(&prod(), &"canary".into()).await.unwrap(), StoreKind::File);
            let text = std::fs::read_to_string(&store.file).unwrap();
            assert!(text.starts_with("# Credentials of Haul in clear text"), "{text}");
            assert!(!files::others_may_read(&File::open(&store.file).unwrap()).unwrap());
            comes_back(&store, StoreKind::File).await;
        }
    }

    #[tokio::test]
    async fn a_keyring_that_was_asked_for_is_not_replaced_by_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), "keyring", Absent);
        let error = store.put(&prod(), &"canary".into()).await.unwrap_err();
        assert!(error.hint_text().unwrap().contains("HAUL_CREDENTIAL_STORE=file"));
        assert!(!store.file.exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), "file", Absent);
        store.put(&prod(), &"canary".into()).await.unwrap();
        for mode in [0o640, 0o604, 0o660, 0o644] {
            std::fs::set_permissions(&store.file, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = store.get(&prod(), StoreKind::File).await.unwrap_err();
            assert!(error.hint_text().unwrap().contains("chmod 600"), "{error}");
        }
        std::fs::set_permissions(&store.file, std::fs::Permissions::from_mode(0o600)).unwrap();
        comes_back(&store, StoreKind::File).await;
    }

    #[tokio::test]
    async fn a_broken_file_is_named_by_line_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), "file", Absent);
        files::write_whole(&store.file, b"# x\nprod = \"canary\nb = 2\n", Readers::Owner).unwrap();
        let error = store.get(&prod(), StoreKind::File).await.unwrap_err();
        assert!(error.message().contains("line 2") && !error.message().contains("canary"), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
    }

    #[test]
    fn another_store_than_these_two_is_refused() {
        let environment = Environment::from_iter([("HAUL_CREDENTIAL_STORE", "vault")]);
        assert!(CredentialStore::open(&Paths::at("c", "s"), &environment).is_err());
    }
}
