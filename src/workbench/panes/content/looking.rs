//! Looking at one item: what is told of it once the cursor rests, its content, the whole width for it.
//! Must not know: where it is read from.

use std::sync::Arc;
use std::time::Duration;

use super::details::{self, Near};
use super::effects::{Effect, Text};
use super::picture::Picture;
use super::state::{Content, Details, Failure};
use super::update::Message;
use crate::model::Error;
use crate::workbench::canvas::ListId;
use crate::workbench::effect;
use crate::workbench::message;
use crate::workbench::shell::Notice;
use crate::workbench::state::State as Workbench;
use crate::workbench::widgets::Cursor;

/// How long the cursor has to rest before anything is read.
const REST: Duration = Duration::from_millis(120);
/// Columns that one step sideways goes.
const STEP: usize = 16;

/// The cursor may be on another item now.
pub fn came_to(state: &mut Workbench) -> Vec<effect::Effect> {
    let content = &mut state.content;
    let item = content.current();
    if item == content.details.item {
        return Vec::new();
    }
    let before = std::mem::take(&mut content.details);
    content.details = Details { item, asked: before.asked + 1, asking: before.asking, ..Details::default() };
    content.look.details = Cursor::default();
    content.look.sideways = 0;
    let asked = content.details.asked;
    match item {
        Some(_) => {
            vec![effect::Effect::After(REST, Box::new(message::Message::Content(Message::CursorRests(asked))))]
        }
        None => Vec::new(),
    }
}

/// The cursor rests: asks.
pub fn rest(state: &mut Workbench, asked: u64) -> Vec<effect::Effect> {
    let content = &mut state.content;
    if asked != content.details.asked {
        return Vec::new();
    }
    if content.details.asking {
        content.details.again = true;
        return Vec::new();
    }
    let read = content.stock.as_ref().is_some_and(|stock| !stock.slow_to_read);
    ask(state, read)
}

fn ask(state: &mut Workbench, read: bool) -> Vec<effect::Effect> {
    let now = state.now;
    let content = &mut state.content;
    let (Some(stock), Some(source), Some(item)) = (&content.stock, &state.ends.source, content.details.item) else {
        return Vec::new();
    };
    content.details.asking = true;
    content.details.again = false;
    content.details.content = if read { Content::Reading(now) } else { Content::Unasked };
    let (asked, inventory) = (content.details.asked, stock.inventory.clone());
    let found = stock.findings_of(item).collect();
    let picture = read && state.settings.pictures;
    vec![Effect::Look { asked, location: source.location.clone(), inventory, item, found, read, picture }.into()]
}

pub fn pictured(state: &mut Workbench, asked: u64, picture: Arc<Picture>) -> Vec<effect::Effect> {
    if asked == state.content.details.asked {
        state.content.details.picture = Some(picture);
    }
    Vec::new()
}

pub fn near(state: &mut Workbench, asked: u64, near: &Near) -> Vec<effect::Effect> {
    if asked == state.content.details.asked {
        state.content.details.near = details::near_lines(near);
    }
    Vec::new()
}

pub fn content(state: &mut Workbench, asked: u64, answer: Option<Result<Text, Error>>) -> Vec<effect::Effect> {
    let details = &mut state.content.details;
    details.asking = false;
    if asked == details.asked {
        details.content = match answer {
            Some(Ok(Text { pretty, json })) => Content::Read { pretty: Arc::new(pretty), json },
            Some(Err(error)) => Content::Failed(Failure::from(error)),
            None => Content::Unasked,
        };
    }
    if !details.again {
        return Vec::new();
    }
    let asked = details.asked;
    rest(state, asked)
}

/// Gives the details the whole width, and reads what nobody read because it takes long.
pub fn zoom(state: &mut Workbench) -> Vec<effect::Effect> {
    let look = &mut state.content.look;
    if look.zoom {
        return unzoom(state);
    }
    (look.zoom, look.focus) = (true, ListId::Details);
    let details = &state.content.details;
    let unread = matches!(details.content, Content::Unasked | Content::Failed(_));
    if unread && !details.asking { ask(state, true) } else { Vec::new() }
}

pub fn unzoom(state: &mut Workbench) -> Vec<effect::Effect> {
    let look = &mut state.content.look;
    (look.zoom, look.focus, look.sideways) = (false, ListId::Items, 0);
    Vec::new()
}

/// Shows columns further right, or left; left of the first is the list.
pub fn sideways(state: &mut Workbench, right: bool) -> Vec<effect::Effect> {
    let look = &mut state.content.look;
    if !right && look.sideways == 0 && !look.zoom {
        look.focus = ListId::Items;
    }
    look.sideways = match right {
        true => (look.sideways + STEP).min(4_000),
        false => look.sideways.saturating_sub(STEP),
    };
    Vec::new()
}

/// The id, for the clipboard.
pub fn copy_id(state: &mut Workbench) -> Vec<effect::Effect> {
    let Some(id) = state.content.current_item().map(|item| item.id().to_owned()) else { return Vec::new() };
    state.tell(Notice::info(format!("copied {id}")));
    vec![effect::Effect::Copy(id)]
}

/// The JSON, for the clipboard.
pub fn copy_content(state: &mut Workbench) -> Vec<effect::Effect> {
    match &state.content.details.content {
        Content::Read { json: Some(json), .. } => {
            let text = json.to_string();
            state.tell(Notice::info(format!("copied {} of JSON", crate::wording::bytes(text.len() as u64))));
            vec![effect::Effect::Copy(text)]
        }
        Content::Read { json: None, .. } => {
            state.tell(
                Notice::warning("the content is too long for a clipboard")
                    .hint("export it instead: 1 chooses a new bundle"),
            );
            Vec::new()
        }
        _ => Vec::new(),
    }
}
