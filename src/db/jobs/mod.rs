//! The table `job`: work that is queued, under way, or done, and who does it.
//!
//! A job is claimed under a lease: a token that only its owner knows, kept alive by heartbeats. Everything an owner
//! writes names its lease, so that one whose lease ran out writes nothing more. A trigger of the table announces every
//! change that shows on the channel [`CHANNEL`].

mod job;
mod lease;
mod look;
mod news;
mod queue;

pub use job::Job;
pub use job::JobId;
pub use job::JobState;
pub use lease::Advance;
pub use lease::Heartbeat;
pub use lease::Lease;
pub use lease::Outcome;
pub use lease::finish;
pub use lease::guard;
pub use lease::heartbeat;
pub use lease::progress;
pub use lease::release;
pub use lease::retry_later;
pub use look::Cancelling;
pub use look::Filter;
pub use look::Place;
pub use look::Pruned;
pub use look::RESULT_KEPT;
pub use look::cancel;
pub use look::find;
pub use look::list;
pub use look::prune;
pub use news::CHANNEL;
pub use news::Change;
pub use news::JobNews;
pub use news::News;
pub use queue::Enqueued;
pub use queue::NewJob;
pub use queue::Request;
pub use queue::Requested;
pub use queue::claim;
pub use queue::enqueue;
pub use queue::expire;
pub use queue::request;
