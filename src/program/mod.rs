//! Programs of others, run within bounds: with so much memory, for so long, saying so much, and never longer than we
//! live.
//!
//! What they are run for is the callers' affair; here is deliberately nothing of snaps.

mod error;
mod run;

#[cfg(test)]
mod tests;

pub use error::ProgramError;
pub use run::Bounds;
pub use run::run;
