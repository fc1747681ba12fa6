//! A platform in memory: a shelf of items that can be read, written and exported, and that can be told to fail in the
//! ways in which servers do. It writes down how it looked after each item, so that a crash at any moment can be played.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use haul::engine::{Freshness, ResumeSpec, RunHandle, RunId, RunSpec, RunStore, WhenBusy, resume, start, survey};
use haul::model::{
    Decision, DependencyRule, Destination, Digest, Digests, Duplicable, Error, ErrorKind, EventSink, ExportRequest,
    Exported, Features, Finding, Inventory, ItemIndex, ItemKey, ItemOutcome, Kind, KindRules, LeftAlone, LocationInfo,
    MatchMethod, NewItem, Plan, PlanOptions, Platform, Policy, Record, Reference, ReferencedBy, Report, Result, Rules,
    RunEvent, Source, Step, StepOutcome, UnloadRequest, Work,
};
use serde::{Deserialize, Serialize};

/// One item on a shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    pub name: String,
    pub text: String,
    pub references: Vec<ItemKey>,
    /// Grows with every write, as a time of change does.
    pub revision: u64,
}

pub type Things = BTreeMap<ItemKey, Thing>;

/// What goes wrong with a write.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing is written, and the step ends in this error.
    Refuse(ErrorKind),
    /// Everything is written, but nobody hears of it.
    LoseReply(ErrorKind),
    /// The first item is written, then the connection is gone.
    CutAfterOne,
    Panic,
    /// Never answers.
    Stall,
    /// Answers only after a while, whether or not anybody waits.
    Slow,
    /// Blocks its thread, so that nothing can stop it.
    Block,
    /// The first item is refused with a reason.
    FailFirst,
    /// Everything is written, but the reply tells of something else.
    Surprise,
    /// The first item gets another content than was asked for.
    Garble,
}

#[derive(Default)]
pub struct State {
    pub things: Things,
    /// How the shelf looked: at first, and after every item that was written.
    pub looks: Vec<Things>,
    pub faults: VecDeque<Option<Fault>>,
    /// Each step as it was asked for.
    pub performed: Vec<Step>,
    pub exported: u64,
    pub reads: Vec<ItemKey>,
    pub concluded: u64,
}

/// Who gives a new item its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    AsPlanned,
    OfTheServer,
}

#[derive(Clone)]
pub struct Shelf {
    name: String,
    /// Items for each step.
    width: usize,
    ids: Ids,
    rules: Arc<Rules>,
    state: Arc<Mutex<State>>,
}

pub fn key(id: &str) -> ItemKey {
    ItemKey::new(Kind::Object, id)
}

pub fn base(id: &str) -> ItemKey {
    ItemKey::new(Kind::Definition, id)
}

fn rules() -> Rules {
    let kind = |kind| KindRules {
        kind,
        matching: &[MatchMethod::Uuid, MatchMethod::Name],
        duplicable: Duplicable::Yes,
        as_dependency: DependencyRule::PolicyUnlessGiven,
        part_of_everything: true,
        parts: &[],
        always_exported: false,
        heavy: false,
        referenced_by: ReferencedBy::Id,
        created_without_value: false,
        cannot_undo_overwrite: None,
        left_alone: LeftAlone::Nothing,
    };
    Rules {
        platform: Platform::Flotiq,
        kinds: vec![kind(Kind::Definition), kind(Kind::Object)],
        features: Features::default(),
    }
}

impl Shelf {
    pub fn new(name: &str) -> Self {
        Shelf { name: name.to_owned(), width: 2, ids: Ids::AsPlanned, rules: Arc::new(rules()), state: Arc::default() }
    }

    /// A server that gives ids of its own, and so is told of references only when it has given them.
    pub fn giving_ids(self) -> Self {
        Shelf { width: 1, ids: Ids::OfTheServer, ..self }
    }

    /// A platform whose runs read from a folder that the source fills.
    pub fn unloading(self) -> Self {
        let mut rules = rules();
        rules.features.unloads = true;
        Shelf { rules: Arc::new(rules), ..self }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn put(&self, key: ItemKey, name: &str, text: &str, references: &[ItemKey]) {
        let thing = Thing { name: name.into(), text: text.into(), references: references.to_vec(), revision: 1 };
        self.state().things.insert(key, thing);
    }

    pub fn edit(&self, key: &ItemKey, text: &str) {
        let mut state = self.state();
        let thing = state.things.get_mut(key).expect("it is there");
        (thing.text, thing.revision) = (text.to_owned(), thing.revision + 1);
    }

    /// The faults of the coming steps, one for each.
    pub fn fail(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.state().faults = faults.into_iter().collect();
    }

    pub fn things(&self) -> Things {
        self.state().things.clone()
    }

    /// Content without revisions: two ways to the same end may take a different number of writes.
    pub fn content(&self) -> BTreeMap<ItemKey, (String, String, Vec<ItemKey>)> {
        let state = self.state();
        let content = |thing: &Thing| (thing.name.clone(), thing.text.clone(), thing.references.clone());
        state.things.iter().map(|(key, thing)| (key.clone(), content(thing))).collect()
    }

    /// Gives the id that the item got, where it is not the planned one.
    fn write(&self, key: &ItemKey, work: &Work<'_>, garble: bool) -> Result<Option<String>> {
        let item = work.item(key)?;
        let mut thing = thing_of(key, work);
        let destinations = work.plan.destinations();
        for reference in &mut thing.references {
            if let Some(id) = destinations.get(reference) {
                *reference = reference.with_id(*id);
            }
        }
        if item.decision == Decision::Duplicate {
            thing.name = item.new_name.as_deref().expect("a duplicate has a name").to_owned();
        }
        if garble {
            thing.text.push('!');
        }
        let mut state = self.state();
        let given = (self.ids == Ids::OfTheServer && item.decision != Decision::Overwrite)
            .then(|| format!("given-{}", state.things.len()));
        let place = key.with_id(given.as_deref().or(item.destination_id()).expect("it is written"));
        thing.revision = state.things.get(&place).map_or(1, |there| there.revision + 1);
        state.things.insert(place, thing);
        let look = state.things.clone();
        state.looks.push(look);
        Ok(given)
    }
}

fn thing_of(key: &ItemKey, work: &Work<'_>) -> Thing {
    let unloaded = work.content.map(|folder| std::fs::read_to_string(folder.join(&*key.id)).expect("it was unloaded"));
    let json = unloaded.unwrap_or_else(|| work.records[key].json.get().to_owned());
    serde_json::from_str(&json).expect("a thing")
}

#[async_trait]
impl Source for Shelf {
    fn info(&self) -> LocationInfo {
        let identity = Some(format!("https://{}.example", self.name));
        LocationInfo { identity, ..LocationInfo::new(Platform::Flotiq, self.name.clone()) }
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }

    async fn list(&self) -> Result<Inventory> {
        let mut inventory = Inventory::new();
        for (key, thing) in &self.state().things {
            let new = NewItem { size: thing.text.len() as u64, ..NewItem::new(key.clone(), &thing.name) };
            inventory.add(&new).expect("each key once");
        }
        Ok(inventory)
    }

    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        let state = self.state();
        for &item in items {
            let Some(thing) = state.things.get(&inventory.item(item).key()) else { continue };
            let semantic = Digest::of(format!("{} {} {}", thing.name, thing.text, thing.references.len()).as_bytes());
            let exact = Digest::of(&serde_json::to_vec(thing).expect("it is JSON"));
            let references: Vec<_> = thing.references.iter().cloned().map(Reference::Id).collect();
            inventory.examine(item, Digests { semantic, exact }, &references, &[]);
        }
        Ok(())
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        let mut state = self.state();
        state.reads.extend_from_slice(items);
        let record = |key: &ItemKey| {
            let thing = state.things.get(key).ok_or_else(|| Error::new(ErrorKind::Server, format!("{key} is gone")))?;
            let json = serde_json::value::to_raw_value(thing).expect("it is JSON");
            Ok(Record { key: key.clone(), json })
        };
        items.iter().map(record).collect()
    }

    async fn unload(&self, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
        let mut state = self.state();
        for &item in request.items {
            let key = request.inventory.item(item).key();
            let thing = state.things.get(&key).ok_or_else(|| Error::new(ErrorKind::Stale, format!("{key} is gone")))?;
            let bytes = serde_json::to_vec(thing).expect("it is JSON");
            std::fs::write(request.folder.join(&*key.id), &bytes).map_err(|error| Error::io("cannot unload", error))?;
            events.emit(RunEvent::BytesMoved { bytes: bytes.len() as u64 });
            state.reads.push(key);
        }
        Ok(())
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        let mut state = self.state();
        state.exported += 1;
        let keys: Vec<_> = request.items.iter().map(|&item| request.inventory.item(item).key()).collect();
        let things: Vec<_> = keys.iter().map(|key| (key, &state.things[key])).collect();
        let bytes = serde_json::to_vec(&things).expect("it is JSON");
        let path = request.output.expect("a path").with_extension("json");
        std::fs::write(&path, &bytes).map_err(|error| Error::io("cannot export", error))?;
        events.emit(RunEvent::BytesMoved { bytes: bytes.len() as u64 });
        Ok(Exported { path: Some(path), bytes: bytes.len() as u64, findings: Vec::new() })
    }
}

#[async_trait]
impl Destination for Shelf {
    fn steps(&self, plan: &Plan) -> Vec<Step> {
        let mut keys: Vec<_> = plan.written().map(|item| item.key.clone()).collect();
        keys.sort_by_key(|key| self.rules.rank(key.kind));
        let mut steps = vec![Step { name: "prepare".into(), items: Vec::new() }];
        let chunks = keys.chunks(self.width).enumerate();
        steps.extend(chunks.map(|(n, chunk)| Step { name: format!("write {n}"), items: chunk.to_vec() }));
        steps
    }

    async fn perform(&self, step: &Step, work: &Work<'_>, events: &dyn EventSink) -> Result<StepOutcome> {
        let fault = {
            let mut state = self.state();
            if state.looks.is_empty() {
                let look = state.things.clone();
                state.looks.push(look);
            }
            state.performed.push(step.clone());
            if step.items.is_empty() { None } else { state.faults.pop_front().flatten() }
        };
        events.emit(RunEvent::RequestSent { method: "PUT".into(), path: "/things".into(), status: Some(200) });
        match fault {
            Some(Fault::Refuse(kind)) => return Err(Error::new(kind, "no such luck")),
            Some(Fault::Panic) => panic!("canary: a defect"),
            Some(Fault::Stall) => std::future::pending().await,
            Some(Fault::Slow) => tokio::time::sleep(std::time::Duration::from_millis(300)).await,
            Some(Fault::Block) => std::thread::sleep(std::time::Duration::from_secs(3)),
            _ => {}
        }
        let mut outcome = StepOutcome::default();
        for (n, item) in step.items.iter().enumerate() {
            let refused = n == 0 && matches!(fault, Some(Fault::FailFirst));
            let garble = n == 0 && matches!(fault, Some(Fault::Garble));
            let new_id = if refused { None } else { self.write(item, work, garble)? };
            if n == 0 && matches!(fault, Some(Fault::CutAfterOne)) {
                return Err(Error::new(ErrorKind::Unreachable, "the connection is gone"));
            }
            let error = refused.then(|| "the server refused it".to_owned());
            outcome.items.push(ItemOutcome { item: item.clone(), new_id, error });
        }
        match fault {
            Some(Fault::LoseReply(kind)) => return Err(Error::new(kind, "no reply")),
            Some(Fault::Surprise) => {
                outcome.surprise = Some(Error::new(ErrorKind::Unexpected, "the server wrote something else"));
            }
            _ => {}
        }
        outcome.findings.push(Finding::info("saved-version", format!("version kept of {}", step.name)));
        Ok(outcome)
    }

    async fn conclude(&self, work: &Work<'_>, _: &dyn EventSink) -> Result<Vec<Finding>> {
        self.state().concluded += 1;
        Ok(vec![Finding::info("connection-test", format!("{} written", work.records.len()))])
    }

    async fn remarks(&self, _: &Plan, _: &Inventory, _: &Arc<Inventory>) -> Result<Vec<Finding>> {
        Ok(vec![Finding::info("backup", "a remark of the platform")])
    }
}

/// Two shelves and a store.
pub struct World {
    pub source: Shelf,
    pub destination: Shelf,
    pub folder: tempfile::TempDir,
}

pub fn options(policy: Policy) -> PlanOptions {
    PlanOptions::of(policy)
}

impl World {
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        World { source: Shelf::new("dev"), destination: Shelf::new("prod"), folder }
    }

    /// The same world of a platform that unloads.
    pub fn unloading(self) -> Self {
        World { source: self.source.unloading(), destination: self.destination.unloading(), folder: self.folder }
    }

    /// Items of every fate: created, overwritten by id and by name, identical, with references; one that is only
    /// at the destination.
    pub fn new() -> Self {
        let world = World::empty();
        let (ours, theirs) = (&world.source, &world.destination);
        ours.put(base("b1"), "base", "base new", &[]);
        theirs.put(base("b9"), "base", "base old", &[]);
        ours.put(key("a"), "alpha", "new a", &[base("b1")]);
        ours.put(key("b"), "beta", "new b", &[key("a"), key("c")]);
        theirs.put(key("b"), "beta", "old b", &[]);
        ours.put(key("c"), "gamma", "same", &[]);
        theirs.put(key("c"), "gamma", "same", &[]);
        ours.put(key("d"), "delta", "new d\nwith a line", &[key("d")]);
        theirs.put(key("d"), "delta", "old d", &[]);
        ours.put(key("e"), "epsilon", "new e", &[base("b1"), key("b")]);
        theirs.put(key("z"), "zeta", "only here", &[]);
        world
    }

    pub fn store(&self) -> RunStore {
        RunStore::at(self.folder.path())
    }

    pub async fn plan(&self, policy: Policy) -> Plan {
        survey(&self.source, &self.destination, options(policy)).await.expect("a plan").plan
    }

    pub fn spec(&self, plan: Plan) -> RunSpec {
        RunSpec {
            store: self.store(),
            plan,
            source: Arc::new(self.source.clone()),
            destination: Arc::new(self.destination.clone()),
            freshness: Freshness::MayBeStale,
            when_busy: WhenBusy::Refuse,
            relay: None,
        }
    }

    /// Plans and starts, as `haul transfer` does without a prompt.
    pub async fn start(&self, policy: Policy) -> RunHandle {
        let survey = survey(&self.source, &self.destination, options(policy)).await.expect("a plan");
        let (source, destination) = (survey.source, survey.destination);
        let freshness = Freshness::JustSurveyed { source, destination };
        start(RunSpec { freshness, ..self.spec(survey.plan) }).expect("it starts")
    }

    pub async fn run(&self, policy: Policy) -> (Report, Vec<RunEvent>) {
        ended(self.start(policy).await).await
    }

    pub fn resume_spec(&self, run: RunId) -> ResumeSpec {
        ResumeSpec {
            store: self.store(),
            run,
            source: None,
            destination: Arc::new(self.destination.clone()),
            when_busy: WhenBusy::Refuse,
            relay: None,
        }
    }

    pub async fn resume(&self, run: &str) -> (Report, Vec<RunEvent>) {
        let run = RunId::parse(run).expect("a run");
        ended(resume(self.resume_spec(run)).expect("it goes on")).await
    }

    pub fn run_folder(&self, report: &Report) -> std::path::PathBuf {
        self.folder.path().join("runs").join(report.run.as_deref().expect("a run has a name"))
    }
}

/// The report and all events; the last is the only `Ended`.
pub async fn ended(mut handle: RunHandle) -> (Report, Vec<RunEvent>) {
    let mut events = Vec::new();
    while let Some(event) = handle.events.recv().await {
        events.push(event);
    }
    let ends = events.iter().filter(|event| matches!(event, RunEvent::Ended { .. })).count();
    assert_eq!(ends, 1, "{events:?}");
    assert!(matches!(events.last(), Some(RunEvent::Ended { .. })));
    assert!(handle.progress.borrow().end.is_some());
    let report = handle.report.await.expect("a report");
    (report, events)
}

/// A report without what differs between two ways to the same end.
pub fn comparable(report: &Report) -> Report {
    let mut report = report.clone();
    (report.run, report.summary.seconds, report.summary.requests) = (None, 0.0, 0);
    report.snapshot = report.snapshot.map(|path| path.rsplit('/').next().unwrap_or_default().to_owned());
    report
}

pub fn read_json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}
