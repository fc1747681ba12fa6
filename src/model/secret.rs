//! Values of secrets, on their way from a person to a location. They can be neither printed nor written down.
//! Must not know: where they come from.

use secrecy::SecretString;

/// The values of one secret: what development uses, and what production uses. `None` leaves a value as it is.
#[derive(Clone, Debug, Default)]
pub struct SecretValues {
    pub dev: Option<SecretString>,
    pub prod: Option<SecretString>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_printed() {
        let values = SecretValues { dev: Some("hunter2".into()), prod: None };
        assert!(!format!("{values:?}").contains("hunter2"));
    }
}
