//! JSON on several lines, as far as a person reads it.
//! Must not know: what it means. Takes text that a parser accepted, and whatever else without a panic.

/// Columns of a line; what is longer is cut.
const LINE: usize = 4_000;
/// Levels that are indented.
const LEVELS: usize = 40;

/// A text on lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pretty {
    pub lines: Vec<String>,
    /// Bytes of the text that are on none of the lines.
    pub left_out: usize,
}

/// At most so many lines of it.
pub fn pretty(json: &str, lines: usize) -> Pretty {
    let mut writer = Writer::default();
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        if writer.lines.len() >= lines {
            return Pretty { lines: writer.lines, left_out: rest.len() };
        }
        let taken = match first {
            '"' => string_end(rest),
            '{' | '[' | '}' | ']' | ',' | ':' | ' ' | '\t' | '\n' | '\r' => 1,
            _ => rest.find(['{', '[', '}', ']', ',', ':', '"', ' ', '\t', '\n', '\r']).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(taken);
        writer.token(token, after);
        rest = after;
    }
    writer.end_line();
    Pretty { lines: writer.lines, left_out: 0 }
}

#[derive(Default)]
struct Writer {
    lines: Vec<String>,
    line: String,
    level: usize,
}

impl Writer {
    fn token(&mut self, token: &str, after: &str) {
        match token {
            "{" | "[" => {
                self.push(token);
                self.level += 1;
                if !after.trim_start().starts_with(['}', ']']) {
                    self.end_line();
                }
            }
            "}" | "]" => {
                self.level = self.level.saturating_sub(1);
                if !self.line.ends_with(['{', '[']) {
                    self.end_line();
                }
                self.push(token);
            }
            "," => {
                self.line.push(',');
                self.end_line();
            }
            ":" => self.line.push_str(": "),
            blank if blank.trim().is_empty() => {}
            word => self.push(word),
        }
    }

    fn push(&mut self, word: &str) {
        if self.line.is_empty() {
            self.line.push_str(&"  ".repeat(self.level.min(LEVELS)));
        }
        self.line.push_str(word);
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return;
        }
        if line.len() > LINE {
            let kept = line.floor_char_boundary(LINE);
            let more = line[kept..].chars().count();
            line.truncate(kept);
            line.push_str(&format!("… {} characters more", crate::wording::count(more as u64)));
        }
        self.lines.push(line);
    }
}

/// Where a string ends, its quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn it_reads_like_serde_writes_it() {
        let value = json!({"a": [1, {"b": "x, {y} \"z\"\\"}, [], {}], "c": null, "d": {"e": 1.5}, "leer": ""});
        let pretty = pretty(&value.to_string(), 1000);
        assert_eq!(pretty.lines.join("\n"), serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(pretty.left_out, 0);
    }

    #[test]
    fn what_is_long_is_bounded_and_says_so() {
        let list = format!("[{}]", vec!["1"; 10_000].join(","));
        let bounded = pretty(&list, 100);
        assert_eq!(bounded.lines.len(), 100);
        assert!(bounded.left_out > 15_000);
        let line = format!("\"{}\"", "ü".repeat(5_000));
        assert!(pretty(&line, 10).lines[0].ends_with("… 3,002 characters more"), "{}", pretty(&line, 10).lines[0]);
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(pretty(&deep, 5_000).lines.len(), 5_000);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec((".{0,5}", inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_reads_like_serde_writes_it(value in any_json()) {
            let expected = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(pretty(&value.to_string(), 10_000).lines.join("\n"), expected.clone());
            prop_assert_eq!(pretty(&expected, 10_000).lines.join("\n"), expected);
        }

        #[test]
        fn nothing_makes_it_panic(text in ".{0,60}", lines in 0usize..5) {
            prop_assert!(pretty(&text, lines).lines.len() <= lines + 1);
        }
    }
}
