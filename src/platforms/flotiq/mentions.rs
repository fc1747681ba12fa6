//! Finds media that a text names by the URL of their file: `/image/{W}x{H}/{id}`, whatever the host, the size and what
//! follows. Rich text, markdown, blocks, settings and code hold them.
//! Must not know: where the text stands.

/// A mention: the place of the id in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub from: usize,
    pub to: usize,
}

/// What ids begin with that the platform made; others are believed only if such a medium is known.
const MADE: &str = "_media-";

/// Every mention of a medium, in order.
pub(super) fn mentions(text: &str, is_known: impl Fn(&str) -> bool) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("image") {
        let start = from + at;
        from = start + "image".len();
        let follows_slash = text[..start].ends_with('/');
        if let Some(mention) = follows_slash.then(|| id_after(text, from)).flatten() {
            let id = &text[mention.from..mention.to];
            if (id.len() > MADE.len() && id.starts_with(MADE)) || is_known(id) {
                found.push(mention);
                from = mention.to;
            }
        }
    }
    found
}

/// The id after `/image`, where a size stands between.
fn id_after(text: &str, from: usize) -> Option<Mention> {
    let rest = slash(&text[from..])?;
    let rest = digits(rest)?.strip_prefix('x')?;
    let rest = slash(digits(rest)?)?;
    let start = text.len() - rest.len();
    let length = rest.find(ends_id).unwrap_or(rest.len());
    (length > 0).then_some(Mention { from: start, to: start + length })
}

/// As it is, or as JSON inside of a text writes it.
fn slash(text: &str) -> Option<&str> {
    text.strip_prefix('/').or_else(|| text.strip_prefix("\\/"))
}

fn digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

/// What no id made by the platform holds, and what ends a URL in a text.
fn ends_id(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '.' | '/' | '\\' | '"' | '\'' | '?' | '#' | '&' | '<' | '>' | '(' | ')' | ',' | ';')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#"<img src="https://api.flotiq.com/image/0x0/_media-1.png">"#, &["_media-1"])]
    #[case("![a](/image/200x0/_media-1/name.jpg) /image/0x0/_media-2/n.jpg/variant/sq", &["_media-1", "_media-2"])]
    #[case(r#"{\"u\":\"https:\/\/x.y\/image\/1x2\/_media-3.pdf\"}"#, &["_media-3"])]
    #[case("/image/0x0/_media-1", &["_media-1"])]
    #[case("/image/0x0/own.png /image/0x0/other.png", &["own"])]
    #[case("/image/0x/_media-1.png /image/x0/_media-1.png image/0x0/_media-1.png /image/0x0/.png /image/0x0/_media-", &[])]
    #[case("/image/image/0x0/_media-1.png", &["_media-1"])]
    fn media_are_found_in_text(#[case] text: &str, #[case] ids: &[&str]) {
        let found = mentions(text, |id| id == "own");
        assert_eq!(found.iter().map(|mention| &text[mention.from..mention.to]).collect::<Vec<_>>(), ids);
    }
}
