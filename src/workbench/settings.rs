//! What the workbench is set up with: the user's preferences, and what the terminal says of its colours.
//! Must not know: what a setting changes.

use std::path::PathBuf;

use super::keymap::Keymap;
use super::program::Demo;
use super::state::Settings;
use super::theme::Theme;
use crate::model::Result;
use crate::remotes::{self, Environment, Paths, Preferences};

/// Reads them. A mistake in the file is an error that names its line.
pub fn read(environment: &Environment, paths: &Paths, demo: Option<&Demo>) -> Result<Settings> {
    let preferences = Preferences::read(paths)?;
    let theme = theme(environment, preferences.theme);
    Ok(Settings {
        theme,
        pictures: theme != Theme::Plain && has_all_colours(environment),
        keymap: keymap(&preferences).map_err(|error| error.at(paths.config_file().display()))?,
        bell_after: preferences.bell_after.map_or(0, |time| time.as_secs()),
        mouse: preferences.mouse,
        folder: demo.map_or_else(|| PathBuf::from("."), |demo| demo.folder.clone()),
        hint: demo.map(|demo| demo.hint.clone()),
        fleeting: demo.is_some(),
        zone: jiff::tz::TimeZone::system(),
    })
}

fn keymap(preferences: &Preferences) -> Result<Keymap> {
    let mut keymap = Keymap::default();
    for (id, given) in &preferences.keys {
        let patched = keymap.patch(id, given.keys.iter().map(String::as_str));
        patched.map_err(|error| error.at(format_args!("line {}", given.line)))?;
    }
    for (id, given) in &preferences.keys {
        keymap.check(id).map_err(|error| error.at(format_args!("line {}", given.line)))?;
    }
    Ok(keymap)
}

/// No colour where the environment wants none, whatever else was said; else what the user chose; else what the
/// terminal says of itself. Of a background that is not known nothing is assumed: the terminal's own sixteen colours
/// fit it.
fn theme(environment: &Environment, chosen: remotes::Theme) -> Theme {
    let refused = environment.get("NO_COLOR").is_some()
        || environment.get("CLICOLOR") == Some("0")
        || environment.get("TERM") == Some("dumb");
    match chosen {
        _ if refused => Theme::Plain,
        remotes::Theme::Plain => Theme::Plain,
        remotes::Theme::Dark => Theme::Dark,
        remotes::Theme::Light => Theme::Light,
        remotes::Theme::Auto => theme_of_terminal(environment),
    }
}

fn has_all_colours(environment: &Environment) -> bool {
    let says = environment.get("COLORTERM").unwrap_or_default();
    says.contains("truecolor") || says.contains("24bit")
}

fn theme_of_terminal(environment: &Environment) -> Theme {
    if !has_all_colours(environment) {
        return Theme::Ansi;
    }
    // `FOREGROUND;BACKGROUND`, as numbers of the sixteen colours; 7 and from 9 on are light.
    let background = environment.get("COLORFGBG").and_then(|value| value.rsplit(';').next()?.parse::<u8>().ok());
    match background {
        Some(7 | 9..=15) => Theme::Light,
        Some(0..=6 | 8) => Theme::Dark,
        _ => Theme::Ansi,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::model::{Error, ErrorKind};

    fn with(config: &str, variables: &[(&str, &str)]) -> Result<Settings, Error> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let paths = Paths::at(folder.path(), folder.path());
        read(&Environment::from_iter(variables.iter().copied()), &paths, None)
    }

    #[rstest]
    #[case::nothing_said("", &[], Theme::Ansi)]
    #[case::many_colours("", &[("COLORTERM", "truecolor")], Theme::Ansi)]
    #[case::many_on_dark("", &[("COLORTERM", "truecolor"), ("COLORFGBG", "15;0")], Theme::Dark)]
    #[case::many_on_light("", &[("COLORTERM", "24bit"), ("COLORFGBG", "0;default;15")], Theme::Light)]
    #[case::few_on_light("", &[("COLORFGBG", "0;15")], Theme::Ansi)]
    #[case::no_number("", &[("COLORTERM", "truecolor"), ("COLORFGBG", "default;default")], Theme::Ansi)]
    #[case::chosen("theme = \"dark\"", &[], Theme::Dark)]
    #[case::chosen_plain("theme = \"plain\"", &[("COLORTERM", "truecolor")], Theme::Plain)]
    #[case::no_color("theme = \"light\"", &[("NO_COLOR", "1"), ("COLORTERM", "truecolor")], Theme::Plain)]
    #[case::an_empty_no_color("theme = \"light\"", &[("NO_COLOR", "")], Theme::Light)]
    #[case::clicolor("theme = \"light\"", &[("CLICOLOR", "0")], Theme::Plain)]
    #[case::dumb("", &[("TERM", "dumb")], Theme::Plain)]
    fn the_theme(#[case] line: &str, #[case] variables: &[(&str, &str)], #[case] theme: Theme) {
        assert_eq!(with(&format!("[workbench]\n{line}\n"), variables).unwrap().theme, theme);
    }

    #[test]
    fn what_the_user_prefers_is_taken() {
        let config =
            "[workbench]\nmouse = false\nbell-after = 0\n[workbench.keys]\n\"quit\" = \"Q\"\n\"help\" = \"q\"\n";
        let settings = with(config, &[]).unwrap();
        assert_eq!((settings.mouse, settings.bell_after, settings.fleeting), (false, 0, false));
        let keys = |id| settings.keymap.shown(crate::workbench::command::find(id).unwrap());
        assert_eq!((keys("quit").as_deref(), keys("help").as_deref()), (Some("Q"), Some("q")));
    }

    #[rstest]
    #[case::a_command("[workbench.keys]\n\n\"plan.rnu\" = \"x\"\n", 3, "no command `plan.rnu`")]
    #[case::a_key("[workbench.keys]\n\"quit\" = [\"q\", \"hyper-x\"]\n", 2, "`hyper-x` is no key")]
    #[case::a_clash("[workbench.keys]\n\"quit\" = \"?\"\n", 2, "`help`")]
    fn a_mistake_is_named_with_file_and_line(#[case] config: &str, #[case] line: usize, #[case] said: &str) {
        let error = with(config, &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        let message = error.message();
        assert!(message.contains("config.toml: ") && message.contains(&format!("line {line}: ")), "{message}");
        assert!(message.contains(said), "{message}");
    }
}
