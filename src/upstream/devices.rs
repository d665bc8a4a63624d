//! On how many devices snaps are installed.

use crate::snap::SnapId;
use crate::upstream::client::Answer;
use crate::upstream::client::Client;
use crate::upstream::client::host;
use crate::upstream::client::shown;
use crate::upstream::error::Fault;
use crate::upstream::error::Trouble;
use crate::upstream::error::UpstreamError;
use jiff::ToSpan;
use jiff::civil::Date;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// The number that counts devices, by the version they have.
const METRIC: &str = "weekly_installed_base_by_version";

/// The store's device metrics.
#[derive(Debug, Clone)]
pub struct Devices {
    client: Client,
    url: String,
    host: String,
}

/// What the metrics say of a snap of which they have data.
#[derive(Deserialize)]
struct Metric {
    snap_id: SnapId,
    #[serde(default, rename = "metric_name")]
    counted: Option<String>,
    #[serde(default)]
    buckets: Vec<Value>,
    #[serde(default)]
    series: Vec<Series>,
}

/// Devices with one version, day by day.
#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    values: Vec<Option<u64>>,
}

impl Devices {
    /// How many snaps are asked for at once.
    pub const BATCH: usize = 15;

    /// The metrics of the client's options.
    pub fn new(client: &Client) -> Self {
        let url = client.options().metrics_url.trim_end_matches('/');
        let (url, host) = (format!("{url}/dev/api/snaps/metrics"), host(url));
        Self { client: client.clone(), url, host }
    }

    /// The devices that have each of these snaps, at most [`Self::BATCH`], as of the two days before `today`. A snap of
    /// which nothing is known is not in the answer.
    ///
    /// # Errors
    /// When there is no token, or the service does not answer or refuses it.
    pub async fn active_devices(
        &self,
        ids: &[SnapId],
        today: Date,
    ) -> Result<BTreeMap<SnapId, u64>, UpstreamError> {
        let doing = format!("count devices at {}", self.host);
        let token = self.client.options().macaroon.as_ref();
        let token = token.ok_or(Fault::from(Trouble::NoToken)).and_then(shown);
        let token = token.map_err(|fault| UpstreamError::new(&doing, fault))?;
        if ids.len() > Self::BATCH {
            let trouble = Trouble::Misconfigured("at most 15 snaps are asked for at once");
            return Err(UpstreamError::new(&doing, trouble.into()));
        }
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let days = |n: i64| today.saturating_sub(n.days()).to_string();
        let (start, end) = (days(2), days(1));
        let filter = |id: &SnapId| json!({"start": start, "end": end, "metric_name": METRIC, "snap_id": id.as_str()});
        let filters: Vec<Value> = ids.iter().map(filter).collect();
        let request = self.client.http().post(&self.url).header(AUTHORIZATION, token);
        let request = request.header("Content-Type", "application/json");
        let request = request.body(json!({"filters": filters}).to_string());
        self.client.ask(&doing, request, |answer| read(answer, ids)).await
    }
}

/// What is known of the snaps that were asked for, by their ids: the order of the answer means nothing.
fn read(answer: Answer, ids: &[SnapId]) -> Result<BTreeMap<SnapId, u64>, Fault> {
    #[derive(Deserialize)]
    struct Metrics {
        metrics: Vec<Value>,
    }
    let answer = answer.with(StatusCode::OK)?;
    let metrics: Metrics = serde_json::from_slice(&answer.body).map_err(Fault::of_json)?;
    let mut devices = BTreeMap::new();
    for metric in metrics.metrics.into_iter().filter(|metric| metric["status"] == "OK") {
        let metric = match serde_json::from_value::<Metric>(metric) {
            Ok(metric) => metric,
            Err(error) => {
                tracing::warn!(%error, "device metrics of a snap cannot be read");
                continue;
            }
        };
        let is_meant = metric.counted.as_deref().is_none_or(|name| name == METRIC);
        if is_meant && ids.contains(&metric.snap_id) {
            let series = metric.series.iter().map(|series| series.values.as_slice());
            devices
                .entry(metric.snap_id)
                .or_insert_with(|| installed_base(metric.buckets.len(), series));
        }
    }
    Ok(devices)
}

/// The devices that have a snap: the latest number of each series that is not zero, taken together. A series that does
/// not have a value for each of the buckets is passed over.
pub fn installed_base<'v>(
    n_buckets: usize,
    series: impl IntoIterator<Item = &'v [Option<u64>]>,
) -> u64 {
    let latest = |values: &[Option<u64>]| {
        values.iter().rev().flatten().find(|devices| **devices > 0).copied().unwrap_or_default()
    };
    let whole = series.into_iter().filter(|values| values.len() == n_buckets);
    // More devices than a database can count are no number of devices.
    whole.map(latest).fold(0, u64::saturating_add).min(i64::MAX.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn check(n_buckets: usize, series: &[&[Option<u64>]], expected: u64) {
        assert_eq!(installed_base(n_buckets, series.iter().copied()), expected, "{series:?}");
    }

    /// The vectors of contract/rankings 14.
    #[test]
    fn the_latest_number_that_is_not_zero_counts() {
        check(2, &[&[Some(23), Some(22)]], 22);
        check(2, &[&[Some(23), Some(0)]], 23);
        check(2, &[&[None, Some(7)]], 7);
        check(2, &[&[Some(0), Some(0)]], 0);
        check(2, &[&[Some(5), Some(6)], &[Some(1), Some(0)]], 7);
        check(2, &[&[Some(9)]], 0);
        check(0, &[], 0);
        check(1, &[&[Some(u64::MAX)], &[Some(1)]], i64::MAX.unsigned_abs());
    }

    proptest! {
        /// Told in other words: walk forward and remember the last number that is not zero.
        #[test]
        fn it_is_what_walking_forward_remembers(
            n_buckets in 0..4_usize,
            series in vec(vec(proptest::option::of(0..5_u64), 0..4), 0..6),
        ) {
            let mut expected = 0;
            for values in &series {
                let mut last = 0;
                for value in values {
                    match value {
                        Some(devices) if *devices != 0 => last = *devices,
                        _ => {}
                    }
                }
                if values.len() == n_buckets {
                    expected += last;
                }
            }
            let found = installed_base(n_buckets, series.iter().map(Vec::as_slice));
            prop_assert_eq!(found, expected);
        }
    }
}
