//! Settings of the pipeline: where the services are, how they are asked, and what makes a ranking.

use crate::app::config;
use crate::app::relaying::Relaying;
use crate::app::serve;
use crate::collector;
use crate::collector::Threshold;
use crate::collector::Workshop;
use crate::db::Database;
use crate::ranking::Category;
use crate::ranking::Formula;
use crate::ranking::Formulas;
use crate::ranking::Merits;
use crate::upstream;
use crate::upstream::Client;
use crate::upstream::Devices;
use crate::upstream::Origin;
use crate::upstream::Ratings;
use crate::upstream::Secret;
use crate::upstream::Store;
use anyhow::Context;
use clap::Args;
use clap::Parser;
use std::net::SocketAddr;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

/// How long a store may take for an answer that somebody waits for.
const HASTE: Duration = Duration::from_secs(5);
/// More such answers than are ever waited for, so that none waits for another.
const HASTY_AT_ONCE: usize = 64;
/// The largest of them: a search has some hundred snaps.
const MAX_HASTY_BYTES: usize = 4 * 1_024 * 1_024;

/// Settings of the pipeline.
#[derive(Debug, Clone, Args)]
pub(super) struct Collecting {
    /// The store whose snaps are collected [default: `https://api.snapcraft.io`]
    #[arg(long, env = "SNAPWISE_STORE_URL", hide_env_values = true, value_name = "URL")]
    pub(super) store_url: Option<String>,

    /// Where device metrics are asked for [default: `https://dashboard.snapcraft.io`]
    #[arg(long, env = "SNAPWISE_METRICS_URL", hide_env_values = true, value_name = "URL")]
    pub(super) metrics_url: Option<String>,

    /// Where the featured list is changed [default: `https://api.charmhub.io`]
    #[arg(long, env = "SNAPWISE_PUBLISHER_URL", hide_env_values = true, value_name = "URL")]
    pub(super) publisher_url: Option<String>,

    /// Where ratings are asked for: host, host:port or URL; without it nobody votes
    #[arg(long, env = "SNAPWISE_RATINGS_URL", hide_env_values = true, value_name = "URL")]
    pub(super) ratings_url: Option<String>,

    /// The macaroon that device metrics are asked for with
    #[arg(long, env = "SNAPWISE_METRICS_TOKEN", hide_env_values = true, value_name = "MACAROON")]
    pub(super) metrics_token: Option<String>,

    /// The macaroon that the featured list is changed with; without it the one for the metrics
    #[arg(long, env = "SNAPWISE_PUBLISHER_TOKEN", hide_env_values = true, value_name = "MACAROON")]
    pub(super) publisher_token: Option<String>,

    /// Seconds that one attempt of a request may take
    #[arg(long, env = "SNAPWISE_UPSTREAM_TIMEOUT_S", default_value_t = 30, value_name = "SECONDS", value_parser = config::seconds)]
    upstream_timeout_s: u64,

    /// How often a request is attempted at most
    #[arg(long, env = "SNAPWISE_UPSTREAM_ATTEMPTS", default_value_t = 4, value_name = "N", value_parser = config::at_least_one)]
    upstream_attempts: usize,

    /// How many requests may begin in a second, all services together; 0 for any number
    #[arg(long, env = "SNAPWISE_UPSTREAM_REQUESTS_PER_S", default_value_t = 50, value_name = "N")]
    upstream_requests_per_s: u32,

    /// How many requests may be under way at once
    #[arg(long, env = "SNAPWISE_UPSTREAM_CONCURRENCY", default_value_t = 8, value_name = "N", value_parser = config::at_least_one)]
    upstream_concurrency: usize,

    /// Hours after which the channels of a snap are read again though its listing did not change
    #[arg(long, env = "SNAPWISE_INFO_AGE_H", default_value_t = 24, value_name = "HOURS")]
    info_age_h: u64,

    /// Hours after which a whole run is due
    #[arg(long, env = "SNAPWISE_PIPELINE_INTERVAL_H", default_value_t = 12, value_name = "HOURS")]
    pipeline_interval_h: u64,

    /// The largest share of the known snaps that may vanish in one run; beyond it the store is not believed
    #[arg(long, env = "SNAPWISE_VANISHING_SHARE", default_value_t = 0.5, value_name = "SHARE", value_parser = share)]
    vanishing_share: f64,

    /// A ranked snap's description is longer than so many characters
    #[arg(long, env = "SNAPWISE_MIN_DESCRIPTION", default_value_t = 50, value_name = "N")]
    min_description: usize,

    /// A ranked snap was updated within so many days
    #[arg(long, env = "SNAPWISE_MAX_AGE_DAYS", default_value_t = 180, value_name = "DAYS")]
    max_age_days: u64,

    /// A ranked snap has so many media
    #[arg(long, env = "SNAPWISE_MIN_MEDIA", default_value_t = 1, value_name = "N")]
    min_media: usize,

    /// What counts for popular snaps, and how much; the weights sum to 1
    #[arg(long, env = "SNAPWISE_WEIGHTS_POPULAR", default_value = "devices=0.7,metadata=0.1,developer=0.2", value_name = "WEIGHTS", value_parser = formula)]
    weights_popular: Formula,

    /// What counts for recently updated snaps
    #[arg(long, env = "SNAPWISE_WEIGHTS_RECENT", default_value = "update=0.5,metadata=0.3,developer=0.2", value_name = "WEIGHTS", value_parser = formula)]
    weights_recent: Formula,

    /// What counts for trending snaps
    #[arg(
        long,
        env = "SNAPWISE_WEIGHTS_TRENDING",
        default_value = "update=0.25,devices=0.25,metadata=0.3,developer=0.2",
        value_name = "WEIGHTS",
        value_parser = formula
    )]
    weights_trending: Formula,

    /// What counts for top rated snaps
    #[arg(long, env = "SNAPWISE_WEIGHTS_TOP_RATED", default_value = "rating=0.8,metadata=0.1,developer=0.1", value_name = "WEIGHTS", value_parser = formula)]
    weights_top_rated: Formula,

    #[command(flatten)]
    pub(super) relaying: Relaying,
}

/// The settings when nothing is said.
#[derive(Debug, clap::Parser)]
struct Usual {
    #[command(flatten)]
    collecting: Collecting,
}

fn share(text: &str) -> Result<f64, String> {
    let known = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    known.ok_or_else(|| "a number from 0 to 1".to_owned())
}

/// Reads `devices=0.7,metadata=0.1,developer=0.2`.
fn formula(text: &str) -> Result<Formula, String> {
    let mut weights = Merits::default();
    for word in text.split(',') {
        let (merit, weight) = word.split_once('=').ok_or("weights such as devices=0.7")?;
        let weight: f64 = weight.trim().parse().map_err(|_| format!("{word}: no number"))?;
        let place = match merit.trim() {
            "devices" => &mut weights.devices,
            "update" => &mut weights.update,
            "metadata" => &mut weights.metadata,
            "developer" => &mut weights.developer,
            "rating" => &mut weights.rating,
            _ => return Err("weighed are devices, update, metadata, developer, rating".to_owned()),
        };
        *place = weight;
    }
    Formula::new(weights).map_err(|invalid| invalid.to_string())
}

impl Collecting {
    /// The settings when nothing is said on the command line; variables count.
    pub(super) fn usual() -> Self {
        Usual::parse_from(["snapwise"]).collecting.with_aliases()
    }

    /// The usual settings, but for a simulated upstream, which takes any token and all we can ask.
    pub(super) fn of_simulator(address: SocketAddr) -> Self {
        let url = format!("http://{address}");
        Self {
            store_url: Some(url.clone()),
            metrics_url: Some(url.clone()),
            publisher_url: Some(url.clone()),
            ratings_url: Some(url),
            metrics_token: Some("simulated".to_owned()),
            upstream_requests_per_s: 0,
            // It is no other machine's, and holds all there is.
            relaying: Relaying::none(),
            ..Self::usual()
        }
    }

    /// The same, with the names that the earlier service had for some of it where nothing else is said.
    pub(super) fn with_aliases(mut self) -> Self {
        let Self {
            store_url,
            metrics_url,
            publisher_url,
            ratings_url,
            metrics_token,
            publisher_token,
            ..
        } = &mut self;
        for (id, place) in [
            ("store_url", store_url),
            ("metrics_url", metrics_url),
            ("publisher_url", publisher_url),
            ("ratings_url", ratings_url),
            ("metrics_token", metrics_token),
            ("publisher_token", publisher_token),
        ] {
            *place = place.take().or_else(|| config::alias_of(id).map(|(_, value)| value));
        }
        self
    }

    /// A whole run is not done again before this time.
    pub(super) fn interval(&self) -> Duration {
        HOUR * u32::try_from(self.pipeline_interval_h).unwrap_or(u32::MAX)
    }

    /// The store behind us, if there is one and it may be asked. Who asks waits no longer than for one attempt.
    pub(super) fn origin(&self) -> anyhow::Result<Option<Origin>> {
        self.relaying.origin(Duration::from_secs(self.upstream_timeout_s))
    }

    /// What the services are asked with.
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        Client::new(self.options()?).context("prepare to ask the store")
    }

    /// What the store behind us is asked with by those who are patient.
    pub(super) fn upstream_client(&self) -> anyhow::Result<Client> {
        let options = self.options()?;
        let store_url = self.relaying.upstream.clone().unwrap_or(options.store_url);
        let options = upstream::Options { store_url, ..options };
        Client::new(options).context("prepare to ask the upstream store")
    }

    /// What the store is asked with by people who wait: once, and not for long. It shares no room with what is patient.
    pub(super) fn hasty_client(&self) -> anyhow::Result<Client> {
        let options = self.options()?;
        let options = upstream::Options {
            timeout: options.timeout.min(HASTE),
            attempts: 1,
            concurrency: HASTY_AT_ONCE,
            max_body_bytes: MAX_HASTY_BYTES,
            ..options
        };
        Client::new(options).context("prepare to ask the store")
    }

    fn options(&self) -> anyhow::Result<upstream::Options> {
        let usual = upstream::Options::default();
        let secret = |text: &Option<String>| {
            text.as_deref().filter(|text| !text.is_empty()).map(Secret::new)
        };
        Ok(upstream::Options {
            store_url: self.store_url.clone().unwrap_or(usual.store_url),
            metrics_url: self.metrics_url.clone().unwrap_or(usual.metrics_url),
            publisher_url: self.publisher_url.clone().unwrap_or(usual.publisher_url),
            ratings_url: self.ratings_url.clone().filter(|url| !url.is_empty()),
            macaroon: secret(&self.metrics_token),
            publisher_token: secret(&self.publisher_token),
            timeout: Duration::from_secs(self.upstream_timeout_s),
            attempts: u32::try_from(self.upstream_attempts).unwrap_or(u32::MAX),
            requests_per_s: self.upstream_requests_per_s,
            concurrency: self.upstream_concurrency,
            seed: serve::random()?,
            is_offline: self.relaying.is_offline(),
            ..upstream::Options::default()
        })
    }

    /// What the pipeline works with.
    pub(super) fn workshop(&self, database: Database) -> anyhow::Result<Workshop> {
        let client = self.client()?;
        let options = collector::Options {
            info_age: HOUR * u32::try_from(self.info_age_h).unwrap_or(u32::MAX),
            concurrency: self.upstream_concurrency,
            vanishing_share: self.vanishing_share,
            threshold: Threshold {
                n_description: self.min_description,
                age: 24 * HOUR * u32::try_from(self.max_age_days).unwrap_or(u32::MAX / 24),
                n_media: self.min_media,
            },
            formulas: self.formulas(),
            ..collector::Options::default()
        };
        Ok(Workshop {
            database,
            store: Store::new(&client),
            devices: Devices::new(&client),
            ratings: Ratings::new(&client).context("prepare to ask for ratings")?,
            options,
            clock: serve::now,
        })
    }

    fn formulas(&self) -> Formulas {
        Formulas::new(Category::ALL.map(|category| match category {
            Category::Popular => self.weights_popular,
            Category::Recent => self.weights_recent,
            Category::Trending => self.weights_trending,
            Category::TopRated => self.weights_top_rated,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_or_refused() {
        let popular = formula("devices=0.7, metadata=0.1 ,developer=0.2").expect("a formula");
        assert_eq!(&popular, Formulas::default().of(Category::Popular));
        for bad in ["", "devices", "devices=x", "luck=1", "devices=0.7", "devices=2,update=-1"] {
            assert!(formula(bad).is_err(), "{bad}");
        }
    }
}
