//! What only Strapi can say of a replace before it is carried out.
//! Must not know: sockets, rows.

use std::collections::BTreeSet;

use crate::model::{Decision, EffectKind, Error, ErrorKind, Finding, Inventory, Kind, Plan, PlanItem, Result, code};

/// Findings of a plan that replaces; an error for one that cannot be carried out.
pub(in crate::platforms::strapi::remote) fn of(plan: &Plan, source: &Inventory) -> Result<Vec<Finding>> {
    let replaced = plan.replaced();
    let takes_files = replaced.contains(&(Kind::Asset, None));
    refuse_partial_files(plan, takes_files)?;
    let blocked = "while it is written to, a server whose database is SQLite answers nobody";
    let mut findings = vec![Finding::info(code::SERVER_BLOCKED, blocked)];
    findings.extend(without_creators(plan));
    match plan.options.one_transaction {
        true => findings.push(Finding::warning(code::NOT_ATOMIC, ONE_TRANSACTION)),
        false => findings.extend(of_files(plan, takes_files)),
    }
    findings.extend(without_files(plan, source));
    Ok(findings)
}

/// What no way of replacing carries.
pub(in crate::platforms::strapi) fn without_creators(plan: &Plan) -> Option<Finding> {
    let entries = plan.written().filter(|item| item.key.kind == Kind::Entry).count();
    let sentence =
        format!("`createdBy` and `updatedBy` of {entries} entries are empty afterwards: no transfer carries them");
    (entries > 0).then(|| Finding::info(code::CREATORS_EMPTY, sentence))
}

const ONE_TRANSACTION: &str = "all files are deleted before the new ones come: if it fails, the rows are as they were, but \
    the old files lie in public/uploads_backup_… on the server and have to be moved back by hand, and with other providers \
    than the local one they are gone";

/// Deleting files deletes all of them.
fn refuse_partial_files(plan: &Plan, takes_files: bool) -> Result<()> {
    if takes_files || !plan.options.one_transaction {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, "--one-transaction deletes all files, but this plan keeps the media library")
        .hint("leave it out: files that are missing are added without it"))
}

/// What the order of two transactions means for files.
fn of_files(plan: &Plan, takes_files: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let gone = plan.effects.iter().filter(|effect| effect.effect == EffectKind::Delete && effect.kind == Kind::Asset);
    let gone: u64 = gone.map(|effect| effect.count).sum();
    if takes_files && gone > 0 {
        let sentence = format!("the files of {gone} deleted records stay on the server's disk, used by nothing");
        findings.push(Finding::info(code::FILES_STAY, sentence));
    }
    let differs = |item: &&PlanItem| {
        item.key.kind == Kind::Asset && item.decision == Decision::Overwrite && item.changed == Some(true)
    };
    findings.extend(plan.written().filter(differs).map(|item| {
        let sentence = format!(
            "{}: where the destination has other bytes under the same name on disk, this one is called …_haul there",
            item.name
        );
        Finding::info(code::SAME_FILE_NAME, sentence).on(&item.key)
    }));
    findings
}

/// Records that come without their files.
fn without_files(plan: &Plan, source: &Inventory) -> Option<Finding> {
    let left_out = !plan.options.selection.carries_files();
    let known = [code::MISSING_FILE, code::FILES_ELSEWHERE, code::FILES_LEFT_OUT];
    let said: BTreeSet<&str> = source.findings.iter().map(|finding| &*finding.code).collect();
    let writes_files = plan.written().any(|item| item.key.kind == Kind::Asset);
    (writes_files && (left_out || known.iter().any(|code| said.contains(code)))).then(|| {
        let sentence = "records of files come without their files, where the source has none or they are left out";
        Finding::warning(code::FILES_LEFT_OUT, sentence)
    })
}
