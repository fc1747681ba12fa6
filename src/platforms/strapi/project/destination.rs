//! A local project as a destination: its own `strapi import` replaces what it holds. That command deletes whatever it is not told
//! to leave, so that a plan that keeps a part of the content is refused.
//! Must not know: runs, the screen, how the command is carried out.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::import::{options_for, prepared};
use super::{Project, not_merged};
use crate::model::{
    Destination, EffectKind, Error, ErrorKind, EventSink, Finding, Inventory, ItemKey, ItemOutcome, Kind, Mode, Part,
    Plan, PlanItem, PlanOptions, Rehearsal, Result, Source, Step, StepOutcome, Work, code,
};
use crate::platforms::strapi::Tally;
use crate::platforms::strapi::layout::{Place, Stage};
use crate::platforms::strapi::lines::{LineWriter, each_line};
use crate::platforms::strapi::link::{End as LinkEnd, Link};
use crate::platforms::strapi::listing::parse;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::remote::{
    End, Spool, refuse_other_deletions, same_amounts, source_end, without_creators,
};
use crate::platforms::strapi::row::Row;
use crate::platforms::strapi::source::blocking;
use crate::platforms::strapi::suit::Shape;
use crate::platforms::strapi::v4::unnamed;

/// The only step: the command takes all or nothing.
const REPLACE: &str = "replace";
/// Parts of an archive that are taken as they are.
const ASSETS: [&str; 2] = ["assets/metadata", "assets/uploads"];

#[async_trait]
impl Destination for Project {
    fn refuse_options(&self, options: &PlanOptions) -> Result<()> {
        if options.mode == Mode::Merge {
            return Err(not_merged(&self.info.location));
        }
        let selection = &options.selection;
        let narrowed = !selection.types.is_empty() || !selection.exclude_types.is_empty();
        if narrowed || selection.only == [Part::Files] || selection.exclude.contains(&Part::Content) {
            let message =
                "a project that does not run is replaced as a whole: its own `strapi import` deletes every type";
            return Err(Error::new(ErrorKind::Usage, message).hint(
                "start it and name its address to replace single types or to add files; --exclude files, --exclude config and \
                 --only config narrow what is replaced here",
            ));
        }
        Ok(())
    }

    fn steps(&self, plan: &Plan) -> Vec<Step> {
        let items: Vec<ItemKey> = plan.written().map(|item| item.key.clone()).collect();
        if items.is_empty() { Vec::new() } else { vec![Step { name: REPLACE.to_owned(), items }] }
    }

    async fn perform(&self, step: &Step, work: &Work<'_>, _: &dyn EventSink) -> Result<StepOutcome> {
        let content = work.content.ok_or_else(|| Error::new(ErrorKind::Internal, "there is no content to write"))?;
        let findings = self.replace(work.plan, content).await.map_err(|error| error.at(&self.info.location))?;
        let done = |key: &ItemKey| ItemOutcome { item: key.clone(), new_id: None, error: None };
        Ok(StepOutcome { items: step.items.iter().map(done).collect(), findings, ..StepOutcome::default() })
    }

    async fn conclude(&self, work: &Work<'_>, _: &dyn EventSink) -> Result<Vec<Finding>> {
        let Some(content) = work.content else { return Ok(Vec::new()) };
        // What the comparison before listed.
        let there = self.listed().await?.spool;
        same_amounts(work.plan.clone(), content, there).await.map_err(|error| error.at(&self.info.location))?;
        Ok(Vec::new())
    }

    async fn rehearse(&self, _: &Work<'_>, _: &dyn EventSink) -> Result<Rehearsal> {
        let message = format!("{} is a local project, which takes nothing back", self.info.location);
        Err(Error::new(ErrorKind::Usage, message).hint("leave --rehearse out; the plan alone changes nothing"))
    }

    async fn remarks(&self, plan: &Plan, source: &Inventory, destination: &Arc<Inventory>) -> Result<Vec<Finding>> {
        refuse_what_would_go(plan, destination).map_err(|error| error.at(&self.info.location))?;
        let sentence = format!(
            "runs the project's own `strapi import --force` in {}, which starts Strapi there: stop a server that runs on it, which \
             would hold settings and permissions of before, and on SQLite stands in the way",
            self.info.location
        );
        let mut findings = vec![Finding::info(code::RUNS_PROJECT, sentence)];
        findings.extend(without_creators(plan));
        let brings_files = plan.options.selection.carries_files() && plan.written().any(is_asset);
        if brings_files {
            findings.push(Finding::warning(code::NOT_ATOMIC, NOT_ATOMIC));
        }
        let gone =
            plan.effects.iter().filter(|effect| effect.effect == EffectKind::Delete && effect.kind == Kind::Asset);
        let gone: u64 = gone.map(|effect| effect.count).sum();
        if gone > 0 && !brings_files {
            let sentence = format!("the files of {gone} deleted records stay in public/uploads, used by nothing");
            findings.push(Finding::info(code::FILES_STAY, sentence));
        }
        findings.extend(without_files(plan, source));
        Ok(findings)
    }
}

const NOT_ATOMIC: &str = "`strapi import` puts all files aside before the new ones come: if it fails before they are written, they are \
    put back, and the database is as before; if it fails later, at relations or settings, the database is as before and the old \
    files are gone from public/uploads: the snapshot has them";

fn is_asset(item: &PlanItem) -> bool {
    item.key.kind == Kind::Asset
}

/// Records that come without their files.
fn without_files(plan: &Plan, source: &Inventory) -> Option<Finding> {
    let says = |finding: &Finding| [code::MISSING_FILE, code::FILES_LEFT_OUT].contains(&&*finding.code);
    let lacks = !plan.options.selection.carries_files() || source.findings.iter().any(says);
    let sentence = "records of files come without their files, where the source has none or they are left out: what lies in \
                    public/uploads under these names is what they show";
    (lacks && plan.written().any(is_asset)).then(|| Finding::warning(code::FILES_LEFT_OUT, sentence))
}

/// Whether rows are replaced, rather than settings alone.
fn replaces_content(plan: &Plan) -> bool {
    plan.replaced().iter().any(|(kind, _)| matches!(kind, Kind::Entry | Kind::Asset))
}

/// What the plan keeps and the command deletes: types that only the destination has, or of which nothing comes.
fn refuse_what_would_go(plan: &Plan, destination: &Inventory) -> Result<()> {
    if !replaces_content(plan) {
        return Ok(());
    }
    let replaced = plan.replaced();
    let mut kept: BTreeMap<(Kind, Option<&str>), u64> = BTreeMap::new();
    for item in destination.items().filter(|item| matches!(item.kind(), Kind::Entry | Kind::Asset)) {
        let of = (item.kind(), item.type_());
        if !replaced.contains(&of) {
            *kept.entry(of).or_default() += 1;
        }
    }
    if kept.is_empty() {
        return Ok(());
    }
    let told: Vec<String> =
        kept.iter().map(|((kind, type_), count)| format!("{count} of {}", type_.unwrap_or(kind.as_str()))).collect();
    let message = format!(
        "the source brings nothing for what `strapi import` would delete with everything else: {}",
        told.join(", ")
    );
    Err(Error::new(ErrorKind::Refused, message)
        .hint("nothing was changed; start the project and name its address: a server keeps the types that do not come"))
}

impl Project {
    async fn replace(&self, plan: &Plan, content: &Path) -> Result<Vec<Finding>> {
        let there = self.list().await?;
        refuse_other_deletions(plan, &there, 0, |_| false)?;
        let _one = self.running.lock().await;
        let spools = self.spools.clone();
        let spool = blocking(move || Spool::new(&spools)).await?;
        let ready = Ready { plan: plan.clone(), source: source_end(content).await?, is_named: self.is_named() };
        let (folder, content) = (spool.path().to_owned(), content.to_owned());
        let takes_folders = self.around.manifest.knows_folders();
        let work = move || {
            let tally = ready.fill(&content, &folder)?;
            let path = prepared(&Bundle::Folder(folder.clone()), &folder.join("import.tar"), takes_folders)?;
            Ok((path, options_for(&tally, &content)?))
        };
        let (path, parts) = blocking(work).await?;
        self.run_import(&path, parts, spool).await
    }

    fn is_named(&self) -> bool {
        self.form == Some(Shape::Called)
    }
}

/// What is handed to the command: the rows of the plan, and what leads from one of them to another.
struct Ready {
    plan: Plan,
    source: End,
    /// Rows say what their entry is called, which the project does not know.
    is_named: bool,
}

impl Ready {
    /// Says how much of each part it has.
    fn fill(&self, content: &Path, folder: &Path) -> Result<Tally> {
        let mut tally = Tally::default();
        let writes = |stage: Stage| LineWriter::create(&folder.join(stage.chunk_name(1)));
        let (mut schemas, mut settings) = (writes(Stage::Schemas)?, writes(Stage::Configuration)?);
        let (mut entities, mut links) = (writes(Stage::Entities)?, writes(Stage::Links)?);
        let is_written = self.written();
        let mut members = self.source.bundle.members()?;
        let mut scratch = Vec::new();
        while let Some(entry) = members.next_entry()? {
            let Place::Chunk(stage) = entry.place else { continue };
            each_line(&mut members, &mut scratch, |_, line| match stage {
                Stage::Schemas => schemas.put(&String::from_utf8_lossy(line)),
                Stage::Configuration => {
                    tally.configuration += 1;
                    settings.put(&String::from_utf8_lossy(line))
                }
                Stage::Entities => {
                    let row: Row<'_> = parse(line, "row")?;
                    if !self.owns(&is_written, &row.type_, Some(row.id)) {
                        return Ok(());
                    }
                    tally.entries += 1;
                    match self.is_named {
                        true => entities.put(&unnamed(line)?),
                        false => entities.put(&String::from_utf8_lossy(line)),
                    }
                }
                Stage::Links => {
                    let link: Link<'_> = parse(line, "link")?;
                    // The documents that localizations lead to are told by their ids, and are those of their own rows.
                    let comes =
                        |end: &LinkEnd<'_>| end.row().is_none() || self.owns(&is_written, &end.type_, end.row());
                    if comes(&link.left) && comes(&link.right) {
                        tally.links += 1;
                        links.put(&String::from_utf8_lossy(line))?;
                    }
                    Ok(())
                }
            })?;
        }
        [schemas, settings, entities, links].into_iter().try_for_each(LineWriter::finish)?;
        share(&content.join("metadata.json"), &folder.join("metadata.json"))?;
        for part in ASSETS {
            let shared = share_all(&content.join(part), &folder.join(part))?;
            tally.binaries += if part.ends_with("uploads") { shared } else { 0 };
        }
        Ok(tally)
    }

    /// For each item, whether it is written.
    fn written(&self) -> Vec<bool> {
        let is_written = |key: &ItemKey| self.plan.item(key).is_some_and(|item| item.is_written());
        self.source.inventory.items().map(|item| is_written(&item.key())).collect()
    }

    fn owns(&self, is_written: &[bool], uid: &str, row: Option<u64>) -> bool {
        let type_ = self.source.index.types.find(uid);
        let owner = type_.zip(row).and_then(|(type_, row)| self.source.index.rows.get(type_, row));
        owner.is_some_and(|owner| is_written[owner.item as usize])
    }
}

/// Every file of a folder, which are counted.
fn share_all(from: &Path, to: &Path) -> Result<u64> {
    let failed = |error| Error::io(format_args!("cannot read {}", from.display()), error);
    let mut count = 0;
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        share(&entry.path(), &to.join(entry.file_name()))?;
        count += 1;
    }
    Ok(count)
}

/// The same file under another name, or a copy where that cannot be.
fn share(from: &Path, to: &Path) -> Result<()> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let copied = fs::copy(from, to).map(drop);
    copied.map_err(|error| Error::io(format_args!("cannot write {}", to.display()), error))
}
