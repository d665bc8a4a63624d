//! Which bytes of a text JSON does not take as they are: quotes, backslashes and control characters (RFC 8259, 7).
//!
//! Texts are most of what is read and written, so eight bytes are looked at together.

/// A one in each of eight bytes.
const ONES: u64 = u64::from_le_bytes([1; EIGHT]);
/// The highest bit of each of eight bytes.
const HIGHEST: u64 = ONES << 7;
const EIGHT: usize = 8;

/// A quote, a backslash or a control character.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// Where the first special byte stands.
pub(super) fn first_special(bytes: &[u8]) -> Option<usize> {
    let (eights, rest) = bytes.as_chunks::<EIGHT>();
    for (place, eight) in eights.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*eight));
        if marks != 0 {
            return Some(EIGHT * place + marks.trailing_zeros() as usize / EIGHT);
        }
    }
    let place = rest.iter().position(|byte| is_special(*byte))?;
    Some(EIGHT * eights.len() + place)
}

/// The highest bit of each byte that is special, right up to the first of them: behind it a borrow may mark others.
/// Subtracting more than a byte holds sets that bit; where it was set before, the byte is none of these.
fn marks(eight: u64) -> u64 {
    let is = |byte: u8| (eight ^ (ONES * u64::from(byte))).wrapping_sub(ONES);
    let is_control = eight.wrapping_sub(ONES * 0x20);
    (is(b'"') | is(b'\\') | is_control) & !eight & HIGHEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_byte_is_found_or_passed_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for length in [1, 7, 8, 9, 24, 25] {
                for place in 0..length {
                    let mut bytes = vec![b'x'; length];
                    bytes[place] = byte;
                    let expected = matches!(byte, b'"' | b'\\' | 0..=0x1f).then_some(place);
                    assert_eq!(first_special(&bytes), expected, "{byte} at {place} of {length}");
                }
            }
        }
        assert_eq!(first_special(b""), None);
    }

    proptest! {
        #[test]
        fn the_first_is_found_whatever_stands_around_it(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(first_special(&bytes), bytes.iter().position(|byte| is_special(*byte)));
        }
    }
}
