//! Counts what a replace brought and what the destination holds of it afterwards: rows of each type, links of each field,
//! settings. Items are compared one by one elsewhere; this is what nobody could forget to name.
//! Must not know: transfers, how rows are put together.

use std::collections::{BTreeMap, BTreeSet};

use crate::memory;
use crate::model::{EffectKind, Error, ErrorKind, ItemKey, ItemRef, Kind, Plan, Result};
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::each_line;
use crate::platforms::strapi::link::{Link, Meaning};
use crate::platforms::strapi::listing::{Extent, Listing, list, parse};
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::row::Row;

/// What there is of each kind of thing, by its name.
type Tally = BTreeMap<String, u64>;

/// Refuses a destination that does not hold as much as the source brought. One end is read after the other: never both lie in memory.
pub(super) fn compare(plan: &Plan, source: &Bundle, destination: &Bundle) -> Result<()> {
    let replaced = plan.replaced();
    let converted = plan.effects.iter().filter(|effect| effect.effect == EffectKind::Convert);
    let converted: BTreeSet<_> = converted.map(|effect| (effect.kind, effect.type_.as_deref())).collect();
    let counts = |item: ItemRef<'_>| {
        let of = (item.kind(), item.type_());
        replaced.contains(&of) && !converted.contains(&of)
    };
    let written: BTreeSet<&ItemKey> = plan.written().map(|item| &item.key).collect();
    let is_written = |item: ItemRef<'_>| counts(item) && written.contains(&item.key());
    let brought = tally(source, is_written)?;
    memory::give_back();
    let there = tally(destination, counts)?;
    let names: BTreeSet<&String> = brought.keys().chain(there.keys()).collect();
    let count = |tally: &Tally, name: &String| tally.get(name).copied().unwrap_or_default();
    let differs = names.into_iter().filter(|name| count(&brought, name) != count(&there, name));
    let told: Vec<String> =
        differs.map(|name| format!("{} of {} {name}", count(&there, name), count(&brought, name))).collect();
    match told.is_empty() {
        true => Ok(()),
        false => {
            let message = format!("the destination holds other amounts than were written: {}", told.join(", "));
            Err(Error::new(ErrorKind::Server, message)
                .hint("did somebody write to the destination meanwhile? The snapshot holds what was there before"))
        }
    }
}

fn tally(bundle: &Bundle, counts: impl Fn(ItemRef<'_>) -> bool) -> Result<Tally> {
    let Listing { inventory, index, .. } = list(bundle, Extent::Rows)?;
    let is_counted: Vec<bool> = inventory.items().map(&counts).collect();
    let settings = inventory.items().filter(|item| item.kind() == Kind::Configuration && counts(*item)).count();
    drop(inventory);
    let item = |uid: &str, row: Option<u64>| {
        let type_ = index.types.find(uid)?;
        index.rows.get(type_, row?).map(|owner| owner.item)
    };
    let is_mine = |uid: &str, row: Option<u64>| item(uid, row).is_some_and(|item| is_counted[item as usize]);
    let mut tally = Tally::new();
    let mut members = bundle.members()?;
    let mut scratch = Vec::new();
    while let Some(entry) = members.next_entry()? {
        let Place::Chunk(stage) = entry.place else { continue };
        each_line(&mut members, &mut scratch, |_, line| {
            let name = match stage {
                Stage::Entities => {
                    let row: Row<'_> = parse(line, "row")?;
                    is_mine(&row.type_, Some(row.id)).then(|| format!("rows of {}", row.type_))
                }
                Stage::Links => {
                    let link: Link<'_> = parse(line, "link")?;
                    let ((from, to), same) = (link.ends(), link.meaning() == Meaning::SameEntry);
                    let counted = is_mine(&from.type_, from.row()) && is_mine(&to.type_, to.row());
                    let field = from.field.as_deref().unwrap_or("a relation");
                    (counted && !same).then(|| format!("links `{field}` of {}", from.type_))
                }
                Stage::Schemas | Stage::Configuration => None,
            };
            if let Some(name) = name {
                *tally.entry(name).or_default() += 1;
            }
            Ok(())
        })?;
    }
    if settings > 0 {
        tally.insert("settings".to_owned(), settings as u64);
    }
    Ok(tally)
}
