//! Says where content holds credentials in clear text: headers of webhooks, settings of plugins.
//! Must not know: files, servers. Values are never repeated.

use serde_json::{Map, Value};

use crate::model::text::printable;
use crate::model::{Finding, ItemKey, Kind, code};

/// Names of headers that carry a credential.
const TELLING: [&str; 7] = ["authorization", "token", "secret", "key", "password", "signature", "cookie"];

#[derive(Debug, Default)]
pub(super) struct Tally {
    findings: Vec<Finding>,
    settings: u64,
}

impl Tally {
    pub fn look_into(&mut self, key: &ItemKey, object: &Map<String, Value>) {
        match key.kind {
            Kind::Webhook => self.webhook(key, object),
            Kind::PluginSetting => {
                let settings = object.get("settings").and_then(Value::as_str).unwrap_or_default();
                self.settings += u64::from(!matches!(settings.trim(), "" | "{}" | "[]"));
            }
            _ => {}
        }
    }

    fn webhook(&mut self, key: &ItemKey, object: &Map<String, Value>) {
        let headers = object.get("headers").and_then(Value::as_array);
        for header in headers.into_iter().flatten() {
            let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
            let name = text("header_name");
            let lower = name.to_lowercase();
            if !text("header_value").is_empty() && TELLING.iter().any(|word| lower.contains(word)) {
                let message = format!("{key} sends the header {} with a value in clear text", printable(name));
                self.findings.push(Finding::warning(code::PLAINTEXT_CREDENTIAL, message).on(key));
            }
        }
    }

    pub fn findings(self) -> Vec<Finding> {
        let mut findings = self.findings;
        if self.settings > 0 {
            let plugins = if self.settings == 1 { "plugin" } else { "plugins" };
            let message =
                format!("the settings of {} {plugins} are here as they are, keys in them included", self.settings);
            findings.push(Finding::info(code::SENSITIVE_CONTENT, message));
        }
        findings
    }
}
