//! Catalogue documents into the database and out of it, and the demo catalogue.
//!
//! A catalogue document is an answer of `/v2/snaps/info/{name}` (contract/refresh.md 10.1) with three members of
//! ours: `stores`, `revisions` and `releases`. An import goes bytes → [`Statement`] → [`merge()`] → listing →
//! database, and whatever is not valid becomes a [`Rejection`] on its way. Reading, merging and generating are dry.
//! Assertions go the same way as the texts they are.

mod about;
mod assertions;
mod change;
mod document;
mod entry;
mod epoch;
mod export;
mod failure;
mod files;
mod forms;
mod frames;
mod generate;
mod import;
mod lanes;
mod load;
mod maps;
mod merge;
mod numbers;
mod read;
mod release;
mod report;
mod shelve;
mod statement;

#[cfg(test)]
mod tests;

pub use assertions::AssertionReport;
pub use assertions::RejectedAssertion;
pub use assertions::export_assertions;
pub use assertions::import_assertions;
pub use change::ChangeRefusal;
pub use change::Made;
pub use change::ProgressStep;
pub use change::released;
pub use document::Document;
pub use export::ExportReport;
pub use export::export;
pub use failure::ExchangeError;
pub use generate::MAX_SNAPS;
pub use generate::generate;
pub use import::Intake;
pub use import::Publishers;
pub use import::import;
pub use load::load_generated;
pub use merge::merge;
pub use read::Documents;
pub use read::Found;
pub use release::Outcome;
pub use release::close;
pub use release::progress;
pub use release::release;
pub use release::release_to_some;
pub use report::ImportReport;
pub use report::Progress;
pub use report::Rejected;
pub use statement::Rejection;
pub use statement::Statement;
