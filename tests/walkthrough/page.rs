//! The page that embeds the pictures, part by part. Its other words are written by hand.
//! Must not know: terminals.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::terminal_common::{Mode, compare};

const PAGE: &str = "docs/walkthrough.md";
pub const FOLDER: &str = "docs/walkthrough";

/// Tests of this crate run side by side.
static WRITING: Mutex<()> = Mutex::new(());

pub fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a part of the page with what it has to hold, or writes it.
#[track_caller]
pub fn part(name: &str, text: &str) {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = in_repository(PAGE);
    let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{PAGE}: {error}"));
    let (begin, end) =
        (format!("<!-- {name}: written by tests/walkthrough -->\n"), format!("<!-- end of {name} -->\n"));
    let split = page.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?)));
    let Some((before, (_, after))) = split else { panic!("{PAGE} has no part {begin:?} … {end:?}") };
    if let Err(difference) = compare(&path, &format!("{before}{begin}{text}{end}{after}"), Mode::of_environment()) {
        panic!("{difference}");
    }
}

/// Of the pictures with these numbers no others are kept; where they are renewed, others go.
#[track_caller]
pub fn only_these(numbers: &RangeInclusive<usize>, files: &[String]) {
    for entry in std::fs::read_dir(in_repository(FOLDER)).expect("the folder is there") {
        let entry = entry.expect("readable");
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.split_once('-').and_then(|(number, _)| number.parse().ok());
        if number.is_none_or(|number| !numbers.contains(&number)) || files.contains(&name) {
            continue;
        }
        match Mode::of_environment() {
            Mode::Compare => panic!("{FOLDER}/{name} is kept, but no step shows it"),
            Mode::Renew => std::fs::remove_file(entry.path()).expect("removed"),
        }
    }
}

#[test]
fn every_picture_that_is_kept_stands_on_the_page() {
    // Those who renew it do so at the same time.
    if Mode::of_environment() == Mode::Renew {
        return;
    }
    let page = std::fs::read_to_string(in_repository(PAGE)).expect("the page is there");
    for entry in std::fs::read_dir(in_repository(FOLDER)).expect("the folder is there") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.extension().is_some_and(|ending| ending == "svg") {
            let readme = std::fs::read_to_string(in_repository("README.md")).expect("it is there");
            assert!(page.contains(&name) || readme.contains(&name), "{name} is shown nowhere");
        } else {
            let picture = std::fs::read_to_string(&path).expect("readable");
            assert!(page.contains(&format!("```text\n{picture}```\n")), "{name} is kept, but not on the page");
        }
    }
}
