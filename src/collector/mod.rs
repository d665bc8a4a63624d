//! From what was collected to rankings: who is eligible, and in which order.
//!
//! The stages that only reckon. They read no clock and no database.

mod filter;
mod score;

pub use filter::Described;
pub use filter::Rejection;
pub use filter::Threshold;
pub use score::Candidate;
pub use score::Place;
pub use score::Scores;
pub use score::score;
