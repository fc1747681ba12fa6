//! What this user has told Haul: remotes by name, credentials, and the folders where both live.
//! Must not know: how a platform is spoken to, what is moved, any screen. A credential leaves this room only as
//! `Login`, whose `Debug` says nothing.

mod address;
mod command;
mod config;
pub mod credential;
mod environment;
mod name;
mod paths;
mod store;

pub use address::{address_text, parse_address, parse_url};
pub use config::{NewCredential, NewRemote, Origin, Remote, Remotes};
pub use credential::{CredentialRef, Login, StoreKind};
pub use environment::Environment;
pub use name::RemoteName;
pub use paths::Paths;
pub use store::{CredentialStore, Keyring};
