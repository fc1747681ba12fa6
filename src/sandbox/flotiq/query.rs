//! Lists: which page, in which order, of what passes the filters, and the envelope around it.
//! Must not know: HTTP and what the rows are.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{filter, reply::Refusal};
use crate::sandbox::rng::seed_of;

/// The parameters of a request by their names, as often as they were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(pub Vec<(String, String)>);

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `name[]=a&name[]=b`, also with numbers in the brackets; `None` where there is none.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let is_it = |key: &str| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'));
        let found: Vec<String> = self.0.iter().filter(|(key, _)| is_it(key)).map(|(_, value)| value.clone()).collect();
        (!found.is_empty()).then_some(found)
    }

    pub fn number(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        match self.get(name) {
            None | Some("") => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(Refusal::field(name, "This value should be a positive number.")),
            },
        }
    }

    pub fn is_true(&self, name: &str) -> bool {
        matches!(self.get(name), Some("1" | "true"))
    }

    pub fn filters(&self) -> Result<Vec<filter::Filter>, Refusal> {
        match self.get("filters") {
            None | Some("") => Ok(Vec::new()),
            Some(text) => filter::parse(text).map_err(|why| Refusal::field("filters", &why)),
        }
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub number: usize,
    pub limit: usize,
}

impl Page {
    pub const USUAL: usize = 20;

    pub fn read(query: &Query, most: usize) -> Result<Self, Refusal> {
        let page = Self { number: query.number("page", 1)?, limit: query.number("limit", Self::USUAL)? };
        if page.limit > most {
            return Err(Refusal::field("limit", &format!("This value should be {most} or less.")));
        }
        Ok(page)
    }

    /// Nothing past the end, and no error either.
    pub fn of<'a, T>(&self, rows: &'a [T]) -> &'a [T] {
        let start = (self.number - 1).saturating_mul(self.limit).min(rows.len());
        &rows[start..rows.len().min(start.saturating_add(self.limit))]
    }

    pub fn envelope(&self, total: usize, data: Vec<Value>) -> Value {
        json!({
            "total_count": total, "total_pages": total.div_ceil(self.limit), "current_page": self.number,
            "count": data.len(), "data": data,
        })
    }
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

impl Direction {
    pub fn read(query: &Query) -> Result<Self, Refusal> {
        match query.get("order_direction").map(str::to_lowercase).as_deref() {
            None | Some("" | "asc") => Ok(Self::Up),
            Some("desc") => Ok(Self::Down),
            Some(_) => Err(Refusal::field("order_direction", "This value should be asc or desc.")),
        }
    }

    pub fn apply(self, order: Ordering) -> Ordering {
        if self == Self::Up { order } else { order.reverse() }
    }
}

/// A place among rows that are otherwise equal: another one on each page, as a database may have it.
pub(super) fn shuffled(id: &str, page: &Page) -> u64 {
    seed_of(&format!("{id}/{}", page.number))
}
