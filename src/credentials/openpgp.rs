//! The signatures of assertions: RSA with SHA-512, in `OpenPGP` packets of version 4 (RFC 4880) behind a version byte, in
//! base64. Verified, never made.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::RSA_PKCS1_2048_8192_SHA512;
use ring::signature::RsaPublicKeyComponents;

/// The only version of the encoding.
const ENCODING: u8 = 1;
/// The longest encoded key or signature that is looked at: of 8,192 bits, 1.4 KiB.
const MAX_ENCODED: usize = 4 * 1_024;

const SIGNATURE_TAG: u8 = 2;
const PUBLIC_KEY_TAG: u8 = 6;
const PACKET_VERSION: u8 = 4;
/// A signature over bytes as they are.
const OF_BYTES: u8 = 0;
const RSA: u8 = 1;
const SHA_512: u8 = 10;

/// An RSA key of 2,048 to 8,192 bits that signatures of assertions are verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl PublicKey {
    /// Reads a key as assertions carry it: the header `device-key`, the body of an `account-key`.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text)?;
        let body = packet(&bytes, PUBLIC_KEY_TAG)?;
        // Version, time of creation, algorithm; then the numbers.
        let ([PACKET_VERSION, _, _, _, _, RSA], numbers) = body.split_first_chunk::<6>()? else {
            return None;
        };
        let (modulus, rest) = number(numbers)?;
        let (exponent, rest) = number(rest)?;
        rest.is_empty().then(|| Self { modulus: modulus.into(), exponent: exponent.into() })
    }

    /// Whether that signature, as assertions carry it, is one of this key over that content.
    pub fn verifies(&self, content: &[u8], signature: &str) -> bool {
        self.verified(content, signature).is_some()
    }

    fn verified(&self, content: &[u8], signature: &str) -> Option<()> {
        let bytes = decode(signature)?;
        let body = packet(&bytes, SIGNATURE_TAG)?;
        let ([PACKET_VERSION, OF_BYTES, RSA, SHA_512], rest) = body.split_first_chunk::<4>()?
        else {
            return None;
        };
        let (hashed, rest) = counted(rest)?;
        let (_unhashed, rest) = counted(rest)?;
        let (_first_of_hash, rest) = rest.split_first_chunk::<2>()?;
        let (value, rest) = number(rest)?;
        rest.is_empty().then_some(())?;
        // What is signed: the content, the packet as far as it is hashed, and how long that is.
        let head = body.get(..4 + 2 + hashed.len())?;
        let length = u32::try_from(head.len()).ok()?.to_be_bytes();
        let signed = [content, head, &[PACKET_VERSION, 0xff], &length].concat();
        // The number may begin with zeros, which its packet leaves away.
        let missing = self.modulus.len().checked_sub(value.len())?;
        let value = [&vec![0; missing], value].concat();
        let key = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        key.verify(&RSA_PKCS1_2048_8192_SHA512, &signed, &value).ok()
    }
}

/// The bytes behind the version byte; lines may be broken anywhere.
fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() > MAX_ENCODED {
        return None;
    }
    let joined: String = text.split('\n').collect();
    let mut bytes = STANDARD.decode(joined).ok()?;
    (bytes.first() == Some(&ENCODING)).then(|| bytes.split_off(1))
}

/// The body of the one packet that the bytes are, of that tag.
fn packet(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (first, rest) = bytes.split_first()?;
    let (found, length, body) = if first & 0xc0 == 0xc0 {
        let (length, body) = match *rest {
            [length @ 0..=191, ..] => (usize::from(length), rest.get(1..)?),
            [high @ 192..=223, low, ..] => {
                ((usize::from(high) - 192) * 256 + usize::from(low) + 192, rest.get(2..)?)
            }
            _ => return None,
        };
        (first & 0x3f, length, body)
    } else if first & 0xc0 == 0x80 {
        let (length, body) = match (first & 3, rest) {
            (0, [length, ..]) => (usize::from(*length), rest.get(1..)?),
            (1, [high, low, ..]) => {
                (usize::from(u16::from_be_bytes([*high, *low])), rest.get(2..)?)
            }
            _ => return None,
        };
        (first >> 2 & 0xf, length, body)
    } else {
        return None;
    };
    (found == tag && body.len() == length).then_some(body)
}

/// A stretch with its length in two bytes before it.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// A number with its length in bits before it.
fn number(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (bits, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*bits)).div_ceil(8))
}
