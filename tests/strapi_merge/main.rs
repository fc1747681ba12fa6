//! Merges into a played Strapi server by the whole binary: what the plan said is what the destination holds afterwards, and
//! nothing else changed; whatever breaks, it is as before or as planned.

#![expect(clippy::panic, reason = "what is around tests may panic as tests may")]

mod breaks;
mod decisions;
mod files;
mod guide;
mod library;
mod locales;
mod older;
mod options;
mod picture;
mod refusals;
mod rehearsal;
mod replaces;
mod rules;
#[cfg(unix)]
mod signals;
mod world;
