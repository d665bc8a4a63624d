//! What was fetched from a store behind us becomes what we hold: one publication for all that came together.
//!
//! Here is deliberately nothing of how it was fetched. Who hands something over has checked it: a file is in its place
//! under its digest, an assertion was fetched by nobody in particular.

mod hold;

pub use hold::Fetched;
pub use hold::hold;
pub use hold::hold_within;
