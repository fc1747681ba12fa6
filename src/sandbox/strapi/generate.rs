//! Content of any size: the same number and seed give the same rows.
//! Must not know: how it is stored.

use serde_json::json;

use super::{
    builder::{Builder, State, noise},
    content::Content,
    sample::{ARTICLE, AUTHOR, TAG, surroundings},
    schema::Schemas,
};
use crate::sandbox::{
    Side,
    rng::{Rng, seed_of},
};

/// `items` articles, a twentieth as many authors and tags, a tenth as many files. Both servers have the same documents
/// but for every tenth; every seventh differs.
pub(super) fn content(schemas: &Schemas, side: Side, items: usize, seed: u64) -> Content {
    let mut to = Builder::new(schemas);
    let mut chance = Rng::new(seed ^ seed_of("strapi"));
    surroundings(&mut to, side);
    let few = (items / 20).max(1);
    let files: Vec<u64> = (0..(items / 10).max(1))
        .map(|at| to.file(&format!("file {at}.png"), noise(&format!("{seed}/{at}"), 1_500)))
        .collect();
    let authors: Vec<u64> = (0..few)
        .map(|at| {
            let data = json!({ "name": format!("Author {at}"), "email": format!("author{at}@example.invalid") });
            to.row(AUTHOR, &format!("{seed}/{at}"), None, State::Single, data).id
        })
        .collect();
    let tags: Vec<u64> = (0..few)
        .map(|at| {
            let data = json!({ "label": format!("Tag {at}"), "code": format!("tag-{at}"), "refs": [] });
            to.row(TAG, &format!("{seed}/{at}"), Some("en"), State::Draft, data).id
        })
        .collect();
    if side == Side::Prod {
        to.skip(ARTICLE, 1_000);
    }
    for at in 0..items {
        // Both sides draw the same numbers, whatever they leave out.
        let (file, author, tag) = (*chance.pick(&files), *chance.pick(&authors), *chance.pick(&tags));
        let alone = at.is_multiple_of(10);
        let name = match alone {
            true => format!("{seed}/{}/{at}", side.name()),
            false => format!("{seed}/{at}"),
        };
        let word = if at.is_multiple_of(7) && side == Side::Prod { "changed" } else { "as it was" };
        let text = to.block("shared.rich-text", json!({ "body": format!("Article {at}: {word}") }));
        let data = json!({ "title": format!("Article {at}"), "description": word, "slug": format!("article-{at}"),
            "blocks": [text], "seo": null });
        let row = to.row(ARTICLE, &name, Some("en"), State::Draft, data).id;
        to.link(ARTICLE, "author", row, author);
        to.link(ARTICLE, "tags", row, tag);
        to.media(file, ARTICLE, "cover", row);
    }
    to.content
}
