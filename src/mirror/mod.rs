//! Snaps of a store behind us, made wholly ours: what it knows of them, the files of the channels that are wanted, and
//! the chains of assertions that devices need to trust them.
//!
//! A snap is one publication: it is here with all that was wanted of it, or as it was before. What is held is not
//! fetched again. Components are deliberately left out: nobody needs them to install a snap.

mod chains;
mod error;
mod order;
mod prerequisites;
mod snaps;

pub use error::MirrorError;
pub use order::Order;
pub use order::Wanted;
pub use snaps::Mirror;
pub use snaps::Mirrored;
