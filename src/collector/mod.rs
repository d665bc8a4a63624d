//! From what a store lists to rankings: collect → filter → enrich → score → publish.
//!
//! Each stage's output is what its table holds, so each can run alone from the table of the one before. `filter` and
//! `score` only reckon; they read no clock and no database. What the stages commit, they commit under the lease of the
//! job they are part of. In which order they run, and when, is the business of jobs.

mod error;
mod workshop;

mod channels;
mod collect;
mod enrich;
mod filter;
mod order;
mod publish;
mod score;
mod sift;

pub use collect::collect;
pub use enrich::enrich;
pub use error::CollectorError;
pub use filter::Rejection;
pub use filter::Threshold;
pub use order::Order;
pub use publish::Whole;
pub use publish::publish;
pub use score::Place;
pub use score::Scores;
pub use score::score;
pub use sift::sift;
pub use workshop::Options;
pub use workshop::Shift;
pub use workshop::Workshop;
