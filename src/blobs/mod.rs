//! The files that are held, each under its digest, in a folder or in an object store.
//!
//! A file is there whole or not at all: it takes its place when its last byte is written and its digest is the one it
//! is put under. Which of them are given out, the table `blob` says; here is deliberately nothing of snaps.

mod digested;
mod error;
mod held;
mod reading;

pub use digested::Digested;
pub use digested::digested;
pub use error::BlobError;
pub use held::Blobs;
pub use reading::Reading;
