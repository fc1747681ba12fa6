//! The environment as a value, so that what rests on it can be tested without touching the process.
//! Must not know: which variables matter.

use std::collections::BTreeMap;

/// The variables of an environment. Values are not printed: some are credentials.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// That of this process. Variables that are no Unicode are left out; none of ours can be such.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of a variable; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The same environment with other values for these variables, and without those whose names begin with `dropped`.
    #[must_use]
    pub fn with<N: Into<String>, V: Into<String>>(
        &self,
        dropped: &str,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut variables = self.0.clone();
        variables.retain(|name, _| !name.starts_with(dropped));
        variables.extend(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
        Environment(variables)
    }

    /// The variables whose names begin so, with the rest of the name.
    pub fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
            .filter(|(_, value)| !value.is_empty())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(pairs: T) -> Self {
        Environment(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
