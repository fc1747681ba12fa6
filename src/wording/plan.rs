//! How a plan is told: what an item is called here and there, why it is decided so, what else happens, and the
//! question before a run.
//! Must not know: how a plan is made.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{count, counts, plural};
use crate::model::text::printable;
use crate::model::{Effect, EffectKind, Mode, Plan, PlanItem, Report, Role};

/// The name, and what it becomes or is called at the destination where that differs. As the locations wrote it: to be
/// made printable by whoever shows it.
pub fn plan_name(item: &PlanItem) -> Cow<'_, str> {
    let name = &*item.name;
    let there = item.matched.as_ref().map(|matched| &*matched.name);
    match (item.new_name.as_deref(), there) {
        (Some(new), _) if new != name => Cow::Owned(format!("{name} → {new}")),
        (None, Some(other)) if other != name => Cow::Owned(format!("{name} (there: {other})")),
        _ => Cow::Borrowed(name),
    }
}

/// Why the decision is what it is: `policy`, `missing (dependency)`.
pub fn plan_reason(item: &PlanItem) -> Cow<'static, str> {
    match item.role {
        Role::Picked => Cow::Borrowed(item.reason.as_str()),
        Role::Dependency => Cow::Owned(format!("{} (dependency)", item.reason)),
    }
}

/// What a mode means, where it is not the usual one.
pub fn mode_sentence(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::Merge => None,
        Mode::Replace => Some("mode replace: of the types in this plan, what the source does not bring is deleted"),
    }
}

/// What an effect is about: `3 entries of api::article.article`.
pub fn effect_subject(effect: &Effect) -> String {
    match &effect.type_ {
        Some(type_) => format!("{} of {}", plural(effect.count, effect.kind.as_str()), printable(type_)),
        None => plural(effect.count, effect.kind.as_str()),
    }
}

/// What a plan does beyond writing what was picked: `2 secrets will be left without a value`.
pub fn effect_sentence(effect: &Effect) -> String {
    let what = effect_subject(effect);
    match effect.effect {
        EffectKind::Delete => format!("{what} will be deleted"),
        EffectKind::Rename => format!("{what} will be renamed"),
        EffectKind::Unlink => format!("{what} will lose references"),
        EffectKind::WithoutValue => format!("{what} will be left without a value"),
        EffectKind::Convert => format!("{what} will be converted"),
        EffectKind::CannotUndo => format!("{what} cannot be brought back whole from the snapshot"),
    }
}

/// What a plan does beyond writing what was picked, in few words, each kind of effect once: `3 renamed`.
pub fn effect_counts(effects: &[Effect]) -> Vec<(EffectKind, String)> {
    let mut sums: BTreeMap<EffectKind, u64> = BTreeMap::new();
    effects.iter().for_each(|effect| *sums.entry(effect.effect).or_default() += effect.count);
    let told = |(kind, n)| {
        let what = match kind {
            EffectKind::Delete => "deleted",
            EffectKind::Rename => "renamed",
            EffectKind::Unlink => "lose references",
            EffectKind::WithoutValue => "without a value",
            EffectKind::Convert => "converted",
            EffectKind::CannotUndo => "cannot be brought back whole",
        };
        (kind, format!("{} {what}", count(n)))
    };
    sums.into_iter().map(told).collect()
}

/// `create 3, overwrite 2, duplicate 0, skip 4 at prod (1 connection cannot be brought back …): go ahead?`
pub fn consent_question(plan: &Plan) -> String {
    let report = Report::planned(plan);
    let lasting: Vec<_> = plan.effects.iter().filter(|effect| is_lasting(effect)).map(effect_sentence).collect();
    let lasting = if lasting.is_empty() { String::new() } else { format!(" ({})", lasting.join(", ")) };
    format!("{} at {}{lasting}: go ahead?", counts(&report.summary), printable(&plan.destination.location))
}

/// `rehearse create 3, overwrite 2, … at prod: …?`
pub fn rehearsal_question(plan: &Plan) -> String {
    let report = Report::planned(plan);
    format!(
        "rehearse {} at {}: everything is done there and taken back, and a site on SQLite answers nobody meanwhile; go ahead?",
        counts(&report.summary),
        printable(&plan.destination.location)
    )
}

fn is_lasting(effect: &Effect) -> bool {
    matches!(effect.effect, EffectKind::Delete | EffectKind::Unlink | EffectKind::CannotUndo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn an_effect_says_how_many_of_what() {
        let effect = |type_: Option<&str>| Effect {
            effect: EffectKind::Delete,
            kind: Kind::Entry,
            type_: type_.map(Into::into),
            count: 1200,
        };
        assert_eq!(effect_sentence(&effect(None)), "1,200 entries will be deleted");
        assert_eq!(effect_sentence(&effect(Some("a\x1b"))), "1,200 entries of a\u{241b} will be deleted");
        let few = Effect { effect: EffectKind::Rename, count: 2, ..effect(None) };
        let told: Vec<_> = effect_counts(&[effect(None), few, effect(Some("b"))]).into_iter().map(|(_, s)| s).collect();
        assert_eq!(told, ["2,400 deleted", "2 renamed"]);
    }
}
