//! What this user has told Haul: remotes by name, credentials, preferences, places used lately, and the folders where
//! all of it lives.
//! Must not know: how a platform is spoken to, what is moved, any screen. A credential leaves this room only as
//! `Login`, whose `Debug` says nothing.

mod address;
mod change;
mod command;
mod config;
pub mod credential;
mod environment;
mod name;
mod paths;
mod preferences;
mod recent;
mod store;

pub use address::{address_text, parse_address, parse_url};
pub use change::{CredentialChange, RemoteChange};
pub use config::{NewCredential, NewRemote, Origin, Remote, Remotes};
pub use credential::{CredentialRef, Login, StoreKind};
pub use environment::Environment;
pub use name::RemoteName;
pub use paths::Paths;
pub use preferences::{KeysOfCommand, Preferences, Theme};
pub use recent::Recent;
pub use store::{CredentialStore, Keyring};
