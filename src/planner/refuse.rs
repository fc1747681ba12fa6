//! Which findings stop a verb: those that block, and those that the user does not accept.
//! Must not know: where findings come from, or what a verb would have done.

use crate::model::{Error, ErrorKind, Finding, ItemKey, Result, Severity, code};

/// Blocking findings stop a run or an export; no option accepts them, only a decision for the item does.
/// [`ErrorKind::BlockingFinding`] with the items that they are about.
pub fn refuse_blocking(findings: &[Finding]) -> Result<()> {
    let blocking: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Blocking).collect();
    let Some(first) = blocking.first() else { return Ok(()) };
    let message = match blocking.len() {
        1 => format!("{}: {}", first.code, first.message),
        n => format!("{n} findings block this; the first is {}: {}", first.code, first.message),
    };
    let items = items_of(&blocking);
    let hint = match items.first() {
        _ if blocking.iter().all(|finding| finding.code == code::SCHEMA_BLOCKING) => {
            "nothing was changed; bring the destination's schemas up to date (`haul diff --schemas` lists what differs), or \
             leave items of these types out with --skip-blocked"
                .to_owned()
        }
        Some(key) => {
            format!("nothing was changed; settle it, leave the item out, or decide for it, such as --decide {key}=skip")
        }
        None => "nothing was changed; settle it first".to_owned(),
    };
    Err(Error::new(ErrorKind::BlockingFinding, message).hint(hint).items(items))
}

/// What a rehearsal of the plan found stops whoever asked for one, and whoever carries the plan out later.
pub fn refuse_rehearsed(findings: &[Finding]) -> Result<()> {
    let is_of_it = |finding: &&Finding| finding.code == code::REHEARSAL_REFUSED;
    refuse_blocking(&findings.iter().filter(is_of_it).cloned().collect::<Vec<_>>())
}

/// Findings of the codes that the user does not accept, as [`ErrorKind::FailOn`] with the items that they are about.
pub fn refuse_findings<'a>(findings: impl IntoIterator<Item = &'a Finding>, codes: &[String]) -> Result<()> {
    let refused: Vec<_> = findings.into_iter().filter(|finding| codes.contains(&finding.code)).collect();
    let Some(first) = refused.first() else { return Ok(()) };
    let mut found: Vec<_> = refused.iter().map(|finding| finding.code.as_str()).collect();
    found.sort_unstable();
    found.dedup();
    let message = match refused.len() {
        1 => format!("there is a finding {} that --fail-on names: {}", first.code, first.message),
        n => format!("there are {n} findings that --fail-on names: {}", found.join(", ")),
    };
    Err(Error::new(ErrorKind::FailOn, message).items(items_of(&refused)))
}

fn items_of(findings: &[&Finding]) -> Vec<ItemKey> {
    let mut items: Vec<_> = findings.iter().filter_map(|finding| finding.item.clone()).collect();
    items.sort();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn only_blocking_findings_block_and_each_item_is_named_once() {
        let key = ItemKey::new(Kind::Flow, "1");
        let warning = Finding::warning(code::LOCKED, "x").on(&key);
        assert!(refuse_blocking(std::slice::from_ref(&warning)).is_ok());
        let blocking = Finding::blocking(code::AMBIGUOUS, "y").on(&key);
        let error = refuse_blocking(&[warning, blocking.clone(), blocking]).unwrap_err();
        assert_eq!((error.exit_code(), error.item_keys()), (4, &[key][..]));
        assert!(error.hint_text().is_some_and(|hint| hint.contains("--decide flow:1=skip")));
    }

    #[test]
    fn schemas_that_block_are_settled_by_leaving_types_out() {
        let key = ItemKey::new(Kind::Schema, "a.b");
        let error = refuse_blocking(&[Finding::blocking(code::SCHEMA_BLOCKING, "x").on(&key)]).unwrap_err();
        assert!(error.hint_text().is_some_and(|hint| hint.contains("--skip-blocked")));
    }

    #[test]
    fn only_the_codes_that_were_named_fail() {
        let findings = [Finding::info(code::BACKUP, "x")];
        assert!(refuse_findings(&findings, &[code::LOCKED.to_owned()]).is_ok());
        let error = refuse_findings(&findings, &[code::BACKUP.to_owned()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FailOn);
    }
}
