//! What two versions of Strapi mean for content that moves between them.
//! Must not know: schemas.

use crate::model::{Finding, code};

/// Nothing where they are equal, or where one of them is not known.
pub(super) fn differs(source: Option<&str>, destination: Option<&str>) -> Option<Finding> {
    let (ours, theirs) = source.zip(destination).filter(|(ours, theirs)| ours != theirs)?;
    let versions = format!("the source is Strapi {ours}, the destination {theirs}");
    Some(match major(ours) == major(theirs) {
        // `strapi transfer` insists on equal versions, `strapi import` does not ask, and no server does.
        true => Finding::info(code::VERSION_DIFFERS, format!("{versions}; what differs for content, the schemas say")),
        false => {
            let why =
                "content has another form there: rows, locales, drafts and relations would arrive as something else";
            Finding::blocking(code::VERSION_DIFFERS, format!("{versions}: {why}"))
        }
    })
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;
    use rstest::rstest;

    #[rstest]
    #[case::equal(Some("5.54.0"), Some("5.54.0"), None)]
    #[case::unknown(None, Some("5.54.0"), None)]
    #[case::minor(Some("5.12.1"), Some("5.54.0"), Some(Severity::Info))]
    #[case::major(Some("4.26.2"), Some("5.54.0"), Some(Severity::Blocking))]
    #[case::backwards(Some("5.0.0"), Some("4.26.2"), Some(Severity::Blocking))]
    fn another_major_version_blocks(
        #[case] source: Option<&str>,
        #[case] destination: Option<&str>,
        #[case] severity: Option<Severity>,
    ) {
        assert_eq!(differs(source, destination).map(|finding| finding.severity), severity);
    }
}
