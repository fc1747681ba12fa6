//! Finds the objects of a file, whatever their form: one on a line, lists of them on a line or over many, one spread over
//! many lines. Only one of them is held at a time.
//! Must not know: what an object is of.

use std::io::BufRead;

/// The longest object. Flotiq takes 1 MB.
pub(super) const LONGEST: usize = 64 << 20;

/// Where an object stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub at: u64,
    /// From 1.
    pub line: u64,
}

/// What is wrong with a file, and where.
#[derive(Debug)]
pub(super) struct Fault {
    /// From 1; `None` where the file as a whole is meant.
    pub line: Option<u64>,
    pub why: String,
}

impl Fault {
    pub fn new(line: u64, why: impl Into<String>) -> Self {
        Fault { line: Some(line), why: why.into() }
    }

    /// Of a text that begins in this line.
    pub fn json(first: u64, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let why = text.rfind(" at line ").map_or(&*text, |cut| &text[..cut]);
        let line = first + (error.line() as u64).saturating_sub(1);
        match error.column() {
            0 => Fault::new(line, why),
            column => Fault::new(line, format!("{why} (column {column})")),
        }
    }

    pub fn io(error: &std::io::Error) -> Self {
        Fault { line: None, why: format!("cannot be read: {error}") }
    }
}

/// Where the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Between the values of the file.
    Between,
    /// In a list, and what may come next there.
    List(Next),
    /// In an object.
    Object { depth: usize, quoted: bool, escaped: bool, listed: bool },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    ObjectOrEnd,
    Object,
    CommaOrEnd,
}

/// Hands every object of a file over, in order. Stops at the first fault, of the file or of what `each` finds.
pub(super) fn each_object(
    mut reader: impl BufRead,
    mut each: impl FnMut(Spot, &[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut scan =
        Scan { place: Where::Between, now: Spot { at: 0, line: 1 }, began: Spot { at: 0, line: 1 }, held: Vec::new() };
    loop {
        let ready = reader.fill_buf().map_err(|error| Fault::io(&error))?;
        if ready.is_empty() {
            return scan.end();
        }
        for &byte in ready {
            if scan.take(byte)? {
                each(scan.began, &scan.held)?;
                scan.held.clear();
            }
            scan.now.at += 1;
            scan.now.line += u64::from(byte == b'\n');
        }
        let count = ready.len();
        reader.consume(count);
    }
}

struct Scan {
    place: Where,
    now: Spot,
    /// Where the object or the list began.
    began: Spot,
    held: Vec<u8>,
}

impl Scan {
    /// Whether an object is complete with this byte.
    fn take(&mut self, byte: u8) -> Result<bool, Fault> {
        match self.place {
            Where::Object { depth, quoted, escaped, listed } => {
                self.hold(byte)?;
                return Ok(self.inside(byte, depth, quoted, escaped, listed));
            }
            Where::Between | Where::List(_) if byte.is_ascii_whitespace() => {}
            // A mark of the byte order, which Windows editors put in front.
            Where::Between if self.now.at < 3 && b"\xef\xbb\xbf"[self.now.at as usize] == byte => {}
            Where::Between if byte == b'{' => self.open(byte, false)?,
            Where::Between if byte == b'[' => (self.place, self.began) = (Where::List(Next::ObjectOrEnd), self.now),
            Where::List(Next::Object | Next::ObjectOrEnd) if byte == b'{' => self.open(byte, true)?,
            Where::List(Next::CommaOrEnd) if byte == b',' => self.place = Where::List(Next::Object),
            Where::List(Next::CommaOrEnd | Next::ObjectOrEnd) if byte == b']' => self.place = Where::Between,
            Where::Between => return Err(Fault::new(self.now.line, "neither an object nor a list begins here")),
            Where::List(_) => return Err(Fault::new(self.now.line, "the list holds something else than objects")),
        }
        Ok(false)
    }

    fn open(&mut self, byte: u8, listed: bool) -> Result<(), Fault> {
        self.began = self.now;
        self.place = Where::Object { depth: 1, quoted: false, escaped: false, listed };
        self.hold(byte)
    }

    fn hold(&mut self, byte: u8) -> Result<(), Fault> {
        if self.held.len() == LONGEST {
            let why = format!("the object that begins here is longer than {} MiB", LONGEST >> 20);
            return Err(Fault::new(self.began.line, why));
        }
        self.held.push(byte);
        Ok(())
    }

    fn inside(&mut self, byte: u8, depth: usize, quoted: bool, escaped: bool, listed: bool) -> bool {
        let (depth, quoted, escaped) = match (quoted, byte) {
            (true, _) if escaped => (depth, true, false),
            (true, b'\\') => (depth, true, true),
            (true, b'"') => (depth, false, false),
            (true, _) => (depth, true, false),
            (false, b'"') => (depth, true, false),
            (false, b'{' | b'[') => (depth + 1, false, false),
            (false, b'}' | b']') => (depth - 1, false, false),
            (false, _) => (depth, false, false),
        };
        self.place = match (depth, listed) {
            (0, true) => Where::List(Next::CommaOrEnd),
            (0, false) => Where::Between,
            _ => Where::Object { depth, quoted, escaped, listed },
        };
        depth == 0
    }

    fn end(&self) -> Result<(), Fault> {
        match self.place {
            Where::Between => Ok(()),
            // Where a line was cut, the ones after it were taken for its rest.
            Where::Object { .. } => match serde_json::from_slice::<serde::de::IgnoredAny>(&self.held) {
                Err(error) if error.is_syntax() => Err(Fault::json(self.began.line, &error)),
                _ => Err(Fault::new(self.began.line, "the object that begins here has no end")),
            },
            Where::List(_) => Err(Fault::new(self.began.line, "the list that begins here has no end")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn objects(text: &str) -> Result<Vec<(u64, u64, String)>, Fault> {
        let mut found = Vec::new();
        // A buffer of three bytes, so that everything is cut somewhere.
        let reader = std::io::BufReader::with_capacity(3, text.as_bytes());
        each_object(reader, |spot, bytes| {
            found.push((spot.line, spot.at, String::from_utf8_lossy(bytes).into_owned()));
            Ok(())
        })?;
        Ok(found)
    }

    #[rstest]
    #[case::a_line_each("{\"a\":1}\n{\"b\":2}", &[(1, "{\"a\":1}"), (2, "{\"b\":2}")])]
    #[case::windows("{\"a\":1}\r\n\r\n{\"b\":2}\r\n", &[(1, "{\"a\":1}"), (3, "{\"b\":2}")])]
    #[case::blank_lines("\n\n{\"a\":1}\n\n", &[(3, "{\"a\":1}")])]
    #[case::a_list_on_a_line("[{\"a\":1}, {\"b\":[{}]}]\n[]\n{}", &[(1, "{\"a\":1}"), (1, "{\"b\":[{}]}"), (3, "{}")])]
    #[case::spread("{\n  \"a\": {\n    \"b\": \"}\\\"{\"\n  }\n}\n", &[(1, "{\n  \"a\": {\n    \"b\": \"}\\\"{\"\n  }\n}")])]
    #[case::marked("\u{feff}{}", &[(1, "{}")])]
    #[case::empty("", &[])]
    fn every_form_of_a_file_is_read(#[case] text: &str, #[case] expected: &[(u64, &str)]) {
        let found = objects(text).expect("no fault");
        let read: Vec<_> = found.iter().map(|(line, _, object)| (*line, &**object)).collect();
        assert_eq!(read, expected);
        for (_, at, object) in &found {
            assert!(text[*at as usize..].starts_with(object.as_str()));
        }
    }

    #[rstest]
    #[case("{}\nx", 2)]
    #[case("{}\n{\"a\":\n", 2)]
    #[case("{}\n[{}\n", 2)]
    #[case("[{},]", 1)]
    #[case("[{} {}]", 1)]
    #[case("[1]", 1)]
    #[case("\n\n[[{}]]", 3)]
    #[case("{}\n{\"a\":1\n{\"b\":2}", 3)]
    fn a_fault_names_its_line(#[case] text: &str, #[case] line: u64) {
        assert_eq!(objects(text).expect_err(text).line, Some(line), "{text}");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[\\[\\]{}\",:a\\\\\n ]{0,40}") {
            let _ = objects(&text);
        }

        #[test]
        fn objects_come_out_as_they_went_in(texts in proptest::collection::vec(any::<String>(), 0..6), listed: bool) {
            let lines: Vec<String> = texts.iter().map(|text| serde_json::json!({ "t": text, "l": [{}] }).to_string()).collect();
            let whole = if listed { format!("[{}]", lines.join(",")) } else { lines.join("\n") };
            let read: Vec<String> = objects(&whole).expect("no fault").into_iter().map(|(.., object)| object).collect();
            prop_assert_eq!(read, lines);
        }
    }
}
