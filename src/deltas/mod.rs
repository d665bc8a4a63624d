//! Deltas: files that turn the revision a device has into the one its channel gives out, where that saves enough.
//!
//! They are made by the program `xdelta3`, which devices undo them with, and each is undone here before it is believed.

mod build;
mod error;
mod wanted;
mod workplace;
mod xdelta;

pub use build::Report;
pub use build::Workbench;
pub use build::build;
pub use error::DeltaError;
