//! What should this device install? The resolution of contract/refresh.md section 5.10 as a readable policy.
//!
//! Dry: an answer is a function of (catalogue, request, now). Nothing here waits, fails or knows JSON: the request
//! is valid by its type, and “no” is a value that says why.

mod request;

mod epochs;
mod gating;
mod redirect;
mod refusal;
mod resolve;

pub use refusal::Refusal;
pub use request::Action;
pub use request::Asked;
pub use request::Fault;
pub use request::Kind;
pub use request::SnapRef;
pub use request::Target;
pub use request::Verb;
pub use request::parse;
pub use resolve::Offer;
pub use resolve::Policy;
pub use resolve::Source;
pub use resolve::resolve;
