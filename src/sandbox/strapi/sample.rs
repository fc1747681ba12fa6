//! The sample content of "dev" and "prod": a small magazine with articles, tags, pages and media that overlap, with
//! languages, drafts, components, a dynamic zone and every kind of relation.
//! Must not know: how it is stored.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::{
    builder::{Builder, Made, State, noise},
    content::Content,
    schema::Schemas,
    store::Id,
};
use crate::sandbox::Side;

pub(super) const ARTICLE: &str = "api::article.article";
pub(super) const AUTHOR: &str = "api::author.author";
const CATEGORY: &str = "api::category.category";
pub(super) const TAG: &str = "api::tag.tag";
const PAGE: &str = "api::page.page";
const PROFILE: &str = "api::profile.profile";
const NOTE: &str = "api::note.note";

/// The schemas of an application of 5.54.0: the example application with types for every kind of relation.
pub(super) fn schemas() -> Result<Vec<Value>, String> {
    let lines = include_str!("../../../assets/strapi/schemas.jsonl").lines();
    lines.map(serde_json::from_str).collect::<Result<_, _>>().map_err(|error| format!("the sample schemas: {error}"))
}

struct Sample<'a> {
    to: Builder<'a>,
    side: Side,
    authors: Vec<Id>,
    categories: Vec<Id>,
    files: Vec<Id>,
}

pub(super) fn content(schemas: &Schemas, side: Side) -> Content {
    let mut sample =
        Sample { to: Builder::new(schemas), side, authors: Vec::new(), categories: Vec::new(), files: Vec::new() };
    surroundings(&mut sample.to, side);
    sample.files();
    sample.people();
    let tags = sample.tags();
    sample.articles(&tags);
    sample.pages();
    sample.singles();
    sample.to.content
}

/// Languages, roles, a user, folders, settings: what every server has, with ids of its own.
pub(super) fn surroundings(to: &mut Builder<'_>, side: Side) {
    let locales: &[(&str, &str)] = match side {
        Side::Dev => &[("en", "English (en)"), ("fr", "French (fr)")],
        Side::Prod => &[("en", "English (en)"), ("de", "German (de)"), ("fr", "French (fr)")],
    };
    let own = |name: &str| format!("{}/{name}", side.name());
    for (code, name) in locales {
        to.row("plugin::i18n.locale", &own(code), None, State::Single, json!({ "name": name, "code": code }));
    }
    for kind in ["authenticated", "public"] {
        let data = json!({ "name": kind, "description": format!("the {kind} role"), "type": kind });
        let role = to.row("plugin::users-permissions.role", &own(kind), None, State::Single, data).id;
        for action in ["plugin::users-permissions.auth.callback", "api::article.article.find"] {
            let name = own(&format!("{kind}/{action}"));
            let data = json!({ "action": action });
            let uid = "plugin::users-permissions.permission";
            let permission = to.row(uid, &name, None, State::Single, data).id;
            to.link(uid, "role", permission, role);
        }
    }
    let user = json!({ "username": "reader", "email": "reader@example.invalid", "provider": "local",
        "password": "$2a$10$EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAM", "confirmed": true,
        "blocked": false });
    let user = to.row("plugin::users-permissions.user", "reader", None, State::Single, user).id;
    to.link("plugin::users-permissions.user", "role", user, 1);
    let folder = json!({ "name": "API Uploads", "pathId": 1, "path": "/1" });
    to.row("plugin::upload.folder", &own("uploads"), None, State::Single, folder);
    to.setting("plugin_i18n_default_locale", json!("en"));
    to.setting("plugin_upload_settings", json!({ "sizeOptimization": true, "responsiveDimensions": true }));
    to.setting("plugin_upload_api-folder", json!({ "id": 1 }));
    to.setting(
        "plugin_users-permissions_grant",
        json!({ "github": { "enabled": false, "key": "EXAMPLE-key", "secret": "EXAMPLE-secret" } }),
    );
    to.setting("core_admin_project-settings", json!({ "name": side.name() }));
    if side == Side::Prod {
        let hook = json!({ "id": 1, "name": "rebuild", "url": "http://example.invalid/hook", "headers": {},
            "events": ["entry.publish"], "enabled": true });
        to.content.configuration.push(json!({ "type": "webhook", "value": hook }));
    }
}

impl Sample<'_> {
    fn is_prod(&self) -> bool {
        self.side == Side::Prod
    }

    /// Equal, changed, and only on one side.
    fn files(&mut self) {
        if self.is_prod() {
            self.to.file("prod only.txt", Bytes::from_static(b"only on prod\n"));
        }
        for name in ["sunrise.png", "Résumé — ünïcode 日本.txt", "portrait.png", "logo.png"] {
            let changed = self.is_prod() && name == "portrait.png";
            let bytes = match name.ends_with(".png") {
                true => noise(&format!("{name}{changed}"), 2_400),
                false => Bytes::from("héllo wörld\n".repeat(20)),
            };
            let id = self.to.file(name, bytes);
            self.files.push(id);
        }
        if !self.is_prod() {
            let id = self.to.file("dev only.png", noise("dev only", 90_000));
            self.files.push(id);
        }
    }

    fn people(&mut self) {
        if self.is_prod() {
            self.to.skip(AUTHOR, 4);
        }
        for (at, name) in ["David Doe", "Sarah Baker", "Łukasz Żółć"].into_iter().enumerate() {
            let mail = if self.is_prod() && at == 1 { "sarah@prod" } else { "author@dev" };
            let data = json!({ "name": name, "email": format!("{mail}.example.invalid") });
            let id = self.to.row(AUTHOR, name, None, State::Single, data).id;
            self.to.media(self.files[at % 3], AUTHOR, "avatar", id);
            self.authors.push(id);
        }
        for name in ["news", "tech", "food"] {
            let data = json!({ "name": name, "slug": name, "description": format!("About {name}") });
            let id = self.to.row(CATEGORY, name, None, State::Single, data).id;
            self.categories.push(id);
        }
    }

    /// A tree of tags in two languages, drafted and published, with components that hold relations and media.
    fn tags(&mut self) -> Vec<Made> {
        let mut all: Vec<Made> = Vec::new();
        for (at, name) in ["Root", "Branch", "Leaf", "Draft only"].into_iter().enumerate() {
            let mut made = Vec::new();
            for locale in ["en", "fr"].into_iter().take(if at == 0 { 2 } else { 1 }) {
                for state in [State::Draft, State::Published].into_iter().take(if at == 3 { 1 } else { 2 }) {
                    let reference = self.reference(at);
                    let more = self.reference(at + 1);
                    let label = if locale == "fr" { format!("Étiquette {name}") } else { format!("{name} tag") };
                    let price: Value = serde_json::from_str("12.345678").unwrap_or_default();
                    let data = json!({ "label": label, "code": name.to_lowercase(), "big": "9007199254740993",
                        "price": price, "extra": { "k": [1, 2, { "z": null }] }, "when": "2024-01-02T03:04:05.678Z",
                        "ref": reference.0, "refs": [more.0] });
                    let row = self.to.row(TAG, name, Some(locale), state, data);
                    self.finish_reference(reference.1, at);
                    self.finish_reference(more.1, at + 1);
                    self.to.link(TAG, "owner", row.id, self.authors[at % 3]);
                    for author in &self.authors.clone() {
                        self.to.link(TAG, "watchers", row.id, *author);
                    }
                    made.push(row);
                }
            }
            if at > 0 {
                for (child, parent) in pairs(&made, &all[at - 1]) {
                    self.to.link(TAG, "parent", child, parent);
                }
            }
            all.push(made);
        }
        all
    }

    /// A component in which another lies; its own relations follow once the articles are there.
    fn reference(&mut self, at: usize) -> (Value, Id) {
        let seo = self.to.part("shared.seo", json!({ "metaTitle": format!("t{at}"), "metaDescription": "d" }));
        let part = self.to.part("shared.ref", json!({ "note": format!("note {at}"), "seo": seo }));
        let id = part["id"].as_u64().unwrap_or_default();
        (part, id)
    }

    fn finish_reference(&mut self, id: Id, at: usize) {
        self.to.media(self.files[at % 3], "shared.ref", "pic", id);
    }

    fn articles(&mut self, tags: &[Made]) {
        let mut names: Vec<&str> = vec!["The internet's own boy", "A bug is becoming a meme", "Beautiful picture"];
        match self.side {
            Side::Dev => names.extend(["Coffee art", "Only on dev", "Brand new draft"]),
            Side::Prod => {
                self.to.skip(ARTICLE, 10);
                names.insert(0, "Only on prod");
                names.push("Coffee art");
            }
        }
        let mut all: Vec<Made> = Vec::new();
        for (at, name) in names.into_iter().enumerate() {
            let made = self.article(name, at);
            for (article, tag) in tags.iter().take(2).flat_map(|tag| pairs(&made, tag)) {
                self.to.link(ARTICLE, "tags", article, tag);
            }
            if let Some(before) = all.last() {
                for (article, other) in pairs(&made, before) {
                    self.to.link(ARTICLE, "seeAlso", article, other);
                }
            }
            all.push(made);
        }
        if let (Some(first), Some(tag)) = (all.first(), tags.first()) {
            let to = first.iter().find(|row| !row.published).map_or(first[0].id, |row| row.id);
            let _ = tag;
            self.to.link("shared.ref", "article", 1, to);
        }
        self.notes(&all);
    }

    fn article(&mut self, name: &'static str, at: usize) -> Made {
        let mut made = Vec::new();
        let locales: &[&str] = if at.is_multiple_of(2) { &["en", "fr"] } else { &["en"] };
        let states: &[State] = if name.contains("draft") { &[State::Draft] } else { &[State::Draft, State::Published] };
        for locale in locales {
            for state in states {
                let changed = self.is_prod() && name.starts_with("Coffee");
                let edited = *state == State::Draft && at == 2;
                let title =
                    format!("{name}{}{}", if *locale == "fr" { " (fr)" } else { "" }, if changed { "!" } else { "" });
                let seo = self.to.part("shared.seo", json!({ "metaTitle": title, "metaDescription": "about" }));
                let quote =
                    self.to.block("shared.quote", json!({ "title": "Thelonius Monk", "body": "You've got to dig it" }));
                let text = self.to.block("shared.rich-text", json!({ "body": format!("## {title}\n\n*dev & prod*") }));
                let media = self.to.block("shared.media", json!({}));
                let slider = self.to.block("shared.slider", json!({}));
                let ids = [&seo, &media, &slider].map(|part| part["id"].as_u64().unwrap_or_default());
                let data = json!({ "title": title, "description": if edited { "in work" } else { "done" },
                    "slug": name.to_lowercase().replace([' ', '\''], "-"), "blocks": [quote, text, media, slider],
                    "seo": seo });
                let row = self.to.row(ARTICLE, name, Some(locale), *state, data);
                self.to.media(self.files[at % self.files.len()], ARTICLE, "cover", row.id);
                for file in self.files.clone().into_iter().take(2) {
                    self.to.media(file, ARTICLE, "gallery", row.id);
                    self.to.media(file, "shared.slider", "files", ids[2]);
                }
                self.to.media(self.files[1], "shared.media", "file", ids[1]);
                self.to.media(self.files[0], "shared.seo", "shareImage", ids[0]);
                self.to.link(ARTICLE, "author", row.id, self.authors[at % 3]);
                self.to.link(ARTICLE, "category", row.id, self.categories[at % 3]);
                made.push(row);
            }
        }
        made
    }

    /// Polymorphic relations of both forms.
    fn notes(&mut self, articles: &[Made]) {
        for (at, text) in ["Check the facts", "Ask Sarah"].into_iter().enumerate() {
            let note = self.to.row(NOTE, text, None, State::Single, json!({ "text": text })).id;
            for row in articles.get(at).into_iter().flatten().take(2) {
                self.to.morph(NOTE, "about", note, (ARTICLE, Some("notes")), row.id);
            }
        }
    }

    /// One-to-one both ways, one way and to itself; many-to-one and many-to-many one way; components in components.
    fn pages(&mut self) {
        let mut pages = Vec::new();
        for (at, name) in ["Home", "About us", "Contact"].into_iter().enumerate() {
            let nick = json!({ "nick": format!("profile of {name}") });
            let profile = self.to.row(PROFILE, name, None, State::Single, nick).id;
            let (inner, id) = self.reference(at);
            let section = self.to.part("shared.section", json!({ "heading": format!("{name} §1"), "refs": [inner] }));
            let section_id = section["id"].as_u64().unwrap_or_default();
            let data = json!({ "name": name, "path": name.to_lowercase().replace(' ', "-"), "sections": [section] });
            let page = self.to.row(PAGE, name, None, State::Single, data).id;
            self.finish_reference(id, at);
            self.to.link(PAGE, "profile", page, profile);
            self.to.link(PAGE, "category", page, self.categories[at]);
            for author in self.authors.clone().into_iter().take(at + 1) {
                self.to.link(PAGE, "readers", page, author);
                self.to.link("shared.section", "authors", section_id, author);
            }
            if at < 2 {
                self.to.morph(NOTE, "subject", at as Id + 1, (PROFILE, None), profile);
            }
            pages.push(page);
        }
        self.to.link(PAGE, "next", pages[0], pages[1]);
        self.to.link(PAGE, "next", pages[1], pages[2]);
    }

    fn singles(&mut self) {
        let seo = self.to.part("shared.seo", json!({ "metaTitle": "Page", "metaDescription": "A magazine" }));
        let data = json!({ "siteName": format!("Magazine on {}", self.side.name()), "siteDescription": "An example",
            "defaultSeo": seo });
        let global = self.to.row("api::global.global", "global", None, State::Single, data).id;
        let logo = self.files[3];
        self.to.media(logo, "api::global.global", "favicon", global);
        let quote = self.to.block("shared.quote", json!({ "title": "Us", "body": "We write" }));
        let data = json!({ "title": "About", "blocks": [quote] });
        self.to.row("api::about.about", "about", None, State::Single, data);
    }
}

/// Rows of the same language and state.
fn pairs(from: &Made, to: &Made) -> Vec<(Id, Id)> {
    let fits = |a: &super::builder::Variant, b: &super::builder::Variant| {
        a.published == b.published && (a.locale == b.locale || b.locale.is_none())
    };
    from.iter().filter_map(|row| Some((row.id, to.iter().find(|other| fits(row, other))?.id))).collect()
}
