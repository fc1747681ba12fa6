//! Reads what items hold on both sides, to be compared.
//! Must not know: the state of the pane, how a difference is drawn.

use std::sync::Arc;
use std::time::Duration;

use super::compare::{self, Comparison, SameThing};
use super::effects::calculated;
use super::message::Message;
use super::sheet::Sheet;
use super::state::Subject;
use crate::model::{Decision, Error, ErrorKind, ItemKey, ReferenceView, Result};
use crate::workbench::effect::{Desk, Tell};
use crate::workbench::ends::{DestinationEnd, Location};

/// A cursor that goes on does not have every row read that it passes.
const REST: Duration = Duration::from_millis(120);
/// Items whose differing fields are counted at once.
const CHUNK: usize = 64;

/// Both contents of a row, compared.
pub(super) async fn compare(desk: Arc<Desk>, sheet: Arc<Sheet>, subject: Subject) -> Result<Arc<Comparison>> {
    tokio::time::sleep(REST).await;
    let (ours, theirs) = keys(&sheet, subject)?;
    let left = async {
        match &ours {
            Some(key) => Ok(Some(read_source(&desk, &sheet, std::slice::from_ref(key)).await?)),
            None => Ok(None),
        }
    };
    let right = async {
        match &theirs {
            Some(key) => Ok(Some(read_destination(&desk, &sheet, std::slice::from_ref(key)).await?)),
            None => Ok(None),
        }
    };
    let (left, right): (Option<Vec<String>>, Option<Vec<String>>) = tokio::try_join!(left, right)?;
    let comparison = calculated(move || {
        let same = same_things(&sheet, subject);
        let text = |side: &Option<Vec<String>>| side.as_ref().and_then(|texts| texts.first().cloned());
        compare::compare(text(&left).as_deref(), text(&right).as_deref(), &same)
    });
    Ok(Arc::new(comparison.await))
}

/// Counts how many fields of each row differ, and tells of them chunk by chunk.
pub(super) async fn count(desk: Arc<Desk>, sheet: Arc<Sheet>, rows: Vec<u32>, generation: u64, tell: &Tell) {
    for chunk in rows.chunks(CHUNK) {
        let pairs: Vec<(u32, ItemKey, ItemKey)> = chunk
            .iter()
            .filter_map(|&row| match keys(&sheet, Subject::Item(row)) {
                Ok((Some(ours), Some(theirs))) => Some((row, ours, theirs)),
                _ => None,
            })
            .collect();
        let ours: Vec<ItemKey> = pairs.iter().map(|(_, ours, _)| ours.clone()).collect();
        let theirs: Vec<ItemKey> = pairs.iter().map(|(.., theirs)| theirs.clone()).collect();
        let read = tokio::try_join!(read_source(&desk, &sheet, &ours), read_destination(&desk, &sheet, &theirs));
        // It is told as "changed" then, and reading the difference says what is wrong.
        let Ok((left, right)) = read else { return };
        let known = sheet.clone();
        let fields = calculated(move || {
            let texts = left.iter().zip(&right);
            let count = |((row, ..), (left, right)): (&(u32, ItemKey, ItemKey), (&String, &String))| {
                let same = same_things(&known, Subject::Item(*row));
                (*row, compare::differing_fields(left, right, &same))
            };
            pairs.iter().zip(texts).map(count).collect()
        });
        tell.tell(Message::Counted { generation, fields: fields.await }).await;
    }
}

/// What stands for the row at the source and at the destination.
pub(super) fn keys(sheet: &Sheet, subject: Subject) -> Result<(Option<ItemKey>, Option<ItemKey>)> {
    match subject {
        Subject::Item(row) => {
            let item = sheet.item(row);
            let there = item.matched.as_ref().map(|matched| item.key.with_id(matched.id.clone()));
            Ok((Some(item.key.clone()), there))
        }
        Subject::Extra(item) => {
            let survey =
                sheet.survey().ok_or_else(|| Error::new(ErrorKind::Internal, "an export has no other side"))?;
            Ok((None, Some(survey.destination.item(item).key())))
        }
    }
}

async fn read_source(desk: &Desk, sheet: &Sheet, keys: &[ItemKey]) -> Result<Vec<String>> {
    let source = match &sheet.asked.destination {
        DestinationEnd::Remote { location, .. } => desk.suited(&sheet.asked.source, location).await?,
        DestinationEnd::NewBundle(_) => desk.source(&sheet.asked.source).await?,
    };
    let records = source.read(keys).await?;
    Ok(records.into_iter().map(|record| record.json.get().to_owned()).collect())
}

async fn read_destination(desk: &Desk, sheet: &Sheet, keys: &[ItemKey]) -> Result<Vec<String>> {
    let destination = desk.destination(destination(sheet)?).await?;
    let records = destination.read(keys).await?;
    Ok(records.into_iter().map(|record| record.json.get().to_owned()).collect())
}

fn destination(sheet: &Sheet) -> Result<&Location> {
    match &sheet.asked.destination {
        DestinationEnd::Remote { location, .. } => Ok(location),
        DestinationEnd::NewBundle(_) => Err(Error::new(ErrorKind::Internal, "a new bundle has no content yet")),
    }
}

/// What an item refers to, and where that is found at the destination after the run; the item itself too.
pub(super) fn same_things(sheet: &Sheet, subject: Subject) -> SameThing {
    let (Subject::Item(row), Some(survey)) = (subject, sheet.survey()) else { return SameThing::new() };
    let item = sheet.item(row);
    let mut same = SameThing::new();
    let mut add = |id: &str, there: Option<&str>| {
        if let Some(there) = there.filter(|there| *there != id) {
            same.insert(id.into(), there.into());
        }
    };
    add(&item.key.id, item.matched.as_ref().map(|matched| &*matched.id));
    // A duplicate is compared with what it is a copy beside of, and that refers to what is there.
    let beside = item.decision == Decision::Duplicate;
    for reference in survey.source.find(&item.key).into_iter().flat_map(|item| item.reference_views()) {
        if let ReferenceView::Id { kind, type_, id, .. } = reference {
            let key = ItemKey { kind, type_: type_.map(Into::into), id: id.into() };
            let there = sheet.row(&key).map(|row| sheet.item(row));
            let matched = there.and_then(|item| item.matched.as_ref()).filter(|_| beside);
            add(id, matched.map(|matched| &*matched.id).or(there.and_then(|item| item.destination_id())));
        }
    }
    same
}
