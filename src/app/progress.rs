//! How far a long piece of work is: a bar on a terminal, now and then a log line elsewhere.

use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use std::io::IsTerminal;
use std::time::Duration;
use std::time::Instant;

/// The pause between two log lines.
const PAUSE: Duration = Duration::from_secs(5);

/// Shows how far a piece of work is.
pub(super) struct Progress {
    doing: &'static str,
    bar: Option<ProgressBar>,
    said: Instant,
}

impl Progress {
    /// Work on so many items, when that is known.
    pub(super) fn start(doing: &'static str, of: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let known = "{msg} {wide_bar} {pos}/{len} ({eta})";
            let template = if of.is_some() { known } else { "{spinner} {msg} {pos} ({per_sec})" };
            let style = ProgressStyle::with_template(template).expect("the template is a literal");
            let bar = ProgressBar::no_length().with_style(style).with_message(doing);
            bar.set_length(of.unwrap_or_default());
            bar
        });
        Self { doing, bar, said: Instant::now() }
    }

    /// So many items are done.
    pub(super) fn at(&mut self, n: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(n);
        } else if self.said.elapsed() >= PAUSE {
            self.said = Instant::now();
            tracing::info!(n, "{}", self.doing);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
