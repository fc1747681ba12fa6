//! What only Strapi can say of a replace before it is carried out.
//! Must not know: sockets, rows.

use super::missing::WAYS_OUT;
use crate::model::{
    Decision, EffectKind, Error, ErrorKind, Finding, Inventory, Kind, Plan, PlanItem, Result, Severity, code,
};

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
    let media = plan.written().filter(|item| item.key.kind == Kind::Asset).count();
    if media > 0 {
        // Which names are taken there, the run sees.
        let files = format!("of {media} media, the files that the destination does not have yet under the same name");
        findings.push(two_transactions(&files));
    }
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

/// Records that would come without their files: what is replaced by them shows pictures that are not there.
fn without_files(plan: &Plan, source: &Inventory) -> Vec<Finding> {
    let media = plan.written().filter(|item| item.key.kind == Kind::Asset).count();
    let says = |code: &str| {
        source.findings.iter().any(|finding| finding.code == code && finding.severity == Severity::Warning)
    };
    let mut findings = Vec::new();
    if media > 0 && says(code::FILES_LEFT_OUT) {
        let sentence = format!(
            "the source holds records of {media} media and none of their files; `--exclude files` keeps the media library of \
             the destination, and relations to what it has"
        );
        findings.push(Finding::blocking(code::FILES_LEFT_OUT, sentence));
    }
    if media > 0 && says(code::MISSING_FILE) {
        findings.push(match plan.options.one_transaction {
            true => Finding::blocking(
                code::MISSING_FILE,
                format!("with --one-transaction the files of the destination go, and of some media none comes: {WAYS_OUT}"),
            ),
            false => {
                let sentence = "records of media whose files the source lacks come without them; a file that the destination \
                    has under the same name stays there, and the run then says that the destination holds something else";
                Finding::warning(code::MISSING_FILE, format!("{sentence}. If that is not wanted, {WAYS_OUT}"))
            }
        });
    }
    findings
}

/// What a killed run can leave behind, for no server takes a transaction back that has ended. `files` are those of the first.
pub(super) fn two_transactions(files: &str) -> Finding {
    let message = format!(
        "{files} are written first, in a transaction of their own that deletes nothing; if the second one fails they are \
         taken back, and if the run is killed between the two they stay, used by nothing, until `haul runs resume`"
    );
    Finding::info(code::TWO_TRANSACTIONS, message)
}
