//! The name of a validation set.

/// A validation set as a request names it: `[series, account-id, name, sequence]` (contract 2.1), of which the last may
/// be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetName {
    /// The first three parts with slashes between them.
    pub key: String,
    /// The place in the sequence; the newest, when none is named.
    pub sequence: Option<u32>,
}

impl SetName {
    /// The name that these parts are, if they are one. A part with a slash makes a name that no set has.
    pub fn of_parts(parts: &[&str]) -> Option<Self> {
        let (key, sequence) = match parts {
            [_, _, _] => (parts, None),
            [key @ .., sequence] if key.len() == 3 => (key, Some(sequence.parse().ok()?)),
            _ => return None,
        };
        Some(Self { key: key.join("/"), sequence })
    }
}

/// What a device or an action says of validation (contract section 8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validation {
    /// Whether what the sets say does not count; nothing where nothing is said.
    pub is_ignored: Option<bool>,
    /// The sets that govern the snap.
    pub sets: Vec<SetName>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_three_parts_and_perhaps_a_number() {
        let name = |parts: &[&str]| SetName::of_parts(parts).map(|one| (one.key, one.sequence));
        assert_eq!(name(&["16", "a", "b"]), Some(("16/a/b".to_owned(), None)));
        assert_eq!(name(&["16", "a", "b", "3"]), Some(("16/a/b".to_owned(), Some(3))));
        for none in [&[][..], &["16", "a"], &["16", "a", "b", "x"], &["16", "a", "b", "3", "4"]] {
            assert_eq!(name(none), None, "{none:?}");
        }
    }
}
