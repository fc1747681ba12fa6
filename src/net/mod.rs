//! One client layer for HTTP and for the WebSockets that begin with it: timeouts of each phase, bounded retries where a repeat is safe, `Retry-After`, a rate
//! limit, proxies from the environment, own certificate authorities, and error messages that say what to do.
//! Must not know: any platform. A credential goes to the host it is for and never into a message or an event.

mod client;
mod failure;
mod farewell;
mod options;
mod pace;
mod patience;
mod retry;
mod socket;
#[cfg(test)]
mod tests;

pub use client::{Answer, Body, Call, Client, Part, Waits};
pub use farewell::Farewells;
pub use options::NetOptions;
pub use pace::Slots;
pub use reqwest::{Method, StatusCode};
pub use socket::{Heard, Socket, SocketLimits, Upgrade};
