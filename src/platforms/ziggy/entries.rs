//! Reads the values of a config's source text: each with its path, and whether it is literal text, a reference to a
//! secret, or a mixture. Comments are read too, because a credential in a comment is just as readable.
//! Must not know: which values are credentials.

use std::ops::Range;

use super::tokens::{Form, Token, cut};

/// Deeper objects are read as one value; no config comes near.
const DEEPEST: usize = 32;

/// A piece of literal text inside a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// Where it stands in the source, quotes left out.
    pub(super) span: Range<usize>,
    pub(super) is_number: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) in_comment: bool,
    pub(super) literals: Vec<Literal>,
    /// Names of secrets that the value refers to.
    pub(super) secrets: Vec<String>,
    /// The value is nothing but one reference.
    pub(super) is_reference: bool,
}

impl Entry {
    /// The last key of the path.
    pub(super) fn key(&self) -> &str {
        let path = self.path.rsplit(['.', ':']).next().unwrap_or_default();
        path.split('[').next().unwrap_or_default()
    }
}

pub(super) fn read(source: &str) -> Vec<Entry> {
    let tokens = cut(source);
    let mut reader = Reader { source, entries: Vec::new() };
    reader.comments(&tokens);
    let tokens: Vec<Token> = tokens.into_iter().filter(|token| token.form != Form::Comment).collect();
    reader.value("", &tokens, 0);
    reader.entries
}

struct Reader<'a> {
    source: &'a str,
    entries: Vec<Entry>,
}

impl Reader<'_> {
    /// A comment is read as if its text were part of an object.
    fn comments(&mut self, tokens: &[Token]) {
        for comment in tokens.iter().filter(|token| token.form == Form::Comment) {
            let text = &self.source[comment.span.clone()];
            let mut inner = Reader { source: text, entries: Vec::new() };
            let inside: Vec<Token> = cut(text).into_iter().filter(|token| token.form != Form::Comment).collect();
            inner.object("", &inside, 0);
            for mut entry in inner.entries {
                entry.path = format!("comment:{}", entry.path);
                entry.in_comment = true;
                for literal in &mut entry.literals {
                    literal.span = literal.span.start + comment.span.start..literal.span.end + comment.span.start;
                }
                self.entries.push(entry);
            }
        }
    }

    /// An object, a list, or an expression.
    fn value(&mut self, path: &str, tokens: &[Token], depth: usize) {
        let whole = |open, close| {
            matches!(tokens.first().map(|token| token.form), Some(Form::Sign(sign)) if sign == open)
                && closing(tokens, open, close).is_some_and(|end| end + 1 == tokens.len() || path.is_empty())
        };
        if depth >= DEEPEST {
            self.expression(path, tokens);
        } else if whole(b'{', b'}') {
            let end = closing(tokens, b'{', b'}').unwrap_or(tokens.len());
            self.object(path, &tokens[1..end], depth + 1);
        } else if whole(b'[', b']') {
            let end = closing(tokens, b'[', b']').unwrap_or(tokens.len());
            for (at, element) in parts(&tokens[1..end]).enumerate() {
                self.value(&format!("{path}[{at}]"), element, depth + 1);
            }
        } else if let Some(open) = outer_object(path, tokens) {
            self.value(path, &tokens[open..], depth + 1);
        } else {
            self.expression(path, tokens);
        }
    }

    fn object(&mut self, path: &str, tokens: &[Token], depth: usize) {
        for part in parts(tokens) {
            let Some((key, value)) = self.key_and_value(part) else {
                self.expression(path, part);
                continue;
            };
            let path = if path.is_empty() { key } else { format!("{path}.{key}") };
            self.value(&path, value, depth);
        }
    }

    /// `key: value`, or nothing where the part is something else (a spread, a method, prose of a comment). Words
    /// before the key belong to a comment's prose.
    fn key_and_value<'t>(&self, part: &'t [Token]) -> Option<(String, &'t [Token])> {
        let colon = part.iter().position(|token| token.form == Form::Sign(b':'))?;
        let key = part.get(colon.checked_sub(1)?)?;
        let named = matches!(key.form, Form::Word | Form::Text | Form::Number);
        named.then(|| (self.source[key.span.clone()].to_owned(), &part[colon + 1..]))
    }

    fn expression(&mut self, path: &str, tokens: &[Token]) {
        if tokens.is_empty() {
            return;
        }
        let mut entry = Entry {
            path: path.to_owned(),
            in_comment: false,
            literals: Vec::new(),
            secrets: Vec::new(),
            is_reference: false,
        };
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some((name, used)) = secret_at(self.source, &tokens[at..]) {
                entry.is_reference = used == tokens.len();
                entry.secrets.push(name);
                at += used;
                continue;
            }
            match token.form {
                Form::Text | Form::Number => {
                    let is_number = token.form == Form::Number;
                    entry.literals.push(Literal { span: token.span.clone(), is_number });
                }
                Form::Template => self.template(token, &mut entry),
                Form::Word | Form::Comment | Form::Sign(_) => {}
            }
            at += 1;
        }
        self.entries.push(entry);
    }

    /// The literal stretches of a template, and the references between them.
    fn template(&self, token: &Token, entry: &mut Entry) {
        let (mut from, end) = (token.span.start, token.span.end);
        while from < end {
            let rest = &self.source[from..end];
            let open = rest.find("${").map_or(end, |at| from + at);
            if open > from {
                entry.literals.push(Literal { span: from..open, is_number: false });
            }
            let close = self.source[open..end].find('}').map_or(end, |at| open + at + 1);
            if open < end {
                entry.secrets.extend(super::names::secrets(&self.source[open..close]));
            }
            from = close;
        }
    }
}

/// `secrets.NAME`, `secrets?.NAME` or `secrets['NAME']` at the start of these tokens, with how many it takes.
fn secret_at(source: &str, tokens: &[Token]) -> Option<(String, usize)> {
    let text = |at: usize| tokens.get(at).map(|token| &source[token.span.clone()]);
    let form = |at: usize| tokens.get(at).map(|token| token.form);
    if form(0) != Some(Form::Word) || text(0) != Some("secrets") {
        return None;
    }
    let dot = if form(1) == Some(Form::Sign(b'?')) { 2 } else { 1 };
    match (form(dot), form(dot + 1)) {
        (Some(Form::Sign(b'.')), Some(Form::Word)) => Some((text(dot + 1)?.to_owned(), dot + 2)),
        (Some(Form::Sign(b'[')), Some(Form::Text)) if form(dot + 2) == Some(Form::Sign(b']')) => {
            Some((text(dot + 1)?.to_owned(), dot + 3))
        }
        _ => None,
    }
}

/// Where the object begins that a config wraps in something, such as `(`, `return` or `module.exports =`.
fn outer_object(path: &str, tokens: &[Token]) -> Option<usize> {
    if !path.is_empty() {
        return None;
    }
    let open = tokens.iter().position(|token| token.form == Form::Sign(b'{'))?;
    (open > 0 && closing(&tokens[open..], b'{', b'}').is_some()).then_some(open)
}

/// The token that closes the first one.
fn closing(tokens: &[Token], open: u8, close: u8) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        if token.form == Form::Sign(open) {
            depth += 1;
        } else if token.form == Form::Sign(close) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The stretches between commas that no bracket encloses.
fn parts(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0usize;
    tokens
        .split(move |token| {
            match token.form {
                Form::Sign(b'{' | b'[' | b'(') => depth += 1,
                Form::Sign(b'}' | b']' | b')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.form == Form::Sign(b',')
        })
        .filter(|part| !part.is_empty())
}
