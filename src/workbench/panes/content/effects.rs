//! What the pane has done outside of the state: listing, looking for, following, reading. Whatever takes more than a
//! moment of a core runs on a thread that may block.
//! Must not know: the screen.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use secrecy::SecretString;

use super::arrange::{Arranged, Sort, arrange, carry_over, sorted};
use super::bits::Bits;
use super::details::{self, Near};
use super::json::{Pretty, pretty};
use super::picture::{self, Picture};
use super::sieve::Wanted;
use super::state::Stock;
use super::update::Message;
use crate::engine;
use crate::model::{
    DependencyMode, Error, ErrorKind, Following, Inventory, ItemIndex, ItemKey, LocationInfo, NewItem, Result, Role,
    Rules, Selection, Source,
};
use crate::planner;
use crate::wording::reading_sentence;
use crate::workbench::effect::{Desk, Tell};
use crate::workbench::ends::Location;

/// Lines of an item's content that are shown.
const LINES: usize = 5_000;
/// Bytes of content that a clipboard takes.
const COPIED: usize = 512 * 1024;

/// What this pane has done outside of the state.
#[derive(Debug)]
pub enum Effect {
    List {
        listing: u64,
        location: Location,
        /// Typed for an archive that needs one.
        key: Option<SecretString>,
        /// What was picked of the listing before, to be picked again.
        kept: Option<(Arc<Inventory>, Arc<Bits>)>,
        sort: Sort,
        day_ago: i64,
    },
    Sift {
        asked: u64,
        wanted: Wanted,
        inventory: Arc<Inventory>,
        order: Arc<[ItemIndex]>,
        stop: Arc<AtomicBool>,
    },
    Sort {
        asked: u64,
        wanted: Wanted,
        inventory: Arc<Inventory>,
        rules: Arc<Rules>,
        order: Arc<[ItemIndex]>,
        sort: Sort,
        stop: Arc<AtomicBool>,
    },
    Gather {
        listing: u64,
        wanted: Wanted,
        inventory: Arc<Inventory>,
        order: Arc<[ItemIndex]>,
    },
    Follow {
        listing: u64,
        changed: u64,
        location: Location,
        inventory: Arc<Inventory>,
        rules: Arc<Rules>,
        picked: Arc<Bits>,
        mode: Option<DependencyMode>,
        sort: Sort,
        day_ago: i64,
    },
    Look {
        asked: u64,
        location: Location,
        inventory: Arc<Inventory>,
        item: ItemIndex,
        /// The places of the findings about it.
        found: Vec<usize>,
        /// Whether its content is read.
        read: bool,
        /// Whether its file is looked at, where it is a picture.
        picture: bool,
    },
    Resolve {
        asked: u64,
        texts: Vec<String>,
        inventory: Arc<Inventory>,
    },
    /// Gives the memory of an old listing back, which takes a while where it was large.
    Discard(Box<Stock>),
}

/// A source that was listed, and put in order.
#[derive(Debug)]
pub struct Listed {
    pub info: LocationInfo,
    pub inventory: Arc<Inventory>,
    pub rules: Arc<Rules>,
    pub arranged: Arranged,
    pub bundle: bool,
    /// What was picked of the listing before.
    pub kept: Option<Kept>,
}

/// Picks that were carried over to another listing.
#[derive(Debug)]
pub struct Kept {
    /// What was picked when the listing began.
    pub from: Arc<Bits>,
    /// What of it is still there.
    pub picks: Bits,
    /// Picked items that are gone.
    pub lost: usize,
}

/// What comes along with some picks.
#[derive(Debug)]
pub struct Followed {
    pub listing: u64,
    /// The change of the picks that was followed.
    pub changed: u64,
    pub needed: Arc<[ItemIndex]>,
    pub selection: Option<Selection>,
    /// The inventory with what was examined on the way, put in order anew; `None` where everything was known.
    pub examined: Option<(Arc<Inventory>, Arranged)>,
    pub sort: Sort,
}

/// Content that was read.
#[derive(Debug)]
pub struct Text {
    pub pretty: Pretty,
    /// `None` where it is too long to copy.
    pub json: Option<Arc<str>>,
}

pub async fn perform(desk: &Arc<Desk>, effect: Effect, tell: &Tell) {
    match effect {
        Effect::List { listing, location, key, kept, sort, day_ago } => {
            if let (Some(key), Location::Bundle(path)) = (key, &location) {
                desk.remember_key(path.clone(), key);
            }
            let listed = told(desk, listing, tell, list(desk, &location, kept, sort, day_ago)).await;
            let message = match listed {
                Ok(listed) => Message::Listed(listing, Box::new(listed)),
                Err(error) => Message::NotListed(listing, error),
            };
            tell.tell(message).await;
        }
        Effect::Sift { asked, wanted, inventory, order, stop } => {
            if let Some(shown) = blocking(move || wanted.sift(&inventory, &order, &stop)).await {
                tell.tell(Message::Sifted(asked, shown.into())).await;
            }
        }
        Effect::Sort { asked, wanted, inventory, rules, order, sort, stop } => {
            let work = move || {
                let order: Arc<[_]> = sorted(order.to_vec(), &inventory, &rules, sort).into();
                let shown = match wanted.is_everything() {
                    true => order.clone(),
                    false => wanted.sift(&inventory, &order, &stop)?.into(),
                };
                Some((order, shown))
            };
            if let Some((order, shown)) = blocking(work).await {
                tell.tell(Message::Sorted(asked, order, shown)).await;
            }
        }
        Effect::Gather { listing, wanted, inventory, order } => {
            let go_on = AtomicBool::new(false);
            let items = blocking(move || wanted.sift(&inventory, &order, &go_on)).await;
            tell.tell(Message::Gathered(listing, items.unwrap_or_default())).await;
        }
        Effect::Follow { listing, changed, location, inventory, rules, picked, mode, sort, day_ago } => {
            let following = Needs { listing, changed, inventory, rules, picked, mode, sort, day_ago };
            let message = match following.follow(desk, &location).await {
                Ok(followed) => Message::Followed(Box::new(followed)),
                Err(error) => Message::NotFollowed(listing, error),
            };
            tell.tell(message).await;
        }
        Effect::Look { asked, location, inventory, item, found, read, picture } => {
            let content = look(desk, &location, inventory.clone(), item, found, read, (asked, tell)).await;
            tell.tell(Message::Content(asked, content)).await;
            if picture && let Some(picture) = pictured(desk, &location, &inventory, item).await {
                tell.tell(Message::Pictured(asked, Arc::new(picture))).await;
            }
        }
        Effect::Resolve { asked, texts, inventory } => {
            let work = move || {
                let words: Vec<&str> = texts.iter().map(String::as_str).collect();
                let meanings = planner::meanings(&words, &inventory);
                texts.into_iter().zip(meanings).collect()
            };
            tell.tell(Message::Meant(asked, blocking(work).await)).await;
        }
        Effect::Discard(stock) => blocking(move || drop(stock)).await,
    }
}

/// Runs on a thread that may be busy for a while. A panic there goes on here.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only the end of the runtime cancels it, and then nobody waits for what comes here.
            Err(_) => std::future::pending().await,
        },
    }
}

/// How often somebody who waits is told how far a listing is.
const WORD: Duration = Duration::from_millis(250);

/// Tells how far a listing is until it is there. Nothing for one that is there at once.
async fn told<T>(desk: &Desk, listing: u64, tell: &Tell, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut before = desk.reading();
    loop {
        match tokio::time::timeout(WORD, &mut work).await {
            Ok(done) => return done,
            Err(_) => {
                let now = desk.reading();
                if let Some(reading) = now.as_ref().filter(|_| now != before) {
                    tell.tell(Message::Reading(listing, reading_sentence(reading))).await;
                }
                before = now;
            }
        }
    }
}

async fn list(
    desk: &Desk,
    location: &Location,
    kept: Option<(Arc<Inventory>, Arc<Bits>)>,
    sort: Sort,
    day_ago: i64,
) -> Result<Listed> {
    let source = desk.source(location).await?;
    let inventory = source.list().await?;
    let (info, rules, bundle) = (source.info(), Arc::new(source.rules().clone()), source.is_bundle());
    Ok(blocking(move || {
        let kept = kept.map(|(before, from)| {
            let (picks, lost) = carry_over(&before, &from, &inventory);
            Kept { from, picks, lost }
        });
        let arranged = arrange(&inventory, &rules, sort, day_ago);
        Listed { info, inventory: Arc::new(inventory), rules, arranged, bundle, kept }
    })
    .await)
}

struct Needs {
    listing: u64,
    changed: u64,
    inventory: Arc<Inventory>,
    rules: Arc<Rules>,
    picked: Arc<Bits>,
    mode: Option<DependencyMode>,
    sort: Sort,
    day_ago: i64,
}

impl Needs {
    async fn follow(self, desk: &Desk, location: &Location) -> Result<Followed> {
        let Needs { listing, changed, inventory, rules, picked, mode, sort, day_ago } = self;
        let picked: Arc<[ItemIndex]> = blocking(move || picked.iter().collect()).await;
        let known = {
            let (inventory, picked, rules) = (inventory.clone(), picked.clone(), rules.clone());
            blocking(move || planner::closure(&inventory, &picked, &rules, Following::unbounded(mode))).await
        };
        let (inventory, members, is_new) = if known.unexamined.is_empty() {
            (inventory, known.items, false)
        } else {
            let source = desk.source(location).await?;
            let mut own = blocking(move || Inventory::clone(&inventory)).await;
            let members = engine::needs(&*source, &mut own, &picked, Following::unbounded(mode)).await?.items;
            (Arc::new(own), members, true)
        };
        Ok(blocking(move || {
            let needed = members.into_iter().filter(|(_, role)| *role == Role::Dependency).map(|(item, _)| item);
            let needed = sorted(needed.collect(), &inventory, &rules, Sort::Kind).into();
            let selection = planner::selection_of(&picked, &inventory, &rules);
            let examined = is_new.then(|| {
                let arranged = arrange(&inventory, &rules, sort, day_ago);
                (inventory, arranged)
            });
            Followed { listing, changed, needed, selection, examined, sort }
        })
        .await)
    }
}

/// Tells what is known of an item as soon as it is known, and gives its content.
async fn look(
    desk: &Desk,
    location: &Location,
    inventory: Arc<Inventory>,
    item: ItemIndex,
    found: Vec<usize>,
    read: bool,
    (asked, tell): (u64, &Tell),
) -> Option<Result<Text>> {
    let view = inventory.item(item);
    let (key, examined) = (view.key(), view.is_traced());
    let findings: Vec<_> = found.iter().filter_map(|at| inventory.findings.get(*at).cloned()).collect();
    let near = {
        let inventory = inventory.clone();
        blocking(move || {
            let views = examined.then(|| inventory.item(item).reference_views());
            Near { findings, ..details::near(&inventory, item, views) }
        })
        .await
    };
    let mut told = near.clone();
    tell.tell(Message::Near(asked, Box::new(near))).await;
    if !read {
        return None;
    }
    let source = match desk.source(location).await {
        Ok(source) => source,
        Err(error) => return Some(Err(error)),
    };
    let text = content(&*source, &key).await;
    if !examined
        && text.is_ok()
        && let Ok(alone) = examine_alone(&*source, &key).await
    {
        told.requirements = alone.item(0).needs().map(str::to_owned).collect();
        let near = blocking(move || details::near(&inventory, item, Some(alone.item(0).reference_views()))).await;
        told.needs = near.needs;
        tell.tell(Message::Near(asked, Box::new(told))).await;
    }
    Some(text)
}

/// What the file of an item looks like. Nothing where it is none that can be shown, or cannot be had: what is told of the item
/// says so already.
async fn pictured(desk: &Desk, location: &Location, inventory: &Inventory, item: ItemIndex) -> Option<Picture> {
    let file = inventory.item(item).file()?;
    if !picture::is_shown(file.mime) || file.bytes.is_some_and(|bytes| bytes > picture::MOST_BYTES) {
        return None;
    }
    let source = desk.source(location).await.ok()?;
    let bytes = source.file(inventory, item, picture::MOST_BYTES).await.ok()??;
    blocking(move || picture::decoded(&bytes)).await
}

/// Examines one item beside the inventory, which stays as it is: what was read for the content is at hand.
async fn examine_alone(source: &dyn Source, key: &ItemKey) -> Result<Inventory> {
    let mut alone = Inventory::new();
    // The first item of an empty inventory is new.
    let _ = alone.add(&NewItem::new(key.clone(), ""));
    source.examine(&mut alone, &[0]).await?;
    Ok(alone)
}

async fn content(source: &dyn Source, key: &ItemKey) -> Result<Text> {
    let record = source.read(std::slice::from_ref(key)).await?.into_iter().next();
    let record = record.ok_or_else(|| Error::new(ErrorKind::UnknownItem, format!("{key} is gone")))?;
    Ok(blocking(move || {
        let json = record.json.get();
        Text { pretty: pretty(json, LINES), json: (json.len() <= COPIED).then(|| whole(json).into()) }
    })
    .await)
}

fn whole(json: &str) -> String {
    pretty(json, usize::MAX).lines.join("\n")
}
