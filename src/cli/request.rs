//! From options to what they mean: exactly one policy, decisions by item, known codes, network settings.
//! Must not know: locations, or what a plan looks like.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::args::{DecisionArgs, FailOnArgs, NetworkArgs, PolicyArgs, WantedArgs, WriteArgs};
use super::context::Context;
use crate::model::text::{nearest, printable};
use crate::model::{
    Decision, Error, ErrorKind, ItemKey, KeyPattern, MatchBy, Mode, PlanOptions, Policy, Result, SecretValues, code,
};
use crate::net::NetOptions;
use crate::platforms::WriteOptions;

/// The one policy that was given.
fn policy(args: PolicyArgs) -> Result<Policy> {
    let all = [("--skip", args.skip), ("--overwrite", args.overwrite), ("--duplicate", args.duplicate)];
    let given: Vec<_> = all.iter().filter(|(_, given)| *given).map(|(option, _)| *option).collect();
    match given[..] {
        ["--skip"] => Ok(Policy::Skip),
        ["--overwrite"] => Ok(Policy::Overwrite),
        ["--duplicate"] => Ok(Policy::Duplicate),
        [] => Err(Error::new(ErrorKind::Usage, "what should happen to items that the destination already has?")
            .hint("say one of --skip, --overwrite, --duplicate")),
        _ => Err(Error::new(ErrorKind::Usage, format!("{} contradict each other", given.join(" and ")))
            .hint("say one of --skip, --overwrite, --duplicate")),
    }
}

/// The policy of a mode: a replace overwrites, whether it is said or not.
fn policy_of(args: &WantedArgs) -> Result<Policy> {
    let PolicyArgs { skip, duplicate, .. } = args.policy;
    match args.mode.mode() {
        Mode::Merge if args.mode.one_transaction => {
            Err(Error::new(ErrorKind::Usage, "--one-transaction belongs to --mode replace")
                .hint("a merge never deletes files; leave the option out"))
        }
        Mode::Merge => policy(args.policy),
        Mode::Replace if skip || duplicate => {
            let given = if skip { "--skip" } else { "--duplicate" };
            Err(Error::new(ErrorKind::Usage, format!("--mode replace and {given} contradict each other"))
                .hint("a replace takes --overwrite or no policy"))
        }
        Mode::Replace => {
            refuse_single_items(args)?;
            Ok(Policy::Overwrite)
        }
    }
}

/// A replace takes types as a whole: what is picked or decided item by item has no meaning there.
fn refuse_single_items(args: &WantedArgs) -> Result<()> {
    let (selection, decisions) = (&args.selection, &args.decisions);
    let options = [
        ("--ids", !selection.ids.is_empty()),
        ("--tags", !selection.tags.is_empty()),
        ("--search", selection.search.is_some()),
        ("--locales", !selection.locales.is_empty()),
        ("--decide", !decisions.decide.is_empty()),
        ("--decisions", decisions.decisions.is_some()),
        ("--map", !decisions.map.is_empty()),
        ("--match-by", !decisions.match_by.is_empty()),
        ("--rewrite-identical", decisions.rewrite_identical),
    ];
    let given: Vec<_> = options.iter().filter(|(_, given)| *given).map(|(option, _)| *option).collect();
    match given.is_empty() {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Usage, format!("--mode replace has no {}", given.join(" and no ")))
            .hint("a replace takes whole types: narrow it with --types, --only or --exclude, or merge")),
    }
}

/// What a plan is asked.
pub fn plan_options(args: &WantedArgs) -> Result<PlanOptions> {
    Ok(PlanOptions {
        policy: policy_of(args)?,
        mode: args.mode.mode(),
        one_transaction: args.mode.one_transaction,
        dependencies: args.dependencies.mode(),
        reach: args.dependencies.reach(),
        selection: args.selection.selection(),
        rewrite_identical: args.decisions.rewrite_identical,
        skip_blocked: args.decisions.skip_blocked,
        pause_webhooks: args.pause.pause_webhooks,
        match_by: match_by_of(&args.decisions.match_by)?,
        decisions: decisions_of(&args.decisions)?,
        map: map_of(&args.decisions.map)?,
    })
}

/// Decisions of the file, and over them those of the command line.
fn decisions_of(args: &DecisionArgs) -> Result<BTreeMap<ItemKey, Decision>> {
    let mut decisions = match &args.decisions {
        Some(path) => decisions_in(path)?,
        None => BTreeMap::new(),
    };
    let mut typed = BTreeMap::new();
    for text in &args.decide {
        add_decision(&mut typed, text).map_err(|error| error.at("--decide"))?;
    }
    decisions.append(&mut typed);
    Ok(decisions)
}

/// `KEY=DECISION`, split at the last `=`: ids may hold one.
fn add_decision(decisions: &mut BTreeMap<ItemKey, Decision>, text: &str) -> Result<()> {
    let (key, word) = text.rsplit_once('=').ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("`{}` gives no decision", printable(text)))
            .hint("write KIND:ID=DECISION, such as flow:0f9c…=skip")
    })?;
    insert_decision(decisions, key, word)
}

fn insert_decision(decisions: &mut BTreeMap<ItemKey, Decision>, key: &str, word: &str) -> Result<()> {
    let key = key_of(key.trim())?;
    let decision: Decision = word.trim().parse().map_err(|()| {
        let words = Decision::ALL.iter().map(|decision| decision.as_str());
        let error = Error::new(ErrorKind::Usage, format!("`{}` is no decision", printable(word.trim())));
        match nearest(word.trim(), words.clone()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("a decision is one of {}", words.collect::<Vec<_>>().join(", "))),
        }
    })?;
    match decisions.insert(key.clone(), decision) {
        Some(other) if other != decision => {
            Err(Error::new(ErrorKind::Usage, format!("{key} is decided twice: {other} and {decision}")))
        }
        _ => Ok(()),
    }
}

fn key_of(text: &str) -> Result<ItemKey> {
    let pattern = KeyPattern::kind_and_id(text)?;
    let kind = pattern.kind.ok_or_else(|| Error::new(ErrorKind::Internal, format!("{text} has no kind")))?;
    Ok(ItemKey { kind, type_: pattern.type_, id: pattern.id })
}

/// Decisions in a file: a JSON object of keys and decisions, or lines `KEY=DECISION` where `#` begins a comment line.
fn decisions_in(path: &Path) -> Result<BTreeMap<ItemKey, Decision>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
    let mut decisions = BTreeMap::new();
    if text.trim_start().starts_with('{') {
        let object: serde_json::Map<String, Value> = serde_json::from_str(&text)
            .map_err(|error| Error::new(ErrorKind::Usage, format!("{} is no JSON object: {error}", path.display())))?;
        for (key, word) in &object {
            let word = word.as_str().unwrap_or_default();
            insert_decision(&mut decisions, key, word).map_err(|error| error.at(path.display()))?;
        }
        return Ok(decisions);
    }
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            let here = format!("{}, line {}", path.display(), number + 1);
            add_decision(&mut decisions, line).map_err(|error| error.at(here))?;
        }
    }
    Ok(decisions)
}

fn map_of(texts: &[String]) -> Result<BTreeMap<ItemKey, String>> {
    let mut map = BTreeMap::new();
    for text in texts {
        let (key, id) = text.rsplit_once('=').filter(|(_, id)| !id.is_empty()).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("--map: `{}` names no item of the destination", printable(text)))
                .hint("write KIND:ID=ID, such as connection:0f9c…=7b1e…")
        })?;
        map.insert(key_of(key).map_err(|error| error.at("--map"))?, id.to_owned());
    }
    Ok(map)
}

/// Each attribute once, in the order in which they were given.
fn match_by_of(texts: &[String]) -> Result<Vec<MatchBy>> {
    let mut list: Vec<MatchBy> = Vec::new();
    for text in texts {
        let parts = text.split_once('=').filter(|(type_, field)| !type_.is_empty() && !field.is_empty());
        let (type_, field) = parts.ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("--match-by: `{}` names no attribute of a type", printable(text)))
                .hint("write TYPE=FIELD, such as api::article.article=title")
        })?;
        let by = MatchBy { type_: type_.to_owned(), field: field.to_owned() };
        if !list.contains(&by) {
            list.push(by);
        }
    }
    Ok(list)
}

/// The codes that stop a verb; a mistyped one would stop nothing.
pub fn fail_on(args: &FailOnArgs) -> Result<Vec<String>> {
    let known = || code::ALL.iter().map(|(code, _)| *code);
    match args.fail_on.iter().find(|typed| !known().any(|code| code == **typed)) {
        None => Ok(args.fail_on.clone()),
        Some(unknown) => {
            let error =
                Error::new(ErrorKind::Usage, format!("--fail-on: no finding has the code `{}`", printable(unknown)));
            Err(match nearest(unknown, known()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("the codes are: {}", known().collect::<Vec<_>>().join(", "))),
            })
        }
    }
}

/// How servers are spoken to.
pub fn network(args: &NetworkArgs) -> Result<NetOptions> {
    let mut options = NetOptions { insecure: args.insecure, ca_file: args.ca_file.clone(), ..NetOptions::default() };
    options.checksums = !args.no_checksums;
    options.throttle = Duration::from_millis(args.throttle.unwrap_or_default().into());
    options.rate = positive("--rate", args.rate)?;
    if let Some(seconds) = positive("--timeout", args.timeout)? {
        // More than a year is as good as never, and does not overflow.
        let timeout = Duration::from_secs_f64(seconds.min(366.0 * 86_400.0));
        options.connect_timeout = options.connect_timeout.min(timeout);
        options.first_byte_timeout = timeout;
        options.stall_timeout = timeout;
    }
    options.headers = args.header.iter().map(|text| header(text)).collect::<Result<_>>()?;
    Ok(options)
}

fn positive(option: &str, number: Option<f64>) -> Result<Option<f64>> {
    match number {
        Some(number) if !(number.is_finite() && number > 0.0) => {
            Err(Error::new(ErrorKind::Usage, format!("{option} takes a number above 0")))
        }
        number => Ok(number),
    }
}

/// The value may be a credential, and so is not repeated.
fn header(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once(':').ok_or_else(|| {
        Error::new(ErrorKind::Usage, "--header: there is no `:` between name and value")
            .hint("write --header 'NAME: VALUE'")
    })?;
    let name = name.trim();
    match !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()) && !value.contains(['\r', '\n']) {
        true => Ok((name.to_owned(), value.trim().to_owned())),
        false => Err(Error::new(ErrorKind::Usage, format!("--header: `{}` is no header", printable(name)))),
    }
}

/// What a run may do at a remote.
pub fn write_options(args: &WriteArgs, context: &Context) -> Result<WriteOptions> {
    let secret_values = match args.secret_values.as_deref() {
        None => BTreeMap::new(),
        Some("env") => secret_values_of_environment(context),
        Some(path) => secret_values_in(Path::new(path))?,
    };
    Ok(WriteOptions { backup: !args.no_backup, secret_values, test_connections: args.test_connections })
}

const DEV: &str = "HAUL_SECRET_DEV_";
const PROD: &str = "HAUL_SECRET_PROD_";

fn secret_values_of_environment(context: &Context) -> BTreeMap<String, SecretValues> {
    let mut values: BTreeMap<String, SecretValues> = BTreeMap::new();
    for (name, value) in context.environment.starting_with(DEV) {
        values.entry(name.to_owned()).or_default().dev = Some(value.into());
    }
    for (name, value) in context.environment.starting_with(PROD) {
        values.entry(name.to_owned()).or_default().prod = Some(value.into());
    }
    values
}

/// `{"NAME": {"dev": "…", "prod": "…"}}`; a bare string is the value for development. Errors never show values.
fn secret_values_in(path: &Path) -> Result<BTreeMap<String, SecretValues>> {
    let wrong = |why: String| {
        Error::new(ErrorKind::Usage, format!("{}: {why}", path.display()))
            .hint(r#"write {"NAME": {"dev": "…", "prod": "…"}}"#)
    };
    let bytes =
        std::fs::read(path).map_err(|error| Error::io(format_args!("cannot read {}", path.display()), error))?;
    let object: serde_json::Map<String, Value> = serde_json::from_slice(&bytes)
        .map_err(|error| wrong(format!("no JSON object (line {}, column {})", error.line(), error.column())))?;
    let mut values = BTreeMap::new();
    for (name, value) in object {
        let parts = match value {
            Value::String(dev) => SecretValues { dev: Some(dev.into()), prod: None },
            Value::Object(mut parts) => {
                let mut text = |key: &str| match parts.remove(key) {
                    None | Some(Value::Null) => Ok(None),
                    Some(Value::String(text)) => Ok(Some(text.into())),
                    Some(_) => Err(wrong(format!("`{key}` of {} is no text", printable(&name)))),
                };
                let read = SecretValues { dev: text("dev")?, prod: text("prod")? };
                if let Some(key) = parts.keys().next() {
                    return Err(wrong(format!("{} has `{}`", printable(&name), printable(key))));
                }
                read
            }
            _ => return Err(wrong(format!("the value of {} is neither text nor an object", printable(&name)))),
        };
        values.insert(name, parts);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::cli::args::ModeArgs;
    use crate::model::Kind;

    #[test]
    fn exactly_one_policy_is_needed() {
        let args = |skip, overwrite, duplicate| PolicyArgs { skip, overwrite, duplicate };
        assert_eq!(policy(args(true, false, false)).ok(), Some(Policy::Skip));
        assert_eq!(policy(args(false, true, false)).ok(), Some(Policy::Overwrite));
        assert_eq!(policy(args(false, false, true)).ok(), Some(Policy::Duplicate));
        for wrong in [args(false, false, false), args(true, true, false), args(true, true, true)] {
            assert_eq!(policy(wrong).expect_err("not one policy").exit_code(), 2);
        }
    }

    #[test]
    fn a_replace_overwrites_whole_types_and_nothing_else() {
        let wanted = |skip, overwrite, duplicate| WantedArgs {
            policy: PolicyArgs { skip, overwrite, duplicate },
            mode: ModeArgs { mode: ValueEnum::from_str("replace", false).ok(), one_transaction: true },
            ..WantedArgs::default()
        };
        for overwrite in [false, true] {
            let options = plan_options(&wanted(false, overwrite, false)).expect("a replace");
            assert_eq!(
                (options.mode, options.policy, options.one_transaction),
                (Mode::Replace, Policy::Overwrite, true)
            );
        }
        let mut wrong = vec![wanted(true, false, false), wanted(false, true, true)];
        let mut single = wanted(false, false, false);
        single.selection.ids = vec!["a".into()];
        wrong.push(single);
        let mut decided = wanted(false, false, false);
        decided.decisions.decide = vec!["entry:api::a.a/x=skip".into()];
        wrong.push(decided);
        let mut merged = wanted(false, true, false);
        merged.mode.mode = ValueEnum::from_str("merge", false).ok();
        wrong.push(merged);
        for wrong in wrong {
            assert_eq!(plan_options(&wrong).expect_err("no replace").exit_code(), 2, "{wrong:?}");
        }
    }

    #[test]
    fn a_decision_is_split_at_the_first_colon_and_the_last_equals_sign() {
        let mut decisions = BTreeMap::new();
        for text in ["flow:a=b=skip", "entry:api::a.a/x:y=overwrite"] {
            add_decision(&mut decisions, text).expect(text);
        }
        assert_eq!(decisions[&ItemKey::new(Kind::Flow, "a=b")], Decision::Skip);
        assert_eq!(decisions[&ItemKey::typed(Kind::Entry, "api::a.a", "x:y")], Decision::Overwrite);
        add_decision(&mut decisions, "flow:c=d=duplicate ").expect("a space at the end is no part of the word");
        for wrong in ["flow:a", "flow=skip", "flow:a=skp", "nokind:a=skip", "flow:a=overwrite="] {
            assert!(add_decision(&mut decisions, wrong).is_err(), "{wrong}");
        }
        let near = add_decision(&mut decisions, "flow:z=skp").expect_err("mistyped");
        assert_eq!(near.hint_text(), Some("did you mean `skip`?"));
        assert!(add_decision(&mut decisions, "flow:a=b=duplicate").is_err(), "decided twice, otherwise");
    }

    #[test]
    fn decisions_come_from_lines_or_json() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("decisions");
        for text in ["# reviewed\n\nflow:a = skip\nsecret:b=create\n", r#"{"flow:a": "skip", "secret:b": "create"}"#] {
            std::fs::write(&path, text).expect("written");
            let decisions = decisions_in(&path).expect(text);
            assert_eq!(decisions.len(), 2);
            assert_eq!(decisions[&ItemKey::new(Kind::Flow, "a")], Decision::Skip);
        }
        std::fs::write(&path, "flow:a=skip\nflow:b").expect("written");
        let error = decisions_in(&path).expect_err("no decision");
        assert!(error.message().contains("line 2"), "{error}");
    }

    #[test]
    fn a_mistyped_code_is_refused_with_a_suggestion() {
        let error = fail_on(&FailOnArgs { fail_on: vec!["ambigous".into()] }).expect_err("mistyped");
        assert_eq!((error.exit_code(), error.hint_text()), (2, Some("did you mean `ambiguous`?")));
    }

    #[test]
    fn values_of_secrets_are_never_repeated() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("values.json");
        std::fs::write(&path, r#"{"A": "one", "B": {"dev": "two", "prod": "three"}}"#).expect("written");
        let values = secret_values_in(&path).expect("legal");
        assert!(values["A"].prod.is_none() && values["B"].prod.is_some());
        for wrong in [r#"{"A": 5}"#, r#"{"A": {"stage": "canary"}}"#, r#"{"A": {"dev": ["canary"]}}"#, r#"["canary"]"#]
        {
            std::fs::write(&path, wrong).expect("written");
            let error = secret_values_in(&path).expect_err(wrong);
            assert!(!error.message().contains("canary"), "{error}");
        }
    }

    #[test]
    fn headers_are_checked_and_not_repeated() {
        assert_eq!(header("X-A: b: c").ok(), Some(("X-A".into(), "b: c".into())));
        for wrong in ["canary", ": canary", "X A: canary", "X: a\r\nY: canary"] {
            let error = header(wrong).expect_err(wrong);
            assert!(!error.message().contains("canary"), "{error}");
        }
    }
}
