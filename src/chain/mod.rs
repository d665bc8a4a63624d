//! What a device needs to trust a file: the assertion about the file, those that one rests on, and the keys they are
//! signed with, up to a root.
//!
//! The chain of a file: snap-revision → snap-declaration → account of the publisher, and for each of them the
//! account-key that signed it, with the account that key belongs to; each key is signed by another, up to one that
//! signed itself or that devices have built in. Signatures are deliberately not verified here: devices do that.

mod needs;
mod wholeness;

pub use needs::needs;
pub use needs::revision_key;
pub use needs::signer;
pub use wholeness::File;
pub use wholeness::Lack;
pub use wholeness::Roots;
pub use wholeness::Wholeness;
