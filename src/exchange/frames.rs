//! Where one document of a stream ends and the next begins.

use serde::de::IgnoredAny;
use std::io;
use std::io::BufRead;
use std::io::Chain;
use std::io::Cursor;
use std::io::Read;

/// The largest document. The largest of the public store is below 1 MiB; this leaves room, and one of this
/// size fits into memory anywhere.
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What stands between two borders.
pub(super) enum Frame<'a> {
    /// The bytes of what should be a document.
    Document(&'a [u8]),
    /// Something over the limit, which was passed over.
    TooLarge,
}

/// A stream cut into documents.
pub(super) struct Frames<R> {
    reader: Chain<Cursor<Vec<u8>>, R>,
    layout: Layout,
    /// The line that is read next, from 1.
    line: u64,
    buffer: Vec<u8>,
}

enum Layout {
    /// A document a line: a line that is none harms no other.
    Lines,
    /// Documents over many lines; brackets tell where one ends.
    Bracketed,
}

impl<R: BufRead> Frames<R> {
    pub(super) fn new(mut reader: R) -> io::Result<Self> {
        let mut head = Vec::new();
        let mut first = Vec::new();
        while first.trim_ascii().is_empty() {
            head.append(&mut first);
            if read_line(&mut reader, &mut first)? == 0 {
                break;
            }
            if head.is_empty() && first.starts_with(BYTE_ORDER_MARK) {
                first.drain(..BYTE_ORDER_MARK.len());
            }
        }
        let mut second = Vec::new();
        if first.ends_with(b"\n") {
            read_line(&mut reader, &mut second)?;
        }
        let layout = layout(&first, &second);
        head.append(&mut first);
        head.append(&mut second);
        let reader = Cursor::new(head).chain(reader);
        Ok(Self { reader, layout, line: 1, buffer: Vec::new() })
    }

    /// The next frame and the line it begins in.
    pub(super) fn advance(&mut self) -> io::Result<Option<(u64, Frame<'_>)>> {
        self.buffer.clear();
        let found = match self.layout {
            Layout::Lines => self.next_line()?,
            Layout::Bracketed => self.next_bracketed()?,
        };
        let Some((line, is_too_large)) = found else { return Ok(None) };
        let frame =
            if is_too_large { Frame::TooLarge } else { Frame::Document(self.buffer.trim_ascii()) };
        Ok(Some((line, frame)))
    }

    fn next_line(&mut self) -> io::Result<Option<(u64, bool)>> {
        loop {
            self.buffer.clear();
            if read_line(&mut self.reader, &mut self.buffer)? == 0 {
                return Ok(None);
            }
            let line = self.line;
            self.line += 1;
            let is_too_large = self.buffer.len() > MAX_BYTES && !self.buffer.ends_with(b"\n");
            if is_too_large {
                self.buffer = Vec::new();
                self.reader.skip_until(b'\n')?;
            }
            if is_too_large || !self.buffer.trim_ascii().is_empty() {
                return Ok(Some((line, is_too_large)));
            }
        }
    }

    fn next_bracketed(&mut self) -> io::Result<Option<(u64, bool)>> {
        let mut scan = Scan::default();
        let mut begin = None;
        let mut is_too_large = false;
        while !scan.is_complete {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let mut n_used = 0;
            for &byte in chunk {
                n_used += 1;
                if scan.takes(byte) {
                    begin = begin.or(Some(self.line));
                    is_too_large |= self.buffer.len() == MAX_BYTES;
                    if !is_too_large {
                        self.buffer.push(byte);
                    }
                }
                self.line += u64::from(byte == b'\n');
                if scan.is_complete {
                    break;
                }
            }
            self.reader.consume(n_used);
        }
        if is_too_large {
            self.buffer = Vec::new();
        }
        Ok(begin.map(|line| (line, is_too_large)))
    }
}

/// Reads a line with its end, or the first `MAX_BYTES` and one of a longer one.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    reader.take(MAX_BYTES as u64 + 1).read_until(b'\n', line)
}

/// Which layout a stream has that begins with these two lines. When in doubt it is lines: that way a document
/// cut short in the first line spoils no other.
fn layout(first: &[u8], second: &[u8]) -> Layout {
    let first = first.trim_ascii();
    let second = second.trim_ascii();
    if let Some(inside) = first.strip_prefix(b"[") {
        let inside = inside.trim_ascii_start();
        let is_of_objects = inside.is_empty() || inside.starts_with(b"{") || inside == b"]";
        return if is_of_objects { Layout::Bracketed } else { Layout::Lines };
    }
    let goes_on = |bytes: &[u8]| {
        serde_json::from_slice::<IgnoredAny>(bytes).is_err_and(|error| error.is_eof())
    };
    let is_object = |bytes: &[u8]| {
        bytes.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
    };
    if !first.starts_with(b"{") || !goes_on(first) || is_object(second) {
        return Layout::Lines;
    }
    let both = [first, b"\n", second].concat();
    let fits = goes_on(&both) || is_object(&both);
    if fits { Layout::Bracketed } else { Layout::Lines }
}

/// Follows the brackets of one document.
#[derive(Default)]
struct Scan {
    depth: u64,
    place: Place,
    is_complete: bool,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Open,
    /// Within a string, where brackets mean nothing.
    Text,
    /// Behind a backslash in a string.
    Escape,
    /// In something that is no object; it goes on to the end of its line.
    Junk,
}

impl Scan {
    /// Takes a byte in; whether it belongs to the document.
    fn takes(&mut self, byte: u8) -> bool {
        match (self.place, byte) {
            (Place::Junk, _) => self.is_complete = byte == b'\n',
            (Place::Escape, _) | (Place::Open, b'"') if self.depth > 0 => self.place = Place::Text,
            (Place::Text, b'\\') => self.place = Place::Escape,
            (Place::Text, b'"') => self.place = Place::Open,
            (Place::Open, b'{' | b'[') if self.depth > 0 => self.depth += 1,
            (Place::Open, b'}' | b']') if self.depth > 0 => {
                self.depth -= 1;
                self.is_complete = self.depth == 0;
            }
            (Place::Open, _) if self.depth == 0 => match byte {
                // White space, and the brackets and commas of an array around the documents.
                b'[' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' => return false,
                b'{' => self.depth = 1,
                _ => self.place = Place::Junk,
            },
            _ => (),
        }
        true
    }
}
