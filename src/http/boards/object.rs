//! What pages show of a snap, written once, when it changes.

use crate::http::snap_object::MEMBERS;
use crate::http::snap_object::N;
use crate::http::snap_object::Shown;
use crate::ranking::Listed;
use crate::snap::Instant;
use crate::snap::SnapName;

/// Where the member stands that both spellings write in ways of their own.
const LAST_UPDATED: usize = 4;

/// How the members are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// With `_`, and times as HTTP dates: under `/api`.
    Plain,
    /// With `-`, and times of RFC 3339: under `/v2`.
    House,
}

impl Spelling {
    fn of(self, member: (&'static str, &'static str)) -> &'static str {
        match self {
            Self::Plain => member.0,
            Self::House => member.1,
        }
    }
}

/// Which members are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Selection {
    members: u16,
    spelling: Spelling,
}

impl Selection {
    /// Every member.
    pub(super) fn all(spelling: Spelling) -> Self {
        Self { members: u16::MAX, spelling }
    }

    /// The members of a list with commas; the complaint names those nobody knows, and those there are.
    pub(super) fn parse(names: &str, spelling: Spelling) -> Result<Self, String> {
        let (mut members, mut unknown) = (0, Vec::new());
        for name in names.split(',') {
            match MEMBERS.iter().position(|member| spelling.of(*member) == name) {
                Some(place) => members |= 1 << place,
                None => unknown.push(name.chars().take(40).collect::<String>()),
            }
        }
        if unknown.is_empty() {
            return Ok(Self { members, spelling });
        }
        unknown.truncate(N);
        let known = MEMBERS.map(|member| spelling.of(member)).join(", ");
        Err(format!("fields does not know {}; there are {known}", unknown.join(", ")))
    }

    /// Whether nothing is left away.
    pub(super) fn is_all(self) -> bool {
        self.members == u16::MAX
    }

    fn has(self, place: usize) -> bool {
        self.members & 1 << place != 0
    }
}

/// A snap object, and what it is found by.
#[derive(Debug, PartialEq)]
pub(super) struct Object {
    pub(super) name: SnapName,
    pub(super) last_updated: Instant,
    /// Each member as `,"name":value`.
    text: Box<[u8]>,
    /// Where each begins, and where the last ends.
    begins: [u32; N + 1],
}

impl Object {
    /// The object of a snap.
    pub(super) fn of(listed: &Listed) -> Self {
        let mut text = Vec::with_capacity(listed.description.len() + 1_024);
        let mut begins = [0; N + 1];
        for (place, (name, _)) in MEMBERS.iter().enumerate() {
            text.extend_from_slice(b",\"");
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(b"\":");
            Shown::of(listed, name).write(&mut text);
            begins[place + 1] =
                u32::try_from(text.len()).expect("the texts of a snap are far under 4 GiB");
        }
        let (name, last_updated) = (listed.name, listed.last_updated);
        Self { name, last_updated, text: text.into(), begins }
    }

    /// Appends the object with the selected members.
    pub(super) fn write(&self, out: &mut Vec<u8>, selection: Selection) {
        let start = out.len();
        if selection.is_all() && selection.spelling == Spelling::Plain {
            out.extend_from_slice(&self.text);
        } else {
            for place in (0..N).filter(|place| selection.has(*place)) {
                self.write_member(out, place, selection.spelling);
            }
        }
        match out.get_mut(start) {
            // The first member's comma.
            Some(first) => *first = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
    }

    fn write_member(&self, out: &mut Vec<u8>, place: usize, spelling: Spelling) {
        let member = &self.text[self.begins[place] as usize..self.begins[place + 1] as usize];
        if spelling == Spelling::Plain {
            return out.extend_from_slice(member);
        }
        let (plain, house) = MEMBERS[place];
        out.extend_from_slice(b",\"");
        out.extend_from_slice(house.as_bytes());
        if place == LAST_UPDATED {
            out.extend_from_slice(b"\":\"");
            out.extend_from_slice(&self.last_updated.text());
            out.push(b'"');
        } else {
            // The names of both spellings are of one length; behind comma and first quote comes the rest.
            out.extend_from_slice(&member[2 + plain.len()..]);
        }
    }

    /// Bytes of text held.
    pub(super) fn size_bytes(&self) -> usize {
        self.text.len()
    }
}
