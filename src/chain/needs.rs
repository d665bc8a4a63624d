//! What an assertion rests on.

use crate::assertion::Assertion;
use crate::assertion::Key;
use crate::assertion::Kind;
use crate::snap::Sha3;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The only series there is.
const SERIES: &str = "16";

/// The key of the assertion about the file of that digest, from the usual provenance.
pub fn revision_key(digest: &Sha3) -> Key {
    let digest = URL_SAFE_NO_PAD.encode(digest.bytes());
    key("snap-revision", &[&digest]).expect("a digest is a part of a key")
}

/// The key of the account-key that signed an assertion; nothing where it does not say.
pub fn signer(assertion: &Assertion) -> Option<Key> {
    key("account-key", &[assertion.headers().text("sign-key-sha3-384")?])
}

/// The assertions that a device must have before it takes this one, besides the key that signed it.
pub fn needs(assertion: &Assertion) -> Vec<Key> {
    let headers = assertion.headers();
    let of = |kind, header| key(kind, &[headers.text(header)?]);
    let found = match assertion.identity().key.kind().name() {
        "snap-revision" => [
            headers.text("snap-id").and_then(|id| key("snap-declaration", &[SERIES, id])),
            of("account", "developer-id"),
        ],
        "snap-declaration" => [of("account", "publisher-id"), None],
        "account-key" => [of("account", "account-id"), None],
        _ => [None, None],
    };
    found.into_iter().flatten().collect()
}

fn key(kind: &str, parts: &[&str]) -> Option<Key> {
    Key::new(Kind::of_name(kind)?, parts.iter().copied()).ok()
}
