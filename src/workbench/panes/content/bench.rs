//! A door for the benches: the pane over a large inventory, without a terminal and without a runtime.
//! Must not know: what is measured.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::arrange::{Sort, arrange};
use super::effects::Listed;
use super::query;
use super::sieve::Wanted;
use super::update::{Message, day_ago, source_changed};
use crate::model::{Inventory, ItemIndex, LocationInfo, Rules};
use crate::workbench::canvas::Sheet;
use crate::workbench::draw::draw;
use crate::workbench::ends::{Location, SourceEnd};
use crate::workbench::message;
use crate::workbench::state::{Pane, Settings, State};
use crate::workbench::update::update;

/// The workbench with the content pane in view.
#[derive(Debug)]
pub struct Bench {
    state: State,
    sheet: Sheet,
}

impl Bench {
    pub fn new(inventory: Inventory, rules: Rules, (columns, lines): (u16, u16)) -> Self {
        let mut state = State::new(Settings::default(), jiff::Timestamp::UNIX_EPOCH);
        state.size = (columns, lines);
        state.pane = Pane::Content;
        let location = Location::Remote("bench".to_owned());
        state.ends.source = Some(SourceEnd { location, platform: rules.platform, production: false, opened: None });
        // What it would have done outside of the state is done here.
        let _ = source_changed(&mut state);
        let arranged = arrange(&inventory, &rules, Sort::default(), day_ago(&state));
        let listed = Listed {
            info: LocationInfo::new(rules.platform, "bench"),
            inventory: Arc::new(inventory),
            rules: Arc::new(rules),
            arranged,
            bundle: false,
            kept: None,
        };
        let answer = Message::Listed(state.content.listing, Box::new(listed));
        let _ = update(&mut state, answer.into());
        Bench { state, sheet: Sheet::new(columns, lines) }
    }

    /// Draws a whole frame. Gives the cells that a terminal would have to be told.
    pub fn frame(&mut self) -> usize {
        let (state, sheet) = (&self.state, &mut self.sheet);
        let (seen, changed) = sheet.draw(state.settings.theme, |canvas| draw(state, canvas));
        self.state.seen = seen;
        changed
    }

    /// From a key to the frame that shows what it did. What is to be done outside of the state is not done.
    pub fn key(&mut self, key: &str) -> usize {
        if let Ok(key) = key.parse() {
            let _ = update(&mut self.state, message::Message::Key(key));
        }
        self.frame()
    }

    pub fn picked(&self) -> usize {
        self.state.content.picks.items.len()
    }

    /// The filter over the same items, for another thread.
    pub fn filter(&self) -> Filter {
        let stock = self.state.content.stock.as_ref();
        let order = stock.map(|stock| stock.arranged.order.clone()).unwrap_or_default();
        Filter { inventory: stock.map(|stock| stock.inventory.clone()).unwrap_or_default(), order }
    }
}

/// What an effect does when a filter is typed.
#[derive(Clone, Debug)]
pub struct Filter {
    inventory: Arc<Inventory>,
    order: Arc<[ItemIndex]>,
}

impl Filter {
    /// How many items fit.
    pub fn run(&self, text: &str) -> usize {
        let wanted = Wanted { terms: query::read(text), ..Wanted::default() };
        let fitting = wanted.sift(&self.inventory, &self.order, &AtomicBool::new(false));
        fitting.map_or(0, |fitting| fitting.len())
    }
}
