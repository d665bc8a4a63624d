//! Settings of the store behind us: what we do not hold is asked of it, or nobody is asked anything.

use crate::app::config::Switch;
use crate::upstream::Origin;
use anyhow::Context;
use clap::Args;
use std::time::Duration;

/// Settings of the store behind us.
#[derive(Debug, Clone, Args)]
pub(super) struct Relaying {
    /// The store that what we do not hold is asked of, such as `https://api.snapcraft.io`; without it nobody is
    #[arg(long, env = "SNAPWISE_UPSTREAM", hide_env_values = true, value_name = "URL")]
    pub(super) upstream: Option<String>,

    /// Ask nobody outside, whatever else is configured, and offer only what is wholly held: file and assertions
    #[arg(long, env = "SNAPWISE_OFFLINE", default_value = "off", default_missing_value = "on", num_args = 0..=1, require_equals = true)]
    pub(super) offline: Switch,
}

impl Relaying {
    /// No store behind us, and nothing against asking others.
    pub(super) fn none() -> Self {
        Self { upstream: None, offline: Switch::Off }
    }

    /// Whether nobody outside is to be asked.
    pub(super) fn is_offline(&self) -> bool {
        self.offline == Switch::On
    }

    /// The store behind us, if there is one and it may be asked.
    pub(super) fn origin(&self, timeout: Duration) -> anyhow::Result<Option<Origin>> {
        let url = self.upstream.as_deref().filter(|url| !url.is_empty());
        let Some(url) = url.filter(|_| !self.is_offline()) else { return Ok(None) };
        Origin::new(url, timeout)
            .context("prepare to ask the upstream store (SNAPWISE_UPSTREAM)")
            .map(Some)
    }
}
