//! What is wrong with a text that should be an assertion.

/// Something in a text that no assertion has, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Flaw {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there, in words. Nothing long of the text is repeated.
    pub what: String,
}

impl Flaw {
    pub(super) fn new(line: u64, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }

    /// The same flaw of a text that begins so many lines further down.
    pub(super) fn further_down(self, n_lines: u64) -> Self {
        Self { line: self.line + n_lines, ..self }
    }
}
