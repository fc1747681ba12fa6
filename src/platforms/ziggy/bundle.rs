//! A Ziggy export file as a location: listed, read, filtered and checked.
//! Must not know: servers.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use async_trait::async_trait;
use serde_json::Value;
use serde_json::value::RawValue;

use super::document::Document;
use super::examine::Known;
use super::pool::Pool;
use super::rules::rules;
use super::{findings, numbers, output, sanitize, stock};
use crate::model::{
    Check, Credentials, Error, ErrorKind, EventSink, ExportRequest, Exported, Finding, Inventory, ItemIndex, ItemKey,
    Kind, LocationInfo, Platform, Record, Result, Rules, Source, code,
};

/// Held whole; nothing that Ziggy exports comes near this.
const LARGEST: u64 = 1 << 30;

/// An export file. Small by nature, so it is held whole.
#[derive(Debug)]
pub struct BundleSource {
    info: LocationInfo,
    document: Document,
    pool: Pool,
    bytes: u64,
}

/// Whether the first bytes can be those of an export file: JSON that opens an object, a list or a text.
pub fn recognise(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut signs = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    match signs.next() {
        Some(b'{' | b'"') => true,
        // TOML and INI begin their sections alike, and go on with a word.
        Some(b'[') => matches!(signs.next(), None | Some(b'{' | b'[' | b']' | b'"')),
        _ => false,
    }
}

/// Whether the first bytes hold a list that only exports have: of flows, or of a flow's nodes.
pub fn begins_like_one(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    ["\"flows\"", "\"connections\"", "\"secrets\"", "\"nodes\""].iter().any(|key| {
        let after = text.match_indices(key).map(|(at, key)| &text[at + key.len()..]);
        after.filter_map(|rest| rest.trim_start().strip_prefix(':')).any(|rest| rest.trim_start().starts_with('['))
    })
}

impl BundleSource {
    pub fn open(path: &Path) -> Result<BundleSource> {
        let place = path.display().to_string();
        let failed = |error| Error::io(format_args!("cannot read {place}"), error);
        let length = std::fs::metadata(path).map_err(failed)?.len();
        if length > LARGEST {
            return Err(Error::new(ErrorKind::NotABundle, format!("{place} is larger than any export of flows")));
        }
        let bytes = std::fs::read(path).map_err(failed)?;
        let mut source = BundleSource::from_bytes(&place, &bytes)?;
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        source.info.identity = Some(absolute.display().to_string());
        Ok(source)
    }

    /// A bundle that was read elsewhere, as from standard input. `place` is what the user called it.
    pub fn from_bytes(place: &str, bytes: &[u8]) -> Result<BundleSource> {
        let document = Document::parse(bytes).map_err(|error| error.at(place))?;
        let pool = Pool::of(&document);
        let info = LocationInfo::new(Platform::Ziggy, place);
        Ok(BundleSource { info, document, pool, bytes: bytes.len() as u64 })
    }

    fn value(&self, key: &ItemKey) -> Result<&Value> {
        let item = self.pool.get(key);
        item.map(|item| &item.value).ok_or_else(|| {
            Error::new(ErrorKind::UnknownItem, format!("{} holds no {key}", self.info.location)).items([key.clone()])
        })
    }

    fn known(&self) -> Known {
        Known::of(self.pool.items.iter().map(|item| &item.key))
    }
}

/// The tenant, where all items that name one name the same.
pub(super) fn only_tenant<'a>(values: impl Iterator<Item = &'a Value>) -> Option<String> {
    let mut tenants = values.filter_map(|value| super::json::text(value, "tenantId"));
    let first = tenants.next()?;
    tenants.all(|tenant| tenant == first).then(|| first.to_owned())
}

/// The content of an item as a record, without what never travels.
pub(super) fn record(key: &ItemKey, value: &Value) -> Result<Record> {
    let mut value = value.clone();
    sanitize::item(key.kind, &mut value);
    let failed = |error| Error::new(ErrorKind::Internal, format!("cannot write {key} as JSON: {error}"));
    let bytes = numbers::restore(serde_json::to_vec(&value).map_err(failed)?);
    let json = serde_json::from_slice(&bytes).map_err(failed)?;
    Ok(Record { key: key.clone(), json })
}

/// A record's content as a tree.
pub(super) fn content(json: &RawValue) -> Result<Value> {
    numbers::parse(json.get().as_bytes())
        .map_err(|error| Error::new(ErrorKind::Damaged, format!("a record is no JSON: {error}")))
}

/// The keys of an export's items.
pub(super) fn chosen(request: &ExportRequest<'_>) -> HashSet<ItemKey> {
    request.items.iter().map(|&index| request.inventory.item(index).key()).collect()
}

/// Applies to each item of an export what every export needs, and collects what was replaced.
pub(super) fn finish(credentials: Credentials, found: &mut HashMap<String, Finding>, kind: Kind, value: &mut Value) {
    sanitize::item(kind, value);
    if credentials == Credentials::Redact {
        // Copies of one item say the same; it is listed once.
        found.extend(findings::redact(kind, value).into_iter().map(|finding| (finding.message.clone(), finding)));
    }
}

pub(super) fn listed(found: HashMap<String, Finding>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = found.into_values().collect();
    findings.sort();
    findings
}

#[async_trait]
impl Source for BundleSource {
    fn info(&self) -> LocationInfo {
        self.info.clone()
    }

    fn is_bundle(&self) -> bool {
        true
    }

    fn rules(&self) -> &Rules {
        rules()
    }

    async fn list(&self) -> Result<Inventory> {
        let mut inventory = Inventory::new();
        let known = self.known();
        inventory.findings.extend(self.pool.findings.iter().cloned());
        for item in &self.pool.items {
            if let Some(index) = stock::add(&mut inventory, item) {
                stock::look_into(&mut inventory, index, item, &known);
            }
        }
        inventory.tenant = only_tenant(self.pool.items.iter().map(|item| &item.value));
        inventory.shrink();
        Ok(inventory)
    }

    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        let known = self.known();
        for &index in items {
            let key = inventory.item(index).key();
            if let Some(item) = self.pool.get(&key) {
                stock::look_into(inventory, index, item, &known);
            }
        }
        Ok(())
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        items.iter().map(|key| record(key, self.value(key)?)).collect()
    }

    async fn export(&self, request: &ExportRequest<'_>, _: &dyn EventSink) -> Result<Exported> {
        let chosen = chosen(request);
        // What has no id cannot be chosen; it stays where all flows stay.
        let flows = || self.pool.items.iter().filter(|item| item.key.kind == Kind::Flow);
        let whole = flows().all(|flow| chosen.contains(&flow.key));
        let mut document = self.document.clone();
        let mut found = HashMap::new();
        let keep = |key: Option<&ItemKey>| key.map_or(whole, |key| chosen.contains(key));
        document.rewrite(&keep, &mut |kind, value| {
            finish(request.format.credentials, &mut found, kind, value);
            Ok(())
        })?;
        let exported = output::write(&document, request.output, request.format.existing)?;
        Ok(Exported { findings: listed(found), ..exported })
    }

    async fn check(&self) -> Result<Option<Check>> {
        let mut findings = self.pool.findings.clone();
        let inventory = self.list().await?;
        for item in inventory.items() {
            findings.extend(item.references().filter_map(|reference| self.dangling(&item.key(), &reference)));
        }
        findings.extend(inventory.findings.into_iter().filter(|finding| finding.item.is_some()));
        findings.extend(self.namesakes());
        findings.sort();
        findings.dedup();
        Ok(Some(Check { findings, items: self.pool.items.len() as u64, bytes: self.bytes }))
    }
}

impl BundleSource {
    fn dangling(&self, key: &ItemKey, reference: &crate::model::Reference) -> Option<Finding> {
        use crate::model::Reference;
        let (there, what) = match reference {
            Reference::Id(target) => (self.pool.get(target).is_some(), target.to_string()),
            Reference::Name(kind, name) => {
                let named = |item: &super::pool::Item| item.key.kind == *kind && *item.name() == **name;
                (self.pool.items.iter().any(named), format!("the {kind} `{name}`"))
            }
        };
        let message = format!("{key} refers to {what}, which the bundle does not hold");
        (!there).then(|| Finding::info(code::DANGLING_REFERENCE, message).on(key))
    }

    fn namesakes(&self) -> Vec<Finding> {
        let mut names: HashMap<(Kind, &str), usize> = HashMap::new();
        for item in self.pool.items.iter().filter(|item| !item.name().is_empty()) {
            *names.entry((item.key.kind, item.name())).or_default() += 1;
        }
        let several = names.into_iter().filter(|(_, count)| *count > 1);
        let say = |((kind, name), count): ((Kind, &str), usize)| {
            let name = crate::model::text::printable(name);
            Finding::warning(
                code::DUPLICATE_NAME,
                format!("the bundle holds {count} items of kind {kind} named `{name}`"),
            )
        };
        several.map(say).collect()
    }
}
