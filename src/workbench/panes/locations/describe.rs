//! Remotes, addresses and bundles as entries of the lists.
//! Must not know: where they were found.

use std::path::Path;

use super::state::{About, Entry, RemoteFacts};
use crate::model::Platform;
use crate::platforms::BundleLook;
use crate::remotes::{CredentialRef, Environment, Origin, Remote, StoreKind, address_text};
use crate::workbench::ends::Location;

/// A remote as the lists show it.
pub fn remote(remote: &Remote, environment: &Environment) -> Entry {
    let variable = format!("HAUL_REMOTE_{}", remote.name.in_variables());
    let fixed = match remote.origin {
        Origin::Config => None,
        Origin::Environment => Some(format!("{} comes from {variable}: change or unset that", remote.name)),
    };
    Entry {
        location: Location::Remote(remote.name.to_string()),
        name: remote.name.to_string(),
        platform: remote.platform,
        about: About::Remote(RemoteFacts {
            url: address_text(&remote.url).to_owned(),
            user: remote.user.clone(),
            credential: credential(remote, &variable, environment),
            default_source: remote.default_source,
            production: remote.production,
            read_only: remote.read_only,
            fixed,
        }),
    }
}

/// Where the credential of a remote is. A command is not shown: it may hold one.
fn credential(remote: &Remote, variable: &str, environment: &Environment) -> String {
    let overriding = ["_TOKEN", "_PASSWORD"].map(|end| format!("{variable}{end}"));
    if let Some(name) = overriding.iter().find(|name| environment.get(name).is_some()) {
        return format!("from {name}");
    }
    match &remote.credential {
        CredentialRef::Stored(kind) => stored(*kind).to_owned(),
        CredentialRef::Env(name) => format!("from {name}"),
        CredentialRef::Command(_) => "from a command".to_owned(),
        CredentialRef::None => "none, asked for when it is needed".to_owned(),
    }
}

pub fn stored(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::Keyring => "in the keyring",
        StoreKind::File => "in credentials.toml, in clear text",
    }
}

/// An address without a name.
pub fn address(platform: Platform, text: String) -> Entry {
    let name = text.split_once(':').map_or(&*text, |(_, url)| url).to_owned();
    Entry { location: Location::Address(text), name, platform, about: About::Address }
}

/// A bundle. `home` is this user's home folder.
pub fn bundle(path: &Path, look: Option<BundleLook>, home: Option<&Path>) -> Option<Entry> {
    // Nothing is known of a file that is not recognised any more, so that it has no place in the lists.
    let platform = look?.platform;
    let name = path_text(path, home);
    Some(Entry { location: Location::Bundle(path.to_owned()), name, platform, about: About::Bundle(look) })
}

/// A path as people write it.
pub fn path_text(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}
