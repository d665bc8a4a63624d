//! The least a hyper server can do: read the body, return a constant.

use bytes::Bytes;
use futures_util::stream::unfold;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::StreamBody;
use hyper::Request;
use hyper::Response;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

/// Serves an answer of that many bytes on a free port, which it prints, until it is killed.
pub(crate) fn serve(length: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        std::io::stdout().flush().unwrap();
        let answer = Bytes::from(vec![b'x'; length]);
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let answer = answer.clone();
                    async move {
                        request.into_body().collect().await?;
                        Ok::<_, hyper::Error>(Response::new(Full::new(answer)))
                    }
                });
                let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                // The load generator hangs up when its round is over.
                drop(served.await);
            });
        }
    });
}

/// How much of a file is read at once, as by snapwise.
const AT_ONCE: usize = 128 * 1_024;

/// Serves a file on a free port, which it prints, until it is killed: read piece by piece by threads that may block.
pub(crate) fn serve_file(path: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        std::io::stdout().flush().unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let path = path.to_owned();
            tokio::spawn(async move {
                let service = service_fn(move |_: Request<Incoming>| {
                    let path = path.clone();
                    async move { Ok::<_, std::io::Error>(file(&path)) }
                });
                let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                // The load generator hangs up when its round is over.
                drop(served.await);
            });
        }
    });
}

fn file(path: &Path) -> Response<impl Body<Data = Bytes, Error = std::io::Error> + use<>> {
    let file = Arc::new(File::open(path).unwrap());
    let length = file.metadata().unwrap().len();
    let pieces = unfold(0, move |at| {
        let file = Arc::clone(&file);
        async move {
            let size = usize::try_from(length - at).unwrap().min(AT_ONCE);
            let read = move || {
                let mut piece = vec![0; size];
                file.read_exact_at(&mut piece, at).map(|()| Frame::data(Bytes::from(piece)))
            };
            let read = if size == 0 { None } else { Some(spawn_blocking(read).await.unwrap()) };
            read.map(|read| (read, at + size as u64))
        }
    });
    let mut response = Response::new(StreamBody::new(pieces));
    response.headers_mut().insert("content-length", length.into());
    response
}
