//! Pictures that are checked in, and what makes two runs show the same.
//! Must not know: how a picture was taken.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use regex::{Captures, Regex};
use unicode_width::UnicodeWidthStr;

use super::Picture;

/// What differs between two runs of the same test: addresses of this machine, ids of runs and dates.
pub const CHANGING: &[(&str, &str)] = &[
    (r"127\.0\.0\.1:\d{5}", "127.0.0.1:40000"),
    (r"127\.0\.0\.1:\d{4}\b", "127.0.0.1:4000"),
    (r"\b\d{8}-\d{6}-[a-z0-9]{4}\b", "20260101-120000-aaaa"),
    (r"\b20\d\d-\d\d-\d\d([ T])\d\d:\d\d:\d\d\b", "2026-01-01${1}12:00:00"),
    (r"\b20\d\d-\d\d-\d\d([ T])\d\d:\d\d\b", "2026-01-01${1}12:00"),
];

/// Replaces what matches a pattern (syntax of the crate `regex`, `$1` in the replacement is a group), rule after rule,
/// such that every line keeps its width: a shorter replacement is filled up with blanks, before it if what it stands
/// for began with a blank, else after it. So that `1.2 s` and `12.3 s` come out alike, let the pattern take the blanks
/// beside it in, as in `\d+\.\d s *`.
#[track_caller]
pub fn normalise(text: &str, rules: &[(&str, &str)]) -> String {
    let mut text = Cow::Borrowed(text);
    for (pattern, replacement) in rules {
        let replaced = regex(pattern).replace_all(&text, |found: &Captures| of_the_same_width(found, replacement));
        if let Cow::Owned(changed) = replaced {
            text = Cow::Owned(changed);
        }
    }
    text.into_owned()
}

/// Made once: a test that waits for a picture normalises each that it sees.
#[track_caller]
fn regex(pattern: &str) -> Regex {
    static MADE: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = made.get(pattern) {
        return regex.clone();
    }
    let regex = Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"));
    made.insert(pattern.to_owned(), regex.clone());
    regex
}

fn of_the_same_width(found: &Captures, replacement: &str) -> String {
    let mut new = String::new();
    found.expand(replacement, &mut new);
    let old = &found[0];
    let Some(missing) = old.width().checked_sub(new.width()) else {
        panic!("{new:?} is wider than {old:?}, for which it stands: choose a shorter replacement")
    };
    let blanks = " ".repeat(missing);
    if old.starts_with(' ') { blanks + &new } else { new + &blanks }
}

/// Whether checked-in files are compared or written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Compare,
    Renew,
}

impl Mode {
    pub fn of_environment() -> Self {
        match std::env::var_os("HAUL_UPDATE_CAPTURES") {
            Some(value) if !value.is_empty() && value != "0" => Mode::Renew,
            _ => Mode::Compare,
        }
    }
}

/// Compares a picture with `DIR/NAME.txt`, or writes that file where `HAUL_UPDATE_CAPTURES=1` says so. The folder counts
/// from the root of the repository.
#[track_caller]
pub fn capture(dir: impl AsRef<Path>, name: &str, picture: &Picture) {
    check(dir.as_ref(), &format!("{name}.txt"), &picture.to_text());
}

/// The same for the coloured picture, `DIR/NAME.svg`.
#[track_caller]
pub fn capture_svg(dir: impl AsRef<Path>, name: &str, picture: &Picture) {
    check(dir.as_ref(), &format!("{name}.svg"), &picture.to_svg());
}

#[track_caller]
fn check(dir: &Path, file: &str, text: &str) {
    let path: PathBuf = [Path::new(env!("CARGO_MANIFEST_DIR")), dir, Path::new(file)].iter().collect();
    if let Err(difference) = compare(&path, text, Mode::of_environment()) {
        panic!("{difference}");
    }
}

/// The comparison behind [`capture`]; the error is what a person should read.
pub fn compare(path: &Path, text: &str, mode: Mode) -> Result<(), String> {
    if mode == Mode::Renew {
        let folder = path.parent().expect("a file lies in a folder");
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
        return written.map_err(|error| format!("cannot write {}: {error}", path.display()));
    }
    let renew = format!("HAUL_UPDATE_CAPTURES=1 cargo test --test {}", env!("CARGO_CRATE_NAME"));
    let hint = format!("where the new picture is right, write it with\n    {renew}\nand read the change like code");
    match std::fs::read_to_string(path) {
        Ok(there) if there == text => Ok(()),
        Ok(there) => {
            let difference = similar::TextDiff::from_lines(there.as_str(), text);
            let difference = difference.unified_diff().header("checked in", "shown now").to_string();
            Err(format!("{} differs from what is shown:\n{difference}\n{hint}", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("{} is missing; shown is\n{text}\n{hint}", path.display()))
        }
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    }
}
