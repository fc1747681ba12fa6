//! Objects by number: the same number and seed give the same object, in the state in which each space has it.
//! Must not know: stores.

use serde_json::{Value, json};

use super::fate::{Fate, FileFate, file_id, object_id};
use crate::sandbox::{
    Side,
    flotiq::{object::Status, reference::relation},
    rng::{Rng, seed_of},
};

/// How many items there are of everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amounts {
    objects: usize,
    pub files: usize,
}

impl Amounts {
    pub fn of(objects: usize) -> Self {
        Self { objects, files: (objects / 160).max(36) }
    }

    /// Numbers of a type that are handed out; each space lacks one in twenty of them.
    pub fn of_kind(self, kind: &str) -> usize {
        let percent = match kind {
            "blog_post" => 30,
            "product" => 18,
            "page" => 12,
            "author" | "event" | "recipe" => 9,
            "category" => 5,
            "menu_item" | "faq" | "legacy_note" => 4,
            _ => 0,
        };
        (self.objects * percent).div_ceil(100).max(if percent == 0 { 0 } else { 9 })
    }
}

/// What one space holds of a numbered object: its versions from the oldest, and its state.
pub(super) struct Made {
    pub id: String,
    pub versions: Vec<Value>,
    pub status: Status,
}

#[derive(Clone, Copy)]
pub(super) struct Maker {
    pub side: Side,
    pub seed: u64,
    pub amounts: Amounts,
}

impl Maker {
    pub fn make(self, kind: &'static str, number: usize) -> Option<Made> {
        let fate = Fate::of(number);
        if !fate.is_at(self.side) {
            return None;
        }
        let one = One { maker: self, kind, number, rng: self.rng(kind, number) };
        let mut versions = vec![one.body(fate, "")];
        let status = self.status(kind, number);
        if status == Status::Modified {
            versions.push(one.body(fate, " (being edited)"));
        }
        if self.side == Side::Prod && matches!(fate, Fate::Changed) {
            let ending = if status == Status::Modified { " (being edited at prod)" } else { " (changed at prod)" };
            versions.push(one.body(fate, ending));
        }
        Some(Made { id: object_id(kind, number, self.side), versions, status })
    }

    fn rng(self, kind: &str, number: usize) -> Rng {
        Rng::new(self.seed ^ seed_of(kind) ^ ((number as u64) << 8))
    }

    /// Of two types that have drafts. Number 10 of forty is a draft at prod although dev has published it.
    fn status(self, kind: &str, number: usize) -> Status {
        if !matches!(kind, "blog_post" | "page") || number == 0 {
            return Status::Public;
        }
        match number % 8 {
            1 => Status::Draft,
            5 => Status::Modified,
            6 => Status::Archived,
            _ if number % 40 == 10 && self.side == Side::Prod => Status::Draft,
            _ => Status::Public,
        }
    }
}

const SUBJECTS: [&str; 12] = [
    "Rye bread",
    "A quiet harbour",
    "The night train",
    "Wild garlic",
    "Old maps",
    "Snow in April",
    "Grüne Soße",
    "A long walk",
    "Letters home",
    "Smoked fish",
    "The blue door",
    "Överraskning",
];
const WORDS: [&str; 8] =
    ["slowly", "again", "at last", "with care", "by the sea", "in winter", "for two", "without end"];

struct One {
    maker: Maker,
    kind: &'static str,
    number: usize,
    rng: Rng,
}

impl One {
    fn body(&self, fate: Fate, ending: &str) -> Value {
        // A look at the same number always takes the same turns.
        let mut rng = self.rng.clone();
        let rng = &mut rng;
        let title = format!("{} {} {}{ending}", rng.pick(&SUBJECTS), rng.pick(&WORDS), self.number);
        let slug = format!("{}-{}", self.kind.replace('_', "-"), self.number);
        match self.kind {
            "category" => json!({
                "name": title, "slug": slug, "parent": self.before(rng), "featured": self.sometimes(rng, 2, "blog_post"),
            }),
            "author" => json!({
                "name": title, "slug": slug, "email": format!("author{}@example.invalid", self.number),
                "bio": self.rich(rng, &title), "photo": self.picture(rng), "best": self.sometimes(rng, 3, "blog_post"),
            }),
            "blog_post" => self.blog_post(rng, fate, &title, &slug),
            "page" => self.page(rng, &title, &slug),
            "product" => self.product(rng, &title, &slug),
            "event" => self.event(rng, &title),
            "recipe" => self.recipe(rng, &title),
            "menu_item" => json!({
                "label": title, "parent": self.before(rng), "leads_to": self.sometimes(rng, 2, "page"),
                "position": self.number,
            }),
            "faq" => json!({ "question": title, "answer": self.markdown(rng, &title) }),
            _ => json!({ "text": title }),
        }
    }

    fn blog_post(&self, rng: &mut Rng, fate: Fate, title: &str, slug: &str) -> Value {
        let mut related = vec![self.relation(rng, "blog_post", false)];
        if self.number.is_multiple_of(30) {
            related.push(relation("blog_post", &object_id("blog_post", self.number, self.maker.side)));
        }
        related.dedup();
        // What is new at dev leans on an author that is new too.
        let author = self.relation(rng, "author", fate == Fate::OnlyDev);
        json!({
            "title": title, "slug": slug, "lead": format!("In short: {title}."), "body": self.rich(rng, title),
            "content": self.blocks(rng, title), "author": [author],
            "categories": [self.relation(rng, "category", false)], "related": related, "image": self.picture(rng),
            "released": format!("2026-{:02}-{:02}T{:02}:30", 1 + self.number % 12, 1 + self.number % 28, self.number % 24),
            "promoted": self.number.is_multiple_of(4), "extra": self.sometimes(rng, 5, "product"),
        })
    }

    fn page(&self, rng: &mut Rng, title: &str, slug: &str) -> Value {
        let section = |rng: &mut Rng, index: usize| {
            json!({
                "heading": format!("Part {index}"), "text": self.rich(rng, title), "pic": self.picture(rng),
                "link": self.sometimes(rng, 2, "blog_post"),
            })
        };
        let sections: Vec<Value> = (1..=1 + self.number % 3).map(|index| section(rng, index)).collect();
        json!({
            "title": title, "slug": slug, "content": self.markdown(rng, title), "sections": sections,
            "place": { "lat": 48.2 + self.number as f64 / 1000.0, "lon": 16.37 },
        })
    }

    fn product(&self, rng: &mut Rng, title: &str, sku: &str) -> Value {
        let mut gallery = vec![self.file(rng), self.file(rng)];
        gallery.dedup();
        let mut product = json!({
            "name": title, "sku": sku.to_uppercase(), "price": 5.25 + self.number as f64,
            "size": *rng.pick(&["small", "medium", "large"]), "features": ["made by hand", *rng.pick(&WORDS)],
            "gallery": gallery, "description": self.rich(rng, title), "category": [self.relation(rng, "category", false)],
        });
        let weight = 100 + self.number;
        match self.maker.side {
            Side::Dev => product["weight"] = json!(weight),
            Side::Prod => {
                product["weight"] = json!(format!("{weight} g"));
                product["old_price"] = json!(4.5 + self.number as f64);
            }
        }
        product
    }

    fn event(&self, rng: &mut Rng, title: &str) -> Value {
        let mut speakers = vec![self.relation(rng, "author", false), self.relation(rng, "author", false)];
        speakers.dedup();
        let mut event = json!({
            "title": title, "starts": format!("2026-{:02}-15", 1 + self.number % 12), "speakers": speakers,
            "poster": self.picture(rng),
        });
        if self.maker.side == Side::Dev {
            event["place"] = json!({ "lat": 52.5, "lon": 13.4 });
        }
        event
    }

    fn recipe(&self, rng: &mut Rng, title: &str) -> Value {
        let step = |rng: &mut Rng, index: usize| {
            json!({
                "text": format!("Step {index} of {title}"), "uses": [self.relation(rng, "product", false)],
                "pic": self.picture(rng), "notes": [{ "text": *rng.pick(&WORDS), "pic": self.picture(rng) }],
            })
        };
        let steps: Vec<Value> = (1..=2 + self.number % 2).map(|index| step(rng, index)).collect();
        json!({
            "name": title, "steps": steps, "photo": self.picture(rng), "goes_with": self.sometimes(rng, 2, "recipe"),
        })
    }

    fn rich(&self, rng: &mut Rng, title: &str) -> String {
        format!("<p>About <em>{title}</em>.</p><p><img src=\"{}\" alt=\"\"></p>", self.address(rng, "0x0"))
    }

    fn markdown(&self, rng: &mut Rng, title: &str) -> String {
        format!("# {title}\n\n![]({})\n\nMore [here]({}).\n", self.address(rng, "800x0"), self.address(rng, "0x0"))
    }

    fn blocks(&self, rng: &mut Rng, title: &str) -> Value {
        let (address, name) = self.address_and_name(rng, "0x0");
        json!({
            "time": 1_643_368_254_832_u64,
            "blocks": [
                { "id": "h1", "type": "header", "data": { "text": title, "level": 2 } },
                { "id": "i1", "type": "image", "data": { "url": address, "fileName": name }, "tunes": {} },
                { "id": "p1", "type": "paragraph", "data": { "text": format!("See <a href=\"{}\">this</a>.", self.address(rng, "0x0")) } },
            ],
            "version": "2.22.0",
        })
    }

    fn address(&self, rng: &mut Rng, size: &str) -> String {
        self.address_and_name(rng, size).0
    }

    /// The absolute address of a picture, as the editors of the platform write it.
    fn address_and_name(&self, rng: &mut Rng, size: &str) -> (String, String) {
        let number = self.file_number(rng);
        let extension = if number % 10 < 6 { "png" } else { "jpg" };
        let name = format!("{}.{extension}", file_id(number, self.maker.side));
        (format!("https://api.flotiq.com/image/{size}/{name}"), name)
    }

    /// A picture that this space has; every other object takes only those that both spaces have under one id.
    fn file_number(&self, rng: &mut Rng) -> usize {
        let count = self.maker.amounts.files;
        let start = rng.below(count as u64) as usize;
        let shared = self.number.is_multiple_of(2) && Fate::of(self.number).is_shared();
        let fits = |number: &usize| {
            let fate = FileFate::of(*number);
            number % 10 < 8 && fate.is_at(self.maker.side) && (!shared || fate == FileFate::SameId)
        };
        (0..count).map(|step| (start + step) % count).find(fits).unwrap_or_default()
    }

    fn file(&self, rng: &mut Rng) -> Value {
        relation("_media", &file_id(self.file_number(rng), self.maker.side))
    }

    fn picture(&self, rng: &mut Rng) -> Value {
        json!([self.file(rng)])
    }

    /// A relation to an object that this space has: one that both have under one id, or one that only dev has.
    fn relation(&self, rng: &mut Rng, kind: &'static str, alone: bool) -> Value {
        let count = self.maker.amounts.of_kind(kind);
        let start = rng.below(count as u64) as usize;
        let wanted = |fate: Fate| if alone { fate == Fate::OnlyDev } else { fate.is_shared() };
        let fits = |number: &usize| *number != self.number && wanted(Fate::of(*number));
        let number = (0..count).map(|step| (start + step) % count).find(fits).unwrap_or_default();
        relation(kind, &object_id(kind, number, self.maker.side))
    }

    fn sometimes(&self, rng: &mut Rng, every: usize, kind: &'static str) -> Value {
        let relation = self.relation(rng, kind, false);
        if self.number.is_multiple_of(every) { json!([relation]) } else { json!([]) }
    }

    /// A parent of the same type with a smaller number, so that there are trees; the root's parent closes a ring.
    fn before(&self, rng: &mut Rng) -> Value {
        let number = match self.number {
            0 => 2,
            1 => return json!([]),
            number => rng.below(number.min(3) as u64) as usize,
        };
        json!([relation(self.kind, &object_id(self.kind, number, self.maker.side))])
    }
}
