//! What a server makes only of content that comes while it watches: it gives its administrators their rights for a new locale
//! when one is added in its panel, and when it starts. During a transfer it watches nothing (4.26.2 and 5.54.0), and a transfer
//! carries no rights of the panel, so that nothing can be sent in their place.
//! Must not know: sockets, rows.

use crate::model::{Decision, Finding, Plan, code};
use crate::platforms::strapi::narrow::LOCALE_TYPE;

/// Where a plan makes a locale that the destination does not have.
pub(in crate::platforms::strapi::remote) fn for_locales(plan: &Plan) -> Option<Finding> {
    let made = plan.items.iter().filter(|item| item.key.type_.as_deref() == Some(LOCALE_TYPE));
    let names: Vec<&str> = made.filter(|item| item.decision == Decision::Create).map(|item| &*item.name).collect();
    (!names.is_empty()).then(|| {
        let sentence = format!(
            "the destination does not have these locales yet, and its admin panel shows entries in them once the server was \
             started again: {}",
            names.join(", ")
        );
        Finding::info(code::LOCALE_NEEDS_RESTART, sentence)
    })
}
