//! Holds the links of the documents against the files.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages of the root, and those of `docs`.
fn pages() -> Vec<PathBuf> {
    let in_folder = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("the folder is there");
        let paths = entries.map(|entry| entry.expect("readable").path());
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect::<Vec<_>>()
    };
    let mut pages = in_folder(root());
    pages.extend(in_folder(&root().join("docs")));
    pages
}

/// What stands in `](…)`, outside of indented code.
fn links(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with("    "));
    let after_brackets = lines.flat_map(|line| line.split("](").skip(1));
    after_brackets.filter_map(|rest| rest.split_once(')')).map(|(link, _)| link).collect()
}

/// The headings of a page as links name them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let letter = |c: char| c.is_alphanumeric() || c == '-' || c == ' ' || c == '_';
    headings
        .map(|heading| heading.chars().filter(|c| letter(*c)).collect::<String>())
        .map(|heading| heading.to_lowercase().replace(' ', "-"))
        .collect()
}

/// Why a link leads nowhere.
fn fault(page: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let target = if file.is_empty() { page.to_owned() } else { page.parent().expect("a folder").join(file) };
    if !target.exists() {
        return Some(format!("{} links to {link}, which does not exist", page.display()));
    }
    let anchor = anchor?;
    let text = fs::read_to_string(&target).unwrap_or_default();
    let known = anchors(&text).iter().any(|known| known == anchor);
    (!known).then(|| format!("{} links to {link}, and there is no such heading", page.display()))
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    let mut seen = 0;
    let mut faults = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("UTF-8");
        let links = links(&text);
        seen += links.len();
        faults.extend(links.into_iter().filter_map(|link| fault(&page, link)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(seen > 20, "only {seen} links were found: are they looked for in the right way?");
}

#[test]
fn a_link_to_a_missing_file_or_heading_is_found() {
    let page = root().join("README.md");
    for (link, is_fine) in [
        ("docs/guide.md", true),
        ("docs/guide.md#plan", true),
        ("https://example.com/nowhere", true),
        ("docs/no-such-page.md", false),
        ("docs/guide.md#no-such-heading", false),
    ] {
        assert_eq!(fault(&page, link).is_none(), is_fine, "{link}");
    }
    assert_eq!(links("a [b](c.md), [d](e.md#f)\n    [no](link)\n![g](h.svg)"), ["c.md", "e.md#f", "h.svg"]);
}

/// What `strapi export|import|transfer --help` of 5.54.0 lists, the hidden `--throttle`, and what its environment names;
/// `tests/live/guide.sh` holds this list against the help itself.
const OFFICIAL: [&str; 20] = [
    "--exclude",
    "--exclude-content-types",
    "--file",
    "--force",
    "--format",
    "--from",
    "--from-token",
    "--key",
    "--no-checksums",
    "--no-compress",
    "--no-encrypt",
    "--only",
    "--only-content-types",
    "--throttle",
    "--to",
    "--to-token",
    "--verbose",
    "STRAPI_DISABLE_REMOTE_DATA_TRANSFER",
    "STRAPI_TRANSFER_TOKEN",
    "STRAPI_TRANSFER_URL",
];

#[test]
fn the_table_of_official_options_names_each_of_them() {
    let page = fs::read_to_string(root().join("docs/strapi-options.md")).expect("the page is there");
    let first = page.lines().filter_map(|line| line.strip_prefix("| ")).filter_map(|row| row.split_once(" |"));
    let named: Vec<&str> = first.map(|(cell, _)| cell).collect();
    let is_named = |option: &str| {
        let words = named.iter().flat_map(|cell| cell.split(['`', ' ', ',']));
        words.into_iter().any(|word| word == option)
    };
    let missing: Vec<_> = OFFICIAL.iter().filter(|option| !is_named(option)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(!is_named("--no-such-option"));
}

/// Functions of a folder of tests or sources, with everything below it.
fn functions(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("readable").path());
    let texts = entries.map(|path| match path.is_dir() {
        true => functions(&path),
        false if path.extension().is_some_and(|ending| ending == "rs") => fs::read_to_string(path).expect("a source"),
        false => String::new(),
    });
    texts.collect()
}

#[test]
fn each_of_the_33_defects_of_the_official_importer_has_a_test_that_is_there_or_a_reason() {
    let page = fs::read_to_string(root().join("docs/flotiq.md")).expect("the page");
    let (_, table) = page.split_once("| it | here | shown by |").expect("the table");
    let sources = ["tests", "src"].map(|folder| functions(&root().join(folder))).concat();
    let mut numbers = Vec::new();
    for line in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let words = cells[0].split(' ').map(|word| word.trim_end_matches(','));
        numbers.extend(words.map_while(|word| word.parse::<u32>().ok()));
        let tests: Vec<&str> = cells[2].split('`').filter(|name| !name.trim().is_empty()).collect();
        assert!(!tests.is_empty() || cells[1].starts_with("cannot occur: "), "neither a test nor a reason: {line}");
        for test in tests {
            assert!(sources.contains(&format!("fn {test}(")), "there is no test {test}: {line}");
        }
    }
    assert_eq!(numbers, (1..=33).collect::<Vec<_>>());
}
