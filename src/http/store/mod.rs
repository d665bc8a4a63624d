//! The store-compatible door: what snapd asks, in the words snapd reads (contract/refresh.md).

mod cohorts;
mod device_headers;
mod info;
mod pages;
mod refresh;
mod refresh_wire;
mod result;
mod shelf;
mod texts;
mod wire;

pub(super) use cohorts::cohorts;
pub(super) use info::info;
pub use pages::Pages;
pub use pages::PagesBuilder;
pub use refresh::answer_refresh;
pub(super) use refresh::refresh;
pub(super) use refresh_wire::Door;
pub(super) use result::Outcome;
pub use shelf::Shelf;
