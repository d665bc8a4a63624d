//! A small upstream to try things with: a store, its device metrics and the ratings, as far as we ask them.
//!
//! It answers on one loopback port over real HTTP and gRPC, from a generated catalogue or a file of documents, and can
//! be told to fail in the ways real services fail. Its numbers follow from the seed and each snap's id. It is no store:
//! it checks what a client of ours must get right, and keeps nothing when it ends.

mod answer;
mod catalogue;
mod chance;
mod control;
mod counts;
mod device;
mod editorial;
mod facts;
mod faults;
mod files;
mod metrics;
mod ratings;
mod respond;
mod server;
mod snap;
mod store;
mod world;

pub use catalogue::Catalogue;
pub use faults::Failure;
pub use faults::Faults;
pub use faults::Kind;
pub use server::Simulator;
pub use server::start;
pub use snap::Snap;
