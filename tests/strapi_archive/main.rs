//! Archives of Strapi through the library: samples that Strapi made, and small ones made by hand.

mod archives;
mod converting;
mod reading;
mod writing;
