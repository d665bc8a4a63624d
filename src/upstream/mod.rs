//! The services we ask: a snap store, its device metrics, and the ratings.
//!
//! The store behind us is an [`Origin`]: what it says is passed on word for word, over connections of its own.
//! Otherwise foreign JSON and gRPC end here, in private structs; what leaves are the words of floor 0. One [`Client`] holds the
//! connections, the request budget and the patience that all services share. Nothing is stored and nothing is decided
//! here, and no text that leaves (an error, a log line) holds a token.

mod budget;
mod client;
mod connections;
mod counts;
mod devices;
mod entry;
mod error;
mod featured;
mod goods;
mod options;
mod origin;
mod ratings;
mod ratings_wire;
mod store;

pub use client::Client;
pub use counts::counts;
pub use devices::Devices;
pub use devices::installed_base;
pub use error::Trouble;
pub use error::UpstreamError;
pub use goods::assertion_path;
pub use goods::read_assertion;
pub use options::Options;
pub use options::Secret;
pub use origin::Flow;
pub use origin::Origin;
pub use origin::Passed;
pub use origin::Passing;
pub use ratings::Rating;
pub use ratings::Ratings;
pub use ratings::Session;
pub use store::Info;
pub use store::Page;
pub use store::Store;
