//! Hides what a project keeps secret in what its programs say: values of its `.env` files and of the environment.
//! Must not know: who speaks.

use std::fs;
use std::path::Path;

/// Words in the name of a variable that make its value a secret.
const NAMES: [&str; 12] =
    ["SECRET", "SALT", "KEY", "TOKEN", "PASS", "PWD", "CREDENTIAL", "AUTH", "PRIVATE", "_URL", "_URI", "_DSN"];
/// A shorter value is more likely to be part of a word than to be worth hiding.
const SHORTEST: usize = 4;
/// A value of the project's own file that is at least so long and no path is taken for a secret, whatever its name.
const LONG: usize = 16;
const HIDDEN: &str = "(hidden)";

/// Values that are never shown.
pub(super) struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secrets {
    /// Those of a project and of the environment that it inherits.
    pub fn of(folder: &Path) -> Secrets {
        let mut values = Vec::new();
        for file in env_files(folder) {
            let text = fs::read_to_string(file).unwrap_or_default();
            values.extend(assignments(&text).filter(|(name, value)| is_secret(name) || is_long(value)).map(|(_, v)| v));
        }
        let inherited = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        values.extend(inherited.filter(|(name, _)| is_secret(name)).filter_map(|(_, value)| value.into_string().ok()));
        Secrets::new(values)
    }

    fn new(values: impl IntoIterator<Item = String>) -> Secrets {
        let mut all: Vec<String> = Vec::new();
        for value in values {
            // Lists, such as APP_KEYS, are told in parts too.
            all.extend(value.split(',').map(|part| part.trim().to_owned()));
            all.push(value);
        }
        all.retain(|value| value.len() >= SHORTEST);
        // The longest first, so that no part of it is left over.
        all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all.dedup();
        Secrets(all)
    }

    pub fn hide(&self, text: &str) -> String {
        let hidden = |text: String, secret: &String| match text.contains(secret.as_str()) {
            true => text.replace(secret.as_str(), HIDDEN),
            false => text,
        };
        self.0.iter().fold(text.to_owned(), hidden)
    }
}

/// `.env`, `.env.local` and the like.
fn env_files(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name == ".env" || name.starts_with(".env."))
    })
}

fn assignments(text: &str) -> impl Iterator<Item = (String, String)> {
    text.lines().filter_map(|line| {
        let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
        let value = value.trim();
        let quoted = ['"', '\'', '`'].into_iter().find_map(|c| value.strip_prefix(c)?.split(c).next());
        (!name.starts_with('#')).then(|| (name.trim().to_owned(), quoted.unwrap_or(value).to_owned()))
    })
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    // Addresses of agents and lists of paths are no secrets, and hiding them would make messages unreadable.
    name != "SSH_AUTH_SOCK" && NAMES.iter().any(|word| name.contains(word))
}

fn is_long(value: &str) -> bool {
    value.len() >= LONG && !value.contains(['/', '\\', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_env_files_are_hidden_and_other_words_stay() {
        let folder = tempfile::tempdir().unwrap();
        let env = "HOST=127.0.0.1\nAPP_KEYS=\"firstKey==,secondKey==\"\n# A_KEY=commented\nDATABASE_PASSWORD='p w'\n\
                   DATABASE_CLIENT=sqlite\nexport OTHER=abcdefghijklmnop1234\nADMIN_JWT_SECRET=abc\n";
        fs::write(folder.path().join(".env"), env).unwrap();
        fs::write(folder.path().join(".env.local"), "JWT_SECRET=from-local\n").unwrap();
        let secrets = Secrets::of(folder.path());
        let said = "sqlite at 127.0.0.1: firstKey== secondKey== abcdefghijklmnop1234 from-local commented abc";
        let shown = secrets.hide(said);
        assert_eq!(shown, "sqlite at 127.0.0.1: (hidden) (hidden) (hidden) (hidden) commented abc");
        assert!(!format!("{secrets:?}").contains("firstKey"));
    }

    #[test]
    fn a_secret_that_holds_another_one_leaves_nothing_over() {
        let secrets = Secrets::new(["abcd".to_owned(), "abcdefgh".to_owned()]);
        assert_eq!(secrets.hide("x abcdefgh abcd"), "x (hidden) (hidden)");
    }
}
