//! The words of rankings: which there are, what a snap is judged by, and how much each merit counts.
//!
//! Values only. Where they are collected and how they are weighed is the collector's business.

mod category;
mod formula;
mod merits;

pub use category::Category;
pub use formula::Formula;
pub use formula::Formulas;
pub use merits::Merits;
