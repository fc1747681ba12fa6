//! A space as a source, against the sandbox: complete, alike with what is exported of it, and honest about what it is not
//! shown.

mod exporting;
mod faults;
mod listing;
mod spaces;
