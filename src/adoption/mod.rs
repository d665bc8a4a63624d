//! Takes over what the earlier recommendation service left in its database (contract/rankings 5): snaps, scores and
//! their history, slices, exclusions, what was featured, and settings.
//!
//! It only adds: what is here already stays as it is, and what was adopted once and removed here since does not come
//! back. So it may be repeated, also while the earlier service still runs. It writes nothing into the other database,
//! runs no migration of it, and takes over neither its step log nor its categories, which are ours by now.
//!
//! The SQL of this room is about tables of the other database, or adds to ours what is missing; the tables' own
//! modules change and replace, and are in `db`.

mod adopt;
mod adopted;
mod error;
mod featured;
mod history;
mod memory;
mod row;
mod scores;
mod settings;
mod slices;
mod snaps;
mod source;
mod state;
mod target;

pub use adopt::adopt;
pub use adopted::Adopted;
pub use adopted::Count;
pub use adopted::Kind;
pub use adopted::Rejected;
pub use error::AdoptionError;
pub use state::State;
