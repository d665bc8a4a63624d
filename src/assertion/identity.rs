//! What an assertion is about, and which of several about the same it is.

use crate::assertion::Kind;
use sha2::Digest;
use sha2::Sha256;
use std::fmt;

/// The longest part of a key, in bytes: digests take 64, ids 32, and an index of the database takes 2,700 for all.
const MAX_PART: usize = 256;

/// A type, and a primary key of it without the number of the sequence. What may be left out is filled in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    kind: Kind,
    /// The parts with slashes between them; none of them holds a slash.
    parts: Box<str>,
}

impl Key {
    /// The key of these parts, of which the last may be left out where the type allows it.
    ///
    /// # Errors
    /// With the rule that they break.
    pub fn new<'p>(
        kind: Kind,
        parts: impl IntoIterator<Item = &'p str>,
    ) -> Result<Self, &'static str> {
        let n_wanted = kind.key_headers_before_sequence().len();
        let mut joined = String::new();
        let mut n = 0;
        for part in parts {
            check_part(part)?;
            if n > 0 {
                joined.push('/');
            }
            n += 1;
            if n > n_wanted {
                return Err("the key has too many parts");
            }
            joined.push_str(part);
        }
        match kind.last_if_absent() {
            Some(last) if n + 1 == n_wanted && n > 0 => {
                joined.push('/');
                joined.push_str(last);
            }
            _ if n < n_wanted => return Err("the key has too few parts"),
            _ => {}
        }
        Ok(Self { kind, parts: joined.into() })
    }

    /// The type.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The parts.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.split('/')
    }

    /// The parts with slashes between them.
    pub fn joined(&self) -> &str {
        &self.parts
    }

    /// The short name.
    pub fn id(&self) -> KeyId {
        let mut digest = Sha256::new();
        digest.update(self.kind.name());
        digest.update(b"/");
        digest.update(self.parts.as_bytes());
        let digest = digest.finalize();
        KeyId(digest[..16].try_into().expect("a digest has 32 bytes"))
    }
}

/// `snap-declaration/16/…`
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.parts)
    }
}

/// A short name of a key: 16 bytes of a digest, the same in every process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

/// Which assertion it is: no two different texts have the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// What it is about.
    pub key: Key,
    /// Its number in its sequence; 0 where assertions of the type form none.
    pub sequence: u32,
    /// Which formats of its type a reader has to know.
    pub format: u32,
    /// How often it was said anew.
    pub revision: u32,
}

/// `validation-set/16/account/name/2 revision 1`
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)?;
        if self.key.kind.is_sequence() {
            write!(f, "/{}", self.sequence)?;
        }
        write!(f, " revision {}", self.revision)?;
        if self.format > 0 { write!(f, " format {}", self.format) } else { Ok(()) }
    }
}

/// Whether it can be a part of a key.
fn check_part(part: &str) -> Result<(), &'static str> {
    if part.is_empty() {
        return Err("a part of the key is empty");
    }
    if part.len() > MAX_PART {
        return Err("a part of the key is over 256 bytes");
    }
    if part.contains('/') || part.chars().any(char::is_control) {
        return Err("a part of the key holds a slash or a control character");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &str, parts: &[&str], expected: Result<&str, &str>) {
        let key = Key::new(Kind::of_name(kind).unwrap(), parts.iter().copied());
        assert_eq!(key.as_ref().map(Key::joined).map_err(|rule| *rule), expected, "{parts:?}");
    }

    #[test]
    fn what_may_be_left_out_is_filled_in() {
        check("account", &["ann"], Ok("ann"));
        check("snap-revision", &["digest"], Ok("digest/global-upload"));
        check("snap-revision", &["digest", "mine"], Ok("digest/mine"));
        check("validation-set", &["16", "ann", "set"], Ok("16/ann/set"));
        let too_few = Err("the key has too few parts");
        check("snap-revision", &[], too_few);
        check("snap-resource-revision", &["id", "resource"], too_few);
        check("snap-declaration", &["16"], too_few);
        let too_many = Err("the key has too many parts");
        check("account", &["ann", "bob"], too_many);
        check("validation-set", &["16", "ann", "set", "1"], too_many);
        check("account", &[""], Err("a part of the key is empty"));
        let odd = Err("a part of the key holds a slash or a control character");
        check("account", &["a/b"], odd);
        check("account", &["a\0"], odd);
        check("account", &[&"a".repeat(257)], Err("a part of the key is over 256 bytes"));
    }

    #[test]
    fn other_keys_have_other_short_names() {
        let id = |kind, part| Key::new(Kind::of_name(kind).unwrap(), [part]).unwrap().id();
        assert_eq!(id("account", "ann"), id("account", "ann"));
        assert_ne!(id("account", "ann"), id("account", "bob"));
        assert_ne!(id("account", "ann"), id("store", "ann"));
    }
}
