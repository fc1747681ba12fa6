//! One side of a merge, the source or the destination: which document a row belongs to, and which rows a document has.
//! Must not know: the other side.

use crate::model::{Inventory, ItemIndex, ItemKey, Kind};
use crate::platforms::strapi::link::{End, Link};
use crate::platforms::strapi::listing::Index;
use crate::platforms::strapi::schema::{Attribute, FILE_TYPE, Type, TypeId};

/// A listing, with a way from documents to their rows.
pub(in crate::platforms::strapi) struct Side<'a> {
    pub index: &'a Index,
    pub inventory: &'a Inventory,
    /// Sorted by item.
    rows: Vec<DocumentRow>,
}

/// A row of the entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::platforms::strapi) struct DocumentRow {
    item: ItemIndex,
    pub version: Version,
    pub row: RowId,
}

/// A row by its type and number; rows of components have one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::platforms::strapi) struct RowId {
    pub type_: TypeId,
    pub id: u64,
}

/// Locale and state of a row, alike on both sides. Files have but one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::platforms::strapi) struct Version(u32);

impl<'a> Side<'a> {
    pub fn new(index: &'a Index, inventory: &'a Inventory) -> Self {
        let file = index.types.find(FILE_TYPE);
        let mut rows: Vec<DocumentRow> = Vec::new();
        for type_ in index.types.ids() {
            // Of a component's rows the item is known too; they are no documents.
            for (id, owner) in index.rows.of_type(type_) {
                let item = inventory.item(owner.item);
                let is_its_own = match item.kind() {
                    Kind::Asset => Some(type_) == file,
                    _ => item.type_() == Some(&*index.types.get(type_).uid),
                };
                if is_its_own {
                    let version = Version(if Some(type_) == file { 0 } else { owner.place });
                    rows.push(DocumentRow { item: owner.item, version, row: RowId { type_, id } });
                }
            }
        }
        rows.sort_unstable();
        Side { index, inventory, rows }
    }

    pub fn row(&self, uid: &str, id: Option<u64>) -> Option<RowId> {
        Some(RowId { type_: self.index.types.find(uid)?, id: id? })
    }

    /// The item that a row, or a component's row, belongs to.
    pub fn owner(&self, row: RowId) -> Option<ItemIndex> {
        self.index.rows.get(row.type_, row.id).map(|owner| owner.item)
    }

    /// The version of a document's row; `None` for a component's.
    pub fn version(&self, row: RowId) -> Option<Version> {
        let item = self.owner(row)?;
        self.rows_of(item).iter().find(|other| other.row == row).map(|found| found.version)
    }

    pub fn rows_of(&self, item: ItemIndex) -> &[DocumentRow] {
        let from = self.rows.partition_point(|row| row.item < item);
        let to = self.rows.partition_point(|row| row.item <= item);
        &self.rows[from..to]
    }

    pub fn row_of(&self, item: ItemIndex, version: Version) -> Option<RowId> {
        self.rows_of(item).iter().find(|row| row.version == version).map(|found| found.row)
    }

    /// The documents of a type.
    pub fn documents(&self, uid: &str) -> impl Iterator<Item = &'a str> {
        let (kind, type_) = if uid == FILE_TYPE { (Kind::Asset, None) } else { (Kind::Entry, Some(uid.to_owned())) };
        self.inventory
            .items()
            .filter(move |item| item.kind() == kind && item.type_() == type_.as_deref())
            .map(|item| item.id())
    }

    /// Whether it holds a document.
    pub fn has(&self, uid: &str, document: &str) -> bool {
        let key = match uid {
            FILE_TYPE => ItemKey::new(Kind::Asset, document),
            _ => ItemKey::typed(Kind::Entry, uid, document),
        };
        self.find(&key).is_some()
    }

    pub fn find(&self, key: &ItemKey) -> Option<ItemIndex> {
        self.inventory.find(key).map(|item| item.index())
    }

    /// A type or component of its project; rows and links may speak of others, which are none of it.
    pub fn schema(&self, uid: &str) -> Option<&'a Type> {
        let type_ = self.index.types.get(self.index.types.find(uid)?);
        type_.known.then_some(type_)
    }

    /// Whether its project has both ends of a relation of the source, each with the field that holds it. A server ends when
    /// it is sent another type (5.54.0), and ends the transfer at a field that is no relation. What leads to rows of any
    /// type names its own field at the other end, which has no such field in either project.
    pub fn takes(&self, link: &Link<'_>, source: &Side<'_>) -> bool {
        let has = |end: &End<'_>| {
            let Some(schema) = self.schema(&end.type_) else { return false };
            let is_relation = |schema: &Type, field: &str| schema.attributes.get(field) == Some(&Attribute::Relation);
            let field = end
                .field
                .as_deref()
                .filter(|field| source.schema(&end.type_).is_some_and(|schema| is_relation(schema, field)));
            field.is_none_or(|field| is_relation(schema, field))
        };
        has(&link.left) && has(&link.right)
    }

    /// The type of an item's rows.
    pub fn uid(&self, item: ItemIndex) -> &'a str {
        let item = self.inventory.item(item);
        item.type_().unwrap_or(FILE_TYPE)
    }
}
