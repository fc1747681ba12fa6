//! How findings are told: each with the item that it is about, and in groups, what matters most first.
//! Must not know: how a finding came about, or how many of a group are shown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{Finding, ItemKey, Severity};

/// The message behind the item that it is about, unless it names that itself. `names` are those of the items, as far
/// as they are known. To be made printable by whoever shows it.
pub fn finding_sentence<'a>(finding: &'a Finding, names: &BTreeMap<&ItemKey, &str>) -> Cow<'a, str> {
    let Some(item) = &finding.item else { return Cow::Borrowed(&finding.message) };
    let called = match names.get(item) {
        Some(name) => format!("{} `{name}`", item.kind),
        None => item.to_string(),
    };
    // What is no part of a plan is called by its id, which the sentence may begin with.
    let begins_so = !names.contains_key(item) && finding.message.starts_with(&*item.id);
    match finding.message.contains(&called) || begins_so {
        true => Cow::Borrowed(&finding.message),
        false => Cow::Owned(format!("{called}: {}", finding.message)),
    }
}

/// Findings of one severity and code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingGroup<'a> {
    pub severity: Severity,
    pub code: &'a str,
    /// By item and sentence; never empty.
    pub findings: Vec<&'a Finding>,
}

/// Groups findings by severity, blocking first, and code.
pub fn finding_groups(findings: &[Finding]) -> Vec<FindingGroup<'_>> {
    let mut sorted: Vec<_> = findings.iter().collect();
    sorted.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
    sorted.chunk_by(|a, b| (a.severity, &a.code) == (b.severity, &b.code)).filter_map(group_of).collect()
}

fn group_of<'a>(findings: &[&'a Finding]) -> Option<FindingGroup<'a>> {
    let first = *findings.first()?;
    Some(FindingGroup { severity: first.severity, code: &first.code, findings: findings.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, code};

    #[test]
    fn blocking_findings_come_first_and_one_code_stays_together() {
        let list = [
            Finding::info(code::BACKUP, "c"),
            Finding::warning(code::LOCKED, "b"),
            Finding::blocking(code::AMBIGUOUS, "x"),
            Finding::warning(code::LOCKED, "a"),
        ];
        let groups = finding_groups(&list);
        let told: Vec<_> =
            groups.iter().map(|group| (group.code, group.findings.iter().map(|f| &*f.message).collect())).collect();
        let expected: [(&str, Vec<&str>); 3] =
            [(code::AMBIGUOUS, vec!["x"]), (code::LOCKED, vec!["a", "b"]), (code::BACKUP, vec!["c"])];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_finding_names_its_item_once() {
        let key = ItemKey::new(Kind::Flow, "1");
        let names = BTreeMap::from([(&key, "a")]);
        let finding = Finding::info(code::LOCKED, "is locked").on(&key);
        assert_eq!(finding_sentence(&finding, &names), "flow `a`: is locked");
        assert_eq!(finding_sentence(&finding, &BTreeMap::new()), "flow:1: is locked");
        let named = Finding::info(code::LOCKED, "the flow `a` is locked").on(&key);
        assert_eq!(finding_sentence(&named, &names), "the flow `a` is locked");
    }
}
