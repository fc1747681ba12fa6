//! What a person should know before a run: findings and effects.
//! Must not know: platforms; each puts its own codes into the table below.

use arcstr::ArcStr;
use serde::{Deserialize, Serialize};

use super::decision::words;
use super::{ItemKey, Kind};

words! {
    /// How much a finding matters. Only `blocking` stops a run.
    Severity { Info = "info", Warning = "warning", Blocking = "blocking" }
}

/// Something to know before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// One of [`code`]; scripts name it in `--fail-on`.
    pub code: String,
    pub severity: Severity,
    pub item: Option<ItemKey>,
    pub message: String,
    /// The field of the item that it is about, nested ones by their path (`steps.text`), where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Finding {
    pub fn new(code: &str, severity: Severity, message: impl Into<String>) -> Self {
        Finding { code: code.to_owned(), severity, item: None, message: message.into(), field: None }
    }

    pub fn info(code: &str, message: impl Into<String>) -> Self {
        Finding::new(code, Severity::Info, message)
    }

    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Finding::new(code, Severity::Warning, message)
    }

    pub fn blocking(code: &str, message: impl Into<String>) -> Self {
        Finding::new(code, Severity::Blocking, message)
    }

    #[must_use]
    pub fn on(mut self, item: &ItemKey) -> Self {
        self.item = Some(item.clone());
        self
    }

    /// About one field of its item, by its path.
    #[must_use]
    pub fn of_field(mut self, path: &str) -> Self {
        self.field = Some(path.to_owned());
        self
    }
}

/// Declares the codes of findings, so that `--fail-on` can refuse a mistyped one and the docs list them all.
macro_rules! codes {
    ($($name:ident = $text:literal: $meaning:literal),+ $(,)?) => {
        /// The codes of findings with what each means.
        pub mod code {
            $(#[doc = $meaning] pub const $name: &str = $text;)+
            /// Every code with its meaning, in the order of the docs.
            pub const ALL: &[(&str, &str)] = &[$(($text, $meaning)),+];
        }
    };
}

codes! {
    AMBIGUOUS = "ambiguous": "several items of the destination fit; nothing is written for this one unless a decision is given",
    FIELD_MATCH = "field-match": "matched by the value of a unique field; the destination keeps its id",
    CONTENT_MATCH = "content-match": "the destination has a file with the same bytes, which is used; it keeps its id",
    NAME_MATCH = "name-match": "matched by name only; the destination keeps its id",
    RENAMED_AT_DESTINATION = "renamed-at-destination": "same id, but the destination calls it otherwise; overwriting renames it",
    NAME_COLLISION = "name-collision": "the destination has another item of this name",
    DUPLICATE_NAME = "duplicate-name": "the source holds several items of this name",
    DUPLICATE_ID = "duplicate-id": "the bundle holds this id more than once",
    DANGLING_REFERENCE = "dangling-reference": "refers to something that neither location has",
    LEFT_OUT_REFERENCE = "left-out-reference": "refers to an item that is left out and that the destination lacks",
    DESTINATION_NEWER = "destination-newer": "the destination's item was changed after the source's",
    LOCKED = "locked": "the destination's item is locked; the server may refuse it",
    DELETED_AT_DESTINATION = "deleted-at-destination": "the id belongs to a deleted item of the destination",
    MISSING_REQUIREMENT = "missing-requirement": "needs something of the destination that it does not have",
    SECRET_WITHOUT_VALUE = "secret-without-value": "a secret has no value at the destination and must be filled in",
    SECRET_OVERWRITE = "secret-overwrite": "a secret's description is overwritten; its value is left to the server",
    PRODUCTION_VALUE_EMPTY = "production-value-empty": "has a development value only",
    TENANT_DIFFERS = "tenant-differs": "source and destination belong to different tenants",
    PARTIAL_VIEW = "partial-view": "the account may not see everything",
    REFERENCES_MOVED_AWAY = "references-moved-away": "other items of the destination still point to the item of the old id",
    PLAINTEXT_CREDENTIAL = "plaintext-credential": "a credential stands in the content in clear text",
    LOW_CREDENTIAL = "possible-credential": "looks like something that should be a secret",
    PLACEHOLDER = "placeholder": "a credential field holds a placeholder",
    LOCAL_ADDRESS = "local-address": "an address points to this machine, or is the same for development and production",
    REDACTED = "redacted": "a credential was replaced in the export",
    NESTED_COPIES_DIFFER = "nested-copies-differ": "the bundle holds unequal copies of this item",
    NOT_ADDRESSABLE = "not-addressable": "has no id or no name; it is kept but cannot be picked",
    UNKNOWN_FIELDS = "unknown-fields": "the bundle has parts that are kept but not understood",
    FILES_LEFT_OUT = "files-left-out": "records of files travel without their files",
    FILES_ELSEWHERE = "files-elsewhere": "media held by another provider is not part of the archive",
    MISSING_FILE = "missing-file": "a file's record has no bytes in the archive",
    FILE_SIZE_DIFFERS = "file-size-differs": "a file has another size than its record says",
    UNKNOWN_TYPE = "unknown-type": "an entry's type has no schema in the archive",
    SCHEMA_BLOCKING = "schema-blocking": "the schemas differ, so that content of this type cannot arrive as what it is",
    SCHEMA_LOSSY = "schema-lossy": "the schemas differ, so that something of the content is lost or cut",
    SCHEMA_HARMLESS = "schema-harmless": "the schemas differ in what content does not show",
    WRITTEN_OTHERWISE = "written-otherwise": "what the destination does otherwise than one may expect while it is written to, or afterwards",
    LOCALE_NOT_OFFERED = "locale-not-offered": "the destination does not offer a locale that content is written in",
    STAYS_WITH_KEPT = "stays-with-kept": "a relation that only one item can have stays with an item that the destination keeps",
    LOCALE_NEEDS_RESTART = "locale-needs-restart": "a locale that the run makes shows in the destination's admin panel after a restart",
    VERSION_DIFFERS = "version-differs": "source and destination are of different versions of the platform",
    LINK_WITHOUT_ENTRY = "link-without-entry": "a relation leads to a row that the archive does not hold",
    SENSITIVE_CONTENT = "sensitive-content": "holds password hashes or client secrets",
    WEAK_SEAL = "weak-seal": "the format's encryption cannot detect changes to the archive",
    DAMAGED = "damaged": "the bundle is damaged",
    UNSAFE_NAME = "unsafe-name": "a name in the bundle would leave its folder",
    MISLEADING_NAME = "misleading-name": "the file's name says something else than its content",
    UNEXPECTED_MEMBER = "unexpected-member": "the archive holds a member that its format does not know",
    WRITTEN_AGAIN = "written-again": "documents that are kept are written again as they are, so that no relation to what is overwritten is lost",
    ORDER_CHANGES = "order-changes": "a list of relations of documents that are kept changes its order",
    NOT_WRITTEN = "not-written": "an item that can never be written was left out",
    EMPTIED_TYPE = "emptied-type": "a replace deletes what the destination has of a type of which the source holds nothing",
    KEPT_TYPE = "kept-type": "a replace leaves a type of the destination as it is, since the source brings nothing of it",
    SAME_FILE_NAME = "same-file-name": "the destination has a file of this name on disk that holds something else",
    FILES_STAY = "files-stay": "files of records that are deleted stay on the destination's disk, used by nothing",
    CREATORS_EMPTY = "creators-empty": "who created and last changed an entry is empty afterwards",
    SERVER_BLOCKED = "server-blocked": "the destination may answer nobody while it is written to",
    NOT_ATOMIC = "not-atomic": "a failure can leave the destination without its files",
    CONVERTED = "converted": "the source was converted to the form of the destination's version",
    NOT_CONVERTED = "not-converted": "the form of the destination's version has no place for this",
    CHANGED_SINCE_PLAN = "changed-since-plan": "changed after the plan was made",
    VERIFY_FAILED = "verify-failed": "the destination does not hold what was written",
    SNAPSHOT_LIMIT = "snapshot-limit": "the snapshot cannot bring this back",
    SAVED_VERSION = "saved-version": "the server kept a version of what was overwritten",
    CONNECTION_TEST = "connection-test": "result of a connection test",
    BACKUP = "backup": "a backup of the destination's database was made, or not",
    REHEARSED = "rehearsed": "the run was rehearsed at the destination and taken back",
    REHEARSAL_REFUSED = "rehearsal-refused": "the destination refused something of the run when it was rehearsed",
    NOT_REHEARSED = "not-rehearsed": "a part of the run that no rehearsal can try",
    SERVER_WARNING = "server-warning": "the server warned of something while it was read",
    TWO_TRANSACTIONS = "two-transactions": "files come in a transaction of their own, before everything else",
    STATES_LEFT_OUT = "states-left-out": "the export does not say which objects are published; they arrive as drafts",
    PUBLIC_VERSION_LEFT_OUT = "public-version-left-out": "an object was changed after it was published; its public version is not in the export",
    STATES_CHANGE = "states-change": "objects become public, or stop being so",
    STORED_DATA_CHANGES = "stored-data-changes": "a change of a definition strips or converts values of stored objects",
    WEBHOOK_PAUSED = "webhook-paused": "a webhook of the destination is switched off while the run writes, and on again afterwards",
    WEBHOOK_LEFT_OFF = "webhook-left-off": "a webhook that the run switched off is off still",
    FORECAST = "forecast": "about how many requests the run sends, and how long they take",
    RATE_USED = "rate-used": "how much of the allowed rate of requests the run used",
    DATE_VARIABLE = "date-variable": "variables of an old starter were replaced by days seen from today",
    RUNS_PROJECT = "runs-project": "the code of a local project is run",
    ASSUMPTION = "assumption": "rests on an assumption about the server that is not proven",
}

words! {
    /// What a plan does to the destination beyond writing what was picked.
    EffectKind {
        Delete = "delete",
        Rename = "rename",
        Unlink = "unlink",
        WithoutValue = "without-value",
        Convert = "convert",
        CannotUndo = "cannot-undo",
    }
}

/// A consequence of a plan, with its count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    pub effect: EffectKind,
    pub kind: Kind,
    #[serde(rename = "type")]
    pub type_: Option<ArcStr>,
    pub count: u64,
}
