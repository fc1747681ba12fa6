//! A sandbox, the client under test, and a plain one beside it.

use std::path::Path;
use std::sync::Arc;

use haul::model::{
    Credentials, Existing, ExportFormat, ExportRequest, Exported, Files, FolderFormat, Internals, Inventory, ItemIndex,
    Layout, Manifest, Result, Seal, Source, Squeeze,
};
use haul::net::NetOptions;
use haul::platforms::OpenOptions;
use haul::platforms::flotiq::Remote;
use haul::remotes::Login;
use haul::sandbox::{Sandbox, SandboxOptions, start};
use serde_json::Value;

pub struct Spaces {
    pub sandbox: Sandbox,
    /// Where pulls are kept.
    pub folder: tempfile::TempDir,
}

impl Spaces {
    pub async fn new(switches: &[&str], faults: &[&str]) -> Spaces {
        Spaces::of(SandboxOptions { switches: owned(switches), faults: owned(faults), ..SandboxOptions::default() })
            .await
    }

    pub async fn of(options: SandboxOptions) -> Spaces {
        let options = SandboxOptions { platform: Some("flotiq".to_owned()), ..options };
        let sandbox = start(options).await.expect("a sandbox");
        Spaces { sandbox, folder: tempfile::tempdir().expect("a folder") }
    }

    pub async fn try_connect(&self, key: &str) -> Result<Remote> {
        let url = self.sandbox.server("dev").info.url.parse().expect("a URL");
        let options = OpenOptions {
            // Fast enough that no test waits for it.
            net: NetOptions { rate: Some(5000.0), ..NetOptions::default() },
            login: Some(Login::token(format!("EXAMPLE-dev-{key}-key"))),
            spool: self.folder.path().join("spool"),
            events: Arc::new(()),
            ..OpenOptions::default()
        };
        Remote::connect(&url, Some("dev"), &options).await
    }

    pub async fn connect(&self) -> Remote {
        self.try_connect("read-write").await.expect("a good key")
    }

    /// Asks the space as anybody could.
    pub async fn ask(&self, path: &str) -> Value {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let server = &self.sandbox.server("dev").info;
        let call = http.get(format!("{}{path}", server.url)).header("X-MODE", "preview");
        let call = call.header("X-AUTH-TOKEN", server.token.clone().expect("a key"));
        call.send().await.expect("an answer").json().await.expect("JSON")
    }

    pub async fn count(&self, type_: &str) -> u64 {
        self.ask(&format!("/api/v1/content/{type_}?limit=1")).await["total_count"].as_u64().expect("a number")
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A listing with everything examined.
pub async fn examined(source: &dyn Source) -> Inventory {
    let mut inventory = source.list().await.expect("a listing");
    let items: Vec<ItemIndex> = inventory.items().map(|item| item.index()).collect();
    source.examine(&mut inventory, &items).await.expect("examined");
    inventory
}

pub async fn export_all(source: &dyn Source, to: &Path) -> Result<Exported> {
    let inventory = examined(source).await;
    let items: Vec<ItemIndex> = inventory.items().map(|item| item.index()).collect();
    let format = ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing: Existing::Refuse,
        files: Files::With,
        credentials: Credentials::Keep,
        folder: FolderFormat { internals: Internals::Keep, manifest: Manifest::Beside },
    };
    source.export(&ExportRequest { inventory: &inventory, items: &items, output: Some(to), format: &format }, &()).await
}
