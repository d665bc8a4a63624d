//! The catalogue in PostgreSQL: listings in, listings out, and the number of the generation they belong to.
//!
//! One module a table, plain functions over a connection. It deliberately knows neither the serving catalogue nor
//! JSON: it takes and gives the words of `snap`. It deletes no snap, and it never logs a connection string.
//!
//! Connections are plain: TLS ends at a proxy or is not needed on a Unix socket. Locks and notices belong to a
//! session, so a pooler in front must pool sessions, not transactions.

mod error;
mod listener;
mod migrate;
mod pool;
mod taken;

pub mod account_keys;
pub mod assertions;
pub mod audits;
pub mod blobs;
pub mod exclusions;
pub mod featured;
pub mod featured_copy;
pub mod generations;
pub mod info_reads;
pub mod jobs;
pub mod listed;
pub mod listed_search;
pub mod listings;
pub mod measures;
pub mod nonces;
pub mod overrides;
pub mod parts;
pub mod placed;
pub mod placed_days;
pub mod publishers;
pub mod settings;
pub mod slices;
pub mod steps;
pub mod verdicts;

mod categories;
mod deltas;
mod integrity;
mod links;
mod media;
mod prices;
mod progressions;
mod releases;
mod resources;
mod revisions;
mod rows;
mod snaps;
mod stores;
mod viewers;

pub use error::DbError;
pub use listener::Listener;
pub use migrate::migrate;
pub use pool::Database;
pub use taken::Taken;
