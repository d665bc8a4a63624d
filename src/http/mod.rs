//! The doors over HTTP: who may ask, and how it is said.
//!
//! Only here are there JSON and status codes. The public door answers from what is published and never waits for a
//! database; the internal door tells operators how it goes.

mod activity;
mod asked;
mod auth;
mod boards;
mod body;
mod compress;
mod cors;
mod editors;
mod errands;
mod health;
mod http_date;
mod jobs;
mod json;
mod metrics;
mod overrides;
mod page;
mod parameters;
mod plain_json;
mod problem;
mod public_base;
mod relay;
mod reply;
mod request_id;
mod respond;
mod route;
mod server;
mod site;
mod snap_object;
mod store;
mod workers;

pub use auth::InvalidTokens;
pub use auth::Tokens;
pub use boards::Boards;
pub use boards::BoardsBuilder;
pub use jobs::BadJob;
pub use jobs::JobDoor;
pub use metrics::Metrics;
pub use public_base::InvalidAddress;
pub use public_base::PublicBase;
pub use public_base::TrustedProxies;
pub use relay::Relay;
pub use relay::RelayError;
pub use route::routes;
pub use server::Limits;
pub use server::Listeners;
pub use server::serve;
pub use site::Backroom;
pub use site::Options;
pub use site::Site;
pub use store::Pages;
pub use store::PagesBuilder;
pub use store::Shelf;
pub use store::answer_refresh;
pub use store::parse_refresh;
pub use store::render_refresh;
