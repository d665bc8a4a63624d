//! Documents out of a stream, one after the other, in constant memory.

use crate::exchange::document::Document;
use crate::exchange::frames::Frame;
use crate::exchange::frames::Frames;
use crate::exchange::statement::Rejection;
use crate::exchange::statement::Statement;
use std::io;
use std::io::BufRead;

/// What stands at a place of the stream.
#[derive(Debug)]
pub struct Found {
    /// The line it begins in, from 1.
    pub line: u64,
    /// How many bytes it has, at most 16 MiB; 0 when it was passed over.
    pub size_bytes: usize,
    /// What it states, or why it cannot be taken in.
    pub statement: Result<Statement, Rejection>,
}

/// The documents of a stream: JSON lines, or one or more documents over many lines, or a JSON array of them.
/// Whatever cannot be read becomes a rejection, and the reading goes on behind it.
pub struct Documents<R> {
    frames: Option<Frames<R>>,
}

impl<R: BufRead> Documents<R> {
    /// Begins to read; the first two lines show which form it is.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub fn new(reader: R) -> io::Result<Self> {
        Ok(Self { frames: Some(Frames::new(reader)?) })
    }
}

impl<R: BufRead> Iterator for Documents<R> {
    /// An error of the stream ends it.
    type Item = io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        let frames = self.frames.as_mut()?;
        let found = match frames.advance() {
            Ok(Some((line, Frame::Document(bytes)))) => {
                Ok(Found { line, size_bytes: bytes.len(), statement: Document::parse(bytes) })
            }
            Ok(Some((line, Frame::TooLarge))) => {
                let reason = "larger than 16 MiB".to_owned();
                let statement = Err(Rejection { snap: None, reason });
                Ok(Found { line, size_bytes: 0, statement })
            }
            Ok(None) => {
                self.frames = None;
                return None;
            }
            Err(error) => {
                self.frames = None;
                Err(error)
            }
        };
        Some(found)
    }
}
