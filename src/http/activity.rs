//! Whether anything still happens on a connection.
//!
//! One clock a connection looks now and then instead of a timer for every request. It closes those who say nothing,
//! who send headers by the drop, who come back no more, and who do not take what they asked for, over either version
//! of HTTP.

use bytes::Bytes;
use hyper::rt::Read;
use hyper::rt::ReadBufCursor;
use hyper::rt::Write;
use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;
use tokio::time::sleep;

/// How many quiet looks in a row close a connection: it ends at most a fourth later than it is allowed to be idle.
const LOOKS: u32 = 4;
/// So many bytes may lie in the system's buffers on both sides, where we do not see them being taken: a device with
/// little bandwidth needs minutes for them.
const MUCH: usize = 256 * 1_024;
/// How much longer a connection may be quiet on which so much was sent.
const SLOWLY: u32 = 10;

/// What happened on a connection since somebody looked.
#[derive(Debug, Default)]
pub(super) struct Activity {
    n_in_flight: AtomicUsize,
    happened: AtomicBool,
    /// Bytes written since a request began while there was no other: who asks again has taken what came before. Who
    /// asks ahead has not; then the buffers are full, and a write that finds no room counts as [`MUCH`].
    n_written: AtomicUsize,
}

impl Activity {
    /// A request has begun; it lasts until the value goes.
    pub(super) fn begin(&self) -> InFlight<'_> {
        if self.n_in_flight.fetch_add(1, Ordering::Relaxed) == 0 {
            self.n_written.store(0, Ordering::Relaxed);
        }
        InFlight(self)
    }

    /// Ends when nothing happened for that long: no request in flight, and nothing of an answer was taken. Whoever was
    /// sent much has ten times as long to take it.
    pub(super) async fn ends(&self, idle: Duration) {
        let mut n_quiet = 0;
        let is_over = |n_quiet| {
            let was_sent_much = self.n_written.load(Ordering::Relaxed) >= MUCH;
            n_quiet >= if was_sent_much { SLOWLY * LOOKS } else { LOOKS }
        };
        while !is_over(n_quiet) {
            sleep(idle / LOOKS).await;
            let is_quiet = !self.happened.swap(false, Ordering::Relaxed)
                && self.n_in_flight.load(Ordering::Relaxed) == 0;
            n_quiet = if is_quiet { n_quiet + 1 } else { 0 };
        }
    }

    fn note(&self) {
        self.happened.store(true, Ordering::Relaxed);
    }

    fn wrote(&self, n: usize) {
        self.n_written.fetch_add(n, Ordering::Relaxed);
        self.note();
    }

    fn found_no_room(&self) {
        self.n_written.fetch_max(MUCH, Ordering::Relaxed);
    }
}

/// A request that is being answered.
pub(super) struct InFlight<'a>(&'a Activity);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.note();
        self.0.n_in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream that notes what the other side takes. What it sends is not noted: a byte now and then is no request.
#[derive(Debug)]
pub(super) struct Noted<S> {
    stream: S,
    /// What was read before; it comes first.
    begun: Bytes,
    activity: Arc<Activity>,
}

impl<S> Noted<S> {
    /// The stream, of which the first bytes were read already, its writes noted.
    pub(super) fn new(stream: S, begun: Bytes, activity: Arc<Activity>) -> Self {
        Self { stream, begun, activity }
    }

    fn noted(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(n @ 1..)) => self.activity.wrote(n),
            Poll::Pending => self.activity.found_no_room(),
            Poll::Ready(_) => {}
        }
        written
    }
}

impl<S: Read + Unpin> Read for Noted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.begun.is_empty() {
            let n = self.begun.len().min(buffer.remaining());
            buffer.put_slice(&self.begun.split_to(n));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for Noted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.noted(written)
    }
}
