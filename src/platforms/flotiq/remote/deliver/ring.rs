//! Writes objects that refer to each other in a ring: each first without what does not exist yet, then, where something was
//! missing, once more and whole. Demands of a type are taken back only where no order can meet them, and brought back whatever
//! happens.
//! Must not know: objects outside of rings.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::batch::Fates;
use super::graph;
use super::job::Job;
use super::objects::{self, Freight, Load};
use super::rewrite::lead;
use super::schema;
use crate::model::{Error, ErrorKind, Finding, ItemKey, Result, StepOutcome, code};

/// Writes a ring.
pub(super) async fn perform(job: &Job<'_>, keys: &[ItemKey]) -> Result<StepOutcome> {
    let (freights, failed) = objects::freights(job, keys).await?;
    job.delivery.notes.begin(keys)?;
    let mut ring = Ring::of(job, freights).await?;
    let relaxed = ring.relax(job).await;
    let written = match relaxed {
        Ok(()) => ring.write(job).await,
        Err(error) => Err(error),
    };
    // Also after a failure; its error counts more than that of bringing back.
    let restored = restore(job).await;
    let mut whole = written?;
    restored?;
    whole.items.extend(failed);
    Ok(whole)
}

struct Ring {
    freights: Vec<Freight>,
    /// What of each freight was there.
    before: Vec<objects::Before>,
    /// Objects of the ring that the space does not have yet.
    absent: BTreeSet<ItemKey>,
    /// Freight and load of each object, by its depth.
    levels: BTreeMap<u32, Vec<(usize, usize)>>,
    /// Types whose demands no order meets.
    tight: BTreeSet<usize>,
}

impl Ring {
    async fn of(job: &Job<'_>, freights: Vec<Freight>) -> Result<Ring> {
        let mut before = Vec::new();
        let mut absent = BTreeSet::new();
        for freight in &freights {
            let there = objects::looked_at(job, freight).await?;
            let missing = freight.loads.iter().filter(|load| !there.contains_key(&load.id.to_lowercase()));
            absent.extend(missing.map(|load| load.key.clone()));
            before.push(there);
        }
        let mut ring = Ring { freights, before, absent, levels: BTreeMap::new(), tight: BTreeSet::new() };
        ring.order();
        Ok(ring)
    }

    /// By what each demands; other references of a ring can wait.
    fn order(&mut self) {
        let at: Vec<(usize, usize)> = self
            .freights
            .iter()
            .enumerate()
            .flat_map(|(freight, of)| (0..of.loads.len()).map(move |load| (freight, load)))
            .collect();
        let places: HashMap<&ItemKey, usize> =
            at.iter().enumerate().map(|(place, &spot)| (&self.load(spot).key, place)).collect();
        let needs: Vec<Vec<usize>> = at
            .iter()
            .map(|&spot| {
                let demanded = schema::demanded(&self.freights[spot.0].definition, &self.load(spot).record);
                demanded
                    .iter()
                    .filter(|key| self.absent.contains(key))
                    .filter_map(|key| places.get(key).copied())
                    .collect()
            })
            .collect();
        for (&spot, rank) in at.iter().zip(graph::ranks(&needs)) {
            self.levels.entry(rank.level).or_default().push(spot);
            if rank.ring {
                self.tight.insert(spot.0);
            }
        }
    }

    fn load(&self, (freight, load): (usize, usize)) -> &Load {
        &self.freights[freight].loads[load]
    }

    async fn relax(&self, job: &Job<'_>) -> Result<()> {
        for &freight in &self.tight {
            let Freight { type_, definition, .. } = &self.freights[freight];
            job.delivery.notes.relax(type_, definition)?;
            let answer = job.api.replace_definition(type_, &schema::relaxed(definition)).await?;
            job.api.success(answer).map_err(|error| error.at(format_args!("relaxing the type {type_}")))?;
        }
        Ok(())
    }

    async fn write(&mut self, job: &Job<'_>) -> Result<StepOutcome> {
        let mut fates: Vec<Fates> = self.freights.iter().map(|_| Fates::new()).collect();
        let mut again: Vec<Vec<Load>> = self.freights.iter().map(|_| Vec::new()).collect();
        let levels = std::mem::take(&mut self.levels);
        for spots in levels.values() {
            let ids = job.ids.without(self.absent.clone());
            for (freight, loads) in self.by_type(spots) {
                let of = &self.freights[freight];
                let (done, _) = objects::send(job, of, &loads, &ids).await?;
                let written = |load: &&Load| done.get(&load.key) == Some(&None);
                let lacking = |load: &&Load| lead(&load.record, &ids) != lead(&load.record, &job.ids);
                let open = loads.iter().filter(written).filter(lacking);
                again[freight].extend(open.map(|load| Load { begun: true, ..load.clone() }));
                loads.iter().filter(written).for_each(|load| {
                    self.absent.remove(&load.key);
                });
                fates[freight].extend(done);
            }
        }
        self.complete(job, fates, again).await
    }

    fn by_type(&self, spots: &[(usize, usize)]) -> BTreeMap<usize, Vec<Load>> {
        let mut types: BTreeMap<usize, Vec<Load>> = BTreeMap::new();
        for &spot in spots {
            types.entry(spot.0).or_default().push(self.load(spot).clone());
        }
        types
    }

    /// The second write, of what lacked something, and the states.
    async fn complete(&self, job: &Job<'_>, fates: Vec<Fates>, again: Vec<Vec<Load>>) -> Result<StepOutcome> {
        let mut whole = StepOutcome::default();
        // What failed in the first pass stays away; those who refer to it lack it for good.
        let ids = job.ids.without(self.absent.clone());
        for (place, mut fates) in fates.into_iter().enumerate() {
            let (freight, loads) = (&self.freights[place], &again[place]);
            let (done, _) = objects::send(job, freight, loads, &ids).await?;
            fates.extend(done);
            for load in freight.loads.iter().filter(|load| lead(&load.record, &ids).left_out) {
                whole.partial.extend(objects::partial_of(job, freight, load, &ids));
                if lead(&load.record, &ids) != lead(&load.record, &job.ids) {
                    let why = format!("{} was written without a reference to what could not be written", load.key);
                    whole.findings.push(Finding::warning(code::LEFT_OUT_REFERENCE, why).on(&load.key));
                }
            }
            objects::settle(job, freight, &freight.loads, &self.before[place], fates, &mut whole).await?;
        }
        Ok(whole)
    }
}

/// Brings back every definition that this run relaxed, also in an earlier start of it.
pub(super) async fn restore(job: &Job<'_>) -> Result<()> {
    for (name, definition) in job.delivery.notes.see(|noted| noted.relaxed.clone()) {
        let answer = job.api.replace_definition(&name, &definition).await?;
        job.forget_definition(&name);
        if !answer.is_success() {
            let why =
                format!("the demands of the type `{name}` could not be brought back: {}", answer.error().message());
            return Err(Error::new(ErrorKind::Unexpected, why)
                .hint("going on with the run tries again; its snapshot and its notes hold the definition"));
        }
        job.delivery.notes.restored(&name)?;
    }
    Ok(())
}
