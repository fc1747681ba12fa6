//! What a test in the same process can see and do at a server of this platform, beyond what all servers have.
//! Must not know: HTTP.

use serde_json::Value;

use super::Kind;
use crate::sandbox::Server;

impl Server {
    /// The item as it is, softly deleted or not.
    pub fn item(&self, kind: Kind, uuid: &str) -> Option<Value> {
        self.ziggy().item(kind, uuid)
    }

    /// Adds the item or replaces the one of the same uuid, byte for byte.
    pub fn upsert(&self, kind: Kind, item: Value) {
        self.ziggy().upsert(kind, item);
    }

    /// Changes an item as a colleague would: with a new `updatedAt`. False if there is none.
    pub fn edit(&self, kind: Kind, uuid: &str, change: impl FnOnce(&mut Value)) -> bool {
        self.ziggy().edit(kind, uuid, change)
    }

    /// Deletes softly, as the platform does.
    pub fn delete(&self, kind: Kind, uuid: &str) -> bool {
        self.ziggy().delete_softly(kind, uuid)
    }

    /// Removes the row as if it had never been there.
    pub fn erase(&self, kind: Kind, uuid: &str) -> bool {
        self.ziggy().erase(kind, uuid)
    }

    /// Sets the value of a secret in one mode; `None` takes it away.
    pub fn set_secret_value(&self, uuid: &str, field: SecretField, value: Option<&str>) -> bool {
        let field = match field {
            SecretField::Dev => "devValue",
            SecretField::Prod => "prodValue",
        };
        self.edit(Kind::Secret, uuid, |secret| secret[field] = value.map_or(Value::Null, Value::from))
    }

    /// Every token that was issued stops working.
    pub fn expire_tokens(&self) {
        self.ziggy().expire_tokens();
    }
}

/// The two values of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretField {
    Dev,
    Prod,
}
