//! Which requests a fault strikes: `[WHEN:][METHOD ]PATH`, where WHEN counts the requests that match.
//! Must not know: what happens to a request that is struck.

/// `2:POST /flow/import` is the second upload, `3+:/flow` the third and all later requests whose path ends so,
/// `%5:/flow/*` every fifth below it. Without WHEN the first is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    when: When,
    method: Option<String>,
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Only(u64),
    From(u64),
    Every(u64),
}

impl Trigger {
    pub fn parse(text: &str) -> Result<Self, String> {
        let (when, rest) = match text.split_once(':') {
            Some((when, rest)) => (When::parse(when)?, rest),
            None => (When::Only(1), text),
        };
        let (method, path) = match rest.split_once(' ') {
            Some((method, path)) => (Some(method.to_ascii_uppercase()), path),
            None => (None, rest),
        };
        if path != "*" && !path.starts_with('/') {
            return Err(format!("{text:?} names no path: write [WHEN:][METHOD ]/path, such as 2:POST /flow/import"));
        }
        Ok(Self { when, method, path: path.to_owned() })
    }

    /// Whether the request is one of those that are counted. The path is meant with or without `/api`; a `*` at the
    /// end stands for anything.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        let path = path.strip_prefix("/api").unwrap_or(path);
        let wanted = self.path.strip_prefix("/api").unwrap_or(&self.path);
        self.method.as_deref().is_none_or(|wanted| wanted == method)
            && match wanted.strip_suffix('*') {
                Some(start) => path.starts_with(start),
                None => path == wanted,
            }
    }

    /// Whether the `count`th matching request is struck, counted from 1.
    pub fn strikes(&self, count: u64) -> bool {
        match self.when {
            When::Only(n) => count == n,
            When::From(n) => count >= n,
            When::Every(n) => count.is_multiple_of(n),
        }
    }
}

impl When {
    fn parse(text: &str) -> Result<Self, String> {
        let number = |digits: &str| match digits.parse() {
            Ok(n) if n > 0 => Ok(n),
            _ => Err(format!("{text:?} is no count: write 3 (the third), 3+ (from the third on) or %3 (every third)")),
        };
        if let Some(digits) = text.strip_prefix('%') {
            Ok(Self::Every(number(digits)?))
        } else if let Some(digits) = text.strip_suffix('+') {
            Ok(Self::From(number(digits)?))
        } else {
            Ok(Self::Only(number(text)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/flow/import", "POST", "/api/flow/import", true)]
    #[case("/flow", "GET", "/api/flow/import", false)]
    #[case("/flow*", "GET", "/api/flow/import", true)]
    #[case("GET /flow", "PUT", "/api/flow", false)]
    #[case("2:get /api/flow", "GET", "/api/flow", true)]
    #[case("*", "GET", "/anything", true)]
    fn a_trigger_matches_by_method_and_path(
        #[case] trigger: &str,
        #[case] method: &str,
        #[case] path: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(Trigger::parse(trigger).unwrap().matches(method, path), expected);
    }

    #[rstest]
    #[case("/flow", [true, false, false, false])]
    #[case("2:/flow", [false, true, false, false])]
    #[case("2+:/flow", [false, true, true, true])]
    #[case("%2:/flow", [false, true, false, true])]
    fn a_trigger_counts(#[case] trigger: &str, #[case] expected: [bool; 4]) {
        let trigger = Trigger::parse(trigger).unwrap();
        assert_eq!([1, 2, 3, 4].map(|count| trigger.strikes(count)), expected);
    }

    #[rstest]
    #[case("0:/flow")]
    #[case("x:/flow")]
    #[case("flow")]
    fn nonsense_is_refused(#[case] text: &str) {
        assert!(Trigger::parse(text).is_err());
    }
}
