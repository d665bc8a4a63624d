//! Nonces: that a request to open a session was made just now. Each holds its end and our signature, so none is kept
//! until it is used.

use crate::credentials::secrets::CredentialSecrets;
use crate::snap::Instant;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::Digest;
use sha2::Sha256;
use std::fmt;

/// Version byte, random number, end, HMAC-SHA256.
const VERSION: u8 = 1;
const SIGNED: usize = 1 + 16 + 8;
const WHOLE: usize = SIGNED + 32;

/// What a nonce's signature is for.
const PURPOSE: &str = "nonce";

/// Why a nonce opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNonce {
    /// It was not made here.
    #[error("the nonce was not made by this store")]
    Foreign,
    /// Its time is over.
    #[error("the nonce has expired")]
    Expired,
}

/// A nonce of ours whose time is not over.
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce {
    /// What it is remembered by once it is used.
    pub digest: [u8; 32],
    /// Until when it must be remembered.
    pub expires_at: Instant,
}

impl CredentialSecrets {
    /// A nonce that is good until then; `random` is different for each. `None` without a secret.
    pub fn nonce(&self, random: u128, expires_at: Instant) -> Option<String> {
        let mut bytes = Vec::with_capacity(WHOLE);
        bytes.push(VERSION);
        bytes.extend(random.to_be_bytes());
        bytes.extend(expires_at.microseconds().to_be_bytes());
        let signature = self.sign(PURPOSE, &bytes)?;
        bytes.extend(signature);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Opens a nonce; whether it was used before is for who remembers to say.
    ///
    /// # Errors
    /// When it is none of ours, or its time is over.
    pub fn open_nonce(&self, text: &str, now: Instant) -> Result<Nonce, BadNonce> {
        let mut bytes = [0; WHOLE];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes);
        if length != Ok(WHOLE) || bytes[0] != VERSION {
            return Err(BadNonce::Foreign);
        }
        let (signed, signature) = bytes.split_at(SIGNED);
        if !self.has_signed(PURPOSE, signed, signature) {
            return Err(BadNonce::Foreign);
        }
        let end = signed[17..].try_into().expect("eight bytes");
        let expires_at = Instant::from_microseconds(i64::from_be_bytes(end));
        let expires_at = expires_at.map_err(|_| BadNonce::Foreign)?;
        if now >= expires_at {
            return Err(BadNonce::Expired);
        }
        Ok(Nonce { digest: Sha256::digest(bytes).into(), expires_at })
    }
}

/// It names a device's attempt.
impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_nonce_is_ours_until_its_end_and_no_other_is() {
        let secrets = CredentialSecrets::new([&b"one"[..]]);
        let now: Instant = "2026-11-21T00:00:00Z".parse().unwrap();
        let end = now.plus(Duration::from_secs(9));
        let nonce = secrets.nonce(7, end).unwrap();
        assert_eq!(secrets.open_nonce(&nonce, now).unwrap().expires_at, end);
        assert_eq!(secrets.open_nonce(&nonce, end), Err(BadNonce::Expired));
        let others = CredentialSecrets::new([&b"two"[..]]);
        assert_eq!(others.open_nonce(&nonce, now), Err(BadNonce::Foreign));
        for index in 0..nonce.len() {
            let mut changed = nonce.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(secrets.open_nonce(&changed, now), Err(BadNonce::Foreign), "{index}");
        }
        for bad in ["", "garbage", "é", &format!("{nonce}A"), &nonce.repeat(9)] {
            assert_eq!(secrets.open_nonce(bad, now), Err(BadNonce::Foreign), "{bad}");
        }
        let other = secrets.nonce(8, end).unwrap();
        assert_ne!(secrets.open_nonce(&other, now), secrets.open_nonce(&nonce, now));
        assert_eq!(CredentialSecrets::default().nonce(7, end), None);
    }
}
