//! What people decide by hand: which snaps stay out of the rankings, which are picked for a slice, which are featured,
//! and what operators let channels give out.
//!
//! Every decision is one transaction: the change, a row of the audit (who, what, when, before, after), and a new
//! generation, so that every server learns of it at once. What changes nothing is a success that publishes nothing and
//! leaves no row. Who may decide is the door's business.

mod by;
mod error;
mod exclusions;
mod featured;
mod overrides;
mod runs;
mod slices;
mod turn;

pub use by::By;
pub use by::Editor;
pub use by::Role;
pub use error::EditError;
pub use error::Refusal;
pub use exclusions::exclude;
pub use exclusions::include;
pub use featured::FeatureError;
pub use featured::feature;
pub use overrides::Decided;
pub use overrides::Decision;
pub use overrides::DecisionRefusal;
pub use overrides::decide;
pub use runs::run_step;
pub use slices::add_snap;
pub use slices::create_slice;
pub use slices::delete_slice;
pub use slices::describe_slice;
pub use slices::order_snaps;
pub use slices::remove_snap;
