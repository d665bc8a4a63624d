//! The path that several assertions are fetched by at once.
//!
//! It names each of them by the short name of its key, its place in its sequence and the highest format that is
//! understood, so nothing has to be remembered here: any server gives the newest of what was meant, also when something
//! newer was stored since, or when the catalogue went on to another generation.

use crate::assertion::KeyId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The most assertions of one path: it then has under 6 KiB, which everything between us and a device lets pass.
pub(super) const MAX_WISHES: usize = 150;

/// Where the paths begin.
const BEGINNING: &str = "/v2/assertion-streams/";

/// One of the assertions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) key: KeyId,
    pub(super) sequence: u32,
    pub(super) max_format: u32,
}

/// The path of up to [`MAX_WISHES`] assertions.
pub(super) fn path(wishes: &[Wish]) -> String {
    let mut bytes = Vec::with_capacity(wishes.len() * 18);
    for wish in wishes {
        bytes.extend_from_slice(&wish.key.0);
        write_number(&mut bytes, wish.sequence);
        write_number(&mut bytes, wish.max_format);
    }
    let mut path = BEGINNING.to_owned();
    URL_SAFE_NO_PAD.encode_string(bytes, &mut path);
    path
}

/// What the last part of a path names; nothing, when it is none of ours.
pub(super) fn read(token: &str) -> Option<Vec<Wish>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let mut rest = bytes.as_slice();
    let mut wishes = Vec::new();
    while let Some((key, behind)) = rest.split_first_chunk::<16>() {
        rest = behind;
        let (sequence, max_format) = (read_number(&mut rest)?, read_number(&mut rest)?);
        wishes.push(Wish { key: KeyId(*key), sequence, max_format });
        if wishes.len() > MAX_WISHES {
            return None;
        }
    }
    (rest.is_empty() && !wishes.is_empty()).then_some(wishes)
}

/// Seven bits a byte, the low ones first; all bytes but the last have the eighth.
fn write_number(out: &mut Vec<u8>, mut number: u32) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

fn read_number(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u64;
    for place in 0..5 {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return number.try_into().ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wish() -> impl Strategy<Value = Wish> {
        let parts = (any::<[u8; 16]>(), any::<u32>(), prop_oneof![0_u32..9, any::<u32>()]);
        parts.prop_map(|(key, sequence, max_format)| Wish { key: KeyId(key), sequence, max_format })
    }

    proptest! {
        #[test]
        fn a_path_reads_back(wishes in prop::collection::vec(wish(), 1..=MAX_WISHES)) {
            let path = path(&wishes);
            prop_assert!(path.len() < 6 * 1_024);
            prop_assert_eq!(read(path.strip_prefix(BEGINNING).unwrap()), Some(wishes));
        }

        #[test]
        fn whatever_is_sent_is_read_or_refused(token in "[A-Za-z0-9_-]{0,80}") {
            if let Some(wishes) = read(&token) {
                prop_assert!(!wishes.is_empty());
            }
        }
    }

    #[test]
    fn what_is_no_path_of_ours_is_refused() {
        let one = Wish { key: KeyId([7; 16]), sequence: 0, max_format: 300 };
        let of = |wishes: &[Wish]| path(wishes).strip_prefix(BEGINNING).unwrap().to_owned();
        assert!(read(&of(&[one; MAX_WISHES])).is_some());
        assert!(read(&of(&[one; MAX_WISHES + 1])).is_none());
        let good = of(&[one]);
        for bad in
            ["", "!", "AAAA", good.get(1..).unwrap(), &format!("{good}A"), &format!("{good}=")]
        {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
