//! What is typed behind `/`: words that all have to fit.
//! Must not know: inventories; how a word is looked for.

use super::groups::Mark;

/// Where a word is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    NameOrId,
    Name,
    Id,
    Type,
    Kind,
    Tag,
    Locale,
    /// Any of these.
    Marks(Vec<Mark>),
}

/// How a text has to hold a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Part,
    Start,
    End,
    Whole,
    /// Its letters in this order, others between them.
    Fuzzy,
}

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What fits is left out.
    pub excludes: bool,
    pub place: Place,
    pub shape: Shape,
    /// In lower case, unless case counts. Empty only for tags and languages: any fits.
    pub text: String,
    /// Somebody typed an upper-case letter.
    pub case_counts: bool,
}

/// Reads the words: `!` excludes, `tag:`, `type:`, `kind:`, `locale:`, `id:`, `name:` and `is:` (or `state:`) say where, `^`
/// and `$` tie to the start and the end, `~` asks for the letters only. Quotes hold blanks together. What is only begun
/// counts for nothing.
pub fn read(text: &str) -> Vec<Term> {
    words(text).iter().filter_map(|word| term(word)).collect()
}

/// Splits at blanks outside of quotes, and drops the quotes.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(String::new()),
            c => words.last_mut().into_iter().for_each(|word| word.push(c)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn term(word: &str) -> Option<Term> {
    let (excludes, rest) = match word.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let (field, rest) = match rest.split_once(':') {
        Some((field @ ("tag" | "type" | "kind" | "locale" | "id" | "name" | "is" | "state"), rest)) => (field, rest),
        _ => ("", rest),
    };
    let (shape, text) = shape(rest);
    let case_counts = text.chars().any(char::is_uppercase);
    let text = if case_counts { text.to_owned() } else { text.to_lowercase() };
    let place = match field {
        "tag" => Place::Tag,
        "type" => Place::Type,
        "kind" => Place::Kind,
        "id" => Place::Id,
        "name" => Place::Name,
        "locale" => Place::Locale,
        "is" | "state" => Place::Marks(marks(&text.to_lowercase())),
        _ => Place::NameOrId,
    };
    let may_be_empty = matches!(place, Place::Tag | Place::Locale);
    (!text.is_empty() || may_be_empty).then_some(Term { excludes, place, shape, text, case_counts })
}

fn shape(text: &str) -> (Shape, &str) {
    if let Some(rest) = text.strip_prefix('~') {
        return (Shape::Fuzzy, rest);
    }
    match (text.strip_prefix('^'), text.strip_suffix('$')) {
        (Some(rest), Some(_)) => match rest.strip_suffix('$') {
            Some(whole) => (Shape::Whole, whole),
            None => (Shape::Start, rest),
        },
        (Some(rest), None) => (Shape::Start, rest),
        (None, Some(rest)) => (Shape::End, rest),
        (None, None) => (Shape::Part, text),
    }
}

fn marks(text: &str) -> Vec<Mark> {
    Mark::ALL.into_iter().filter(|mark| mark.word().starts_with(text) || mark.title().starts_with(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("bill", false, Place::NameOrId, Shape::Part, "bill", false)]
    #[case("Bill", false, Place::NameOrId, Shape::Part, "Bill", true)]
    #[case("!^sms", true, Place::NameOrId, Shape::Start, "sms", false)]
    #[case("sync$", false, Place::NameOrId, Shape::End, "sync", false)]
    #[case("^Dunning$", false, Place::NameOrId, Shape::Whole, "Dunning", true)]
    #[case("~ivsy", false, Place::NameOrId, Shape::Fuzzy, "ivsy", false)]
    #[case("tag:billing", false, Place::Tag, Shape::Part, "billing", false)]
    #[case("!tag:", true, Place::Tag, Shape::Part, "", false)]
    #[case("type:^api::article", false, Place::Type, Shape::Start, "api::article", false)]
    #[case("kind:flow", false, Place::Kind, Shape::Part, "flow", false)]
    #[case("api::x", false, Place::NameOrId, Shape::Part, "api::x", false)]
    #[case("state:lock", false, Place::Marks(vec![Mark::Locked]), Shape::Part, "lock", false)]
    #[case("is:modified", false, Place::Marks(vec![Mark::Modified]), Shape::Part, "modified", false)]
    #[case("!locale:de", true, Place::Locale, Shape::Part, "de", false)]
    #[case("locale:", false, Place::Locale, Shape::Part, "", false)]
    #[case("\"two words\"", false, Place::NameOrId, Shape::Part, "two words", false)]
    #[case("tag:\"two words\"", false, Place::Tag, Shape::Part, "two words", false)]
    fn a_word_says_where_and_how(
        #[case] word: &str,
        #[case] excludes: bool,
        #[case] place: Place,
        #[case] shape: Shape,
        #[case] text: &str,
        #[case] case_counts: bool,
    ) {
        assert_eq!(read(word), [Term { excludes, place, shape, text: text.to_owned(), case_counts }]);
    }

    #[test]
    fn several_words_are_several_terms_and_what_is_only_begun_is_none() {
        assert_eq!(read("a  b\tc").len(), 3);
        for begun in ["", "  ", "!", "^", "$", "~", "^$", "!^", "id:", "state:", "\"", "!~"] {
            assert_eq!(read(begun), [], "{begun}");
        }
    }
}
