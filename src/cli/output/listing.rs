//! The items of a location, as JSON or as a table. Written item by item: a million of them are never held as text.
//! Must not know: how they were read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use arcstr::ArcStr;
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use super::report::write_findings;
use super::{Cell, Paint, Style, Table};
use crate::model::{FileInfo, Finding, Inventory, ItemIndex, ItemKey, ItemRef, LocationInfo, Reference, VersionState};
use crate::wording::{bytes, file_sentence, plural, versions_sentence};

/// What `haul list` answers.
#[derive(Debug)]
pub struct Listing<'a> {
    pub location: LocationInfo,
    pub inventory: &'a Inventory,
    /// The items that were selected, in the order of the listing.
    pub items: Vec<ItemIndex>,
    pub findings: Vec<Finding>,
}

impl<'a> Listing<'a> {
    fn refs(&self) -> impl ExactSizeIterator<Item = ItemRef<'a>> {
        let inventory = self.inventory;
        self.items.iter().map(move |&item| inventory.item(item))
    }

    /// By kind, type, name and id, as a plan lists them.
    pub fn sort(&mut self) {
        let inventory = self.inventory;
        self.items.sort_by(|&a, &b| {
            let (a, b) = (inventory.item(a), inventory.item(b));
            (a.kind(), a.type_(), a.name(), a.id()).cmp(&(b.kind(), b.type_(), b.name(), b.id()))
        });
    }

    pub fn write(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let rows = || {
            self.refs().map(|item| {
                let mut tags = item.tags().collect::<Vec<_>>();
                tags.sort_unstable();
                [
                    Cell::new(item.kind().as_str()),
                    Cell::new(item.type_().unwrap_or_default()),
                    Cell::styled(item.id(), Style::Dim),
                    Cell::new(item.name()),
                    Cell::new(tags.join(", ")),
                    Cell::new(about(item)),
                    Cell::styled(if item.size() > 0 { bytes(item.size()) } else { String::new() }, Style::Dim),
                ]
            })
        };
        if !self.items.is_empty() {
            Table::new(["kind", "type", "id", "name", "tags", "about", "size"]).write(out, paint, rows)?;
            writeln!(out)?;
        }
        let summary = Summary::of(self);
        let kinds: Vec<_> = summary.by_kind.iter().map(|(kind, n)| plural(*n, kind)).collect();
        let total = plural(summary.items, "item");
        match kinds.is_empty() {
            true => writeln!(out, "{total} in {}", self.location.location)?,
            false => writeln!(out, "{total} in {}: {}", self.location.location, kinds.join(", "))?,
        }
        let named = self.findings.iter().filter_map(|finding| finding.item.as_ref());
        let names = named.filter_map(|key| Some((key, self.inventory.find(key)?.name()))).collect();
        write_findings(out, paint, &self.findings, &names)
    }
}

/// Languages and states of a document, type and dimensions of a file.
fn about(item: ItemRef<'_>) -> String {
    match item.file() {
        Some(file) => file_sentence(&file),
        None => versions_sentence(item.versions()),
    }
}

impl Serialize for Listing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_struct("Listing", 5)?;
        answer.serialize_field("schema", &1)?;
        answer.serialize_field("location", &self.location)?;
        answer.serialize_field("summary", &Summary::of(self))?;
        answer.serialize_field("items", &Items(self))?;
        answer.serialize_field("findings", &self.findings)?;
        answer.end()
    }
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    items: u64,
    bytes: u64,
    by_kind: BTreeMap<&'static str, u64>,
    by_type: BTreeMap<String, u64>,
}

impl Summary {
    fn of(listing: &Listing<'_>) -> Self {
        let mut summary = Summary::default();
        for item in listing.refs() {
            summary.items += 1;
            summary.bytes += item.size();
            *summary.by_kind.entry(item.kind().as_str()).or_default() += 1;
            if let Some(type_) = item.type_() {
                match summary.by_type.get_mut(type_) {
                    Some(n) => *n += 1,
                    None => drop(summary.by_type.insert(type_.to_owned(), 1)),
                }
            }
        }
        summary
    }
}

struct Items<'a>(&'a Listing<'a>);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.0.items.len()))?;
        for item in self.0.refs() {
            items.serialize_element(&Row(item))?;
        }
        items.end()
    }
}

struct Row<'a>(ItemRef<'a>);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let item = self.0;
        let mut row = serializer.serialize_map(Some(11))?;
        row.serialize_entry("kind", &item.kind())?;
        row.serialize_entry("type", &item.type_())?;
        row.serialize_entry("typeName", &item.type_title())?;
        row.serialize_entry("id", item.id())?;
        row.serialize_entry("name", item.name())?;
        row.serialize_entry("tags", &item.tags().collect::<Vec<_>>())?;
        row.serialize_entry("versions", &Versions(item))?;
        row.serialize_entry("file", &item.file().map(|file| Told::of(&file)))?;
        row.serialize_entry("size", &item.size())?;
        row.serialize_entry("digest", &item.digests().map(|digests| digests.semantic))?;
        row.serialize_entry("references", &References(item))?;
        row.end()
    }
}

struct Versions<'a>(ItemRef<'a>);

impl Serialize for Versions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Version<'a> {
            locale: Option<&'a str>,
            state: Option<VersionState>,
        }
        serializer
            .collect_seq(self.0.versions().map(|version| Version { locale: version.locale, state: version.state }))
    }
}

/// What is told of a file.
#[derive(Serialize)]
struct Told<'a> {
    mime: Option<&'a str>,
    width: Option<u32>,
    height: Option<u32>,
    bytes: Option<u64>,
    folder: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(file: &FileInfo<'a>) -> Self {
        let FileInfo { mime, dimensions, bytes, folder } = *file;
        let (width, height) = dimensions.unzip();
        Told { mime, width, height, bytes, folder }
    }
}

struct References<'a>(ItemRef<'a>);

impl Serialize for References<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.references().map(|reference| match reference {
            Reference::Id(key) => Named::Id(key),
            Reference::Name(kind, name) => Named::Name { kind, name },
        }))
    }
}

/// A reference by name has a name in the place of type and id.
#[derive(Serialize)]
#[serde(untagged)]
enum Named {
    Id(ItemKey),
    Name { kind: crate::model::Kind, name: ArcStr },
}
