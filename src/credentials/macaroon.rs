//! Macaroons: a text, caveats, and a chain of HMACs over both, as libmacaroons defines them.
//!
//! Of the serialisations there are, the binary one of packets in URL-safe base64 is read and written: it is the only
//! one that snapd can open, which it does to bind discharges. The caveats are all first-party.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The longest text that is looked at: what we make at most, a root with all its caveats full, is 9 KiB.
const MAX_TEXT: usize = 12 * 1_024;

/// The most caveats: ours have at most eight, and a holder may add some.
const MAX_CAVEATS: usize = 32;

/// Where it is to be used, in the words of the format; it is a hint and not signed, so it is always this.
const LOCATION: &[u8] = b"snapwise";

/// From a root key of any length to the first key of the chain, in the words of libmacaroons.
const KEY_GENERATOR: &[u8] = b"macaroons-key-generator";

/// Length digits, a blank and a line feed.
const PACKET_FRAME: usize = 4 + 1 + 1;

/// A link of the chain.
pub(super) type Signature = [u8; 32];

/// A macaroon as sent, not verified.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Macaroon {
    identifier: String,
    caveats: Vec<String>,
    signature: Signature,
}

impl Macaroon {
    /// A new one, signed with a key that only its maker can derive from the identifier.
    pub(super) fn new(root_key: &[u8], identifier: String, caveats: Vec<String>) -> Self {
        let signature = chain(root_key, &identifier, &caveats);
        Self { identifier, caveats, signature }
    }

    pub(super) fn identifier(&self) -> &str {
        &self.identifier
    }

    pub(super) fn caveats(&self) -> &[String] {
        &self.caveats
    }

    /// Whether the maker signed it, and everybody who added a caveat knew the signature before. Gives the signature,
    /// which discharges are bound to.
    pub(super) fn verified(&self, root_key: &[u8]) -> Option<Signature> {
        let expected = chain(root_key, &self.identifier, &self.caveats);
        bool::from(expected.ct_eq(&self.signature)).then_some(expected)
    }

    /// Whether it is a discharge that was bound to the root with that signature.
    pub(super) fn is_verified_and_bound(&self, root_key: &[u8], root: &Signature) -> bool {
        let expected = chain(root_key, &self.identifier, &self.caveats);
        bound(root, &expected).ct_eq(&self.signature).into()
    }

    /// The same discharge, good with that root alone.
    pub(super) fn bound_to(&self, root: &Self) -> Self {
        Self { signature: bound(&root.signature, &self.signature), ..self.clone() }
    }

    /// As text.
    pub(super) fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.to_bytes())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, b"location", LOCATION);
        write(&mut bytes, b"identifier", self.identifier.as_bytes());
        for caveat in &self.caveats {
            write(&mut bytes, b"cid", caveat.as_bytes());
        }
        write(&mut bytes, b"signature", &self.signature);
        bytes
    }

    /// Reads a text that is just as we would write it; nothing for any other.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut packets = Packets(&bytes);
        let (_, location) = packets.next().filter(|(name, _)| *name == b"location")?;
        let (_, identifier) = packets.next().filter(|(name, _)| *name == b"identifier")?;
        let mut caveats = Vec::new();
        let signature = loop {
            let (name, value) = packets.next()?;
            match name {
                b"cid" if caveats.len() < MAX_CAVEATS => caveats.push(text_of(value)?),
                b"signature" => break value.try_into().ok()?,
                _ => return None,
            }
        };
        let macaroon = Self { identifier: text_of(identifier)?, caveats, signature };
        // What is not signed has one spelling: the location, the digits of lengths, the end.
        (location == LOCATION && macaroon.to_bytes() == bytes).then_some(macaroon)
    }
}

/// The same with one more caveat, as any holder can make it.
#[cfg(test)]
impl Macaroon {
    pub(super) fn narrowed(mut self, caveat: &str) -> Self {
        self.signature = keyed(&self.signature, &[caveat.as_bytes()]);
        self.caveats.push(caveat.to_owned());
        self
    }
}

fn text_of(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn keyed(key: &[u8], parts: &[&[u8]]) -> Signature {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The signature: each link is keyed with the one before.
fn chain(root_key: &[u8], identifier: &str, caveats: &[String]) -> Signature {
    let first = keyed(&keyed(KEY_GENERATOR, &[root_key]), &[identifier.as_bytes()]);
    caveats.iter().fold(first, |link, caveat| keyed(&link, &[caveat.as_bytes()]))
}

/// The signature of a discharge for one request with that root.
fn bound(root: &Signature, discharge: &Signature) -> Signature {
    let key = [0; 32];
    keyed(&key, &[&keyed(&key, &[root]), &keyed(&key, &[discharge])])
}

fn write(bytes: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    let length = PACKET_FRAME + name.len() + value.len();
    bytes.extend_from_slice(format!("{length:04x}").as_bytes());
    bytes.extend_from_slice(name);
    bytes.push(b' ');
    bytes.extend_from_slice(value);
    bytes.push(b'\n');
}

/// Packets one behind the other: the length of all of it in four hexadecimal digits, a name, a blank, a value, a
/// line feed.
struct Packets<'b>(&'b [u8]);

impl<'b> Iterator for Packets<'b> {
    type Item = (&'b [u8], &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let digits = std::str::from_utf8(self.0.get(..4)?).ok()?;
        let length = usize::from_str_radix(digits, 16).ok()?;
        let inside = self.0.get(4..length)?.strip_suffix(b"\n")?;
        let blank = inside.iter().position(|byte| *byte == b' ')?;
        self.0 = self.0.get(length..)?;
        Some((&inside[..blank], inside.get(blank + 1..)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(signature: &Signature) -> String {
        signature.map(|byte| format!("{byte:02x}")).concat()
    }

    /// The example of the papers' own library, reckoned with another program.
    #[test]
    fn the_chain_is_that_of_libmacaroons() {
        let key = b"this is our super secret key; only we should know it";
        let mut macaroon = Macaroon::new(key, "we used our secret key".to_owned(), Vec::new());
        let expected = "e3d9e02908526c4c0039ae15114115d97fdd68bf2ba379b342aaf0f617d0552f";
        assert_eq!(hex(&macaroon.signature), expected);
        for (caveat, expected) in [
            (
                "account = 3735928559",
                "1efe4763f290dbce0c1d08477367e11f4eee456a64933cf662d79772dbb82128",
            ),
            (
                "time < 2020-01-01T00:00",
                "b5f06c8c8ef92f6c82c6ff282cd1f8bd1849301d09a2db634ba182536a611c49",
            ),
            (
                "email = alice@example.org",
                "ddf553e46083e55b8d71ab822be3d8fcf21d6bf19c40d617bb9fb438934474b6",
            ),
        ] {
            macaroon = macaroon.narrowed(caveat);
            assert_eq!(hex(&macaroon.signature), expected);
        }
        assert!(macaroon.verified(key).is_some());
        assert!(macaroon.verified(b"another key").is_none());
    }

    #[test]
    fn a_text_is_packets_in_base64() {
        let macaroon = Macaroon::new(b"key", "id".to_owned(), vec!["a = b".to_owned()]);
        let bytes = URL_SAFE_NO_PAD.decode(macaroon.to_text()).unwrap();
        let plain = b"0016location snapwise\n0012identifier id\n000ecid a = b\n002fsignature ";
        assert!(bytes.starts_with(plain), "{}", String::from_utf8_lossy(&bytes));
        assert_eq!(bytes.len(), plain.len() + 32 + 1);
    }

    /// Written and bound by the library that snapd uses.
    #[test]
    fn texts_and_bound_discharges_are_those_of_snapd() {
        let root = Macaroon::new(b"key", "id".to_owned(), vec!["a = b".to_owned()]);
        let expected = "MDAxNmxvY2F0aW9uIHNuYXB3aXNlCjAwMTJpZGVudGlmaWVyIGlkCjAwMGVjaWQgYSA9IGIKMDAyZnNpZ25hdHVyZSDpOHir\
                        UKU5-_2BCTOLnPA0OD07umg0uMbxkhRHQMic4wo";
        assert_eq!(root.to_text(), expected);
        let discharge = Macaroon::new(b"other", "id".to_owned(), Vec::new()).bound_to(&root);
        let expected = "MDAxNmxvY2F0aW9uIHNuYXB3aXNlCjAwMTJpZGVudGlmaWVyIGlkCjAwMmZzaWduYXR1cmUgdW5RO8f1RAqHKAV3dxekxfTd\
                        U3Wly9Z-YKYJAgiF26wK";
        assert_eq!(discharge.to_text(), expected);
    }

    #[test]
    fn a_discharge_is_good_with_its_root_alone() {
        let root = Macaroon::new(b"key", "id".to_owned(), Vec::new());
        let narrowed = root.clone().narrowed("a = b");
        let discharge = Macaroon::new(b"other", "id".to_owned(), Vec::new());
        let sent = discharge.bound_to(&root);
        assert!(sent.is_verified_and_bound(b"other", &root.signature));
        assert!(!sent.is_verified_and_bound(b"other", &narrowed.signature));
        assert!(!sent.is_verified_and_bound(b"key", &root.signature));
        assert!(!discharge.is_verified_and_bound(b"other", &root.signature));
    }

    #[test]
    fn what_we_would_not_write_is_not_read() {
        let bytes = Macaroon::new(b"key", "id".to_owned(), vec!["a = b".to_owned()]).to_bytes();
        let reads = |bytes: &[u8]| Macaroon::parse(&URL_SAFE_NO_PAD.encode(bytes)).is_some();
        assert!(reads(&bytes));
        let replaced = |from: &str, to: &str| {
            let text: Vec<u8> = bytes.clone();
            let at = text.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
            [&text[..at], to.as_bytes(), &text[at + from.len()..]].concat()
        };
        assert!(!reads(&replaced("000e", "000E")), "digits in upper case");
        assert!(!reads(&replaced("snapwise", "elsewise")), "another location");
        assert!(!reads(&replaced("cid", "vid")), "another field");
        assert!(!reads(&[&bytes[..], b"\n"].concat()), "more at the end");
        assert!(!reads(&[&bytes[..], &bytes[..]].concat()), "twice");
        for end in 0..bytes.len() {
            assert!(!reads(&bytes[..end]), "truncated at {end}");
        }
        let many = vec!["a = b".to_owned(); MAX_CAVEATS + 1];
        assert!(!reads(&Macaroon::new(b"key", "id".to_owned(), many).to_bytes()));
        assert!(Macaroon::parse(&"A".repeat(MAX_TEXT + 4)).is_none());
    }

    proptest! {
        #[test]
        fn a_macaroon_is_read_as_it_was_written(
            key in any::<Vec<u8>>(),
            identifier in "[ -~é]{0,40}",
            caveats in proptest::collection::vec("[ -~\n]{0,60}", 0..MAX_CAVEATS),
        ) {
            let macaroon = Macaroon::new(&key, identifier, caveats);
            let read = Macaroon::parse(&macaroon.to_text());
            prop_assert!(read.as_ref() == Some(&macaroon));
            prop_assert!(read.unwrap().verified(&key).is_some());
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            prop_assert!(Macaroon::parse(&text).is_none());
            prop_assert!(Macaroon::parse(&URL_SAFE_NO_PAD.encode(bytes)).is_none());
        }
    }
}
