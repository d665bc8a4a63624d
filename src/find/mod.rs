//! What do we know of this snap?
//!
//! Dry: it selects and orders; writing is the door's.

mod info;

pub use info::Entry;
pub use info::Wanted;
pub use info::channel_map;
