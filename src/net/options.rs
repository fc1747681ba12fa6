//! How patient and how polite the client is, and what a base URL must look like.
//! Must not know: who calls.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::{Host, Url};

use crate::model::{Error, ErrorKind, Result};

/// What the user can say about every call of a verb.
#[derive(Clone)]
pub struct NetOptions {
    pub connect_timeout: Duration,
    /// From the request's first byte to the answer's first byte.
    pub first_byte_timeout: Duration,
    /// No byte for so long while an answer is read.
    pub stall_timeout: Duration,
    /// Repeats of a call that is safe to repeat, after its first try.
    pub retries: u32,
    /// Requests in a second.
    pub rate: Option<f64>,
    /// Certificates of further authorities, PEM.
    pub ca_file: Option<PathBuf>,
    pub headers: Vec<(String, String)>,
    /// Allows plain http beyond loopback.
    pub insecure: bool,
    /// Whether files are checked by the checksums that servers give and take, where they do.
    pub checksums: bool,
    /// A pause for each row that is written, to spare a server.
    pub throttle: Duration,
    /// The folder in which it is kept until when servers asked for patience, for processes that come later.
    pub waits: Option<PathBuf>,
}

impl Default for NetOptions {
    fn default() -> Self {
        NetOptions {
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(30),
            retries: 4,
            rate: None,
            ca_file: None,
            headers: Vec::new(),
            insecure: false,
            checksums: true,
            throttle: Duration::ZERO,
            waits: None,
        }
    }
}

/// Header values may be credentials, so only names are shown.
impl std::fmt::Debug for NetOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("NetOptions")
            .field("connect_timeout", &self.connect_timeout)
            .field("first_byte_timeout", &self.first_byte_timeout)
            .field("stall_timeout", &self.stall_timeout)
            .field("retries", &self.retries)
            .field("rate", &self.rate)
            .field("ca_file", &self.ca_file)
            .field("headers", &names)
            .field("insecure", &self.insecure)
            .finish()
    }
}

impl NetOptions {
    /// Refuses a base URL over which credentials would travel in clear text, and one that holds a credential.
    pub(super) fn accept(&self, base: &Url) -> Result<()> {
        if !base.username().is_empty() || base.password().is_some() {
            return Err(Error::new(ErrorKind::Usage, "a URL must not hold a user or a password")
                .hint("give the URL without them; see `haul remote add --help` for where credentials go"));
        }
        match base.scheme() {
            "https" => Ok(()),
            "http" if self.insecure || is_loopback(base) => Ok(()),
            "http" => Err(Error::new(
                ErrorKind::Usage,
                format!("{} would send credentials in clear text", base.host_str().unwrap_or("this URL")),
            )
            .hint("use https, or allow it with --insecure")),
            other => Err(Error::new(ErrorKind::Usage, format!("`{other}` is no scheme of a server"))
                .hint("a URL starts with https:// or http://")),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        let options = NetOptions::default();
        for (url, fine) in [
            ("https://cms.example.com", true),
            ("http://localhost:3000", true),
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://cms.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://10.0.0.1", false),
            ("ftp://localhost", false),
            ("https://user:pw@cms.example.com", false),
        ] {
            let url: Url = url.parse().expect(url);
            let answer = options.accept(&url);
            assert_eq!(answer.is_ok(), fine, "{url}");
            if let Err(error) = answer {
                assert!(!error.to_string().contains("pw@"), "{error}");
            }
        }
        let insecure = NetOptions { insecure: true, ..options };
        assert!(insecure.accept(&"http://cms.example.com".parse().expect("a URL")).is_ok());
    }

    #[test]
    fn header_values_are_not_shown() {
        let options = NetOptions { headers: vec![("X-Key".into(), "canary".into())], ..NetOptions::default() };
        let shown = format!("{options:?}");
        assert!(shown.contains("X-Key") && !shown.contains("canary"), "{shown}");
    }
}
