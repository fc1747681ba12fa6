//! Small archives made by hand, for tests of the Strapi room.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use haul::codec::{ArchiveKey, Packing, Sealing, TarWriter};
use haul::model::{
    Credentials, Existing, ExportFormat, ExportRequest, Exported, Files, Inventory, ItemIndex, ItemRef, Layout, Result,
    Seal, Severity, Source, Squeeze,
};
use haul::platforms::KeySource;
use haul::platforms::strapi::ArchiveSource;

pub const KEY: &str = "my-encryption-key";

pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/strapi").join(name)
}

pub fn open(path: &Path) -> Result<ArchiveSource> {
    ArchiveSource::open(path, &KeySource::Given(KEY.into()), Arc::new(()))
}

pub async fn list(path: &Path) -> Result<Inventory> {
    open(path)?.list().await
}

pub fn names(inventory: &Inventory) -> Vec<String> {
    inventory.items().map(|item| item.key().to_string()).collect()
}

/// What has to be equal of two archives that hold the same: keys, names, digests and where references lead.
pub fn meaning(inventory: &Inventory) -> Vec<String> {
    let mut items: Vec<String> = inventory.items().map(|item| described(&item)).collect();
    items.sort();
    items
}

fn described(item: &ItemRef<'_>) -> String {
    let references: Vec<String> = item.references().map(|reference| format!("{reference:?}")).collect();
    let semantic = item.digests().map(|digests| digests.semantic.to_string());
    format!("{} {} {semantic:?} {references:?}", item.key(), item.name())
}

pub fn codes(inventory: &Inventory, severity: Severity) -> Vec<&str> {
    inventory.findings.iter().filter(|finding| finding.severity == severity).map(|finding| &*finding.code).collect()
}

/// Members of an archive, in order.
#[derive(Clone, Debug)]
pub struct Members(pub Vec<(String, Vec<u8>)>);

impl Members {
    /// Two articles in two locales and both states, with an author, a cover, a component that holds media, a setting.
    pub fn blog() -> Self {
        let rows = [
            row(
                "plugin::upload.file",
                7,
                "file1",
                r#""name":"größe.png","hash":"groesse_ab12","ext":".png","provider":"local","formats":null"#,
            ),
            row("api::author.author", 1, "anna", r#""name":"Anna""#),
            row("api::author.author", 2, "bert", r#""name":"Bert""#),
            row(
                "api::article.article",
                1,
                "hello",
                r#""title":"Hello","seo":{"id":5,"text":"t"},"publishedAt":null,"locale":"en""#,
            ),
            row(
                "api::article.article",
                2,
                "hello",
                r#""title":"Hello","seo":{"id":6,"text":"t"},"publishedAt":"2026","locale":"en""#,
            ),
            row("api::article.article", 3, "hello", r#""title":"Hallo","seo":null,"publishedAt":null,"locale":"de""#),
            row(
                "api::article.article",
                4,
                "other",
                r#""title":"Other 漢字","seo":null,"publishedAt":null,"locale":"en""#,
            ),
        ];
        let links = [
            link("basic", ("api::article.article", "author", 1, None), ("api::author.author", "articles", 1, Some(1))),
            link("basic", ("api::article.article", "author", 2, None), ("api::author.author", "articles", 1, Some(2))),
            link("basic", ("api::article.article", "author", 4, None), ("api::author.author", "articles", 2, Some(1))),
            link("morph", ("plugin::upload.file", "related", 7, None), ("shared.seo", "image", 5, Some(1))),
            localizations("api::article.article", 1, "hello"),
            localizations("api::article.article", 4, "other"),
        ];
        let schemas = [
            r#"{"uid":"plugin::upload.file","attributes":{"name":{"type":"string"}},"modelType":"contentType"}"#,
            r#"{"uid":"api::author.author","info":{"displayName":"Author"},"attributes":{"name":{"type":"string"}},"modelType":"contentType"}"#,
            r#"{"uid":"api::article.article","attributes":{"title":{"type":"string"},"seo":{"type":"component","component":"shared.seo"},"author":{"type":"relation"}},"modelType":"contentType"}"#,
            r#"{"uid":"shared.seo","attributes":{"text":{"type":"string"},"image":{"type":"media"}},"modelType":"component"}"#,
        ];
        let settings = [
            r#"{"type":"core-store","value":{"id":3,"key":"plugin_x","value":"1","type":"string","environment":null,"tag":null}}"#,
            r#"{"type":"core-store","value":{"id":4,"key":"plugin_x","value":"2","type":"string","environment":"development","tag":"t"}}"#,
            r#"{"type":"webhook","value":{"id":1,"name":"Deploy","url":"https://example.com"}}"#,
        ];
        let mut members = Members(Vec::new());
        members.push("schemas/schemas_00001.jsonl", schemas.join("\n"));
        members.push("entities/entities_00001.jsonl", rows.join("\n"));
        members.file(7, "groesse_ab12", ".png", b"pixels");
        members.push("links/links_00001.jsonl", links.join("\n"));
        members.push("configuration/configuration_00001.jsonl", settings.join("\n"));
        members.push("metadata.json", r#"{"createdAt":"2026-11-21T02:06:27.858Z","strapi":{"version":"5.54.0"}}"#);
        members
    }

    pub fn push(&mut self, name: &str, content: impl Into<Vec<u8>>) {
        self.0.push((name.to_owned(), content.into()));
    }

    pub fn file(&mut self, row: u64, hash: &str, ext: &str, content: &[u8]) {
        let size = content.len() as f64 / 1000.0;
        let sidecar = format!(
            r#"{{"id":{row},"name":"n","hash":"{hash}","ext":"{ext}","mime":"image/png","size":{size},"url":"/u"}}"#
        );
        self.push(&format!("assets/metadata/{hash}{ext}.json"), sidecar);
        self.push(&format!("assets/uploads/{hash}{ext}"), content);
    }

    pub fn edit(mut self, name: &str, edit: impl Fn(String) -> String) -> Self {
        for (_, content) in self.0.iter_mut().filter(|(member, _)| member.starts_with(name)) {
            *content = edit(String::from_utf8(content.clone()).expect("tests write text")).into_bytes();
        }
        self
    }

    pub fn tar(&self) -> Vec<u8> {
        let mut tar = TarWriter::new(Vec::new(), 0);
        for (name, content) in &self.0 {
            tar.member(name, content).expect("memory takes everything");
        }
        tar.finish().expect("memory takes everything")
    }

    pub fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("archive.tar");
        std::fs::write(&path, self.tar()).expect("a folder for tests is writable");
        path
    }
}

pub fn row(type_: &str, id: u64, document: &str, rest: &str) -> String {
    format!(r#"{{"type":"{type_}","id":{id},"data":{{"documentId":"{document}",{rest}}}}}"#)
}

type End<'a> = (&'a str, &'a str, u64, Option<u64>);

pub fn link(kind: &str, left: End<'_>, right: End<'_>) -> String {
    let end = |(type_, field, row, position): End<'_>| {
        let position = position.map(|position| format!(r#","pos":{position}"#)).unwrap_or_default();
        format!(r#"{{"type":"{type_}","field":"{field}","ref":{row}{position}}}"#)
    };
    format!(r#"{{"kind":"relation.{kind}","relation":"manyToOne","left":{},"right":{}}}"#, end(left), end(right))
}

pub fn localizations(type_: &str, row: u64, document: &str) -> String {
    format!(
        r#"{{"kind":"relation.circular","relation":"oneToMany","left":{{"type":"{type_}","ref":{row},"field":"localizations"}},"right":{{"type":"{type_}","ref":"{document}"}}}}"#
    )
}

pub fn pack(tar: &[u8], gzip: bool, key: Option<&str>) -> Vec<u8> {
    let packing = Packing { gzip, key: key.map(|key| ArchiveKey::derive(&key.into())) };
    let mut sealing = Sealing::new(Vec::new(), &packing);
    sealing.write_all(tar).expect("memory takes everything");
    sealing.finish().expect("memory takes everything")
}

pub fn plain() -> ExportFormat {
    ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing: Existing::Refuse,
        files: Files::With,
        credentials: Credentials::Keep,
        folder: haul::model::FolderFormat::default(),
    }
}

/// Rewrites what `pick` takes of an archive.
pub async fn rewrite(
    source: &dyn Source,
    output: &Path,
    format: &ExportFormat,
    pick: impl Fn(&ItemRef<'_>) -> bool,
) -> Result<Exported> {
    let inventory = source.list().await?;
    let items: Vec<ItemIndex> = inventory.items().filter(pick).map(|item| item.index()).collect();
    let request = ExportRequest { inventory: &inventory, items: &items, output: Some(output), format };
    source.export(&request, &()).await
}

/// The members of a plain tar.
pub fn members_of(path: &Path) -> Vec<(String, String)> {
    use std::io::Read;
    let mut tar = haul::codec::TarReader::new(std::fs::File::open(path).expect("it was written"));
    let mut members = Vec::new();
    while let Some(member) = tar.next_member().expect("it is sound") {
        let mut content = Vec::new();
        tar.read_to_end(&mut content).expect("it is sound");
        members.push((member.name, String::from_utf8_lossy(&content).into_owned()));
    }
    members
}
