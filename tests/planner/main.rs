//! The planner as its callers see it: tables, properties over small worlds, plan files, and the pages that describe them.

mod contract;
mod differences;
mod files;
mod plans;
mod properties;
mod reach;
mod replaces;
mod schemas;
mod selections;
mod soles;
mod table;
mod uniques;
mod world;
