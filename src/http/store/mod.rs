//! The store-compatible door: what snapd asks, in the words snapd reads (contract/refresh.md).

mod assertion_stream;
mod assertions;
mod cohorts;
mod device_headers;
mod fetch;
mod fetch_sent;
mod fetch_wire;
mod info;
mod pages;
mod parts;
mod rankings;
mod refresh;
mod refresh_parts;
mod refresh_sent;
mod refresh_wire;
mod result;
mod shelf;
mod texts;
mod wire;

pub(super) use assertions::assertion;
pub(super) use assertions::stream;
pub(super) use cohorts::cohorts;
pub(super) use fetch::CODES as FETCH_CODES;
pub(super) use info::info;
pub use pages::Pages;
pub use pages::PagesBuilder;
pub use parts::answer_refresh;
pub use parts::parse_refresh;
pub use parts::render_refresh;
pub(super) use refresh::refresh;
pub(super) use refresh_sent::Door;
pub(super) use result::Outcome;
pub use shelf::Shelf;
