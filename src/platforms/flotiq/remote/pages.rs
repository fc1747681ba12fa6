//! Reads lists page by page into files, and believes a list only where it is whole: every object once, and as many as the
//! server says there are.
//! Must not know: what objects mean.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::api::{Api, Order, Wanted};
use crate::model::{Error, ErrorKind, Result};
use crate::net::{Answer, StatusCode};
use crate::platforms::flotiq::json;

/// Rows of a page, from the most that a space hands out to what always fits. Each divides the one before, so that a list can
/// go on in smaller pages.
const LIMITS: [u64; 5] = [1000, 250, 50, 10, 1];
/// How often a list is gone through that is not whole yet.
const TRIES: u32 = 5;

#[derive(Deserialize)]
struct Page<'a> {
    total_count: Option<u64>,
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Identified<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// What became of a list.
#[derive(Debug)]
pub(super) enum Read {
    /// Every object is in the file.
    Whole,
    /// The key may not read it, and why.
    Denied(Error),
    /// There is no such type (any more).
    Gone(Error),
}

/// Every definition of the user's or the platform's own types, as the server writes it.
pub(super) async fn definitions(api: &Api, internal: bool) -> Result<Vec<Box<RawValue>>> {
    let mut found = Vec::new();
    let limit = LIMITS[1];
    for page in 1.. {
        let answer = api.definitions(internal, page, limit).await?;
        let read: Page<'_> = parse(&answer, "definitions")?;
        found.extend(read.data.iter().map(|definition| (*definition).to_owned()));
        let whole = read.total_count.is_some_and(|total| found.len() as u64 >= total);
        if read.data.is_empty() || whole {
            break;
        }
    }
    Ok(found)
}

/// Writes every object of a type to a file, one in a line. Where the order is not stable some come twice and others not at
/// all; the list is gone through again until each came.
pub(super) async fn objects(api: &Api, type_: &str, path: &Path) -> Result<Read> {
    let mut list = List::new(api, type_, path)?;
    let mut difference = String::new();
    for _ in 0..TRIES {
        match list.pass().await? {
            Outcome::Whole => return Ok(Read::Whole),
            Outcome::Denied(error) => return Ok(Read::Denied(error)),
            Outcome::Gone(error) => return Ok(Read::Gone(error)),
            Outcome::Differs { came, said } => {
                difference = format!("{came} different objects came, and the space says {said}");
                if came > said {
                    // Something was removed meanwhile, and may have come before.
                    list = List::new(api, type_, path)?;
                }
            }
        }
    }
    let message = format!("the objects of `{type_}` change while they are read: {difference}");
    Err(Error::new(ErrorKind::Stale, message).hint("start again when nobody writes to the space"))
}

enum Outcome {
    Whole,
    Differs { came: u64, said: u64 },
    Denied(Error),
    Gone(Error),
}

/// A list that is being read.
struct List<'a> {
    api: &'a Api,
    type_: &'a str,
    path: &'a Path,
    file: BufWriter<std::fs::File>,
    order: Order,
    /// Of [`LIMITS`].
    limit: usize,
    /// Rows that came in this pass.
    rows: u64,
    /// Hashes of the ids that came, which differ by more than case.
    ids: HashSet<u64>,
    hasher: RandomState,
}

impl<'a> List<'a> {
    fn new(api: &'a Api, type_: &'a str, path: &'a Path) -> Result<Self> {
        let file = std::fs::File::create(path).map_err(|error| failed(path, error))?;
        let (ids, hasher) = (HashSet::new(), RandomState::new());
        Ok(List { api, type_, path, file: BufWriter::new(file), order: Order::Id, limit: 0, rows: 0, ids, hasher })
    }

    /// Goes through the list once.
    async fn pass(&mut self) -> Result<Outcome> {
        self.rows = 0;
        loop {
            let answer = match self.page().await {
                Ok(answer) => answer,
                Err(error) if is_too_long(&error) && self.limit + 1 < LIMITS.len() => {
                    self.limit += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            match answer.status {
                // Whether lists can be ordered by id is written nowhere.
                StatusCode::BAD_REQUEST if self.order == Order::Id && self.rows == 0 => {
                    self.order = Order::Created;
                    continue;
                }
                StatusCode::FORBIDDEN if self.rows == 0 => return Ok(Outcome::Denied(answer.error())),
                StatusCode::NOT_FOUND if self.rows == 0 => return Ok(Outcome::Gone(answer.error())),
                _ => {}
            }
            let answer = self.api.success(answer)?;
            let page: Page<'_> = parse(&answer, self.type_)?;
            page.data.iter().try_for_each(|object| self.add(object))?;
            let whole = page.total_count.is_some_and(|total| self.rows >= total);
            if page.data.is_empty() || whole {
                return self.settle(page.total_count);
            }
        }
    }

    async fn page(&self) -> Result<Answer> {
        let limit = LIMITS[self.limit];
        self.api.objects(self.type_, Wanted { page: self.rows / limit + 1, limit, order: self.order }).await
    }

    fn add(&mut self, object: &RawValue) -> Result<()> {
        let id: Identified<'_> = serde_json::from_str(object.get()).map_err(|error| no_list(self.type_, &error))?;
        self.rows += 1;
        if !self.ids.insert(self.hasher.hash_one(id.id.to_lowercase())) {
            return Ok(());
        }
        let mut line = String::with_capacity(object.get().len() + 1);
        json::compact(object.get(), &mut line);
        line.push('\n');
        self.file.write_all(line.as_bytes()).map_err(|error| failed(self.path, error))
    }

    fn settle(&mut self, said: Option<u64>) -> Result<Outcome> {
        self.file.flush().map_err(|error| failed(self.path, error))?;
        let (came, said) = (self.ids.len() as u64, said.unwrap_or(self.rows));
        Ok(if came == said { Outcome::Whole } else { Outcome::Differs { came, said } })
    }
}

fn parse<'a, T: Deserialize<'a>>(answer: &'a Answer, what: &str) -> Result<T> {
    serde_json::from_slice(&answer.body).map_err(|error| no_list(what, &error))
}

fn no_list(what: &str, error: &serde_json::Error) -> Error {
    Error::new(ErrorKind::Protocol, format!("the answer about `{what}` is no list of a space: {error}"))
        .hint("is this the URL of a Flotiq API, and not of a proxy?")
}

fn is_too_long(error: &Error) -> bool {
    error.kind() == ErrorKind::Protocol && error.message().contains("is longer than")
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::io(format_args!("cannot write {}", path.display()), error)
}
