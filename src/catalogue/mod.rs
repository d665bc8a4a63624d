//! The immutable serving snapshot: every snap with its revisions and what each channel held, laid out for lookups.
//!
//! It holds what resolution needs and nothing else; the texts of an answer are kept beside it by the door that
//! writes them. It knows neither the database nor JSON. A new generation shares the snaps that did not change.

mod build;
mod decided;
mod generation;
mod history;
mod index;
mod shelved;
mod symbols;

pub use build::Builder;
pub use decided::Asker;
pub use generation::Generation;
pub use history::Holdings;
pub use history::Span;
pub use index::Catalogue;
pub use index::SnapIndex;
pub use shelved::PackageIndex;
pub use shelved::PackageRecord;
pub use shelved::Shelved;
pub use symbols::LaneKey;
