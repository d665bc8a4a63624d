//! A snap file into the store: what it says of itself, whose it is, and one publication of file, revision and releases.
//!
//! A file is not believed before it is read: of its file system only `meta/snap.yaml` is unpacked, within bounds, and
//! every value passes the types of the store. Whatever is refused leaves nothing behind.

mod squashfs;
mod unpacked;
mod unsquashfs;

mod described;
mod snap_yaml;

mod claims;
mod order;
mod prepared;

mod push;

mod error;
mod refusal;

pub use error::PushError;
pub use order::Order;
pub use push::Outcome;
pub use push::push;
pub use refusal::PushRefusal;
