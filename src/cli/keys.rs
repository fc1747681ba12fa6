//! Keys of sealed archives: what was typed, what the environment holds, or what a person is asked for.
//! Must not know: ciphers.

use std::path::Path;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::args::{ArchiveArgs, OneKeyArgs};
use super::context::Context;
use super::credentials::Side;
use crate::model::{Error, ErrorKind, Result, Seal};
use crate::platforms::KeySource;

/// How an archive at one end is opened. A key of that end goes before the one key of the verb.
pub fn opening(context: &Context, args: &ArchiveArgs, side: Side) -> Result<KeySource> {
    if let Some(key) = of_side(context, args, side)? {
        return Ok(KeySource::Given(key));
    }
    if let Some(key) = of_verb(context, &args.one)? {
        return Ok(KeySource::Given(key));
    }
    Ok(asking(context))
}

/// How the one archive of a verb is opened.
pub fn opening_one(context: &Context, args: &OneKeyArgs) -> Result<KeySource> {
    Ok(of_verb(context, args)?.map_or_else(|| asking(context), KeySource::Given))
}

/// How the archive that is written is sealed; a key that is asked for is asked for twice.
pub fn sealing(context: &Context, args: &ArchiveArgs) -> Result<Seal> {
    let given = match of_side(context, args, Side::To)? {
        Some(key) => Some(key),
        None => of_verb(context, &args.one)?,
    };
    if let Some(key) = given {
        return Ok(Seal::Key(key));
    }
    if !context.prompter.can_ask() {
        return Err(Error::new(ErrorKind::NoKey, "no key to encrypt the archive with")
            .hint("pass --key-file FILE or set HAUL_KEY; or write it unencrypted with --no-encrypt"));
    }
    let key = context.prompter.hidden("key to encrypt the archive with")?;
    let again = context.prompter.hidden("the same key again")?;
    if key.expose_secret() != again.expose_secret() {
        return Err(Error::new(ErrorKind::NoKey, "the two keys differ; nothing was written"));
    }
    refuse_empty(key, "the key").map(Seal::Key)
}

fn asking(context: &Context) -> KeySource {
    if !context.prompter.can_ask() {
        return KeySource::None;
    }
    let prompter = context.prompter.clone();
    KeySource::Ask(Arc::new(move |archive| prompter.hidden(&format!("key of {archive}"))))
}

fn of_side(context: &Context, args: &ArchiveArgs, side: Side) -> Result<Option<SecretString>> {
    let (key, file) = match side {
        Side::From => (&args.two.from_key, &args.two.from_key_file),
        Side::To => (&args.two.to_key, &args.two.to_key_file),
    };
    typed(context, &side.option("key"), key.as_deref(), file.as_deref(), &side.variable("KEY"))
}

fn of_verb(context: &Context, args: &OneKeyArgs) -> Result<Option<SecretString>> {
    typed(context, "--key", args.key.as_deref(), args.key_file.as_deref(), "HAUL_KEY")
}

fn typed(
    context: &Context,
    option: &str,
    key: Option<&str>,
    file: Option<&Path>,
    variable: &str,
) -> Result<Option<SecretString>> {
    if let Some(key) = key {
        context.output.warn(&format!("{option} is visible to other processes; {option}-file and {variable} are not"));
        return refuse_empty(key.into(), option).map(Some);
    }
    if let Some(file) = file {
        return first_line(file).map(Some);
    }
    Ok(context.environment.get(variable).map(SecretString::from))
}

/// The first line of a file, without its end.
pub fn first_line(path: &Path) -> Result<SecretString> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::io(format_args!("cannot read the key in {}", path.display()), error))?;
    let line = SecretString::from(text.lines().next().unwrap_or_default());
    refuse_empty(line, &path.display().to_string())
}

fn refuse_empty(key: SecretString, whose: &str) -> Result<SecretString> {
    match key.expose_secret().is_empty() {
        true => Err(Error::new(ErrorKind::NoKey, format!("{whose} holds an empty key"))),
        false => Ok(key),
    }
}
