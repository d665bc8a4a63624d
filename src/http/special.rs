//! Which bytes of a text JSON does not take as they are: quotes, backslashes and control characters (RFC 8259, 7).
//!
//! Texts are most of what is read and written, so blocks of them are looked at together.

/// So many bytes are looked at together.
pub(super) const BLOCK: usize = 64;

/// A quote, a backslash or a control character.
pub(super) fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// Which bytes of a block are special, the first of them in the lowest bit. Behind the end of the text nothing is.
pub(super) fn marks_of(bytes: &[u8], block: usize) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    if let Some(block) = blocks.get(block) {
        return marks(block);
    }
    let mut last = [b' '; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    marks(&last)
}

/// The bit of every byte that is special. Without branches, byte by byte, so that the compiler takes many at once.
fn marks(block: &[u8; BLOCK]) -> u64 {
    let mut bits = [0_u8; BLOCK];
    for (place, (bit, byte)) in bits.iter_mut().zip(block).enumerate() {
        *bit = if is_special(*byte) { 1 << (place % 8) } else { 0 };
    }
    let (eights, _) = bits.as_chunks::<8>();
    let mut marks = 0;
    for (place, eight) in eights.iter().enumerate() {
        // The eight bytes have a bit each, and none the same: their sum is all of them, and comes to the top.
        let sum = u64::from_le_bytes(*eight).wrapping_mul(u64::from_le_bytes([1; 8])) >> 56;
        marks |= sum << (8 * place);
    }
    marks
}

/// The special bytes of a text, by place, least first.
pub(super) fn specials(bytes: &[u8]) -> impl Iterator<Item = usize> {
    (0..bytes.len().div_ceil(BLOCK)).flat_map(|block| {
        let mut ahead = marks_of(bytes, block);
        std::iter::from_fn(move || {
            let place = (ahead != 0).then(|| block * BLOCK + ahead.trailing_zeros() as usize);
            ahead &= ahead.wrapping_sub(1);
            place
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_found_or_passed_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                let mut bytes = [b'x'; BLOCK];
                bytes[place] = byte;
                let is_special = matches!(byte, b'"' | b'\\' | 0..=0x1f);
                assert_eq!(marks(&bytes), u64::from(is_special) << place, "{byte} at {place}");
            }
        }
        assert_eq!(marks(&[b'"'; BLOCK]), u64::MAX);
    }

    #[test]
    fn all_of_a_text_is_looked_at_and_nothing_behind_it() {
        for length in [0, 1, 63, 64, 65, 127, 128, 200] {
            let every_third = |place: &usize| place.is_multiple_of(3);
            let bytes: Vec<u8> =
                (0..length).map(|place| if every_third(&place) { b'\n' } else { b'x' }).collect();
            let expected: Vec<usize> = (0..length).filter(every_third).collect();
            assert_eq!(specials(&bytes).collect::<Vec<_>>(), expected);
        }
    }
}
