//! The digest that names a file's content.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use std::fmt;
use std::str::FromStr;

/// A SHA3-384 digest; on the wire 96 lower-case hexadecimal digits (contract 3.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha3([u8; 48]);

impl Sha3 {
    /// The digest with these bytes.
    pub const fn new(bytes: [u8; 48]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 48] {
        &self.0
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// What in [`VALUES`] says that a letter is no digit. Values of digits have the lower four bits only.
const NO_DIGIT: u8 = 0xff;
/// The values of the lower-case hexadecimal digits. A table, for a catalogue holds a hundred thousand digests.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16_u8 {
        values[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    values
};

impl FromStr for Sha3 {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let no = Invalid::new("sha3-384", "96 lower-case hexadecimal digits");
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 48 || !rest.is_empty() {
            return Err(no);
        }
        let digit = |byte: u8| VALUES[usize::from(byte)];
        let (mut bytes, mut all) = ([0; 48], 0);
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (high, low) = (digit(*high), digit(*low));
            all |= high | low;
            *byte = high << 4 | low;
        }
        if all == NO_DIGIT { Err(no) } else { Ok(Self(bytes)) }
    }
}

impl fmt::Display for Sha3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 96];
        for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        f.write_str(std::str::from_utf8(&text).expect("hexadecimal digits are ASCII"))
    }
}

impl fmt::Debug for Sha3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

text_codec!(Sha3);
