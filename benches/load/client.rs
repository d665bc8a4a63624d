//! The load generator: keep-alive connections that ask again as soon as they are answered.

use crate::bodies::Request;
use std::io::Read;
use std::io::Write;
use std::time::Duration;
use std::time::Instant;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// What a round of load saw.
#[derive(Default)]
pub(crate) struct Load {
    /// How long each answer took.
    pub(crate) took: Vec<Duration>,
    /// Answers that were none, or of another status than the first.
    pub(crate) failed: usize,
    /// Answers less than half as long as the first.
    pub(crate) short: usize,
}

impl Load {
    /// Asks the same for a while on so many connections, from one thread, with a pause on each between an answer and
    /// the next question.
    pub(crate) fn paced(
        address: &str,
        request: &Request,
        (connections, pause): (usize, Duration),
        during: Duration,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let until = Instant::now() + during;
        let bytes: &'static [u8] = request.bytes().leak();
        let first = ask(address, request);
        let expected = (first.status, first.body.len() / 2);
        let local = tokio::task::LocalSet::new();
        let mut whole = Self::default();
        local.block_on(&runtime, async {
            let connection = |_| {
                let address = address.to_owned();
                tokio::task::spawn_local(async move {
                    talk(&address, bytes, expected, (until, pause)).await
                })
            };
            let connections: Vec<_> = (0..connections).map(connection).collect();
            for connection in connections {
                let load = connection.await.unwrap();
                whole.took.extend(load.took);
                whole.failed += load.failed;
                whole.short += load.short;
            }
        });
        whole
    }
}

async fn talk(
    address: &str,
    bytes: &[u8],
    (expected, least): (u16, usize),
    (until, pause): (Instant, Duration),
) -> Load {
    let mut load = Load::default();
    let mut buffer = vec![0; 512 * 1_024];
    let mut stream: Option<TcpStream> = None;
    while Instant::now() < until {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let started = Instant::now();
        let connected = match &mut stream {
            Some(stream) => stream,
            none => {
                let Ok(fresh) = TcpStream::connect(address).await else {
                    load.failed += 1;
                    continue;
                };
                fresh.set_nodelay(true).unwrap();
                none.insert(fresh)
            }
        };
        match exchange(connected, bytes, &mut buffer).await {
            Ok((status, length)) if status == expected => {
                load.took.push(started.elapsed());
                load.short += usize::from(length < least);
            }
            _ => {
                load.failed += 1;
                stream = None;
            }
        }
    }
    load
}

/// The status of the next answer, and how many bytes it has with its headers.
async fn exchange(
    stream: &mut TcpStream,
    bytes: &[u8],
    buffer: &mut Vec<u8>,
) -> std::io::Result<(u16, usize)> {
    stream.write_all(bytes).await?;
    let mut n = 0;
    loop {
        let read = stream.read(&mut buffer[n..]).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        n += read;
        if let Some((status, end)) = head(&buffer[..n]) {
            if end > buffer.len() {
                buffer.resize(end, 0);
            }
            while n < end {
                let read = stream.read(&mut buffer[n..end]).await?;
                if read == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
                n += read;
            }
            return Ok((status, end));
        }
    }
}

/// The status of an answer and where it ends, once its headers are there.
fn head(bytes: &[u8]) -> Option<(u16, usize)> {
    let headers = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..headers]).unwrap();
    let status = text[9..12].parse().unwrap();
    let length = text.split("content-length: ").nth(1)?.split("\r\n").next()?;
    Some((status, headers + length.parse::<usize>().unwrap()))
}

/// Asks once.
pub(crate) fn ask(address: &str, request: &Request) -> Answer {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(&request.bytes()).unwrap();
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let n = stream.read(&mut buffer).unwrap();
        assert!(n > 0, "the server hung up");
        bytes.extend_from_slice(&buffer[..n]);
        if let Some((status, end)) = head(&bytes).filter(|(_, end)| bytes.len() >= *end) {
            let start = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            return Answer { status, body: bytes[start..end].to_vec() };
        }
    }
}

/// The figures of a round.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    /// Processor time of the server for each request.
    pub(crate) cpu_us: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

impl Measured {
    pub(crate) fn new(load: &Load, cpu: Duration, during: Duration) -> Self {
        assert_eq!(load.failed, 0, "requests failed");
        let mut took = load.took.clone();
        took.sort_unstable();
        let n = took.len() as f64;
        let us = |duration: Duration| duration.as_secs_f64() * 1e6;
        Self {
            per_second: n / during.as_secs_f64(),
            cpu_us: us(cpu) / n,
            p50_us: us(took[took.len() / 2]),
            p99_us: us(took[took.len() * 99 / 100]),
        }
    }

    /// What a figure is of the same in the other's round of the same turn: the median over the turns.
    pub(crate) fn ratio(own: &[Self], other: &[Self], of: fn(&Self) -> f64) -> f64 {
        median(own.iter().zip(other).map(|(own, other)| of(own) / of(other)).collect())
    }

    /// Each figure's median over the rounds.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let median = |of: fn(&Self) -> f64| median(rounds.iter().map(of).collect());
        Self {
            per_second: median(|round| round.per_second),
            cpu_us: median(|round| round.cpu_us),
            p50_us: median(|round| round.p50_us),
            p99_us: median(|round| round.p99_us),
        }
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
