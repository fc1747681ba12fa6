//! The one place that makes foreign text fit for a terminal, and that knows how many columns it takes there.
//! Must not know: what the text is.

mod columns;
mod printable;

pub use columns::{columns, columns_of, fitting, shorten, shorten_start};
pub use printable::printable;

/// The nearest of the known words, where one is near enough to be a slip of the hand.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = typed.to_lowercase();
    let limit = 1 + typed.chars().count() / 4;
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&lower, &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, word)| (*distance, *word))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_finds_its_word() {
        assert_eq!(nearest("prodcution", ["production", "staging"]), Some("production"));
        assert_eq!(nearest("Prod", ["prod", "dev"]), Some("prod"));
        assert_eq!(nearest("zebra", ["production", "staging"]), None);
    }
}
