//! What an account's role means, as far as anybody wrote it down.
//! Must not know: requests.
//!
//! Roles are free text to the API (OpenAPI `AuthRoleEnum`: REQUESTED, ADMIN, EDITOR, VIEWER, MONITOR; the docs' page
//! rbac-roles: Sys Admin, Admin, Editor, Operator, Service Account, Owner). An older page of the docs says that roles
//! other than Admin have no effect yet, so that every limit is a "may".

use crate::model::Access;

/// Roles that see everything; one that is not known may not.
const SEES_ALL: &[&str] = &["admin", "sysadmin", "owner", "serviceaccount"];
/// Backups and transfers of the whole server are for these (docs, rbac-roles); ADMIN is the older word.
const KEEPS_HOUSE: &[&str] = &["admin", "sysadmin"];

pub(super) fn sees_all(role: &str) -> bool {
    SEES_ALL.contains(&plain(role).as_str())
}

/// `Sys Admin`, `SYS_ADMIN` and `sysadmin` are one role.
fn plain(role: &str) -> String {
    role.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

pub(super) fn access(account: Option<&str>, role: Option<&str>) -> Access {
    let mut access = Access {
        account: account.map(str::to_owned),
        role: role.map(str::to_owned),
        limits: vec!["values of secrets are never handed out".to_owned()],
        ..Access::default()
    };
    let Some(role) = role else { return access };
    let mut say = |holds: bool, right: &str, limit: &str| match holds {
        true => access.rights.push(right.to_owned()),
        false => access.limits.push(limit.to_owned()),
    };
    say(
        sees_all(role),
        "sees every flow, connection and secret",
        "may see only what it owns or was given; an import could make twins of what it does not see",
    );
    say(
        KEEPS_HOUSE.contains(&plain(role).as_str()),
        "may back up the server's database",
        "may not be allowed to back up the server's database; --no-backup does without",
    );
    access
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_one_role_however_it_is_spelled_and_an_unknown_one_is_limited() {
        for role in ["ADMIN", "Sys Admin", "SYS_ADMIN"] {
            let access = access(Some("anna"), Some(role));
            assert_eq!((access.rights.len(), access.limits.len()), (2, 1), "{role}");
        }
        assert_eq!(access(None, Some("Service Account")).rights, ["sees every flow, connection and secret"]);
        for role in ["EDITOR", "Operator", "something new", ""] {
            let access = access(Some("anna"), Some(role));
            assert_eq!((access.rights.len(), access.limits.len()), (0, 3), "{role}");
        }
        let token = access(None, None);
        assert_eq!((token.role, token.rights.len(), token.limits.len()), (None, 0, 1));
    }
}
