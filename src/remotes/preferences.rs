//! How this user likes the workbench: the table `[workbench]` of `config.toml`.
//! Must not know: what a theme looks like, or which commands there are.

use std::collections::BTreeMap;
use std::time::Duration;

use toml_edit::{Document, Item};

use super::Paths;
use super::config::{line_of, no_toml, read, wrong};
use crate::model::{Error, Result, text};

const TABLE: &str = "workbench";
const KEYS: [&str; 4] = ["theme", "mouse", "bell-after", "keys"];

/// What the user prefers, as plain data. What the file does not say is as [`Preferences::default`] has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    pub theme: Theme,
    pub mouse: bool,
    /// The bell rings at the end of a run that took longer; `None` never.
    pub bell_after: Option<Duration>,
    /// Keys of commands, over those that the workbench gives them; an empty list takes a command its keys.
    pub keys: BTreeMap<String, KeysOfCommand>,
}

/// What the user gives a command instead of its own keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysOfCommand {
    pub keys: Vec<String>,
    /// Where the file says so, counted from 1; for whoever finds that a key is none.
    pub line: usize,
}

impl Default for Preferences {
    fn default() -> Self {
        Preferences {
            theme: Theme::Auto,
            mouse: true,
            bell_after: Some(Duration::from_secs(10)),
            keys: BTreeMap::new(),
        }
    }
}

/// The colours of the workbench.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the terminal is.
    #[default]
    Auto,
    Dark,
    Light,
    /// No colours.
    Plain,
}

impl Theme {
    pub const ALL: [Theme; 4] = [Theme::Auto, Theme::Dark, Theme::Light, Theme::Plain];

    pub fn as_str(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Dark => "dark",
            Theme::Light => "light",
            Theme::Plain => "plain",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Theme::ALL.into_iter().find(|theme| theme.as_str() == text)
    }
}

impl Preferences {
    /// Reads them. A missing file or table is no error; an unknown key or value is [`crate::model::ErrorKind::Usage`]
    /// with its line and a suggestion.
    pub fn read(paths: &Paths) -> Result<Self> {
        let path = paths.config_file();
        match read(&path)? {
            Some(text) => of_text(&text).map_err(|error| error.at(path.display())),
            None => Ok(Preferences::default()),
        }
    }
}

fn of_text(text: &str) -> Result<Preferences> {
    let document = Document::parse(text).map_err(|error| no_toml(text, &error))?;
    let mut preferences = Preferences::default();
    let Some(item) = document.get(TABLE) else { return Ok(preferences) };
    let table = item.as_table_like().ok_or_else(|| mistake(text, item, "`workbench` is no table"))?;
    for (key, item) in table.iter() {
        match key {
            "theme" => preferences.theme = theme(text, item)?,
            "mouse" => {
                let wrong = || mistake(text, item, "`mouse` is neither true nor false");
                preferences.mouse = item.as_bool().ok_or_else(wrong)?;
            }
            "bell-after" => preferences.bell_after = bell_after(text, item)?,
            "keys" => preferences.keys = keys(text, item)?,
            unknown => {
                let near = text::nearest(unknown, KEYS).map(|near| format!(", did you mean `{near}`?"));
                let message = format!("`workbench` has an unknown key `{unknown}`{}", near.unwrap_or_default());
                return Err(mistake(text, item, message));
            }
        }
    }
    Ok(preferences)
}

fn mistake(text: &str, item: &Item, message: impl std::fmt::Display) -> Error {
    wrong(text, item.span(), message).hint("mend the file; docs/workbench.md lists what `[workbench]` takes")
}

fn theme(text: &str, item: &Item) -> Result<Theme> {
    let typed = item.as_str().unwrap_or_default();
    Theme::parse(typed).ok_or_else(|| {
        let words = Theme::ALL.map(Theme::as_str);
        let near = text::nearest(typed, words).map(|near| format!(", did you mean `{near}`?"));
        let near = near.unwrap_or_else(|| format!(", it is one of {}", words.join(", ")));
        mistake(text, item, format!("`{}` is no theme{near}", text::printable(typed)))
    })
}

fn bell_after(text: &str, item: &Item) -> Result<Option<Duration>> {
    let seconds = item.as_integer().and_then(|seconds| u64::try_from(seconds).ok());
    let seconds = seconds.ok_or_else(|| mistake(text, item, "`bell-after` is no number of seconds, from 0"))?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
}

fn keys(text: &str, item: &Item) -> Result<BTreeMap<String, KeysOfCommand>> {
    let table = item.as_table_like().ok_or_else(|| mistake(text, item, "`workbench.keys` is no table"))?;
    let keys = table.iter().map(|(command, item)| {
        let wrong = || mistake(text, item, format!("the key of `{command}` is neither text nor a list of texts"));
        let keys = match (item.as_str(), item.as_array()) {
            (Some(key), _) => vec![key.to_owned()],
            (None, Some(list)) => {
                let texts = list.iter().map(|key| key.as_str().map(str::to_owned));
                texts.collect::<Option<_>>().ok_or_else(wrong)?
            }
            (None, None) => return Err(wrong()),
        };
        Ok((command.to_owned(), KeysOfCommand { keys, line: line_of(text, item.span()) }))
    });
    keys.collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::model::ErrorKind;

    fn read(config: &str) -> Result<Preferences> {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::at(folder.path(), folder.path());
        if !config.is_empty() {
            std::fs::write(paths.config_file(), config).unwrap();
        }
        Preferences::read(&paths)
    }

    #[test]
    fn what_is_not_said_is_the_default() {
        assert_eq!(read("").unwrap(), Preferences::default());
        assert_eq!(read("[remotes.a]\nplatform = \"ziggy\"\n").unwrap(), Preferences::default());
        let config = "[workbench]\ntheme = \"light\"\nmouse = false\nbell-after = 0\n\n[workbench.keys]\n\
                      \"plan.skip\" = \"x\"\n\"quit\" = [\"q\", \"ctrl-q\"]\n";
        let read = read(config).unwrap();
        assert_eq!((read.theme, read.mouse, read.bell_after), (Theme::Light, false, None));
        let said = |command: &str| (read.keys[command].keys.join(" "), read.keys[command].line);
        assert_eq!(said("plan.skip"), ("x".to_owned(), 7));
        assert_eq!(said("quit"), ("q ctrl-q".to_owned(), 8));
    }

    #[rstest]
    #[case::a_key("[workbench]\nthem = \"dark\"\n", 2, "did you mean `theme`?")]
    #[case::a_theme("[workbench]\n\ntheme = \"drak\"\n", 3, "did you mean `dark`?")]
    #[case::another_theme("[workbench]\ntheme = 5\n", 2, "auto, dark, light, plain")]
    #[case::a_word("[workbench]\nmouse = \"yes\"\n", 2, "mouse")]
    #[case::a_number("[workbench]\nbell-after = -1\n", 2, "bell-after")]
    #[case::a_list("[workbench.keys]\n\"a\" = [1]\n", 2, "`a`")]
    #[case::no_table("workbench = 1\n", 1, "no table")]
    fn what_is_not_understood_is_named_with_its_line(#[case] config: &str, #[case] line: usize, #[case] said: &str) {
        let error = read(config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.message().contains(&format!("line {line}:")) && error.message().contains(said), "{error}");
    }
}
