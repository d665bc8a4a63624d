//! The least a hyper server can do: read the body, return a constant.

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io::Write;
use tokio::net::TcpListener;

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
