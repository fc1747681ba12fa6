//! Compares two locations item by item.
//! Must not know: how content differs inside an item, forms of bundles.

use std::sync::Arc;

use super::survey::{needs, pick, through_locales};
use crate::model::{Following, Inventory, ItemIndex, LocationInfo, Result, Selection, Source};
use crate::planner::{self, Difference, DifferenceRequest, DifferenceSide};

/// What differs, as far as the selection picks on either side. Everything is all that a transfer of everything would touch:
/// what comes along with it too. Where the two are of major versions with forms of their own, the one that can be converted is
/// compared in the form of the other, as a plan between them would write it, and a finding says so.
pub async fn diff(left: Arc<dyn Source>, right: Arc<dyn Source>, selection: &Selection) -> Result<Difference> {
    let mut sides = Sides::of(left, right, selection).in_one_form().await?;
    let mut listed = sides.list().await?;
    // A bundle may say its version at its end.
    if !sides.is_converted {
        sides = sides.in_one_form().await?;
        if sides.is_converted {
            listed = sides.list().await?;
        }
    }
    sides.compare(listed).await
}

/// Both locations as a whole, and through the locales that are meant.
struct Sides {
    whole: [Arc<dyn Source>; 2],
    seen: [Arc<dyn Source>; 2],
    selection: Selection,
    is_converted: bool,
}

impl Sides {
    fn of(left: Arc<dyn Source>, right: Arc<dyn Source>, selection: &Selection) -> Sides {
        let whole = [left, right];
        Sides { seen: whole.clone(), whole, selection: selection.clone(), is_converted: false }
    }

    /// As far as both versions are known.
    async fn in_one_form(self) -> Result<Sides> {
        let [left, right] = &self.whole;
        let infos = [left.info(), right.info()];
        if !differ_in_form(&infos) {
            return Ok(self);
        }
        let [here, there] = &infos;
        let whole = match (left.suited(there).await?, right.suited(here).await?) {
            (Some(left), _) => [left, right.clone()],
            (None, Some(right)) => [left.clone(), right],
            (None, None) => return Ok(self),
        };
        Ok(Sides { seen: whole.clone(), whole, selection: self.selection, is_converted: true })
    }

    async fn list(&mut self) -> Result<[Inventory; 2]> {
        let [left, right] = self.whole.clone();
        self.seen = [through_locales(left, &self.selection).await?, through_locales(right, &self.selection).await?];
        let [left, right] = &self.seen;
        let (ours, theirs) = tokio::try_join!(left.list(), right.list())?;
        for id in &mut self.selection.ids {
            if let Some(renamed) = left.renamed(id).or_else(|| right.renamed(id)) {
                *id = renamed;
            }
        }
        Ok([ours, theirs])
    }

    async fn compare(&self, listed: [Inventory; 2]) -> Result<Difference> {
        let [left, right] = [&*self.seen[0], &*self.seen[1]];
        let [mut ours, mut theirs] = listed;
        let (picked, picked_there) = match self.selection.is_everything() {
            true => tokio::try_join!(with_needs(left, &mut ours), with_needs(right, &mut theirs))?,
            false => planner::resolve_both(&self.selection, &ours, &theirs, left.rules())?,
        };
        let sides = [(left, picked.as_slice()), (right, picked_there.as_slice())];
        let (needed, needed_there) = planner::difference_needs(&difference_request(sides, &ours, &theirs));
        tokio::try_join!(left.examine(&mut ours, &needed), right.examine(&mut theirs, &needed_there))?;
        Ok(planner::difference(&difference_request(sides, &ours, &theirs)))
    }
}

/// Between major versions content has another form.
fn differ_in_form([left, right]: &[LocationInfo; 2]) -> bool {
    let major = |info: &LocationInfo| info.version.as_deref()?.split('.').next().map(str::to_owned);
    matches!((major(left), major(right)), (Some(left), Some(right)) if left != right)
}

/// Everything, with what comes along.
async fn with_needs(source: &dyn Source, inventory: &mut Inventory) -> Result<Vec<ItemIndex>> {
    let picked = pick(source, inventory, &Selection::everything()).await?;
    let members = needs(source, inventory, &picked, Following::unbounded(None)).await?;
    Ok(members.items.into_iter().map(|(item, _)| item).collect())
}

fn difference_request<'a>(
    [(left, picked), (right, picked_there)]: [(&'a dyn Source, &'a [ItemIndex]); 2],
    ours: &'a Inventory,
    theirs: &'a Inventory,
) -> DifferenceRequest<'a> {
    DifferenceRequest {
        left: DifferenceSide { inventory: ours, info: left.info(), picked },
        right: DifferenceSide { inventory: theirs, info: right.info(), picked: picked_there },
        rules: left.rules(),
    }
}
