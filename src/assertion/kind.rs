//! The types of assertions.

use std::fmt;

/// A type of assertion that a store gives out.
#[derive(Clone, Copy)]
pub struct Kind(&'static Row);

/// What is fixed about a type.
struct Row {
    name: &'static str,
    /// The headers of the primary key, in order.
    key: &'static [&'static str],
    /// What the last of them is when it is left out.
    last_if_absent: Option<&'static str>,
    /// Whether the last of them numbers the members of a sequence.
    is_sequence: bool,
}

impl Row {
    const fn plain(name: &'static str, key: &'static [&'static str]) -> Self {
        Self { name, key, last_if_absent: None, is_sequence: false }
    }

    /// The last header of the key is `provenance`, and nearly always has one value.
    const fn with_provenance(name: &'static str, key: &'static [&'static str]) -> Self {
        Self { name, key, last_if_absent: Some("global-upload"), is_sequence: false }
    }

    const fn sequence(name: &'static str, key: &'static [&'static str]) -> Self {
        Self { name, key, last_if_absent: None, is_sequence: true }
    }
}

/// In the order of the names. Requests that a device signs are no statements to hand on, so they are not among these.
static KINDS: [Row; 21] = [
    Row::plain("account", &["account-id"]),
    Row::plain("account-key", &["public-key-sha3-384"]),
    Row::plain("base-declaration", &["series"]),
    Row::sequence("cluster", &["cluster-id", "sequence"]),
    Row::plain("confdb-control", &["brand-id", "model", "serial"]),
    Row::plain("confdb-schema", &["account-id", "name"]),
    Row::plain("hardware-identity", &["issuer-id", "hardware-id-key-sha3-384"]),
    Row::plain("model", &["series", "brand-id", "model"]),
    Row::plain("preseed", &["series", "brand-id", "model", "system-label"]),
    Row::sequence("repair", &["brand-id", "repair-id"]),
    Row::plain("serial", &["brand-id", "model", "serial"]),
    Row::plain("snap-build", &["snap-sha3-384"]),
    Row::plain("snap-declaration", &["series", "snap-id"]),
    Row::plain("snap-developer", &["snap-id", "publisher-id"]),
    Row::with_provenance(
        "snap-resource-pair",
        &["snap-id", "resource-name", "resource-revision", "snap-revision", "provenance"],
    ),
    Row::with_provenance(
        "snap-resource-revision",
        &["snap-id", "resource-name", "resource-sha3-384", "provenance"],
    ),
    Row::with_provenance("snap-revision", &["snap-sha3-384", "provenance"]),
    Row::plain("store", &["store"]),
    Row::plain("system-user", &["brand-id", "email"]),
    Row::plain("validation", &["series", "snap-id", "approved-snap-id", "approved-snap-revision"]),
    Row::sequence("validation-set", &["series", "account-id", "name", "sequence"]),
];

impl Kind {
    /// The type of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        KINDS.iter().find(|row| row.name == name).map(Self)
    }

    /// Every type, in the order of the names.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(Self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The headers of its primary key, in order; the last numbers the sequence, where there is one.
    pub fn key_headers(self) -> &'static [&'static str] {
        self.0.key
    }

    /// The headers of its primary key without the number of the sequence.
    pub fn key_headers_before_sequence(self) -> &'static [&'static str] {
        let n = self.0.key.len() - usize::from(self.0.is_sequence);
        &self.0.key[..n]
    }

    /// Whether its assertions form sequences.
    pub fn is_sequence(self) -> bool {
        self.0.is_sequence
    }

    /// What the last part of the key is when it is left out; of most types it cannot be.
    pub fn last_if_absent(self) -> Option<&'static str> {
        self.0.last_if_absent
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Kind {}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}

impl std::hash::Hash for Kind {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_in_order_and_lead_to_their_types() {
        assert!(KINDS.is_sorted_by_key(|row| row.name));
        for kind in Kind::all() {
            assert_eq!(Kind::of_name(kind.name()), Some(kind));
            assert!(kind.last_if_absent().is_none() || !kind.is_sequence());
        }
        for none in ["", "serial-request", "device-session-request", "Account", "account "] {
            assert_eq!(Kind::of_name(none), None, "{none}");
        }
    }
}
