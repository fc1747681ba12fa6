//! Lists or rewrites a Strapi archive through the library: the smallest use of a source, and a tool of the live tests,
//! which need archives whose JSONL is divided after fewer characters than Strapi's 256,000,000.
//!
//!     cargo run --example strapi_archive -- list ARCHIVE
//!     cargo run --example strapi_archive -- count ARCHIVE
//!     cargo run --example strapi_archive -- rewrite ARCHIVE OUTPUT [CHARACTERS]
//!     cargo run --example strapi_archive -- convert ARCHIVE|strapi:URL OUTPUT VERSION
//!     cargo run --example strapi_archive -- generate OUTPUT MIB
//!
//! `HAUL_KEY` opens and seals, and `HAUL_FROM_TOKEN` is the token of a server, as on the command line.

#[path = "../benches/support/archive.rs"]
mod archive;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use haul::codec::Packing;
use haul::model::{
    Credentials, Error, ErrorKind, Existing, ExportFormat, ExportRequest, Files, FolderFormat, Layout, LocationInfo,
    Platform, Result, Seal, Source, Squeeze,
};
use haul::platforms::{KeySource, OpenOptions, Place, open_source, strapi::ArchiveSource};
use haul::remotes::{Login, parse_address};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["list", archive] => list(archive).await,
        ["rewrite", archive, output] => rewrite(archive, output, 256_000_000).await,
        ["rewrite", archive, output, characters] => {
            rewrite(archive, output, characters.parse().unwrap_or(256_000_000)).await
        }
        ["convert", archive, output, version] => convert(archive, output, version).await,
        ["generate", output, mib] => generate(output, mib.parse().unwrap_or(1024)),
        ["count", archive] => count(archive).await,
        _ => {
            say("strapi_archive list ARCHIVE | rewrite ARCHIVE OUTPUT [CHARACTERS] | convert ARCHIVE OUTPUT VERSION");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error} {}", error.hint_text().unwrap_or_default()));
            ExitCode::from(error.exit_code())
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is what a command does")]
fn say(text: &str) {
    println!("{text}");
}

fn open(archive: &str) -> Result<ArchiveSource> {
    let keys = std::env::var("HAUL_KEY").map_or(KeySource::None, |key| KeySource::Given(key.into()));
    ArchiveSource::open(Path::new(archive), &keys, Arc::new(()))
}

async fn list(archive: &str) -> Result<()> {
    let source = open(archive)?;
    let inventory = source.list().await?;
    say(&format!("{:?}", source.tally().unwrap_or_default()));
    for item in inventory.items() {
        let references = item.references().len();
        let digest = item.digests().map(|digests| digests.semantic.to_string()).unwrap_or_default();
        say(&format!("{} · {} · {digest} · {references} references", item.key(), item.name()));
    }
    for finding in &inventory.findings {
        say(&format!("{} {}: {}", finding.severity, finding.code, finding.message));
    }
    Ok(())
}

/// Lists, and prints nothing but how many items there are: for measuring.
async fn count(archive: &str) -> Result<()> {
    let inventory = open(archive)?.list().await?;
    say(&format!("{} items", inventory.len()));
    Ok(())
}

fn generate(output: &str, mib: u64) -> Result<()> {
    let packing = Packing { gzip: output.ends_with(".gz"), key: None };
    let items = archive::generate(Path::new(output), mib << 20, &packing);
    let items = items.map_err(|error| Error::io(format!("cannot write {output}"), error))?;
    say(&format!("{items} items"));
    Ok(())
}

async fn rewrite(archive: &str, output: &str, characters: u64) -> Result<()> {
    write(&open(archive)?.rotating_at(characters), output).await
}

/// Writes what version 4 wrote, or holds, as a newer one would have written it.
async fn convert(from: &str, output: &str, version: &str) -> Result<()> {
    let mut destination = LocationInfo::new(Platform::Strapi, output);
    destination.version = Some(version.to_owned());
    let source: Box<dyn Source> = match parse_address(from) {
        Some(address) => {
            let (platform, url) = address?;
            let token = std::env::var("HAUL_FROM_TOKEN").unwrap_or_default();
            let options = OpenOptions { login: Some(Login::token(token)), ..OpenOptions::default() };
            let source = open_source(&Place::Remote { platform, url, name: None }, &options).await?;
            options.farewells.finished(Duration::from_secs(10)).await;
            source
        }
        None => Box::new(open(from)?),
    };
    let converted = source.suited(&destination).await?;
    let nothing = || Error::new(ErrorKind::Usage, format!("{from} needs no conversion for {version}"));
    let source = converted.ok_or_else(nothing)?;
    write(&*source, output).await?;
    for finding in &source.list().await?.findings {
        say(&format!("{} {}: {}", finding.severity, finding.code, finding.message));
    }
    Ok(())
}

async fn write(source: &dyn Source, output: &str) -> Result<()> {
    let inventory = source.list().await?;
    let items: Vec<u32> = (0..inventory.len() as u32).collect();
    let seal = std::env::var("HAUL_KEY").ok().filter(|_| output.ends_with(".enc"));
    let format = ExportFormat {
        seal: seal.map_or(Seal::None, |key| Seal::Key(key.into())),
        squeeze: if output.contains(".gz") { Squeeze::Gzip } else { Squeeze::None },
        layout: Layout::Archive,
        folder: FolderFormat::default(),
        existing: Existing::Replace,
        files: Files::With,
        credentials: Credentials::Keep,
    };
    let request =
        ExportRequest { inventory: &inventory, items: &items, output: Some(Path::new(output)), format: &format };
    let exported = source.export(&request, &()).await?;
    say(&format!("{} bytes", exported.bytes));
    Ok(())
}
