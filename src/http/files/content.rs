//! A file on its way to the caller.

use crate::blobs::BlobError;
use crate::blobs::Reading;
use crate::snap::Sha3;
use bytes::Bytes;
use futures_util::stream::Stream;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::SizeHint;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tokio::sync::OwnedSemaphorePermit;

/// The body: as long as it was said to be, or broken off so that the caller cannot take it for whole.
pub(super) struct FileBody {
    reading: Reading,
    digest: Sha3,
    /// The place among those who are sent a file.
    _permit: OwnedSemaphorePermit,
}

impl FileBody {
    /// What is read, of the file of that digest.
    pub(super) fn new(reading: Reading, digest: Sha3, permit: OwnedSemaphorePermit) -> Self {
        Self { reading, digest, _permit: permit }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BlobError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BlobError>>> {
        let body = self.get_mut();
        let read = ready!(Pin::new(&mut body.reading).poll_next(context));
        if let Some(Err(error)) = &read {
            let cause: &dyn std::error::Error = error;
            let digest = body.digest;
            tracing::error!(error = cause, %digest, "a file broke off while it was sent");
        }
        Poll::Ready(read.map(|read| read.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.reading.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.reading.left())
    }
}
