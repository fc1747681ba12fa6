//! The command line that does the same headless, ready to be pasted into a shell.
//! Must not know: how a command line is read; a test of the command line holds that it takes what is written here.

use std::borrow::Cow;

use crate::model::{
    Credentials, DependencyMode, Existing, ExportFormat, Features, Internals, Layout, Manifest, Part, PlanOptions,
    Reach, Seal, Selection, Squeeze,
};

/// `haul transfer dev prod --overwrite --tags billing --decide flow:…=skip`. Locations as the user calls them; quoted
/// for a POSIX shell. To be made printable by whoever shows it.
pub fn transfer_command(source: &str, destination: &str, options: &PlanOptions) -> String {
    let mut line = Line::new("transfer", [Some(source), Some(destination)]);
    line.list("--mode", (!options.mode.is_usual()).then_some(options.mode.as_str()));
    line.word(&format!("--{}", options.policy));
    line.selection(&options.selection);
    line.dependencies(options.dependencies);
    line.reach(&options.reach);
    line.list("--decide", options.decisions.iter().map(|(key, decision)| format!("{key}={decision}")));
    line.list("--map", options.map.iter().map(|(key, id)| format!("{key}={id}")));
    line.list("--match-by", options.match_by.iter().map(ToString::to_string));
    line.flag("--rewrite-identical", options.rewrite_identical);
    line.flag("--skip-blocked", options.skip_blocked);
    line.flag("--pause-webhooks", options.pause_webhooks);
    line.flag("--one-transaction", options.one_transaction);
    line.text
}

/// `haul export dev ./x.json --ids …`. `-` or no output is standard output or a name by the time. A key is never
/// written out: where one seals, the verb asks for it or finds it in HAUL_KEY. `features` are those of the source.
pub fn export_command(
    source: &str,
    output: Option<&str>,
    selection: &Selection,
    dependencies: Option<DependencyMode>,
    format: &ExportFormat,
    features: &Features,
) -> String {
    let mut line = Line::new("export", [Some(source), output]);
    line.selection(selection);
    line.dependencies(dependencies);
    let is_archive = features.sealed_archives && format.layout == Layout::Archive;
    line.list("--format", (features.sealed_archives && !is_archive).then_some("dir"));
    line.flag("--no-encrypt", is_archive && matches!(format.seal, Seal::None));
    line.flag("--no-compress", is_archive && format.squeeze == Squeeze::None);
    line.flag("--redact", features.redact && format.credentials == Credentials::Redact);
    line.flag("--with-internal", features.folders && format.folder.internals == Internals::Keep);
    line.flag("--manifest", features.folders && format.folder.manifest == Manifest::Beside);
    line.flag("--replace-output", format.existing == Existing::Replace);
    line.text
}

struct Line {
    text: String,
}

impl Line {
    fn new<'a>(verb: &str, locations: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut line = Line { text: format!("haul {verb}") };
        locations.into_iter().flatten().for_each(|location| line.word(location));
        line
    }

    fn word(&mut self, word: &str) {
        self.text.push(' ');
        self.text.push_str(&quoted(word));
    }

    fn flag(&mut self, option: &str, given: bool) {
        if given {
            self.word(option);
        }
    }

    /// One option with all its values; a value that looks like an option gets one of its own.
    fn list<T: AsRef<str>>(&mut self, option: &str, values: impl IntoIterator<Item = T>) {
        let (dashed, plain): (Vec<T>, Vec<T>) = values.into_iter().partition(|value| value.as_ref().starts_with('-'));
        for value in &dashed {
            self.word(&format!("{option}={}", value.as_ref()));
        }
        if !plain.is_empty() {
            self.word(option);
            plain.iter().for_each(|value| self.word(value.as_ref()));
        }
    }

    fn selection(&mut self, selection: &Selection) {
        self.list("--ids", &selection.ids);
        self.list("--tags", &selection.tags);
        self.list("--types", &selection.types);
        self.list("--exclude-types", &selection.exclude_types);
        self.list("--locales", &selection.locales);
        self.list("--search", selection.search.as_slice());
        self.list("--only", selection.only.iter().copied().map(Part::as_str));
        self.list("--exclude", selection.exclude.iter().copied().map(Part::as_str));
        self.flag("--only-definitions", selection.only_definitions);
    }

    fn dependencies(&mut self, mode: Option<DependencyMode>) {
        self.list("--dependencies", mode.map(DependencyMode::as_str));
    }

    fn reach(&mut self, reach: &Reach) {
        self.list("--dependency-depth", reach.depth.map(|depth| depth.to_string()));
        self.list("--dependency-types", &reach.types);
    }
}

/// As one word of a POSIX shell.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(format!("'{}'", word.replace('\'', "'\\''"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Decision, Files, FolderFormat, ItemKey, Kind, Layout, Policy};

    #[test]
    fn a_plan_is_written_as_the_command_that_makes_it() {
        let options = PlanOptions {
            policy: Policy::Overwrite,
            dependencies: Some(DependencyMode::None),
            reach: Reach { depth: Some(2), types: vec!["connection".into()] },
            selection: Selection {
                ids: vec!["it's".into(), "-x".into()],
                tags: vec!["billing".into(), "two words".into()],
                ..Selection::default()
            },
            rewrite_identical: true,
            skip_blocked: true,
            pause_webhooks: true,
            match_by: vec![crate::model::MatchBy { type_: "t".to_owned(), field: "f".to_owned() }],
            mode: crate::model::Mode::Merge,
            one_transaction: false,
            decisions: [(ItemKey::new(Kind::Flow, "f"), Decision::Skip)].into(),
            map: [(ItemKey::new(Kind::Connection, "c"), "d".to_owned())].into(),
        };
        assert_eq!(
            transfer_command("dev", "prod", &options),
            "haul transfer dev prod --overwrite --ids=-x --ids 'it'\\''s' --tags billing 'two words' \
             --dependencies none --dependency-depth 2 --dependency-types connection --decide flow:f=skip --map connection:c=d --match-by t=f --rewrite-identical \
             --skip-blocked --pause-webhooks"
        );
    }

    #[test]
    fn an_export_says_only_what_the_platform_has() {
        let format = ExportFormat {
            seal: Seal::None,
            squeeze: Squeeze::None,
            layout: Layout::Archive,
            existing: Existing::Replace,
            files: Files::With,
            credentials: Credentials::Redact,
            folder: FolderFormat { internals: Internals::Keep, manifest: Manifest::Beside },
        };
        let command = |features| export_command("dev", Some("./x"), &Selection::everything(), None, &format, &features);
        assert_eq!(command(Features::default()), "haul export dev ./x --replace-output");
        let sealed = Features { sealed_archives: true, ..Features::default() };
        assert_eq!(command(sealed), "haul export dev ./x --no-encrypt --no-compress --replace-output");
        let folders = Features { folders: true, ..Features::default() };
        assert_eq!(command(folders), "haul export dev ./x --with-internal --manifest --replace-output");
    }
}
