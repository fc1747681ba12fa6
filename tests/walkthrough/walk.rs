//! A walk: a program in a terminal, and the steps that were taken with what each showed.
//! Must not know: which steps.

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::masks;
use crate::page::{self, FOLDER, in_repository};
use crate::terminal_common::{Key, Mode, Picture, Screen, compare};

/// For what a machine that builds needs at its slowest.
const PATIENCE: Duration = Duration::from_secs(90);
/// Longer than a sentence above the footer stays, so that no earlier one is on a picture.
const NOTHING_NEW: Duration = Duration::from_secs(8);
/// Longer than a frame takes, and than what a key asks for.
const DRAWN: Duration = Duration::from_millis(600);
/// How often the screen is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// Nobody clicks on what moves.
const STAYS: Duration = Duration::from_millis(300);

/// A user with empty folders; the names are as long everywhere, so that lines break at the same places.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Home(tempfile::Builder::new().prefix("haul-").tempdir_in("/tmp").expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program with nothing of this user.
    pub fn haul(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_haul"));
        command.args(arguments).current_dir(self.0.path()).env("TZ", "UTC");
        command.env("HOME", self.path("home")).env("TMPDIR", self.0.path());
        command
    }

    /// Names of what lies in it.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("readable");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// How a picture is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// When nothing changes any more, an earlier sentence above the footer included.
    Settled,
    /// As soon as it is drawn: what was just told is on it, or a run that goes on elsewhere.
    AtOnce,
    /// While something goes on; only what does not move is compared.
    Going,
}

impl Taken {
    /// What has to be the same each time.
    fn compared(self, text: &str) -> String {
        match self {
            Taken::Going => masks::going(text),
            Taken::Settled | Taken::AtOnce => text.to_owned(),
        }
    }

    /// How long a new picture has to stay before it is kept.
    fn quiet(self) -> Duration {
        match self {
            Taken::Settled => NOTHING_NEW,
            Taken::AtOnce | Taken::Going => DRAWN,
        }
    }
}

pub struct Walk {
    pub screen: Screen,
    part: &'static str,
    numbers: RangeInclusive<usize>,
    text: String,
    /// Files of the pictures so far.
    files: Vec<String>,
    without_from: Option<&'static str>,
}

impl Walk {
    /// Pictures of this part of the page have these numbers.
    pub fn start(part: &'static str, numbers: RangeInclusive<usize>, command: &Command) -> Self {
        let screen = Screen::start_command(command, 80, 24);
        Walk { screen, part, numbers, text: String::new(), files: Vec::new(), without_from: None }
    }

    /// Blanks the first column of the content pane from this row on.
    pub fn without_from(&mut self, row: &'static str) {
        self.without_from = Some(row);
    }

    fn kept(&self, picture: &Picture) -> String {
        let text = masks::settled(&picture.to_text());
        self.without_from.map_or_else(|| text.clone(), |row| masks::without_column(&text, row))
    }

    /// A step with what it leads to, when everything has come to rest.
    #[track_caller]
    pub fn step(&mut self, name: &str, text: &str, shows: &[&str]) {
        self.take(name, text, shows, Taken::Settled);
    }

    /// A step with what it tells.
    #[track_caller]
    pub fn told(&mut self, name: &str, text: &str, shows: &[&str]) {
        self.take(name, text, shows, Taken::AtOnce);
    }

    /// A step during which a run moves.
    #[track_caller]
    pub fn going(&mut self, name: &str, text: &str, shows: &[&str]) {
        self.take(name, text, shows, Taken::Going);
    }

    /// A sentence of the page without a picture.
    pub fn say(&mut self, text: &str) {
        write!(self.text, "{}\n\n", one_line(text)).expect("a String takes everything");
    }

    #[track_caller]
    fn take(&mut self, name: &str, text: &str, shows: &[&str], taken: Taken) {
        let number = self.numbers.start() + self.files.len();
        assert!(self.numbers.contains(&number), "{number} is a number of another part");
        let file = format!("{number:02}-{name}.txt");
        let path = in_repository(FOLDER).join(&file);
        let kept = match Mode::of_environment() {
            Mode::Compare => self.compare(&path, shows, taken),
            Mode::Renew => self.renew(&path, shows, taken),
        };
        write!(self.text, "**{number}.** {}\n\n```text\n{kept}```\n\n", one_line(text)).expect("written");
        self.files.push(file);
    }

    /// Waits until the screen shows what is kept.
    #[track_caller]
    fn compare(&mut self, path: &Path, shows: &[&str], taken: Taken) -> String {
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let limit = Instant::now() + PATIENCE;
        let mut last: Option<Picture> = None;
        loop {
            let ended = self.screen.has_ended();
            let picture = self.screen.picture();
            if last.as_ref() != Some(&picture) {
                let now = self.kept(&picture);
                if shows.iter().all(|text| picture.contains(text)) && alike(&kept, &now, taken) {
                    return kept;
                }
                last = Some(picture);
            }
            if ended || Instant::now() > limit {
                let missing: Vec<_> =
                    shows.iter().filter(|text| last.as_ref().is_some_and(|picture| !picture.contains(text))).collect();
                let now = last.as_ref().map(|picture| self.kept(picture)).unwrap_or_default();
                let difference = match taken {
                    Taken::Going => format!("{kept}is kept, and now there is\n{now}"),
                    _ => compare(path, &now, Mode::Compare).err().unwrap_or_default(),
                };
                panic!("{difference}\nnot shown: {missing:?}");
            }
            std::thread::sleep(LOOK);
        }
    }

    #[track_caller]
    fn renew(&mut self, path: &Path, shows: &[&str], taken: Taken) -> String {
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let picture = self.rested(&kept, shows, taken);
        let now = self.kept(&picture);
        // A picture of something that moves is another each time.
        if alike(&kept, &now, taken) {
            return kept;
        }
        if let Err(error) = compare(path, &now, Mode::Renew) {
            panic!("{error}");
        }
        now
    }

    /// Waits until all is shown and what is compared of the screen did not change for so long; of what was kept before
    /// it is known that nothing comes after it.
    #[track_caller]
    fn rested(&mut self, before: &str, shows: &[&str], taken: Taken) -> Picture {
        let limit = Instant::now() + PATIENCE;
        let (mut shown, mut since) = (String::new(), Instant::now());
        loop {
            let picture = self.screen.picture();
            let now = taken.compared(&self.kept(&picture));
            let quiet = if now == taken.compared(before) { DRAWN } else { taken.quiet() };
            if now != shown {
                (shown, since) = (now, Instant::now());
            }
            let missing: Vec<_> = shows.iter().filter(|text| !picture.contains(text)).collect();
            if since.elapsed() >= quiet && missing.is_empty() {
                return picture;
            }
            assert!(Instant::now() < limit, "no rest, or not shown: {missing:?}: {picture}");
            std::thread::sleep(LOOK);
        }
    }

    #[track_caller]
    pub fn wait(&mut self, text: &str) -> &mut Self {
        self.screen.wait_for(text);
        self
    }

    #[track_caller]
    pub fn gone(&mut self, text: &str) -> &mut Self {
        self.screen.wait_gone(text);
        self
    }

    #[track_caller]
    pub fn key(&mut self, key: Key) -> &mut Self {
        self.screen.key(key);
        self
    }

    #[track_caller]
    pub fn type_in(&mut self, text: &str) -> &mut Self {
        self.screen.keys(text);
        self
    }

    /// Waits until the plan shown is the one of what was chosen and decided: its first line then ends without dots.
    #[track_caller]
    pub fn planned(&mut self, counts: &str) -> &mut Self {
        self.screen.wait_until(|picture| {
            picture
                .rows()
                .get(1)
                .is_some_and(|line| line.contains(counts) && !line.contains("planning") && !line.ends_with('…'))
        });
        self
    }

    /// Clicks on a text, as soon as it is there and stays where it is; of several the nth from the top, from 0.
    #[track_caller]
    pub fn click(&mut self, text: &str, nth: usize) -> &mut Self {
        let (mut place, mut since) = (None, Instant::now());
        loop {
            let picture = self.screen.wait_until(|picture| picture.find_all(text).len() > nth);
            let now = picture.find_all(text).get(nth).copied();
            if now != place {
                (place, since) = (now, Instant::now());
            }
            match place {
                Some((col, row)) if since.elapsed() >= STAYS => {
                    self.screen.click(col, row);
                    return self;
                }
                _ => std::thread::sleep(LOOK),
            }
        }
    }

    /// Opens a row, which a click does where the cursor is: it is given with the sign of the cursor in front.
    #[track_caller]
    pub fn open(&mut self, row: &str) -> &mut Self {
        let bare = row.trim_start_matches(['▸', ' ']);
        self.wait(bare);
        if !self.screen.picture().contains(row) {
            self.click(bare, 0).wait(row);
        }
        self.click(bare, 0)
    }

    /// The program was left: the terminal is as before, and the page holds this walk.
    #[track_caller]
    pub fn end(mut self) {
        let status = self.screen.end();
        assert!(status.success(), "{status}: {}", self.screen.picture());
        self.screen.assert_restored();
        page::part(self.part, &self.text);
        page::only_these(&self.numbers, &self.files);
    }
}

fn alike(kept: &str, now: &str, taken: Taken) -> bool {
    taken.compared(kept) == taken.compared(now)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
