//! The words of rankings: what is known of a snap that may be ranked, which rankings there are, what a snap is judged
//! by, and the sets picked by hand.
//!
//! Values only. Where they are collected and how they are weighed is the collector's business.

mod candidate;
mod category;
mod described;
mod formula;
mod listed;
mod merits;
mod placed;
mod slice;
mod step;
mod verbatim;

pub use candidate::Candidate;
pub use category::Category;
pub use described::Described;
pub use formula::Formula;
pub use formula::Formulas;
pub use listed::Counts;
pub use listed::Listed;
pub use merits::Merits;
pub use placed::Placed;
pub use slice::Slice;
pub use slice::SliceId;
pub use step::Step;
pub use step::StepRun;
pub use step::Tally;
pub use verbatim::Verbatim;
