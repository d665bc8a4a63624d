//! Why a text is not the value it claims to be.

/// A text that is not a valid value; it says which kind was expected and which rule was broken.
///
/// The text itself is deliberately absent: it may be long, and it may be somebody's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}: {rule}")]
pub struct Invalid {
    /// What the text should have been, in words: `snap name`.
    pub what: &'static str,
    /// The rule it breaks, in words: `at most 40 characters`.
    pub rule: &'static str,
}

impl Invalid {
    /// The refusal of a text that should have been a `what` and broke `rule`.
    pub const fn new(what: &'static str, rule: &'static str) -> Self {
        Self { what, rule }
    }
}
