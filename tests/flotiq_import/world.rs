//! Both spaces of a sandbox, and runs between them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use haul::engine::{Freshness, RunHandle, RunSpec, RunStore, Survey, WhenBusy, start, survey};
use haul::model::{
    Credentials, Destination, Existing, ExportFormat, ExportRequest, Files, FolderFormat, Internals, ItemIndex, Layout,
    Manifest, PlanOptions, Policy, Report, Result, RunStatus, Seal, Selection, Source, Squeeze,
};
use haul::net::NetOptions;
use haul::platforms::OpenOptions;
use haul::platforms::flotiq::{DirectorySource, Remote};
use haul::remotes::Login;
use haul::sandbox::{RequestRecord, Sandbox, SandboxOptions, Server, Space, start as start_sandbox};
use serde_json::Value;

pub struct World {
    pub sandbox: Sandbox,
    pub folder: tempfile::TempDir,
}

fn store(folder: &Path) -> RunStore {
    RunStore::at(folder.join("state"))
}

/// A run of what was just surveyed, kept in the folder of a world.
pub fn spec(folder: &Path, source: Arc<dyn Source>, destination: Arc<dyn Destination>, survey: Survey) -> RunSpec {
    RunSpec {
        store: store(folder),
        plan: survey.plan,
        source,
        destination,
        freshness: Freshness::JustSurveyed { source: survey.source, destination: survey.destination },
        when_busy: WhenBusy::Refuse,
        relay: None,
    }
}

impl World {
    pub async fn new(switches: &[&str]) -> World {
        World::of(120, switches).await
    }

    /// With about so many objects in each space.
    pub async fn of(items: usize, switches: &[&str]) -> World {
        let switches = switches.iter().map(|text| (*text).to_owned()).collect();
        let platform = Some("flotiq".to_owned());
        let options = SandboxOptions { platform, switches, items: Some(items), ..SandboxOptions::default() };
        let sandbox = start_sandbox(options).await.expect("a sandbox");
        World { sandbox, folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn prod(&self) -> &Server {
        self.sandbox.server("prod")
    }

    pub fn space(&self, side: &str) -> &Space {
        self.sandbox.server(side).space().expect("a space")
    }

    pub async fn remote(&self, side: &str, key: &str) -> Arc<Remote> {
        Arc::new(World::connect(&self.sandbox.server(side).info.url, side, key, self.folder.path()).await)
    }

    pub async fn connect(url: &str, side: &str, key: &str, folder: &Path) -> Remote {
        World::connect_at(2000.0, url, side, key, folder).await
    }

    /// With so many requests a second.
    pub async fn connect_at(rate: f64, url: &str, side: &str, key: &str, folder: &Path) -> Remote {
        let url = url.parse().expect("a URL");
        let options = OpenOptions {
            net: NetOptions {
                rate: Some(rate),
                retries: 6,
                waits: Some(folder.join("waits")),
                ..NetOptions::default()
            },
            login: Some(Login::token(format!("EXAMPLE-{side}-{key}-key"))),
            spool: folder.join("spool"),
            ..OpenOptions::default()
        };
        Remote::connect(&url, Some(side), &options).await.expect("a good key")
    }

    pub async fn dev(&self) -> Arc<Remote> {
        self.remote("dev", "read-write").await
    }

    /// Removes everything of the user at prod.
    pub async fn empty_prod(&self) {
        let server = &self.prod().info;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let call = http.post(format!("{}/api/v1/spaces/space-prod/purge", server.url));
        let call = call.header("X-AUTH-TOKEN", server.token.clone().expect("a key"));
        let answer = call.json(&serde_json::json!({ "spaceId": "space-prod" })).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
        self.prod().forget_requests();
    }

    pub async fn plan(&self, source: &dyn Source, destination: &dyn Destination, options: PlanOptions) -> Survey {
        survey(source, destination, options).await.expect("a plan")
    }

    /// Where its runs are kept.
    pub fn store(&self) -> RunStore {
        store(self.folder.path())
    }

    /// Begins to carry a plan out.
    pub fn begin(
        &self,
        source: Arc<dyn Source>,
        destination: Arc<dyn Destination>,
        survey: Survey,
    ) -> Result<RunHandle> {
        start(spec(self.folder.path(), source, destination, survey))
    }

    /// Carries a plan out.
    pub async fn run(
        &self,
        source: Arc<dyn Source>,
        destination: Arc<dyn Destination>,
        survey: Survey,
    ) -> Result<Report> {
        let mut handle = self.begin(source, destination, survey)?;
        while handle.events.recv().await.is_some() {}
        Ok(handle.report.await.expect("a report"))
    }

    /// Plans and carries out, from dev to prod.
    pub async fn transfer(&self, options: PlanOptions) -> Report {
        let (dev, prod) = (self.dev().await, self.remote("prod", "read-write").await);
        self.between(dev, prod, options).await
    }

    pub async fn between(&self, source: Arc<dyn Source>, destination: Arc<Remote>, options: PlanOptions) -> Report {
        let survey = self.plan(&*source, &*destination, options).await;
        self.run(source, destination, survey).await.expect("a run")
    }

    /// Requests that prod got and that change something.
    pub fn writes(&self) -> Vec<RequestRecord> {
        self.prod().requests().into_iter().filter(|request| request.method != "GET").collect()
    }

    pub async fn export(&self, source: &dyn Source, to: &Path) {
        let mut inventory = source.list().await.expect("a listing");
        let items: Vec<ItemIndex> = inventory.items().map(|item| item.index()).collect();
        source.examine(&mut inventory, &items).await.expect("examined");
        let format = ExportFormat {
            seal: Seal::None,
            squeeze: Squeeze::None,
            layout: Layout::Archive,
            existing: Existing::Refuse,
            files: Files::With,
            credentials: Credentials::Keep,
            folder: FolderFormat { internals: Internals::Keep, manifest: Manifest::None },
        };
        let request = ExportRequest { inventory: &inventory, items: &items, output: Some(to), format: &format };
        source.export(&request, &()).await.expect("an export");
    }

    pub fn directory(&self, path: &Path) -> Arc<DirectorySource> {
        Arc::new(DirectorySource::open(path, Arc::new(())).expect("a directory"))
    }
}

pub fn everything(policy: Policy) -> PlanOptions {
    PlanOptions::of(policy)
}

/// The same, with everything left out that blocks the plan.
pub fn without_blocked(survey: &Survey) -> PlanOptions {
    let blocked = survey.plan.blocking().filter_map(|finding| finding.item.clone());
    let decisions = blocked.map(|item| (item, haul::model::Decision::Skip)).collect();
    PlanOptions { decisions, ..survey.plan.options.clone() }
}

pub fn only(ids: &[&str], policy: Policy) -> PlanOptions {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    PlanOptions { selection: Selection { ids, ..Selection::everything() }, ..PlanOptions::of(policy) }
}

/// Every object of a server, as `TYPE/ID` in lower case with what it shows and how many versions it has.
pub fn objects(server: &Server) -> BTreeMap<String, Value> {
    let dump = server.dump();
    let mut found = BTreeMap::new();
    for (type_, of) in dump["types"].as_object().expect("types") {
        for (id, object) in of["objects"].as_object().expect("objects") {
            found.insert(format!("{type_}/{}", id.to_lowercase()), object["shown"].clone());
        }
    }
    found
}

pub fn definitions(server: &Server) -> BTreeMap<String, Value> {
    let dump = server.dump();
    let types = dump["types"].as_object().expect("types");
    types.iter().map(|(name, of)| (name.clone(), of["definition"].clone())).collect()
}

#[track_caller]
pub fn succeeded(report: &Report) {
    let failed: Vec<String> = report
        .items
        .iter()
        .filter_map(|item| item.error.as_ref().map(|error| format!("{}: {error}", item.key)))
        .take(10)
        .collect();
    assert_eq!(report.status, RunStatus::Succeeded, "{:?}\n{failed:#?}", report.error);
}

/// What differs between two states, by name.
pub fn changed(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// What definitions of the user demand of their objects, of those that both sides can have.
pub fn demands(server: &Server) -> BTreeMap<String, Value> {
    let own = definitions(server).into_iter().filter(|(name, _)| !name.starts_with('_') && name != "legacy_note");
    own.map(|(name, definition)| (name, definition["schemaDefinition"].clone())).collect()
}
