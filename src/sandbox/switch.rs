//! The assumptions about real servers, as switches: `NAME=VALUE`, each with a default. What is unknown of Ziggy, and what
//! differs between installations of Strapi; `docs/sandbox.md` lists them. Must not know: who asks.

/// A line of the list that help and documentation show.
#[derive(Clone, Copy, Debug)]
pub struct SwitchHelp {
    pub name: &'static str,
    /// The first is the default.
    pub values: &'static [&'static str],
    pub help: &'static str,
}

/// One assumption, read from `NAME=VALUE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    pub name: &'static str,
    pub value: &'static str,
}

impl Switch {
    pub const ALL_HELP: &'static [SwitchHelp] = ROWS;

    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not NAME=VALUE"))?;
        let row = ROWS.iter().find(|row| row.name == name).ok_or_else(|| unknown(name))?;
        let value = row.values.iter().find(|known| **known == value);
        let value = value.ok_or_else(|| format!("assumption {name} is one of {}", row.values.join(", ")))?;
        Ok(Self { name: row.name, value })
    }
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
    format!("there is no assumption {name:?}: choose one of {}", names.join(", "))
}

/// Makes one enum for each switch (the first value is the default), their sum, and the table that parses them, so
/// that a switch cannot be in one and missing from another.
macro_rules! switches {
    ($($name:literal $field:ident $kind:ident { $first:ident $first_text:literal $(, $value:ident $text:literal)+ } $help:literal)+) => {
        $(
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub enum $kind { #[default] $first, $($value),+ }
        )+

        /// All assumptions of a server. The default is what the facts make likeliest, or else what is safest to meet.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Switches { $(pub $field: $kind),+ }

        impl Switches {
            pub fn set(&mut self, switch: Switch) {
                match (switch.name, switch.value) {
                    $(
                        ($name, $first_text) => self.$field = $kind::$first,
                        $(($name, $text) => self.$field = $kind::$value,)+
                    )+
                    // `Switch::parse` lets no other pair through.
                    _ => {}
                }
            }
        }

        const ROWS: &[SwitchHelp] = &[
            $(SwitchHelp { name: $name, values: &[$first_text $(, $text)+], help: $help }),+
        ];
    };
}

switches! {
    "layout" layout Layout { Object "object", Nested "nested" }
        "shape of the export file: three lists, or flows that hold their connections and secrets"
    "nested-top-level" nested_top_level NestedTopLevel { Ignored "ignored", Read "read" }
        "with layout=nested: lists of connections and secrets beside the flows"
    "missing-lists" missing_lists MissingLists { Accepted "accepted", Refused "refused" }
        "with layout=object: an import file that lacks one of the three lists"
    "secret-null" secret_null SecretNull { Keeps "keeps", Blanks "blanks" }
        "an overwrite whose file has null as a secret's value, against the value that is there"
    "oauth-null" oauth_null OauthNull { Keeps "keeps", Blanks "blanks" }
        "an overwrite whose file has null as a connection's OAuth token, against the token that is there"
    "export-oauth" export_oauth ExportOauth { Leaked "leaked", Null "null" }
        "OAuth tokens of connections in an export"
    "export-secret-values" export_secret_values ExportSecretValues { Null "null", Absent "absent" }
        "the value fields of secrets in an export"
    "name-overwrite-uuid" name_overwrite_uuid NameOverwriteUuid { Target "target", Source "source" }
        "the uuid that survives an overwrite by name"
    "create-uuid" create_uuid CreateUuid { Source "source", Fresh "fresh" }
        "the uuid of an item that an import creates"
    "rename-unmatched" rename_unmatched RenameUnmatched { Plain "plain", Renamed "renamed" }
        "the name of an item that RENAME creates although nothing matched"
    "reply-uuid" reply_uuid ReplyUuid { Source "source", Target "target" }
        "the uuid that the reply of an import names"
    "remap-references" remap_references RemapReferences { No "no", Yes "yes" }
        "references of imported flows to items whose uuid changed in the same import"
    "empty-match" empty_match EmptyMatch { Nothing "nothing", Everything "everything" }
        "an export by tags that match no flow"
    "tag-case" tag_case TagCase { Sensitive "sensitive", Insensitive "insensitive" }
        "upper and lower case in tags"
    "cookie" cookie Cookie { Optional "optional", Required "required" }
        "the four cookies of the official client beside the bearer token"
    "locked" locked Locked { Overwritten "overwritten", Refused "refused" }
        "an overwrite of a locked flow"
    "deleted-uuid" deleted_uuid DeletedUuid { Matches "matches", Unmatched "unmatched" }
        "an item whose uuid belongs to a softly deleted one"
    "tenant" tenant Tenant { Kept "kept", Rewritten "rewritten" }
        "the tenant id of imported items"
    "login-refusal" login_refusal LoginRefusal { Unauthorized "401", EmptyToken "201" }
        "a refused login: status 401, or 201 with an empty token and an error message"
    "login" login LoginEffect { KeepsTokens "keeps-tokens", RevokesTokens "revokes-tokens" }
        "what a new login does to earlier tokens of the same user"
    "import-tags" import_tags ImportTags { Registered "registered", Unregistered "unregistered" }
        "whether an import adds the flows' tags to the list of known tags"
    "backup-on-bad-file" backup_on_bad_file BackupOnBadFile { Skipped "skipped", Made "made" }
        "whether an import that is refused as damaged has made its backup before"
    "database" database DatabaseKind { Sqlite "sqlite", Postgres "postgres" }
        "the database of Strapi: with sqlite every other request to it waits while a push is open"
    "leaked-transaction" leaked_transaction LeakedTransaction { Hangs "hangs", RolledBack "rolled-back" }
        "a push that ends without close or rollback: the database of Strapi hangs until a restart, or forgets it"
    "first-frame" first_frame FirstFrame { Pauses "pauses", Follows "follows" }
        "the first data frame of a pull: a moment after the reply, without which the official client misses it, or at once"
    "crash" crash CrashEffect { StaysDown "stays-down", Restarts "restarts" }
        "a Strapi process that died: it stays down, or something starts it again"
    "batch-failure" batch_failure BatchFailure { GoodStored "good-stored", NothingStored "nothing-stored" }
        "the good objects of a batch that Flotiq answers with 400"
    "batch-errors" batch_errors BatchErrors { Data "data", Id "id" }
        "how a batch of Flotiq names an object that it refuses: whole, or by its id"
    "batch-references" batch_references BatchReferences { Earlier "earlier", StoredBefore "stored-before" }
        "what a new object of a batch may refer to: also to those before it in the batch, or not"
    "patch-batch" patch_batch PatchBatch { AllOrNothing "all-or-nothing", OthersApplied "others-applied" }
        "the known objects of a partial batch that Flotiq answers with 404 for an unknown one"
    "unsaved-upload" unsaved_upload UnsavedUpload { Stored "stored", Dropped "dropped" }
        "an upload to Flotiq without save=1"
    "upload-twice" upload_twice UploadTwice { Added "added", Reused "reused" }
        "an upload to Flotiq of a file that is there, byte for byte and by name"
    "plain-modified" plain_modified PlainModified { PublicVersion "public-version", Newest "newest", Hidden "hidden" }
        "what a read of Flotiq without preview shows of a modified object"
    "publish-plain" publish_plain PublishPlain { Accepted "accepted", Refused "refused" }
        "a publication of an object whose type in Flotiq has no drafts"
    "order-by-id" order_by_id OrderById { Allowed "allowed", Refused "refused" }
        "a list of Flotiq ordered by id"
    "ties" ties Ties { Stable "stable", Shuffled "shuffled" }
        "objects of Flotiq that are equal in the order of a list: the same place on every page, or any"
    "definition-put" definition_put DefinitionPut { KeepsAbsent "keeps-absent", ResetsAbsent "resets-absent" }
        "draftPublic, autoSave and featuredImage where an update of a definition of Flotiq does not send them"
    "featured-image" featured_image FeaturedImage { Checked "checked", Unchecked "unchecked" }
        "a featured image of a definition of Flotiq that does not exist"
    "key-order" key_order KeyOrder { Kept "kept", Length "length" }
        "keys of objects that Flotiq sends: as they were written, or by length and alphabet"
    "empty-objects" empty_objects EmptyObjects { Kept "kept", Lists "lists" }
        "empty objects that Flotiq sends: as they are, or as lists"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_every_switch_can_be_set_and_the_first_is_the_default() {
        for row in Switch::ALL_HELP {
            let mut seen = Vec::new();
            for value in row.values {
                let mut switches = Switches::default();
                switches.set(Switch::parse(&format!("{}={value}", row.name)).unwrap());
                seen.push(switches);
            }
            assert_eq!(seen[0], Switches::default(), "{}", row.name);
            assert!(seen[1..].iter().all(|switches| *switches != seen[0]), "{}", row.name);
        }
    }

    #[test]
    fn an_unknown_switch_or_value_names_the_known_ones() {
        assert!(Switch::parse("layout=flat").unwrap_err().contains("object, nested"));
        assert!(Switch::parse("lay=flat").unwrap_err().contains("layout"));
        assert!(Switch::parse("layout").unwrap_err().contains("NAME=VALUE"));
    }
}
