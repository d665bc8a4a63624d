//! Settings of the store behind us: what we do not hold is asked of it, or nobody is asked anything.

use crate::app::config::Switch;
use crate::chain::Roots;
use crate::upstream::Origin;
use anyhow::Context;
use clap::Args;
use clap::value_parser;
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

    /// Let devices open their sessions with the upstream store and not here: for private snaps that it gives out
    #[arg(long, env = "SNAPWISE_UPSTREAM_SESSIONS", default_value = "off")]
    pub(super) upstream_sessions: Switch,

    /// Whether files and assertions that were fetched from the upstream store are kept, if nobody showed who they are
    /// to get them
    #[arg(long, env = "SNAPWISE_CACHE_FILES", default_value = "on")]
    pub(super) cache_files: Switch,

    /// The largest file that is kept, in bytes
    #[arg(long, env = "SNAPWISE_CACHE_FILE_MAX_BYTES", default_value_t = 2 * 1_024 * 1_024 * 1_024, value_name = "BYTES")]
    pub(super) cache_file_max_bytes: u64,

    /// How many bytes the files together may have that are kept of what was passed through; what comes beyond is passed
    /// through and not kept. What was pushed or mirrored does not count
    #[arg(long, env = "SNAPWISE_CACHE_MAX_BYTES", default_value_t = 20 * 1_024 * 1_024 * 1_024, value_name = "BYTES")]
    pub(super) cache_max_bytes: u64,

    /// Seconds after which an assertion that was kept when it was passed through is asked for anew of the upstream
    /// store, once somebody wants it; 0 for never. What was imported, pushed or mirrored never is
    #[arg(long, env = "SNAPWISE_UPSTREAM_ASSERTIONS_MAX_AGE_S", default_value_t = 3_600, value_name = "SECONDS", value_parser = value_parser!(u64).range(..=YEAR_S))]
    pub(super) upstream_assertions_max_age_s: u64,

    /// Offline, the account-keys that devices have built in, separated by commas: a chain of assertions that leads up
    /// to one of them is whole without it
    #[arg(long, env = "SNAPWISE_ROOT_KEYS", default_value = ROOT_KEY, value_delimiter = ',', allow_hyphen_values = true, value_name = "DIGESTS")]
    pub(super) root_keys: Vec<Box<str>>,
}

/// A longer time is never.
const YEAR_S: u64 = 366 * 24 * 60 * 60;

/// The root key that snapd is built with.
const ROOT_KEY: &str = "-CvQKAwRQ5h3Ffn10FILJoEZUXOv6km9FwA80-Rcj-f-6jadQ89VRswHNiEB9Lxk";

impl Relaying {
    /// No store behind us, and nothing against asking others.
    pub(super) fn none() -> Self {
        Self {
            upstream: None,
            offline: Switch::Off,
            upstream_sessions: Switch::Off,
            cache_files: Switch::Off,
            cache_file_max_bytes: 0,
            cache_max_bytes: 0,
            upstream_assertions_max_age_s: 0,
            root_keys: Vec::new(),
        }
    }

    /// Whether nobody outside is to be asked.
    pub(super) fn is_offline(&self) -> bool {
        self.offline == Switch::On
    }

    /// The keys up to which chains of assertions are held, if nothing is to be given out without its chain.
    pub(super) fn only_whole(&self) -> Option<Roots> {
        self.is_offline().then(|| self.roots())
    }

    /// The keys that devices have built in.
    pub(super) fn roots(&self) -> Roots {
        Roots::new(self.root_keys.iter().cloned())
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
