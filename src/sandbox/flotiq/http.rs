//! The routes of a space. Ids hold no slash, so fixed words after a type or an id are never mistaken for one of them.
//! Must not know: what a route does.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};

use super::{Space, content, definitions, objects, reply::Refusal, system};
use crate::sandbox::pipeline;

type Routes = Router<Arc<Space>>;

pub(super) fn router(space: &Arc<Space>) -> Router {
    Router::new()
        .nest("/api/v1/internal/contenttype", definition_routes())
        .nest("/api/v1/content", content_routes())
        .merge(system_routes())
        .fallback(|| async { Refusal::not_found() })
        .method_not_allowed_fallback(|| async { Refusal::not_found() })
        .with_state(Arc::clone(space))
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(Arc::clone(&space.pipeline), pipeline::handle))
}

fn definition_routes() -> Routes {
    Router::new()
        .route("/", get(definitions::list).post(definitions::create))
        .route("/{name}", get(definitions::read).put(definitions::update).delete(definitions::delete))
        .route("/{name}/purge", post(definitions::purge))
}

fn content_routes() -> Routes {
    Router::new()
        .route("/{kind}", get(content::list).post(objects::create))
        .route("/{kind}/batch", post(objects::batch).patch(objects::patch_batch))
        .route("/{kind}/batch-delete", post(objects::batch_delete))
        .route("/{kind}/batch-publish", post(objects::batch_publish))
        .route("/{kind}/batch-unpublish", post(objects::batch_unpublish))
        .route("/{kind}/batch-archive", post(objects::batch_archive))
        .route("/{kind}/removed", get(content::removed))
        .route("/{kind}/{id}", get(content::read).put(objects::replace).patch(objects::patch).delete(objects::delete))
        .route("/{kind}/{id}/publish", post(objects::publish))
        .route("/{kind}/{id}/unpublish", post(objects::unpublish))
        .route("/{kind}/{id}/archive", post(objects::archive))
        .route("/{kind}/{id}/version", get(content::versions))
        .route("/{kind}/{id}/version/{number}", get(content::version))
        .route("/{kind}/{id}/duplicate", post(objects::duplicate))
}

fn system_routes() -> Routes {
    Router::new()
        .route("/api/auth-context", get(system::context))
        .route("/api/media", post(system::upload))
        .route("/image/{size}/{name}", get(system::image))
        .route("/image/{size}/{id}/{name}", get(system::named_image))
        .route("/image/{size}/{id}/{name}/variant/{variant}", get(system::variant))
        .route("/api/v1/search", get(system::search))
        .route("/api/v1/spaces/{id}/purge", post(system::purge))
}
