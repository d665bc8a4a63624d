//! A stretch of a file, as it is read: in constant memory, no faster than it is taken.

use crate::blobs::BlobError;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::stream::Stream;
use object_store::GetResult;
use object_store::GetResultPayload;
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tokio::task::JoinHandle;
use tokio::task::spawn_blocking;

/// How much of a file is read at once. Twice that is held for each who reads: what is being sent, and what comes next.
/// Larger pieces cost memory and gain nothing; with smaller ones the hand-over between threads begins to count.
const AT_ONCE: u64 = 128 * 1_024;

/// The bytes of a stretch, in order.
pub struct Reading {
    /// How many bytes are still to come.
    left: u64,
    from: From,
}

enum From {
    Folder(Chunks),
    Objects(BoxStream<'static, object_store::Result<Bytes>>),
}

impl Reading {
    pub(super) fn of(got: GetResult) -> Self {
        let range = got.range.clone();
        let left = range.end - range.start;
        let from = match got.payload {
            GetResultPayload::File(file, _) => From::Folder(Chunks::of(file, range)),
            GetResultPayload::Stream(stream) => From::Objects(stream),
        };
        Self { left, from }
    }

    /// All of a file that has so many bytes.
    pub(super) fn of_file(file: File, left: u64) -> Self {
        Self { left, from: From::Folder(Chunks::of(file, 0..left)) }
    }

    /// How many bytes are still to come.
    pub fn left(&self) -> u64 {
        self.left
    }
}

impl Stream for Reading {
    type Item = Result<Bytes, BlobError>;

    /// An error ends it, and so does a file that is shorter than it was.
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let reading = self.get_mut();
        if reading.left == 0 {
            return Poll::Ready(None);
        }
        let doing = "read a file that is held";
        let bytes = match &mut reading.from {
            From::Folder(chunks) => {
                ready!(chunks.poll(context)).map(|read| read.map_err(BlobError::of(doing)))
            }
            From::Objects(stream) => ready!(stream.as_mut().poll_next(context))
                .map(|read| read.map_err(BlobError::of_store(doing))),
        };
        let bytes = bytes.unwrap_or(Err(BlobError::AnotherFile("it ends too early")));
        let bytes = bytes.and_then(|bytes| match reading.left.checked_sub(bytes.len() as u64) {
            Some(left) => {
                reading.left = left;
                Ok(bytes)
            }
            None => Err(BlobError::AnotherFile("it goes on too long")),
        });
        if bytes.is_err() {
            reading.left = 0;
        }
        Poll::Ready(Some(bytes))
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("left", &self.left).finish_non_exhaustive()
    }
}

/// A stretch of a file on disk. The next piece is read while the last one is being sent, by threads that may block.
struct Chunks {
    file: Arc<File>,
    rest: Range<u64>,
    next: Option<JoinHandle<io::Result<Bytes>>>,
}

impl Chunks {
    fn of(file: File, range: Range<u64>) -> Self {
        Self { file: Arc::new(file), rest: range, next: None }
    }

    /// The next piece; none behind the last.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.next.is_none() {
            self.next = self.begin();
        }
        let Some(reading) = &mut self.next else { return Poll::Ready(None) };
        let read = ready!(Pin::new(reading).poll(context));
        self.next = self.begin();
        Poll::Ready(Some(read.unwrap_or_else(|error| Err(io::Error::other(error)))))
    }

    /// Begins to read another piece, if there is one.
    fn begin(&mut self) -> Option<JoinHandle<io::Result<Bytes>>> {
        let begin = self.rest.start;
        let length = AT_ONCE.min(self.rest.end - begin);
        if length == 0 {
            return None;
        }
        self.rest.start += length;
        let file = Arc::clone(&self.file);
        let length = usize::try_from(length).expect("a piece is small");
        Some(spawn_blocking(move || {
            let mut piece = vec![0; length];
            file.read_exact_at(&mut piece, begin)?;
            Ok(piece.into())
        }))
    }
}
