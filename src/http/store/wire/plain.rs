//! A short way for bodies of the plain form, in which nearly all come: known members only, none of them twice or
//! `null`, texts without escapes, whole numbers of at most 18 digits without sign.
//!
//! It gives the value, or knows that the body breaks off, or nothing. Whatever else is not of the plain form is left to
//! the parser, which alone says what is wrong with a body. A test holds the two against each other.

/// A value that has a plain form.
pub(in crate::http::store) trait Plain<'b>: Sized {
    /// Reads the value that stands next; nothing when it is not of the plain form.
    fn plain(body: &mut Body<'b>) -> Option<Self>;
}

/// What a body is, as far as the short way can tell.
#[derive(Debug)]
pub(in crate::http::store) enum Found<T> {
    /// One of the plain form.
    Plain(T),
    /// The beginning of one: it is no JSON whatever stands in it.
    CutOff,
    /// Something else, good or bad.
    Other,
}

/// A step down into a body.
#[derive(Debug, Clone, Copy)]
pub(super) enum Segment<'b> {
    /// Into the member of that name.
    Member(&'b str),
    /// Into the item at that place.
    Item(usize),
}

/// The innermost value that was not of the plain form.
#[derive(Debug)]
struct Stop<'b> {
    /// Where it begins.
    begins: usize,
    /// Where it stands, from it outwards.
    path: Vec<Segment<'b>>,
}

/// A body, and how far it is read.
#[derive(Debug)]
pub(in crate::http::store) struct Body<'b> {
    text: &'b str,
    at: usize,
    /// Whether more was asked for when all was read.
    is_over: bool,
    stop: Option<Stop<'b>>,
}

impl<'b> Body<'b> {
    /// A body that is not read yet.
    pub(in crate::http::store) fn new(text: &'b str) -> Self {
        Self { text, at: 0, is_over: false, stop: None }
    }

    /// Reads all of it, if it is of the plain form.
    pub(in crate::http::store) fn whole<T: Plain<'b>>(&mut self) -> Found<T> {
        match T::plain(self) {
            Some(value) => {
                self.skip_blanks();
                if self.at == self.text.len() { Found::Plain(value) } else { Found::Other }
            }
            None if self.is_over => Found::CutOff,
            None => Found::Other,
        }
    }

    /// The way down to the value in which somebody found a fault so many bytes from the beginning, if that is the text,
    /// number or word at which the short way stopped, or the beginning of a list or an object there. The parser reads in
    /// the same order, so what it calls wrong there is that value.
    pub(super) fn way_to(&self, fault: usize) -> Option<impl Iterator<Item = Segment<'b>>> {
        let Stop { begins, path } = self.stop.as_ref()?;
        let value = self.text.as_bytes().get(*begins..)?;
        let length = match value.first()? {
            b'"' => 2 + special(&value[1..]).filter(|end| value[1 + end] == b'"')?,
            b'[' | b'{' => 1,
            _ => value.iter().take_while(|byte| !b",]} \t\r\n".contains(byte)).count(),
        };
        let is_there = (*begins..=begins + length).contains(&fault);
        is_there.then(|| path.iter().rev().copied())
    }

    /// Notes that the value that begins there and stands at this step is not of the plain form.
    fn stop(&mut self, begins: usize, step: Segment<'b>) {
        let innermost = self.stop.get_or_insert_with(|| Stop { begins, path: Vec::new() });
        innermost.path.push(step);
    }

    fn skip_blanks(&mut self) {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// The byte that stands next behind blanks, passed over.
    fn next(&mut self) -> Option<u8> {
        self.skip_blanks();
        let byte = self.text.as_bytes().get(self.at).copied();
        self.is_over |= byte.is_none();
        self.at += 1;
        byte
    }

    /// What the next byte is, if it is this one.
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// A text without escapes.
    pub(in crate::http::store) fn text(&mut self) -> Option<&'b str> {
        self.take(b'"')?;
        let start = self.at;
        let rest = self.text.as_bytes().get(start..)?;
        let Some(length) = special(rest) else {
            self.is_over = true;
            return None;
        };
        self.at = start + length + 1;
        let text = self.text.get(start..start + length)?;
        (rest[length] == b'"').then_some(text)
    }

    /// A whole number.
    pub(in crate::http::store) fn number(&mut self) -> Option<i64> {
        self.skip_blanks();
        let rest = self.text.as_bytes().get(self.at..)?;
        let n_digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let has_no_fraction = !matches!(rest.get(n_digits), Some(b'.' | b'e' | b'E'));
        if !(1..=18).contains(&n_digits) || n_digits > 1 && rest[0] == b'0' || !has_no_fraction {
            return None;
        }
        self.at += n_digits;
        let digit = |number: i64, byte: &u8| 10 * number + i64::from(byte - b'0');
        Some(rest[..n_digits].iter().fold(0, digit))
    }

    /// `true` or `false`.
    pub(in crate::http::store) fn flag(&mut self) -> Option<bool> {
        self.skip_blanks();
        let rest = self.text.get(self.at..)?;
        for (word, flag) in [("true", true), ("false", false)] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Some(flag);
            }
        }
        None
    }

    /// A list, each item read by `item`.
    pub(in crate::http::store) fn list(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.take(b'[')?;
        self.skip_blanks();
        if self.text.as_bytes().get(self.at) == Some(&b']') {
            self.at += 1;
            return Some(());
        }
        for place in 0.. {
            self.skip_blanks();
            let begins = self.at;
            if item(self).is_none() {
                self.stop(begins, Segment::Item(place));
                return None;
            }
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
        None
    }

    /// An object, each member read by `member`, which is told its name.
    pub(in crate::http::store) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &'b str) -> Option<()>,
    ) -> Option<()> {
        self.take(b'{')?;
        self.skip_blanks();
        if self.text.as_bytes().get(self.at) == Some(&b'}') {
            self.at += 1;
            return Some(());
        }
        loop {
            let name = self.text()?;
            self.take(b':')?;
            self.skip_blanks();
            let begins = self.at;
            if member(self, name).is_none() {
                self.stop(begins, Segment::Member(name));
                return None;
            }
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }
}

/// Where the first quote, backslash or control character stands. Eight bytes are looked at together: texts are most of
/// a body.
fn special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES * 0x80;
    // Of the marks that each of these sets, the first is right; later ones may be carried over from it.
    let is_zero = |eight: u64| eight.wrapping_sub(ONES) & !eight & HIGHS;
    let is_control = |eight: u64| eight.wrapping_sub(ONES * 0x20) & !eight & HIGHS;
    let (eights, rest) = bytes.as_chunks::<8>();
    for (place, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let marks = is_zero(eight ^ (ONES * u64::from(b'"')))
            | is_zero(eight ^ (ONES * u64::from(b'\\')))
            | is_control(eight);
        if marks != 0 {
            return Some(place * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    Some(eights.len() * 8 + rest.iter().position(is_special)?)
}

impl Plain<'_> for bool {
    fn plain(body: &mut Body<'_>) -> Option<Self> {
        body.flag()
    }
}

impl Plain<'_> for i64 {
    fn plain(body: &mut Body<'_>) -> Option<Self> {
        body.number()
    }
}

impl Plain<'_> for u32 {
    fn plain(body: &mut Body<'_>) -> Option<Self> {
        body.number()?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_found_or_passed_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut bytes = [b'x'; 20];
                bytes[place] = byte;
                let is_special = matches!(byte, b'"' | b'\\' | 0..=0x1f);
                assert_eq!(special(&bytes), is_special.then_some(place), "{byte} at {place}");
            }
        }
        assert_eq!(special(b"!\"!\"ab"), Some(1));
        assert_eq!(special(b""), None);
    }
}
