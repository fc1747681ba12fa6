//! `PLATFORM:URL`, and what a remote's URL may hold.
//! Must not know: remotes, credentials.

use url::Url;

use crate::model::{Error, ErrorKind, Platform, Result, text};

/// Reads `PLATFORM:URL`. `None` where the text does not begin with a platform's name, so that it may be a path.
pub fn parse_address(address: &str) -> Option<Result<(Platform, Url)>> {
    let (name, url) = address.split_once(':')?;
    let platform = Platform::ALL.into_iter().find(|platform| platform.as_str() == name)?;
    Some(parse_url(url).map(|url| (platform, url)))
}

/// Reads the URL of a remote: http or https, with a host, without credentials, query or fragment. Trailing slashes go.
pub fn parse_url(address: &str) -> Result<Url> {
    let wrong = |why: &str| {
        // Only the scheme and host are shown: what is wrong may be a credential.
        Error::new(ErrorKind::Usage, format!("{}: {why}", shown(address)))
            .hint("a URL looks like https://cms.example.com")
    };
    let mut url = Url::parse(address).map_err(|error| wrong(&format!("this is no URL ({error})")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("only http:// and https:// can be spoken to"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("the URL holds a user or a password")
            .hint("leave it out of the URL; `haul remote add` takes --user and --credential-stdin"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("a remote's URL has no `?` and no `#`")
            .hint("leave it out; a token in a URL ends up in logs, `haul remote add` takes --credential-stdin"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// The URL as it is written down and shown: without trailing slash.
pub fn address_text(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// As much of a refused URL as surely holds no credential.
fn shown(address: &str) -> String {
    let known = Url::parse(address).ok().filter(|url| url.has_host());
    match known.as_ref().and_then(|url| Some((url.scheme(), url.host_str()?))) {
        Some((scheme, host)) => format!("{scheme}://{host}"),
        None if address.contains(['@', '?', '#']) => "the given URL".to_owned(),
        None => format!("`{}`", text::shorten(&text::printable(address), 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_slashes_do_not_matter() {
        for (typed, kept) in [
            ("https://a.example", "https://a.example"),
            ("https://a.example/", "https://a.example"),
            ("https://a.example/admin///", "https://a.example/admin"),
            ("http://LOCALHOST:3000/", "http://localhost:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(address_text(&parse_url(typed).unwrap()), kept);
        }
    }

    #[test]
    fn a_credential_in_a_url_is_refused_and_not_repeated() {
        for typed in [
            "https://anna:canary@a.example",
            "https://canary@a.example/",
            "https://a.example/?token=canary",
            "https://a.example/#canary",
            "anna:canary@host",
            "ftp://anna:canary@host/",
            "http://:canary@/",
        ] {
            let error = parse_url(typed).expect_err(typed);
            assert_eq!(error.kind(), ErrorKind::Usage);
            assert!(!error.message().contains("canary"), "{error}");
        }
    }

    #[test]
    fn what_does_not_begin_with_a_platform_is_no_address() {
        assert!(parse_address("./x").is_none());
        assert!(parse_address("C:\\bundle").is_none());
        for platform in Platform::ALL {
            let (found, url) = parse_address(&format!("{platform}:https://a.example/")).unwrap().unwrap();
            assert_eq!((found, address_text(&url)), (platform, "https://a.example"));
            assert!(parse_address(&format!("{platform}:nonsense")).unwrap().is_err());
        }
    }
}
