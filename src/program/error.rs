//! What can become of a program besides its good end.

use std::io;
use std::process::ExitStatus;

/// Why a program did not do what it was run for.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not installed.
    #[error("the program {0} is not installed")]
    Missing(&'static str),
    /// It did not end in time.
    #[error("{0} took too long")]
    TooLong(&'static str),
    /// It wrote more than it may.
    #[error("{0} wrote too much")]
    TooMuch(&'static str),
    /// It ended and said that it failed, or was ended: by its bound of memory, for one.
    #[error("{0} failed: {1}")]
    Failed(&'static str, ExitStatus),
    /// The system did not run it.
    #[error("cannot run {name}")]
    Unrun {
        /// What is called so.
        name: &'static str,
        /// What the system said.
        source: io::Error,
    },
}
