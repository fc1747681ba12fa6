//! Reads one line of the configuration: a value of the core store, or a webhook.
//! Must not know: other lines, items.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

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
