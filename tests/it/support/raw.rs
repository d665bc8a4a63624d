//! HTTP/1.1 by hand, for requests no well-behaved client would send.

use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::hold;
use std::fmt::Write;
use std::io;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A connection on which bytes are sent as they are given.
pub(crate) struct Raw {
    stream: BufReader<TcpStream>,
}

/// The head of a request, from its first line to the empty one. `Host` is added.
pub(crate) fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head + "\r\n"
}

impl Raw {
    pub(crate) async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        // Heads and bodies are sent one by one; waiting to fill a packet would cost 40 ms each time.
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Sends bytes; an error is the server's having closed the connection.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let sent = timeout(PATIENCE, self.stream.get_mut().write_all(bytes.as_ref())).await;
        sent.expect("the server takes what is sent, or closes")
    }

    /// Says that nothing more will be sent, and goes on listening.
    pub(crate) async fn finish_sending(&mut self) {
        self.stream.get_mut().shutdown().await.unwrap();
    }

    /// The next answer; an error when the connection ends before it is whole.
    pub(crate) async fn receive(&mut self) -> io::Result<Received> {
        timeout(PATIENCE, self.answer(true)).await.expect("the server answers, or closes")
    }

    /// The next answer, to a HEAD request.
    pub(crate) async fn receive_head(&mut self) -> io::Result<Received> {
        timeout(PATIENCE, self.answer(false)).await.expect("the server answers, or closes")
    }

    /// Sends a whole request and gives its answer.
    pub(crate) async fn ask(
        &mut self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Received> {
        let length = body.len().to_string();
        let headers: Vec<_> =
            headers.iter().copied().chain([("Content-Length", length.as_str())]).collect();
        self.send(head(method, path, &headers)).await?;
        self.send(body).await?;
        let received = self.receive().await?;
        hold(method, path, &received);
        Ok(received)
    }

    /// Everything until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
        // A reset is an end too.
        drop(read.expect("the server closes the connection"));
        rest
    }

    async fn answer(&mut self, has_body: bool) -> io::Result<Received> {
        let (mut status, mut headers) = (0, Vec::new());
        while status < 200 {
            let first = self.line().await?;
            status =
                first.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(|| {
                    io::Error::new(io::ErrorKind::InvalidData, format!("no status line: {first}"))
                })?;
            headers.clear();
            loop {
                let line = self.line().await?;
                let Some((name, value)) = line.split_once(':') else { break };
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
            if status == 100 {
                return Ok(Received { status, headers, body: Vec::new() });
            }
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![0; if has_body { length } else { 0 }];
        self.stream.read_exact(&mut body).await?;
        Ok(Received { status, headers, body })
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        if !line.ends_with('\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
