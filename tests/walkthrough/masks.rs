//! What differs between two walks that did the same: addresses, ids, times, rates. Widths stay.
//! Must not know: which step shows what.

use jiff::{Timestamp, ToSpan};

use crate::terminal_common::normalise;

/// Replaced in every picture, before it is kept.
const ALWAYS: &[(&str, &str)] = &[
    (r"127\.0\.0\.1:\d{5}", "127.0.0.1:40000"),
    (r"127\.0\.0\.1:\d{4}\b", "127.0.0.1:4000"),
    (r"\b\d{8}-\d{6}-[a-z0-9]{4}\b", "20260101-120000-aaaa"),
    (r"\b\d{8}-\d{6}-[a-z0-9]{1,3}…", "20260101-120000-a…"),
    (r"/tmp/haul-[A-Za-z0-9]{6}", "/tmp/haul-sample"),
    (r"/\.tmp[A-Za-z0-9]{6}", "/.tmp000000"),
    (r"\bexport_\d{14}\b", "export_20260101120000"),
    (r"│ \d\d:\d\d:\d\d ", "│ 12:00:00 "),
    (r"│(.) \d\d:\d\d ", "│${1} 12:00 "),
    (r"checked (just now|\d+ s ago) *", "checked N s ago"),
    (r"updated [^│\n]*", "updated …"),
    (r", (just now|\d+ s ago) *", ", N s ago"),
    (r"\btook \d+:\d\d", "took 0:0N"),
    (r"about \d+ requests?, [^│\n]*", "about N requests, N s, N B"),
    (r"moved [^│\n]*", "moved N KiB  N requests"),
    (r"requests \d+ of about (\d+)[^│\n]*", "requests N of about ${1}  N % of 10/s"),
    (
        r"\d+ requests in \d+ s of writing and checking: \d+ % of 10 in *(a *)?",
        "N requests in N s of writing and checking: N % of 10 in a",
    ),
    (r"\b\d+ of \d+ slots", "N of N slots"),
    (r"_media-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "_media-00000000-0000-4000-8000-000000000000"),
    (r"· \d+(\.\d+)? (s|ms) · [^│\n]*", "· N s · N"),
    (r"│( {10,13})(\d+ )?(requests? )?(· )?\d+(\.\d)? (B|KiB) *", "│${1}requests · N B"),
];

/// Replaced besides where a run goes on, or was stopped somewhere: for the comparison alone. What is kept is a picture
/// as it was.
const GOING: &[(&str, &str)] = &[
    (r"│ dev → prod  \d+ %[^│\n]*", "│ dev → prod  N %"),
    (r"│ \d+ written, \d+ left[^│\n]*", "│ N written, N left"),
    (r"│ now: [^│\n]*", "│ now: …"),
    (r"[█▏▎▍▌▋▊▉]", "░"),
    (r"░ [^│\n]*", "░"),
    (r" +\d+ %", " N %"),
    (r"│  12:00 · [^│\n]*", "│  12:00 ·"),
    (r"│ (items|rate|moved) [^\n]*", "│ ${1}"),
    (r"│ (left|took) [^\n]*", "│ ${1}"),
    (r"│ \d+ items? left to write [^│\n]*", "│ N items left to write"),
];

/// As it is kept. Of the dates only those of the walk itself are replaced: the samples have theirs.
pub fn settled(picture: &str) -> String {
    let now = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let days = [now.clone(), now.saturating_sub(1.day())].map(|day| day.strftime("%Y-%m-%d").to_string());
    let [today, yesterday] = days.map(|day| [format!(r"{day}([ T])\d\d:\d\d:\d\d"), day]);
    let dates = [
        (&*today[0], "2026-11-21${1}12:00:00"),
        (&*today[1], "2026-11-21"),
        (&*yesterday[0], "2026-11-21${1}12:00:00"),
        (&*yesterday[1], "2026-11-21"),
    ];
    trimmed(&normalise(&normalise(picture, &dates), ALWAYS))
}

/// Columns of the list of runs.
const LIST: usize = 30;

/// As two pictures of runs are compared: without what depends on how far they are, and without what is told below. Of a
/// picture with a question on it only the question counts, for what lies behind it moves.
pub fn going(picture: &str) -> String {
    let text = normalise(picture, GOING);
    let lines: Vec<&str> = text.lines().collect();
    let [tabs, pane @ .., _told, keys] = &lines[..] else { return text };
    let question = pane.iter().position(|line| line.starts_with('│') && line.contains("┌─ "));
    let shown: Vec<String> = match question {
        Some(top) => {
            let bottom =
                pane[top..].iter().position(|line| line.contains("└─")).map_or(pane.len(), |rows| top + rows + 1);
            pane[top..bottom].iter().map(|&line| line.to_owned()).collect()
        }
        None => {
            let times = pane.iter().position(|line| line.contains("│ left") || line.contains("│ took"));
            let below = times.map_or(pane.len(), |row| row + 1);
            let (above, below) = pane.split_at(below);
            let runs = below.iter().map(|line| line.chars().take(LIST).collect::<String>());
            let runs = runs.filter(|run| run.chars().any(|c| !matches!(c, '│' | ' ' | '└' | '─' | '┘')));
            above.iter().map(|&line| line.to_owned()).chain(runs).collect()
        }
    };
    trimmed(&format!("{tabs}\n{}\n{keys}", shown.join("\n")))
}

/// With the first column blank from the row that begins so down to the end of the pane.
pub fn without_column(text: &str, from: &str) -> String {
    let Some(top) = text.lines().position(|line| line.starts_with(from)) else { return text.to_owned() };
    let blanked = |(row, line): (usize, &str)| {
        let column = line.char_indices().skip(1).find(|(_, c)| *c == '│').map(|(at, _)| at);
        match column {
            Some(at) if row >= top && line.starts_with('│') => {
                format!("│{}{}\n", " ".repeat(line[..at].chars().count() - 1), &line[at..])
            }
            _ => format!("{line}\n"),
        }
    };
    text.lines().enumerate().map(blanked).collect()
}

fn trimmed(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}
