//! Assertions: signed statements about snaps, accounts and devices, as texts that are kept word for word.
//!
//! An assertion is read for its form and for what it is about: type, key, sequence, revision and format. Whether its
//! signature is good, and whether its signer may say such a thing, is deliberately not looked at: devices do that, with
//! keys of their own. A [`Statement`] is a text of the same form whatever its type: what a device signs for us alone is
//! no assertion that anybody hands on.

mod flaw;
mod headers;
mod identity;
mod kind;
mod stream;
mod text;

pub use flaw::Flaw;
pub use headers::Headers;
pub use headers::Value;
pub use identity::Identity;
pub use identity::Key;
pub use identity::KeyId;
pub use kind::Kind;
pub use stream::Found;
pub use stream::Texts;
pub use text::Assertion;
pub use text::MAX_BYTES;
pub use text::Statement;
