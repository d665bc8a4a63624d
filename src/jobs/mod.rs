//! Work that is queued in the database and done by workers: a kind of job says what is done, a worker does it under a
//! lease, and how it ends is written together with its effects.
//!
//! A job is safe to run twice: an owner that dies is followed by another. Here is deliberately nothing of what a job
//! does: a kind brings what it needs in its own fields, filled by the roof.

mod failure;
mod job;
mod run;

mod registry;

mod attempt;
mod settings;
mod settlement;
mod worker;

mod deltas;
mod pipeline;
mod prune;

pub use deltas::Deltas;
pub use deltas::OfSnaps;
pub use failure::Hopeless;
pub use job::Job;
pub use job::NoArgs;
pub use job::Report;
pub use job::new_job;
pub use pipeline::Pipeline;
pub use prune::Prune;
pub use registry::Registry;
pub use registry::Unfit;
pub use run::LeaseLost;
pub use run::Run;
pub use settings::Settings;
pub use worker::Worker;
