//! Two contents side by side: which lines differ, and which parts of them.
//! Must not know: where contents come from, or how lines are drawn. Takes time: away from the screen.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices_deadline};

/// Unchanged lines around a change.
const CONTEXT: usize = 2;
/// Content beyond this is not laid out: nobody reads it here, and lines would take many times its size.
const LARGEST: usize = 4 << 20;
/// After this a difference is told coarser rather than later.
const PATIENCE: Duration = Duration::from_millis(500);
/// Lines beyond this are not compared word by word.
const LONG_LINE: usize = 4_000;

/// Ids of the source with what stands for them at the destination.
pub type SameThing = HashMap<Box<str>, Box<str>>;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub changed: bool,
}

/// How the two halves of a line belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Same,
    /// Another id for the same thing.
    SameThing,
    Changed,
    OnlyLeft,
    OnlyRight,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub sign: Sign,
    pub left: Vec<Piece>,
    pub right: Vec<Piece>,
}

/// A line of what is shown: one of the comparison, or a mark for lines that are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Line(usize),
    Gap(usize),
}

/// Two contents, compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    pub lines: Vec<Line>,
    /// Only what differs, with some context.
    pub folded: Vec<Fold>,
    /// Fields that differ, where both sides are there.
    pub fields: Option<usize>,
    /// Lines that differ only in an id for the same thing.
    pub same_things: usize,
    /// Bytes of a content that is too large to be shown.
    pub too_large: Option<usize>,
}

impl Comparison {
    /// Rows of the list.
    pub fn len(&self, whole: bool) -> usize {
        if whole { self.lines.len() } else { self.folded.len() }
    }

    pub fn at(&self, place: usize, whole: bool) -> Option<Fold> {
        match whole {
            true => (place < self.lines.len()).then_some(Fold::Line(place)),
            false => self.folded.get(place).copied(),
        }
    }

    fn is_change(&self, place: usize, whole: bool) -> bool {
        match self.at(place, whole) {
            Some(Fold::Line(at)) => is_change(&self.lines[at]),
            _ => false,
        }
    }

    /// The next place after this one where lines begin to differ.
    pub fn next_change(&self, place: usize, whole: bool) -> Option<usize> {
        (place + 1..self.len(whole)).find(|&at| self.begins(at, whole))
    }

    pub fn previous_change(&self, place: usize, whole: bool) -> Option<usize> {
        (0..place.min(self.len(whole))).rev().find(|&at| self.begins(at, whole))
    }

    fn begins(&self, place: usize, whole: bool) -> bool {
        self.is_change(place, whole) && (place == 0 || !self.is_change(place - 1, whole))
    }

    /// Whether no line differs.
    pub fn is_same(&self) -> bool {
        !self.lines.iter().any(is_change)
    }
}

fn is_change(line: &Line) -> bool {
    !matches!(line.sign, Sign::Same | Sign::SameThing)
}

/// How many fields of two JSON texts differ.
pub fn differing_fields(left: &str, right: &str, same: &SameThing) -> usize {
    let (Ok(left), Ok(right)) = (serde_json::from_str(left), serde_json::from_str(right)) else { return 1 };
    fields(&translated(&left, same), &right)
}

/// Compares two JSON texts; one may be missing.
pub fn compare(left: Option<&str>, right: Option<&str>, same: &SameThing) -> Comparison {
    let largest = left.map_or(0, str::len).max(right.map_or(0, str::len));
    if largest > LARGEST {
        return Comparison { too_large: Some(largest), ..Comparison::default() };
    }
    let parse = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    let mut comparison = match (left.map(parse), right.map(parse)) {
        (Some(left), Some(right)) => both(&left, &right, same),
        (Some(only), None) => one(&only, Sign::OnlyLeft),
        (None, Some(only)) => one(&only, Sign::OnlyRight),
        (None, None) => Comparison::default(),
    };
    comparison.folded = fold(&comparison.lines);
    comparison
}

fn one(value: &Value, sign: Sign) -> Comparison {
    let side = |text: &str| vec![Piece { text: text.to_owned(), changed: false }];
    let line = |text: &str| match sign {
        Sign::OnlyRight => Line { sign, left: Vec::new(), right: side(text) },
        _ => Line { sign, left: side(text), right: Vec::new() },
    };
    Comparison { lines: pretty(value).lines().map(line).collect(), ..Comparison::default() }
}

fn both(left: &Value, right: &Value, same: &SameThing) -> Comparison {
    let meant = translated(left, same);
    let right = in_order_of(right, left);
    let (left, meaning, right_text) = (pretty(left), pretty(&meant), pretty(&right));
    let sides =
        Sides { left: left.lines().collect(), meant: meaning.lines().collect(), right: right_text.lines().collect() };
    let deadline = Some(Instant::now() + PATIENCE);
    let ops = capture_diff_slices_deadline(Algorithm::Patience, &sides.meant, &sides.right, deadline);
    let lines: Vec<Line> = ops.iter().flat_map(|op| sides.lines_of(op)).collect();
    let same_things = lines.iter().filter(|line| line.sign == Sign::SameThing).count();
    Comparison { lines, fields: Some(fields(&meant, &right)), same_things, ..Comparison::default() }
}

struct Sides<'a> {
    left: Vec<&'a str>,
    /// The left one with the destination's ids: line by line the same text otherwise.
    meant: Vec<&'a str>,
    right: Vec<&'a str>,
}

impl Sides<'_> {
    fn lines_of(&self, op: &DiffOp) -> Vec<Line> {
        let (old, new) = (op.old_range(), op.new_range());
        let paired = old.len().min(new.len());
        let mut lines = Vec::with_capacity(old.len().max(new.len()));
        for at in 0..old.len().max(new.len()) {
            let (left, right) = (old.start + at, new.start + at);
            lines.push(match (op, at < paired) {
                (DiffOp::Equal { .. }, _) => self.equal(left, right),
                (_, true) => changed(self.left[left], self.right[right]),
                _ if at < old.len() => only(Sign::OnlyLeft, self.left[left]),
                _ => only(Sign::OnlyRight, self.right[right]),
            });
        }
        lines
    }

    fn equal(&self, left: usize, right: usize) -> Line {
        let (left, right) = (self.left[left], self.right[right]);
        if left == right {
            return Line { sign: Sign::Same, left: whole(left, false), right: whole(right, false) };
        }
        let (left, right) = pieces(left, right);
        Line { sign: Sign::SameThing, left, right }
    }
}

fn only(sign: Sign, text: &str) -> Line {
    match sign {
        Sign::OnlyRight => Line { sign, left: Vec::new(), right: whole(text, true) },
        _ => Line { sign, left: whole(text, true), right: Vec::new() },
    }
}

fn changed(left: &str, right: &str) -> Line {
    let (left, right) = pieces(left, right);
    Line { sign: Sign::Changed, left, right }
}

fn whole(text: &str, changed: bool) -> Vec<Piece> {
    vec![Piece { text: text.to_owned(), changed }]
}

/// The parts of two lines that differ, word by word. The indentation never does.
fn pieces(left: &str, right: &str) -> (Vec<Piece>, Vec<Piece>) {
    if left.len().max(right.len()) > LONG_LINE {
        return (whole(left, true), whole(right, true));
    }
    let diff = TextDiff::configure().timeout(PATIENCE / 10).diff_words(left, right);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut ours, change.value(), false);
                push(&mut theirs, change.value(), false);
            }
            ChangeTag::Delete => push(&mut ours, change.value(), true),
            ChangeTag::Insert => push(&mut theirs, change.value(), true),
        }
    }
    (ours, theirs)
}

fn push(pieces: &mut Vec<Piece>, text: &str, changed: bool) {
    match pieces.last_mut() {
        Some(last) if last.changed == changed => last.text.push_str(text),
        _ => pieces.push(Piece { text: text.to_owned(), changed }),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() // a value with string keys: cannot fail
}

/// With the destination's ids for the same things.
fn translated(value: &Value, same: &SameThing) -> Value {
    match value {
        _ if same.is_empty() => value.clone(),
        Value::String(text) => Value::String(same.get(text.as_str()).map_or_else(|| text.clone(), |id| id.to_string())),
        Value::Array(list) => list.iter().map(|value| translated(value, same)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), translated(value, same))).collect(),
        other => other.clone(),
    }
}

/// Fields in the order of another value, as far as both have them: a difference in order alone is none.
fn in_order_of(value: &Value, other: &Value) -> Value {
    match (value, other) {
        (Value::Object(map), Value::Object(other)) => {
            let mut common = other.keys().filter(|key| map.contains_key(*key));
            let sorted = map.iter().map(|(key, value)| {
                // What both have stands where both have something, in the other's order.
                let key = if other.contains_key(key) { common.next().unwrap_or(key) } else { key };
                let value = map.get(key).unwrap_or(value);
                (key.clone(), other.get(key).map_or_else(|| value.clone(), |there| in_order_of(value, there)))
            });
            Value::Object(sorted.collect())
        }
        (Value::Array(list), Value::Array(other)) if list.len() == other.len() => {
            list.iter().zip(other).map(|(value, there)| in_order_of(value, there)).collect()
        }
        _ => value.clone(),
    }
}

fn fields(left: &Value, right: &Value) -> usize {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let ours = left.iter().map(|(key, value)| right.get(key).map_or(1, |there| fields(value, there)));
            let theirs = right.keys().filter(|key| !left.contains_key(*key)).count();
            ours.sum::<usize>() + theirs
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            left.iter().zip(right).map(|(ours, theirs)| fields(ours, theirs)).sum()
        }
        _ => usize::from(left != right),
    }
}

fn fold(lines: &[Line]) -> Vec<Fold> {
    let mut near = vec![false; lines.len()];
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| is_change(line)) {
        let to = (at + CONTEXT + 1).min(lines.len());
        near[at.saturating_sub(CONTEXT)..to].fill(true);
    }
    let mut folded = Vec::new();
    let mut hidden = 0;
    for (at, near) in near.into_iter().enumerate() {
        match (near, hidden) {
            (false, _) => hidden += 1,
            (true, 0) => folded.push(Fold::Line(at)),
            (true, _) => {
                folded.extend([Fold::Gap(std::mem::take(&mut hidden)), Fold::Line(at)]);
            }
        }
    }
    if hidden > 0 && !folded.is_empty() {
        folded.push(Fold::Gap(hidden));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| if piece.changed { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    fn told(comparison: &Comparison, whole: bool) -> Vec<String> {
        let line = |fold: Fold| match fold {
            Fold::Gap(hidden) => format!("… {hidden}"),
            Fold::Line(at) => {
                let line = &comparison.lines[at];
                format!("{:?} {} | {}", line.sign, side(&line.left).trim(), side(&line.right).trim())
            }
        };
        (0..comparison.len(whole)).filter_map(|at| comparison.at(at, whole)).map(line).collect()
    }

    #[test]
    fn only_changed_parts_are_shown_with_some_context() {
        let left = r#"{"a":1,"b":2,"c":3,"timeout":30000,"d":4,"e":5,"f":6,"tags":["x","y"]}"#;
        let right = r#"{"a":1,"b":2,"c":3,"timeout":10000,"d":4,"e":5,"f":6,"tags":["x"]}"#;
        let comparison = compare(Some(left), Some(right), &SameThing::new());
        assert_eq!(comparison.fields, Some(2));
        assert_eq!(
            told(&comparison, false),
            [
                "… 2",
                "Same \"b\": 2, | \"b\": 2,",
                "Same \"c\": 3, | \"c\": 3,",
                "Changed \"timeout\": [30000,] | \"timeout\": [10000,]",
                "Same \"d\": 4, | \"d\": 4,",
                "Same \"e\": 5, | \"e\": 5,",
                "Same \"f\": 6, | \"f\": 6,",
                "Same \"tags\": [ | \"tags\": [",
                "Changed [\"x\",] | [\"x\"]",
                "OnlyLeft [    \"y\"] | ",
                "Same ] | ]",
                "Same } | }",
            ]
        );
        assert_eq!(comparison.len(true), 13);
        assert_eq!((comparison.next_change(0, false), comparison.next_change(3, false)), (Some(3), Some(8)));
        assert_eq!((comparison.previous_change(8, false), comparison.previous_change(3, false)), (Some(3), None));
    }

    #[test]
    fn another_id_for_the_same_thing_and_another_order_are_no_difference() {
        let same = SameThing::from([("c-dev".into(), "c-prod".into())]);
        let left = r#"{"name":"x","connection":"c-dev","n":1}"#;
        let right = r#"{"n":1,"connection":"c-prod","name":"x"}"#;
        let comparison = compare(Some(left), Some(right), &same);
        assert!(comparison.is_same());
        assert_eq!((comparison.fields, comparison.same_things), (Some(0), 1));
        assert_eq!(
            told(&comparison, true)[2],
            "SameThing \"connection\": [\"c-dev\",] | \"connection\": [\"c-prod\",]"
        );
        assert!(comparison.folded.is_empty());
        assert_eq!(differing_fields(left, right, &SameThing::new()), 1);
    }

    #[test]
    fn one_side_alone_is_shown_whole_and_what_is_too_large_is_told() {
        let comparison = compare(None, Some("[1]"), &SameThing::new());
        assert_eq!(told(&comparison, false).len(), 3);
        assert!(comparison.lines.iter().all(|line| line.sign == Sign::OnlyRight && line.left.is_empty()));
        let large = format!("\"{}\"", "x".repeat(LARGEST));
        assert_eq!(compare(Some(&large), None, &SameThing::new()).too_large, Some(LARGEST + 2));
    }

    #[test]
    fn numbers_stay_as_they_are_written() {
        let comparison = compare(Some("[1.50,12345678901234567890123]"), None, &SameThing::new());
        assert_eq!(told(&comparison, true)[1..3], ["OnlyLeft 1.50, | ", "OnlyLeft 12345678901234567890123 | "]);
    }
}
