//! Keys and what they open. A key decides the space; it cannot be made or listed over the API.
//! Must not know: HTTP and content.

/// What may be done with the objects of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    Create,
    Read,
    Update,
    Delete,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    /// The application key that reads and writes.
    Everything,
    /// The application key that reads.
    Reading,
    /// A key of a user: rights by type.
    Scoped(Vec<(String, Vec<Right>)>),
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub name: String,
    pub secret: String,
    pub grant: Grant,
}

impl Key {
    pub fn may(&self, right: Right, kind: &str) -> bool {
        match &self.grant {
            Grant::Everything => true,
            Grant::Reading => right == Right::Read,
            Grant::Scoped(types) => types.iter().any(|(name, rights)| name == kind && rights.contains(&right)),
            Grant::Nothing => false,
        }
    }

    /// Whether definitions and the space itself may be changed.
    pub fn may_define(&self) -> bool {
        self.grant == Grant::Everything
    }

    pub fn is_valid(&self) -> bool {
        self.grant != Grant::Nothing
    }

    /// Whether the key's own list of rights names this type, so that its definition cannot be deleted.
    pub fn names(&self, kind: &str) -> bool {
        matches!(&self.grant, Grant::Scoped(types) if types.iter().any(|(name, _)| name == kind))
    }

    /// The keys that every space has at the start. The first does everything.
    pub fn all(space: &str) -> Vec<Self> {
        use Right::{Create, Read, Update};
        let scoped = [
            ("blog_post", vec![Create, Read, Update]),
            ("author", vec![Read]),
            ("category", vec![Read]),
            ("_media", vec![Create, Read]),
        ];
        let scoped = scoped.into_iter().map(|(kind, rights)| (kind.to_owned(), rights)).collect();
        let grants = [
            ("read-write", Grant::Everything),
            ("read-only", Grant::Reading),
            ("scoped", Grant::Scoped(scoped)),
            ("expired", Grant::Nothing),
        ];
        grants.into_iter().map(|(name, grant)| Self::new(space, name, grant)).collect()
    }

    pub fn new(space: &str, name: &str, grant: Grant) -> Self {
        Self { name: name.to_owned(), secret: format!("EXAMPLE-{space}-{name}-key"), grant }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::all("dev").into_iter().find(|key| key.name == name).unwrap()
    }

    #[test]
    fn each_key_opens_what_its_name_says() {
        assert!(key("read-write").may(Right::Delete, "page") && key("read-write").may_define());
        assert!(key("read-only").may(Right::Read, "page") && !key("read-only").may(Right::Update, "page"));
        assert!(!key("read-only").may_define() && !key("scoped").may_define());
        assert!(key("scoped").may(Right::Read, "author") && !key("scoped").may(Right::Create, "author"));
        assert!(!key("scoped").may(Right::Read, "_webhooks") && key("scoped").names("author"));
        assert!(!key("expired").is_valid());
    }
}
