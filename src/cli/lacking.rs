//! Options that a platform does not have: refused by name rather than ignored.
//! Must not know: why a platform lacks anything.

use super::args::{
    ArchiveArgs, AspectArgs, DecisionArgs, ExportFormatArgs, ModeArgs, OneKeyArgs, PauseArgs, RehearseArgs,
    SelectionArgs, WriteArgs,
};
use crate::model::{Error, ErrorKind, Features, Result, Rules};
use crate::net::NetOptions;

/// An option that was given, and what it needs of the platform.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    option: &'static str,
    has: fn(&Features) -> bool,
}

/// The options of a group that were given and that not every platform has.
pub trait NeedsFeatures: Sync {
    fn given(&self) -> Vec<Given>;
}

/// Refuses what the platform lacks.
pub fn refuse_lacking(rules: &Rules, groups: &[&dyn NeedsFeatures]) -> Result<()> {
    let given = groups.iter().flat_map(|group| group.given());
    let lacking: Vec<_> = given.filter(|given| !(given.has)(&rules.features)).map(|given| given.option).collect();
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Usage, format!("{} has no {}", rules.platform, lacking.join(" and no ")))
            .hint("leave it out; the platforms differ in what they have")),
    }
}

/// Whether an option was given, its name, and what it needs.
type Row = (bool, &'static str, fn(&Features) -> bool);

fn those(all: &[Row]) -> Vec<Given> {
    all.iter().filter(|(given, ..)| *given).map(|&(_, option, has)| Given { option, has }).collect()
}

impl NeedsFeatures for SelectionArgs {
    fn given(&self) -> Vec<Given> {
        those(&[
            (!self.tags.is_empty(), "--tags", |features| features.tags),
            (!self.locales.is_empty(), "--locales", |features| features.locales),
            (!self.only.is_empty(), "--only", |features| features.only_exclude),
            (!self.exclude.is_empty(), "--exclude", |features| features.only_exclude),
            (self.only_definitions, "--only-definitions", |features| features.only_definitions),
        ])
    }
}

impl NeedsFeatures for AspectArgs {
    fn given(&self) -> Vec<Given> {
        those(&[(self.schemas, "--schemas", |features| features.schemas)])
    }
}

impl NeedsFeatures for ModeArgs {
    fn given(&self) -> Vec<Given> {
        those(&[
            (self.mode.is_some(), "--mode", |features| features.mode),
            (self.one_transaction, "--one-transaction", |features| features.mode),
        ])
    }
}

impl NeedsFeatures for DecisionArgs {
    fn given(&self) -> Vec<Given> {
        those(&[
            (self.skip_blocked, "--skip-blocked", |features| features.schemas),
            (!self.match_by.is_empty(), "--match-by", |features| features.match_by),
        ])
    }
}

impl NeedsFeatures for OneKeyArgs {
    fn given(&self) -> Vec<Given> {
        those(&[
            (self.key.is_some(), "--key", |features| features.sealed_archives),
            (self.key_file.is_some(), "--key-file", |features| features.sealed_archives),
        ])
    }
}

impl NeedsFeatures for ArchiveArgs {
    fn given(&self) -> Vec<Given> {
        let mut given = self.one.given();
        given.extend(those(&[
            (self.two.from_key.is_some(), "--from-key", |features| features.sealed_archives),
            (self.two.from_key_file.is_some(), "--from-key-file", |features| features.sealed_archives),
            (self.two.to_key.is_some(), "--to-key", |features| features.sealed_archives),
            (self.two.to_key_file.is_some(), "--to-key-file", |features| features.sealed_archives),
        ]));
        given
    }
}

impl NeedsFeatures for ExportFormatArgs {
    fn given(&self) -> Vec<Given> {
        those(&[
            (self.format.is_some(), "--format", |features| features.sealed_archives),
            (self.no_encrypt, "--no-encrypt", |features| features.sealed_archives),
            (self.no_compress, "--no-compress", |features| features.sealed_archives),
            (self.redact, "--redact", |features| features.redact),
            (self.with_internal, "--with-internal", |features| features.folders),
            (self.manifest, "--manifest", |features| features.folders),
        ])
    }
}

impl NeedsFeatures for NetOptions {
    fn given(&self) -> Vec<Given> {
        those(&[
            (!self.checksums, "--no-checksums", |features| features.streams),
            (!self.throttle.is_zero(), "--throttle", |features| features.streams),
        ])
    }
}

impl NeedsFeatures for RehearseArgs {
    fn given(&self) -> Vec<Given> {
        those(&[(self.rehearse, "--rehearse", |features| features.rehearse)])
    }
}

impl NeedsFeatures for PauseArgs {
    fn given(&self) -> Vec<Given> {
        those(&[(self.pause_webhooks, "--pause-webhooks", |features| features.pauses_webhooks)])
    }
}

impl NeedsFeatures for WriteArgs {
    fn given(&self) -> Vec<Given> {
        those(&[
            (self.no_backup, "--no-backup", |features| features.backup),
            (self.secret_values.is_some(), "--secret-values", |features| features.secret_values),
            (self.test_connections, "--test-connections", |features| features.test_connections),
        ])
    }
}
