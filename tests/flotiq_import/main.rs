//! A space as a destination, against the sandbox: what a run writes, what it leaves alone, and what survives faults.

mod crashes;
mod decisions;
mod defects;
mod faults;
mod matrix;
mod plans;
mod process;
mod round_trip;
mod webhooks;
mod world;
