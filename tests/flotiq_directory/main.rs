//! Export directories of Flotiq, read and written: the sample of the official exporter, every variant that readers meet, and
//! damage of every kind.

mod damage;
mod directories;
mod reading;
mod verifying;
mod writing;
