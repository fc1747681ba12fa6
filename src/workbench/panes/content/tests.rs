//! The pane as a whole: what is pressed, and what is seen of it.
//! Must not know: how it is done.

mod behaviour;
mod documents;
mod pictures;
mod sandbox;
mod spaces;
