//! Logs: structured, to standard error, never in the way of a request.

use crate::app::config::Common;
use crate::app::config::LogFormat;
use anyhow::Context;
use std::io::IsTerminal;
use tracing_appender::non_blocking::ErrorCounter;
use tracing_appender::non_blocking::NonBlockingBuilder;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Log lines that wait to be written; about 10 MB at the most. Beyond it lines are dropped and counted.
const WAITING_LINES: usize = 65_536;

/// Keeps the log flowing; what waits is written when it goes.
pub(super) struct Telemetry {
    dropped: ErrorCounter,
    _writer: WorkerGuard,
}

impl Telemetry {
    /// How many lines were dropped so far.
    pub(super) fn dropped(&self) -> ErrorCounter {
        self.dropped.clone()
    }
}

/// Begins to log.
pub(super) fn start(common: &Common) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(&common.log).context("read the log filter")?;
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING_LINES);
    let (writer, guard) = builder.finish(std::io::stderr());
    let dropped = writer.error_counter();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match common.log_format {
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
        LogFormat::Text => subscriber.with_ansi(std::io::stderr().is_terminal()).init(),
    }
    Ok(Telemetry { dropped, _writer: guard })
}
