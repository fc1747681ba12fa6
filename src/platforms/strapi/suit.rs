//! The form in which a destination takes content, where that is not the one that the source has: v5 has other rows than v4,
//! and v4 has nothing that names an entry on another server.
//! Must not know: where content is kept, sockets, plans.

use std::path::Path;

use super::convert::{self, Converted, Names};
use super::members::Bundle;
use super::rules::{rules, rules_of_rows};
use super::v4::{self, Called};
use crate::model::{Finding, Inventory, Result, Rules};

/// A form that content is written down in anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// That of v5, of this version.
    Documents(String),
    /// That of v4, with what each entry is called.
    Called,
}

/// How content in another form calls what it holds.
#[derive(Debug)]
pub(super) enum Renaming {
    Documents(Names),
    Called(Called),
}

/// Content in another form.
#[derive(Debug)]
pub(super) struct Suited {
    /// The version that wrote it, where that was read.
    pub from: Option<String>,
    pub findings: Vec<Finding>,
    pub renaming: Renaming,
}

impl Shape {
    /// The form that a destination of version `to` needs from a source. Where the version of that is not known yet, its content
    /// has to tell.
    pub fn of(from: Option<&str>, to: &str) -> Option<Shape> {
        let is_older = |version: &str| version.split('.').next() == Some("4");
        match (from.is_none_or(is_older), is_older(to)) {
            (true, true) => Some(Shape::Called),
            (true, false) if convert::converts(from, to) => Some(Shape::Documents(to.to_owned())),
            _ => None,
        }
    }

    /// Writes a bundle of v4 in this form into a folder that is there.
    /// `None` if it is not of v4 after all.
    pub fn write(&self, bundle: &Bundle, folder: &Path) -> Result<Option<Suited>> {
        match self {
            Shape::Documents(version) => Ok(convert::convert(bundle, folder, version)?.map(|converted| {
                let Converted { from, findings, names } = converted;
                Suited { from: Some(from), findings, renaming: Renaming::Documents(names) }
            })),
            Shape::Called => {
                let renaming = Renaming::Called(v4::name(bundle, folder)?);
                Ok(Some(Suited { from: None, findings: Vec::new(), renaming }))
            }
        }
    }

    /// The version that it has, where that is not the one of the server that it comes from.
    pub fn version(&self) -> Option<&str> {
        match self {
            Shape::Documents(version) => Some(version),
            Shape::Called => None,
        }
    }

    /// Completes a listing of content in this form.
    pub fn complete(&self, inventory: &mut Inventory) {
        match self {
            Shape::Documents(_) => {}
            Shape::Called => v4::add_times(inventory),
        }
    }

    pub fn rules(&self) -> &'static Rules {
        match self {
            Shape::Documents(_) => rules(),
            Shape::Called => rules_of_rows(),
        }
    }
}

impl Renaming {
    pub fn renamed(&self, typed: &str) -> Option<String> {
        match self {
            Renaming::Documents(names) => names.renamed(typed),
            Renaming::Called(called) => called.renamed(typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Some("4.26.2"), "5.54.0", Some(Shape::Documents("5.54.0".into())))]
    #[case(None, "5.54.0", Some(Shape::Documents("5.54.0".into())))]
    #[case(Some("5.54.0"), "5.54.0", None)]
    #[case(Some("4.26.2"), "4.26.2", Some(Shape::Called))]
    #[case(Some("4.24.0"), "4.26.2", Some(Shape::Called))]
    #[case(None, "4.26.2", Some(Shape::Called))]
    #[case::never_backwards(Some("5.54.0"), "4.26.2", None)]
    fn a_form_follows_from_both_versions(#[case] from: Option<&str>, #[case] to: &str, #[case] form: Option<Shape>) {
        assert_eq!(Shape::of(from, to), form);
    }
}
