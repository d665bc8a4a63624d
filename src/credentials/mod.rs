//! What lets somebody in: macaroons that we make and verify, nonces, and what a device says to open a session.
//!
//! Dry and without a clock: secrets, instants and random numbers are passed in, and nothing here is ever logged. A
//! macaroon holds what it grants, so none is kept anywhere; whoever holds one may narrow it and never widen it.

mod caveat;
mod grant;
mod macaroon;
mod nonce;
mod openpgp;
mod presented;
mod secrets;
mod session_request;

pub use caveat::DeviceDigest;
pub use grant::Freshness;
pub use grant::Grant;
pub use nonce::BadNonce;
pub use nonce::Nonce;
pub use openpgp::PublicKey;
pub use presented::Presented;
pub use secrets::CredentialSecrets;
pub use secrets::InvalidCredential;
pub use secrets::InvalidSession;
pub use secrets::Lifetime;
pub use secrets::UserCredential;
pub use session_request::BadSessionRequest;
pub use session_request::SessionRequest;
