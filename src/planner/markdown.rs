//! A plan as a summary for a pull request.
//! Must not know: where it is shown; nothing of a location's text is taken for markup.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::model::text::printable;
use crate::model::{Decision, Finding, LocationInfo, Plan, PlanItem, Reach, Severity};

/// Nobody reads more of a list; the counts say the rest.
const ROWS: usize = 100;

/// The plan in Markdown: counts, effects, findings and items, what is written first.
pub fn markdown(plan: &Plan) -> String {
    let mut text = String::new();
    let _ = write_plan(&mut text, plan); // writing into a string cannot fail
    text
}

fn write_plan(out: &mut String, plan: &Plan) -> fmt::Result {
    writeln!(out, "# Plan: {} → {}\n", code(&plan.source.location), code(&plan.destination.location))?;
    writeln!(out, "- source: {}", location(&plan.source))?;
    writeln!(out, "- destination: {}", location(&plan.destination))?;
    let dependencies = plan.options.dependencies.map_or("as each kind has it", |mode| mode.as_str());
    let mode = if plan.options.mode.is_usual() { String::new() } else { format!("mode: {}, ", plan.options.mode) };
    let bounds = bounds(&plan.options.reach);
    writeln!(out, "- {mode}policy: {}, dependencies: {dependencies}{bounds}\n", plan.options.policy)?;
    write_counts(out, plan)?;
    write_effects(out, plan)?;
    write_findings(out, plan)?;
    for decision in [Decision::Create, Decision::Overwrite, Decision::Duplicate, Decision::Skip] {
        write_items(out, plan, decision)?;
    }
    Ok(())
}

/// What bounds the dependencies, if anything does.
fn bounds(reach: &Reach) -> String {
    let mut text = reach.depth.map_or_else(String::new, |depth| format!(", over {depth} references at most"));
    if !reach.types.is_empty() {
        let types = reach.types.iter().map(|word| code(word)).collect::<Vec<_>>().join(", ");
        let _ = write!(text, ", of {types} only"); // writing into a string cannot fail
    }
    text
}

fn location(info: &LocationInfo) -> String {
    let version = info.version.as_deref().map_or_else(String::new, |version| format!(" {}", escaped(version)));
    format!("{} ({}{version})", code(&info.location), info.platform)
}

fn write_counts(out: &mut String, plan: &Plan) -> fmt::Result {
    let mut rows: BTreeMap<_, [u64; 4]> = BTreeMap::new();
    for item in &plan.items {
        let row = rows.entry((item.key.kind, item.key.type_.as_deref())).or_default();
        row[item.decision as usize] += 1;
    }
    writeln!(out, "| kind | type | create | overwrite | skip | duplicate |")?;
    writeln!(out, "| --- | --- | ---: | ---: | ---: | ---: |")?;
    for ((kind, type_), [create, overwrite, skip, duplicate]) in rows {
        let type_ = type_.map_or_else(String::new, code);
        writeln!(out, "| {kind} | {type_} | {create} | {overwrite} | {skip} | {duplicate} |")?;
    }
    writeln!(out)
}

fn write_effects(out: &mut String, plan: &Plan) -> fmt::Result {
    if plan.effects.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Effects\n")?;
    for effect in &plan.effects {
        let type_ = effect.type_.as_deref().map_or_else(String::new, |type_| format!(" of type {}", code(type_)));
        writeln!(out, "- {}: {} {}{type_}", effect.effect, effect.count, effect.kind)?;
    }
    writeln!(out)
}

fn write_findings(out: &mut String, plan: &Plan) -> fmt::Result {
    if plan.findings.is_empty() {
        return Ok(());
    }
    let count = |severity| plan.findings.iter().filter(|finding| finding.severity == severity).count();
    let counts = [Severity::Blocking, Severity::Warning, Severity::Info].map(|s| format!("{} {s}", count(s)));
    writeln!(out, "## Findings ({})\n", counts.join(", "))?;
    for finding in plan.findings.iter().take(ROWS) {
        write_finding(out, finding)?;
    }
    write_rest(out, plan.findings.len())?;
    writeln!(out)
}

fn write_finding(out: &mut String, finding: &Finding) -> fmt::Result {
    let item = finding.item.as_ref().map_or_else(String::new, |item| format!(" {}", code(&item.to_string())));
    writeln!(out, "- **{}** {}{item}: {}", finding.severity, code(&finding.code), escaped(&finding.message))
}

fn write_items(out: &mut String, plan: &Plan, decision: Decision) -> fmt::Result {
    let items: Vec<&PlanItem> = plan.items.iter().filter(|item| item.decision == decision).collect();
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "## {} ({})\n", title(decision), items.len())?;
    writeln!(out, "| item | name | match | destination | reason | changed |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for item in items.iter().take(ROWS) {
        write_item(out, item)?;
    }
    write_rest(out, items.len())?;
    writeln!(out)
}

fn write_item(out: &mut String, item: &PlanItem) -> fmt::Result {
    let changed = match item.changed {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let destination = match (&item.new_name, &item.matched) {
        (Some(copy), _) => code(copy),
        (None, Some(matched)) if matched.id != item.key.id || matched.name != item.name => {
            format!("{} {}", code(&matched.id), code(&matched.name))
        }
        (None, _) => String::new(),
    };
    let (key, name) = (code(&item.key.to_string()), code(&item.name));
    writeln!(out, "| {key} | {name} | {} | {destination} | {} | {changed} |", item.match_, item.reason)
}

fn write_rest(out: &mut String, count: usize) -> fmt::Result {
    match count {
        0..=ROWS => Ok(()),
        _ => writeln!(out, "\n… and {} more.", count - ROWS),
    }
}

fn title(decision: Decision) -> &'static str {
    match decision {
        Decision::Create => "Create",
        Decision::Overwrite => "Overwrite",
        Decision::Skip => "Skip",
        Decision::Duplicate => "Duplicate",
    }
}

/// A code span, which takes nothing in it for markup or for the name of a person. Fit for a table.
fn code(text: &str) -> String {
    let text = printable(text).replace('|', "\\|");
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Running text with all markup taken out of action, mentions of people included.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '@' => safe.push_str("@<!-- -->"),
            c if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | ';' | ':' | '\'' | '"' | '/' | '-') => {
                safe.extend(['\\', c]);
            }
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        for (text, safe) in [
            ("plain", "`plain`"),
            ("a|b", "`a\\|b`"),
            ("a`b``c", "```a`b``c```"),
            ("`", "`` ` ``"),
            ("\x1b[2J@all", "`\u{241b}[2J@all`"),
            ("", ""),
        ] {
            assert_eq!(code(text), safe);
        }
        assert_eq!(escaped("<b> *x* [l](u) @all"), "\\<b\\> \\*x\\* \\[l\\]\\(u\\) @<!-- -->all");
    }
}
