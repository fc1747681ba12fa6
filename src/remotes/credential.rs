//! A credential, and the ways in which a remote refers to one.
//! Must not know: where it is used. Nothing here can be printed, serialised or compared by accident.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// What a location is opened with: a token, or a user and a password.
#[derive(Clone)]
pub struct Login {
    /// `None` where the secret is a token.
    pub user: Option<String>,
    pub secret: SecretString,
}

impl Login {
    pub fn token(secret: impl Into<SecretString>) -> Self {
        Login { user: None, secret: secret.into() }
    }

    pub fn password(user: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Login { user: Some(user.into()), secret: secret.into() }
    }

    /// The token or password itself. For the request that needs it and nothing else.
    pub fn reveal_for_request(&self) -> &str {
        self.secret.expose_secret()
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(hidden)")
    }
}

/// How a remote's credential is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CredentialRef {
    /// In one of Haul's stores, under the remote's name.
    Stored(StoreKind),
    /// In this variable of the environment.
    Env(String),
    /// In the first line that this shell command prints.
    Command(String),
    #[default]
    None,
}

/// The stores that a credential can be put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// The keyring of the operating system.
    Keyring,
    /// A file of mode 0600 in the configuration folder.
    File,
}

impl StoreKind {
    pub const ALL: [StoreKind; 2] = [StoreKind::Keyring, StoreKind::File];

    pub fn as_str(self) -> &'static str {
        match self {
            StoreKind::Keyring => "keyring",
            StoreKind::File => "file",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        StoreKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_does_not_show_what_it_holds() {
        let login = Login::password("anna", "canary");
        assert_eq!(format!("{login:?}"), "Login(hidden)");
        assert_eq!(login.reveal_for_request(), "canary");
    }
}
