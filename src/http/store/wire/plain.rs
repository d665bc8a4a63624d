//! A short way for bodies of the plain form, in which nearly all come: known members only, none of them twice or
//! `null`, texts without escapes, whole numbers of at most 18 digits without sign.
//!
//! It gives the value, or knows that the body breaks off, or nothing. Whatever else is not of the plain form is left to
//! the parser, which alone says what is wrong with a body. A test holds the two against each other.

use crate::http::special::first_special;

/// A value that has a plain form.
pub(in crate::http::store) trait Plain<'b>: Sized {
    /// Reads the value that stands next; nothing when it is not of the plain form.
    fn plain(body: &mut Body<'b>) -> Option<Self>;

    /// The same into the place where it is to be: large values are not moved there.
    fn plain_into(body: &mut Body<'b>, place: &mut Self) -> Option<()> {
        *place = Self::plain(body)?;
        Some(())
    }
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
            b'"' => {
                let end = first_special(&value[1..]);
                2 + end.filter(|end| value[1 + end] == b'"')?
            }
            b'[' | b'{' => 1,
            _ => value.iter().take_while(|byte| !b",]} \t\r\n".contains(byte)).count(),
        };
        let is_there = (*begins..=begins + length).contains(&fault);
        is_there.then(|| path.iter().rev().copied())
    }

    /// Notes that the value that begins there, perhaps behind blanks, and stands at this step is not of the plain form.
    #[cold]
    fn stop(&mut self, begins: usize, step: Segment<'b>) {
        let begins = self.behind_blanks(begins);
        let innermost = self.stop.get_or_insert_with(|| Stop { begins, path: Vec::new() });
        innermost.path.push(step);
    }

    /// The first place from there on that is no blank.
    fn behind_blanks(&self, mut at: usize) -> usize {
        while matches!(self.text.as_bytes().get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            at += 1;
        }
        at
    }

    fn skip_blanks(&mut self) {
        self.at = self.behind_blanks(self.at);
    }

    /// The byte that stands next behind blanks, passed over.
    fn next(&mut self) -> Option<u8> {
        let here = self.text.as_bytes().get(self.at).copied();
        // Most bodies have no blanks.
        let byte = if here.is_some_and(|byte| byte > b' ') {
            here
        } else {
            self.skip_blanks();
            self.text.as_bytes().get(self.at).copied()
        };
        self.is_over |= byte.is_none();
        self.at += 1;
        byte
    }

    /// What the next byte is, if it is this one.
    fn take(&mut self, byte: u8) -> Option<()> {
        if self.text.as_bytes().get(self.at) == Some(&byte) {
            self.at += 1;
            return Some(());
        }
        (self.next()? == byte).then_some(())
    }

    /// Passes over this text, if exactly it stands next.
    pub(in crate::http::store) fn pass(&mut self, text: &[u8]) -> bool {
        let stands = self.rest().starts_with(text);
        self.at += if stands { text.len() } else { 0 };
        stands
    }

    /// What is not read yet.
    pub(in crate::http::store) fn rest(&self) -> &'b [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// A text without escapes.
    pub(in crate::http::store) fn text(&mut self) -> Option<&'b str> {
        self.take(b'"')?;
        let rest = self.text.get(self.at..)?;
        let Some(length) = first_special(rest.as_bytes()) else {
            self.is_over = true;
            return None;
        };
        self.at += length + 1;
        let (text, behind) = rest.split_at_checked(length)?;
        behind.starts_with('"').then_some(text)
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
        if self.pass(b"]") {
            return Some(());
        }
        for place in 0.. {
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
        if self.is_empty_object()? {
            return Some(());
        }
        loop {
            let name = self.name()?;
            let begins = self.at;
            if member(self, name).is_none() {
                self.stop(begins, Segment::Member(name));
                return None;
            }
            if self.is_last_member()? {
                return Some(());
            }
        }
    }

    /// The beginning of an object, and its end if it has no member.
    pub(in crate::http::store) fn is_empty_object(&mut self) -> Option<bool> {
        self.take(b'{')?;
        self.skip_blanks();
        Some(self.pass(b"}"))
    }

    /// The name of a member.
    pub(in crate::http::store) fn name(&mut self) -> Option<&'b str> {
        let name = self.text()?;
        self.take(b':')?;
        Some(name)
    }

    /// The value of the member of that name, which must be the first of it.
    pub(in crate::http::store) fn member<T: Plain<'b>>(
        &mut self,
        name: &'static str,
        member: &mut Option<T>,
    ) -> Option<()> {
        let begins = self.at;
        let Some(value) = T::plain(self).filter(|_| member.is_none()) else {
            self.stop(begins, Segment::Member(name));
            return None;
        };
        *member = Some(value);
        Some(())
    }

    /// A member of a name that nobody knows is not of the plain form.
    pub(in crate::http::store) fn unknown_member<T>(&mut self, name: &'b str) -> Option<T> {
        self.stop(self.at, Segment::Member(name));
        None
    }

    /// Whether the object ends behind a member.
    pub(in crate::http::store) fn is_last_member(&mut self) -> Option<bool> {
        match self.next()? {
            b',' => Some(false),
            b'}' => Some(true),
            _ => None,
        }
    }
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
    fn a_text_ends_at_its_quote_wherever_that_stands() {
        for before in 0..20 {
            for length in [0, 1, 7, 8, 9, 63, 64, 65, 200] {
                let (blanks, text) = (" ".repeat(before), "\u{e4}".repeat(length / 2));
                let body = format!("{blanks}\"{text}\"");
                let mut whole = Body::new(&body);
                assert_eq!((whole.text(), whole.is_over), (Some(text.as_str()), false), "{body}");
                let mut cut_off = Body::new(body.strip_suffix('"').unwrap());
                assert_eq!((cut_off.text(), cut_off.is_over), (None, true), "{body}");
            }
        }
    }
}
