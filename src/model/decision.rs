//! Decisions and what leads to them.
//! Must not know: items.

/// Declares an enum of words whose JSON, text and parser are one table.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.as_str()) }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> ::core::result::Result<Self, ()> {
                $name::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a run does with an item.
    Decision {
        /// Only what has no match can be created.
        Create = "create",
        /// Only what has a match can be overwritten; the destination's id stays.
        Overwrite = "overwrite",
        /// Leaves the item out; what the destination has stays as it is.
        Skip = "skip",
        /// Only what has a match can be duplicated, under a new name and a derived id.
        Duplicate = "duplicate",
    }
}

words! {
    /// The decision for picked items that match.
    Policy { Skip = "skip", Overwrite = "overwrite", Duplicate = "duplicate" }
}

words! {
    /// What becomes of the destination's items that the source does not bring. `--mode`.
    Mode {
        /// They stay as they are.
        Merge = "merge",
        /// The official restore: of the types in the plan they are deleted, and what the source brings is written anew.
        Replace = "replace",
    }
}

impl Mode {
    /// What is meant where nobody said, and left out where it is written.
    pub fn usual() -> Self {
        Mode::Merge
    }

    pub fn is_usual(&self) -> bool {
        *self == Mode::usual()
    }
}

impl From<Policy> for Decision {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Skip => Decision::Skip,
            Policy::Overwrite => Decision::Overwrite,
            Policy::Duplicate => Decision::Duplicate,
        }
    }
}

words! {
    /// How an item was found at the destination.
    MatchMethod {
        /// The same id.
        Uuid = "uuid",
        /// The same name.
        Name = "name",
        /// The same value of a unique field.
        Field = "field",
        /// The same bytes.
        Content = "content",
        Unmatched = "unmatched",
    }
}

words! {
    /// What `--dependencies` says about items that were not picked but are referred to.
    DependencyMode {
        /// What is missing is created, what exists is kept, whatever the policy.
        Create = "create",
        /// As if they had been picked.
        Policy = "policy",
        /// Left out.
        None = "none",
    }
}

words! {
    /// Why an item is in a plan.
    Role { Picked = "picked", Dependency = "dependency" }
}

words! {
    /// Why a decision is what it is.
    Reason {
        /// Nothing at the destination matches.
        Missing = "missing",
        /// The policy for picked items that match.
        Policy = "policy",
        /// The destination already holds the same.
        Identical = "identical",
        /// A dependency that the destination has is kept.
        Kept = "kept",
        /// Several items of the destination fit; a person has to say which, or leave it.
        Ambiguous = "ambiguous",
        /// An earlier run made this copy already.
        AlreadyDuplicated = "already-duplicated",
        /// `--dependencies none`.
        NotIncluded = "not-included",
        /// The schema of its type differs so much that it cannot arrive, and `--skip-blocked` leaves it out.
        SchemaBlocking = "schema-blocking",
        /// `--decide`, `--decisions`, an edited plan or a key in the workbench.
        Override = "override",
        /// `--map` points references to another item of the destination.
        Mapped = "mapped",
        /// The kind cannot be duplicated, so the policy does not reach it.
        CannotDuplicate = "cannot-duplicate",
        /// An export writes what was selected.
        Selected = "selected",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spelled_alike_in_text_and_json() {
        for decision in Decision::ALL {
            assert_eq!(serde_json::to_value(decision).ok(), Some(decision.as_str().into()));
            assert_eq!(decision.as_str().parse(), Ok(*decision));
        }
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).ok(), Some(reason.as_str().into()));
        }
        assert_eq!("Create".parse::<Decision>(), Err(()));
    }
}
