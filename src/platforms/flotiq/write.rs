//! Writes an export directory as the official exporter writes it, byte for byte: what it holds depends on the content alone,
//! so that two exports of one space are equal.
//! Must not know: where the content comes from, beyond a listed directory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::value::RawValue;

use super::definition::Definition;
use super::index::{Index, Reader};
use super::json::{self, Members};
use super::layout::DEFINITION;
use super::listing::file_finding;
use super::manifest::{Manifest, Sum};
use super::names::{EXPORTED_INTERNAL, folder_of, media_file, objects_file, type_of};
use super::record::MediaFacts;
use super::states::{State, States};
use crate::model::{Error, ErrorKind, Files, Finding, Inventory, ItemIndex, ItemKey, Kind, Result, RunEvent};
use crate::platforms::work::Progress;

/// Bytes between two signs of progress.
const PROGRESS: u64 = 4 << 20;
/// Fields of a definition that the server gives anew.
const OF_THE_SERVER: [&str; 4] = ["id", "createdAt", "updatedAt", "deletedAt"];
/// What of `internal` an export can carry, in the order in which the official exporter writes it.
const CARRIED: [&str; 5] = ["status", "contentType", "createdAt", "updatedAt", "deletedAt"];

/// How much of what the server alone knows of an object is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Internal {
    Nothing,
    /// What the official exporter writes with `--with-internal`.
    Carried,
    All,
}

/// What is written of one type.
#[derive(Debug, Default)]
struct Wanted {
    /// With their ids, by which they are sorted.
    objects: Vec<(ItemKey, ItemIndex)>,
}

/// What to write, worked out where the inventory is.
#[derive(Debug)]
pub(super) struct Order(BTreeMap<String, Wanted>);

impl Order {
    /// The types of these items, each with its objects. A definition is written wherever objects need it, and those of the
    /// platform beside all of the user's.
    pub fn new(inventory: &Inventory, items: &[ItemIndex], index: &Index) -> Order {
        let mut types: BTreeMap<String, Wanted> = BTreeMap::new();
        let mut definitions = 0;
        for &item in items {
            let key = inventory.item(item).key();
            match (key.kind, type_of(&key).map(str::to_owned)) {
                (Kind::Definition, _) => {
                    definitions += 1;
                    types.entry(key.id.to_string()).or_default();
                }
                (_, Some(type_)) => types.entry(type_).or_default().objects.push((key, item)),
                (_, None) => {}
            }
        }
        let all = inventory.items().filter(|item| item.kind() == Kind::Definition).count();
        if definitions == all {
            let known = EXPORTED_INTERNAL.iter().filter(|name| index.type_named(name).is_some());
            known.for_each(|name| {
                types.entry((*name).to_owned()).or_default();
            });
        }
        for wanted in types.values_mut() {
            // As JavaScript sorts.
            wanted.objects.sort_by(|(one, _), (other, _)| one.id.encode_utf16().cmp(other.id.encode_utf16()));
        }
        Order(types)
    }
}

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub bytes: u64,
    pub findings: Vec<Finding>,
    pub files: Vec<Sum>,
}

pub(super) struct Writing<'w> {
    pub index: Arc<Index>,
    pub order: Order,
    pub internal: Internal,
    pub manifest: Manifest,
    /// Whether the files of media lie beside their records.
    pub files: Files,
    /// Empty.
    pub folder: &'w Path,
    pub progress: Progress,
}

impl Writing<'_> {
    pub fn run(self) -> Result<Written> {
        self.index.refuse_damaged()?;
        let mut run = Run {
            reader: Reader::new(&self.index),
            work: &self,
            out: Written::default(),
            told: 0,
            states: States::default(),
        };
        for (type_, wanted) in &self.order.0 {
            run.type_(type_, wanted)?;
        }
        run.tell(true)?;
        let Run { mut out, states, .. } = run;
        out.findings.extend(states.findings(self.internal));
        if self.manifest == Manifest::Beside {
            out.files.sort();
            out.bytes += super::manifest::write(self.folder, &out.files)?;
        }
        Ok(out)
    }
}

struct Run<'w> {
    work: &'w Writing<'w>,
    reader: Reader<'w>,
    out: Written,
    /// Bytes that were told of.
    told: u64,
    states: States,
}

impl Run<'_> {
    fn type_(&mut self, type_: &str, wanted: &Wanted) -> Result<()> {
        let Some(known) = self.work.index.type_named(type_) else {
            // Only objects of types that have a definition are listed.
            return Err(Error::new(ErrorKind::Internal, format!("the type {type_} has no definition")));
        };
        let definition = &known.definition;
        let folder = self.folder(definition)?;
        let text = fs::read_to_string(&known.path)
            .map_err(|error| Error::io(format_args!("cannot read {}", known.path.display()), error))?;
        self.file(&folder.join(DEFINITION), &mut definition_text(&text)?.as_bytes())?;
        if !wanted.objects.is_empty() {
            self.objects(&folder, definition, &wanted.objects)?;
        }
        if type_ == "_media" && self.work.files == Files::With {
            for (key, item) in &wanted.objects {
                self.medium(&folder, key, *item)?;
            }
        }
        Ok(())
    }

    /// The official exporter lets types whose folders are called the same overwrite each other. Readers go by the definition,
    /// so that any other name does.
    fn folder(&mut self, definition: &Definition) -> Result<PathBuf> {
        let name = folder_of(&definition.name, definition.internal);
        for number in 1..1000 {
            let name = if number == 1 { name.clone() } else { format!("{name}{number}") };
            let path = self.work.folder.join(&name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io(format_args!("cannot create {}", path.display()), error)),
            }
        }
        Err(Error::new(ErrorKind::Io, format!("no folder is free for the type {}", definition.name)))
    }

    fn objects(&mut self, folder: &Path, definition: &Definition, objects: &[(ItemKey, ItemIndex)]) -> Result<()> {
        let path = folder.join(objects_file(&definition.name));
        let mut file = Output::create(&path, self.work.manifest)?;
        for (number, (key, item)) in objects.iter().enumerate() {
            let record = self.reader.record(*item, key)?;
            let members = read_members(&record, key)?;
            if definition.draft_public {
                self.states.add(state_of(&members));
            }
            let mut line = String::with_capacity(record.get().len() + 1);
            if number > 0 {
                line.push('\n');
            }
            object_text(&members, self.work.internal, &mut line);
            file.put(line.as_bytes())?;
            self.out.bytes += line.len() as u64;
            self.tell(false)?;
        }
        self.close(file)
    }

    fn medium(&mut self, folder: &Path, key: &ItemKey, item: ItemIndex) -> Result<()> {
        let record = self.reader.record(item, key)?;
        let facts = media_facts(&read_members(&record, key)?);
        let Some(name) = media_file(&key.id, &facts.extension) else {
            return Err(Error::new(ErrorKind::Unsafe, format!("{key} would have a file outside of its folder")));
        };
        let Some(path) = self.work.index.file_of_medium(item, &key.id, &facts.extension) else {
            self.out.findings.extend(file_finding(key, &facts, None));
            return Ok(());
        };
        let mut file =
            File::open(&path).map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
        let before = self.out.bytes;
        self.file(&folder.join(name), &mut file)?;
        self.out.findings.extend(file_finding(key, &facts, Some(self.out.bytes - before)));
        Ok(())
    }

    /// Copies a whole file.
    fn file(&mut self, path: &Path, from: &mut dyn Read) -> Result<()> {
        let mut file = Output::create(path, self.work.manifest)?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = from
                .read(&mut buffer)
                .map_err(|error| Error::io(format_args!("cannot read what becomes {}", path.display()), error))?;
            if count == 0 {
                return self.close(file);
            }
            file.put(&buffer[..count])?;
            self.out.bytes += count as u64;
            self.tell(false)?;
        }
    }

    fn close(&mut self, file: Output) -> Result<()> {
        self.out.files.extend(file.close(self.work.folder)?);
        Ok(())
    }

    fn tell(&mut self, at_once: bool) -> Result<()> {
        let moved = self.out.bytes - self.told;
        if moved == 0 || (moved < PROGRESS && !at_once) {
            return Ok(());
        }
        self.told += moved;
        self.work.progress.tell(RunEvent::BytesMoved { bytes: moved })
    }
}

/// A file that is written, with what a manifest says of it.
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    hash: Option<sha2::Sha256>,
}

impl Output {
    fn create(path: &Path, manifest: Manifest) -> Result<Output> {
        let file = File::create_new(path)
            .map_err(|error| Error::io(format_args!("cannot create {}", path.display()), error))?;
        let hash = (manifest == Manifest::Beside).then(<sha2::Sha256 as sha2::Digest>::new);
        Ok(Output { path: path.to_owned(), file: BufWriter::with_capacity(256 * 1024, file), bytes: 0, hash })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some(hash) = &mut self.hash {
            sha2::Digest::update(hash, bytes);
        }
        self.bytes += bytes.len() as u64;
        self.file
            .write_all(bytes)
            .map_err(|error| Error::io(format_args!("cannot write {}", self.path.display()), error))
    }

    fn close(self, root: &Path) -> Result<Option<Sum>> {
        let Output { path, file, bytes, hash } = self;
        let failed = |error| Error::io(format_args!("cannot write {}", path.display()), error);
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        Ok(hash.map(|hash| Sum::of(root, &path, bytes, hash)))
    }
}

fn read_members<'r>(record: &'r RawValue, key: &ItemKey) -> Result<Members<'r>> {
    json::members(record.get()).map_err(|error| Error::new(ErrorKind::Damaged, format!("{key}: {error}")))
}

fn state_of(object: &Members<'_>) -> State {
    let internal = object.get("internal").and_then(|internal| json::members(internal.get()).ok());
    State::of(internal.and_then(|internal| internal.text("status")).as_deref())
}

pub(super) fn media_facts(object: &Members<'_>) -> MediaFacts {
    MediaFacts {
        extension: object.text("extension").unwrap_or_default(),
        size: object.get("size").and_then(|size| size.get().parse().ok()),
        ..MediaFacts::default()
    }
}

/// A definition as the official exporter writes it: two blanks for each level, no line feed at the end.
fn definition_text(text: &str) -> Result<String> {
    let text = text.trim_start_matches('\u{feff}');
    let fields =
        json::members(text).map_err(|error| Error::new(ErrorKind::Damaged, format!("a definition: {error}")))?;
    let kept: Vec<_> = fields.0.iter().filter(|(name, _)| !OF_THE_SERVER.contains(&&**name)).collect();
    let mut out = String::with_capacity(2 * text.len());
    out.push('{');
    for (number, (name, value)) in kept.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        json::new_line(1, &mut out);
        json::quote(name, &mut out);
        out.push_str(": ");
        json::pretty(value.get(), 1, &mut out);
    }
    out.push_str("\n}");
    Ok(out)
}

/// An object as the official exporter writes it: one line, all fields in their order.
fn object_text(object: &Members<'_>, internal: Internal, out: &mut String) {
    out.push('{');
    let mut first = true;
    for (name, value) in &object.0 {
        if name == "internal" && internal == Internal::Nothing {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        json::quote(name, out);
        out.push(':');
        match (&**name, internal) {
            ("internal", Internal::Carried) => carried(value, out),
            _ => json::compact(value.get(), out),
        }
    }
    out.push('}');
}

fn carried(internal: &RawValue, out: &mut String) {
    let Ok(fields) = json::members(internal.get()) else {
        return json::compact(internal.get(), out);
    };
    out.push('{');
    let mut first = true;
    for name in CARRIED {
        if let Some(value) = fields.get(name) {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            json::quote(name, out);
            out.push(':');
            json::compact(value.get(), out);
        }
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn written(object: &str, internal: Internal) -> String {
        let mut out = String::new();
        object_text(&json::members(object).expect("an object"), internal, &mut out);
        out
    }

    #[rstest]
    #[case(Internal::Nothing, r#"{"id":"a","n":1.50,"u":"é/"}"#)]
    #[case(
        Internal::Carried,
        r#"{"id":"a","internal":{"status":"draft","contentType":"t","deletedAt":""},"n":1.50,"u":"é/"}"#
    )]
    #[case(Internal::All, r#"{"id":"a","internal":{"deletedAt":"","latestVersion":3,"contentType":"t","status":"draft"},"n":1.50,"u":"é/"}"#)]
    fn an_object_keeps_order_and_numbers(#[case] internal: Internal, #[case] line: &str) {
        let object = r#"{"id": "a", "internal": {"deletedAt":"","latestVersion":3,"contentType":"t","status":"draft"},
            "n": 1.50, "u": "\u00e9\/"}"#;
        assert_eq!(written(object, internal), line);
    }

    #[test]
    fn a_definition_lies_there_without_what_the_server_gives() {
        let text = r#"{"id":"x","name":"a","n":1.0,"e":{},"l":[{"createdAt":1}],"createdAt":"t","deletedAt":null}"#;
        let expected = "{\n  \"name\": \"a\",\n  \"n\": 1.0,\n  \"e\": {},\n  \"l\": [\n    {\n      \"createdAt\": 1\n    }\n  ]\n}";
        assert_eq!(definition_text(text).expect("a definition"), expected);
    }
}
