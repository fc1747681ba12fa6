//! Reads one line of the configuration: a value of the core store, or a webhook.
//! Must not know: other lines, items.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::digests::semantic_of_object;
use crate::model::{Digest, Digests};

/// A line of the configuration: a value of the core store, or a webhook.
#[derive(Deserialize)]
pub(in crate::platforms::strapi) struct Setting<'a> {
    #[serde(borrow)]
    pub value: &'a RawValue,
}

#[derive(Deserialize)]
pub(in crate::platforms::strapi) struct SettingValue<'a> {
    #[serde(default)]
    pub(super) key: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(borrow, default)]
    pub(super) value: Option<&'a RawValue>,
    /// Of a webhook.
    #[serde(borrow, default)]
    pub(super) headers: Option<&'a RawValue>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    tag: Option<String>,
}

/// `KEY`, `KEY@ENVIRONMENT`, `KEY#TAG` or both: the core store keeps values apart by all three.
pub(in crate::platforms::strapi) fn setting_id(value: &SettingValue<'_>) -> String {
    let mut id = value.key.as_deref().or(value.name.as_deref()).unwrap_or("without a key").to_owned();
    if let Some(environment) = value.environment.as_deref().filter(|text| !text.is_empty()) {
        id = format!("{id}@{environment}");
    }
    if let Some(tag) = value.tag.as_deref().filter(|text| !text.is_empty()) {
        id = format!("{id}#{tag}");
    }
    id
}

/// Values that a running server draws anew by itself, each from a task of its own (5.54.0): when it told of its media library
/// (`upload/server/services/weekly-metrics`) and of its review workflows (`review-workflows/…/metrics/weekly-metrics`) last, and
/// what it was told of its licence (`core/ee`). What they hold is of that server, and nobody edits it.
const DRAWN_ANEW: [&str; 3] = ["plugin_upload_metrics", "plugin_ee_metrics", "ee_information"];

impl SettingValue<'_> {
    /// Whether its server changes the value by itself while it runs, so that a difference means nothing.
    pub(in crate::platforms::strapi) fn is_drawn_anew(&self) -> bool {
        self.key.as_deref().is_some_and(|key| DRAWN_ANEW.contains(&key))
    }

    /// What two settings are compared by. `json` is the setting, `line` what it stands in.
    pub(super) fn digests(&self, json: &str, line: &[u8]) -> Digests {
        match self.is_drawn_anew() {
            true => {
                let key = semantic_of_object(json, &["id", "value", "type"]);
                Digests { semantic: key, exact: key }
            }
            false => Digests { semantic: semantic_of_object(json, &["id"]), exact: Digest::of(line) },
        }
    }
}

/// Older exports keep the value as text that holds JSON.
pub(super) fn main_field(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct View {
        settings: Settings,
    }
    #[derive(Deserialize)]
    struct Settings {
        #[serde(rename = "mainField")]
        main_field: String,
    }
    let inner: Cow<'_, str> = match json.starts_with('"') {
        true => Cow::Owned(serde_json::from_str(json).ok()?),
        false => Cow::Borrowed(json),
    };
    serde_json::from_str::<View>(&inner).ok().map(|view| view.settings.main_field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(json: &str) -> Digests {
        let line = format!(r#"{{"type":"core-store","value":{json}}}"#);
        serde_json::from_str::<SettingValue<'_>>(json).expect("a setting").digests(json, line.as_bytes())
    }

    fn metrics(key: &str, last: u64) -> Digests {
        digests(&format!(
            r#"{{"id":{last},"key":"{key}","value":{{"weeklySchedule":"8 40 7 * * 1","lastWeeklyUpdate":{last}}},"type":"object"}}"#
        ))
    }

    #[test]
    fn what_a_running_server_draws_anew_is_no_difference_and_no_change() {
        for key in DRAWN_ANEW {
            assert_eq!(metrics(key, 1), metrics(key, 2), "{key}");
        }
        assert_ne!(metrics(DRAWN_ANEW[0], 1), metrics(DRAWN_ANEW[1], 1), "they are not one another");
    }

    #[test]
    fn every_other_value_is_compared() {
        for key in ["plugin_upload_settings", "plugin_upload_metrics_of_mine", "core_admin_auth"] {
            assert_ne!(metrics(key, 1).semantic, metrics(key, 2).semantic, "{key}");
        }
        let of = |id: u64, environment: &str| {
            digests(&format!(
                r#"{{"id":{id},"key":"plugin_upload_metrics","value":{{}},"environment":"{environment}"}}"#
            ))
        };
        assert_eq!(of(1, "a").semantic, of(2, "a").semantic);
        assert_ne!(of(1, "a").semantic, of(1, "b").semantic, "the environment is part of its name");
    }
}
