//! A server of a few lines.
