//! The terminal workbench: five panes over the same engine that the command line drives.
//! Must not know: any platform's room (they are opened through `platforms::open_*`), HTTP, the command line.
//!
//! State, update, draw. `update` changes the `State` and answers with effects, `draw` only reads it, effects run
//! on tokio and answer with messages. Commands are data (`command`): one table feeds keys, footer, `?` and `:`.

mod canvas;
mod command;
mod crash;
mod draw;
mod effect;
mod ends;
mod job;
mod key;
mod keymap;
mod log;
mod message;
mod panes;
mod program;
#[cfg(test)]
mod reference;
mod settings;
mod shell;
mod state;
mod terminal;
#[cfg(test)]
mod testing;
mod theme;
mod typed_path;
mod update;
mod widgets;

pub use message::Message;
#[doc(hidden)]
pub use panes::content::bench;
pub use program::{Demo, Options, run};
pub use state::{Pane, State};
pub use terminal::restore as restore_terminal;
