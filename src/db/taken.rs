//! How files and assertions came to be held.

/// How something came to be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was imported, pushed, mirrored or built: it is our own.
    Own,
    /// It was kept when it was passed through to somebody.
    InPassing,
}
