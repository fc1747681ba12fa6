//! An archive that came through standard input: kept in a temporary file for as long as it is open.
//! Must not know: what is in it.

use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempPath;

use crate::model::{
    Access, Check, EventSink, ExportRequest, Exported, Inventory, ItemIndex, ItemKey, LocationInfo, Record, Result,
    Rules, SchemaComparison, Schemas, Source, UnloadRequest,
};

/// A source whose file goes away with it.
pub(super) struct Spooled {
    pub source: Arc<dyn Source>,
    /// Removed when nobody reads it any more.
    pub file: Arc<TempPath>,
}

#[async_trait]
impl Source for Spooled {
    fn info(&self) -> LocationInfo {
        // The temporary file is nobody's business.
        LocationInfo { location: "-".to_owned(), identity: None, ..self.source.info() }
    }

    fn is_bundle(&self) -> bool {
        self.source.is_bundle()
    }

    fn access(&self) -> Access {
        self.source.access()
    }

    fn rules(&self) -> &Rules {
        self.source.rules()
    }

    async fn list(&self) -> Result<Inventory> {
        self.source.list().await
    }

    async fn examine(&self, inventory: &mut Inventory, items: &[ItemIndex]) -> Result<()> {
        self.source.examine(inventory, items).await
    }

    async fn read(&self, items: &[ItemKey]) -> Result<Vec<Record>> {
        self.source.read(items).await
    }

    async fn export(&self, request: &ExportRequest<'_>, events: &dyn EventSink) -> Result<Exported> {
        self.source.export(request, events).await
    }

    async fn unload(&self, request: &UnloadRequest<'_>, events: &dyn EventSink) -> Result<()> {
        self.source.unload(request, events).await
    }

    async fn schemas(&self) -> Result<Schemas> {
        self.source.schemas().await
    }

    fn compare_schemas(&self, source: &Schemas, destination: &Schemas) -> SchemaComparison {
        self.source.compare_schemas(source, destination)
    }

    async fn suited(&self, destination: &LocationInfo) -> Result<Option<Arc<dyn Source>>> {
        let suited = self.source.suited(destination).await?;
        Ok(suited.map(|source| Arc::new(Spooled { source, file: self.file.clone() }) as Arc<dyn Source>))
    }

    fn locales(&self) -> &[String] {
        self.source.locales()
    }

    async fn narrowed(&self, locales: &[String]) -> Result<Arc<dyn Source>> {
        let source = self.source.narrowed(locales).await?;
        Ok(Arc::new(Spooled { source, file: self.file.clone() }))
    }

    fn renamed(&self, typed: &str) -> Option<String> {
        self.source.renamed(typed)
    }

    async fn check(&self) -> Result<Option<Check>> {
        self.source.check().await
    }
}
