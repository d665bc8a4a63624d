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
            let bar = ProgressBar::no_length().with_style(style(of.is_some())).with_message(doing);
            bar.set_length(of.unwrap_or_default());
            bar
        });
        Self { doing, bar, said: Instant::now() }
    }

    /// There are so many items, as far as is known by now.
    pub(super) fn of(&mut self, total: Option<u64>) {
        if let (Some(bar), Some(total)) = (&self.bar, total) {
            bar.set_length(total);
            bar.set_style(style(true));
        }
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

/// How a bar looks, with a known end or without.
fn style(is_length_known: bool) -> ProgressStyle {
    let known = "{msg} {wide_bar} {pos}/{len} ({eta})";
    let template = if is_length_known { known } else { "{spinner} {msg} {pos} ({per_sec})" };
    ProgressStyle::with_template(template).expect("the template is a literal")
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
