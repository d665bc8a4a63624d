//! The device metrics.

use crate::simulator::answer::Answer;
use crate::simulator::chance::Chance;
use crate::simulator::faults::Failure;
use crate::simulator::respond::Asked;
use crate::simulator::world::World;
use crate::snap::SnapId;
use hyper::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde_json::Value;
use serde_json::json;

const METRIC: &str = "weekly_installed_base_by_version";

/// The most snaps asked for at once.
const BATCH: usize = 15;

/// The most days: nobody asks for more, and each costs memory.
const MAX_DAYS: usize = 366;

#[derive(Deserialize)]
struct Filter {
    #[serde(deserialize_with = "day")]
    start: Date,
    #[serde(deserialize_with = "day")]
    end: Date,
    metric_name: String,
    snap_id: SnapId,
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// Numbers of devices, in another order than they were asked for.
pub(super) fn answer(world: &World, asked: &Asked, failure: Option<Failure>) -> Answer {
    #[derive(Deserialize)]
    struct Metrics {
        filters: Vec<Filter>,
    }
    let token = asked.header("authorization").and_then(|token| token.strip_prefix("Macaroon "));
    if token.is_none_or(str::is_empty) {
        let code = "macaroon-permission-required";
        return Answer::refusal(StatusCode::UNAUTHORIZED, code, "a token is needed");
    }
    let bad = |message| Answer::refusal(StatusCode::BAD_REQUEST, "bad-argument", message);
    let Ok(Metrics { filters }) = serde_json::from_slice(&asked.body) else {
        return bad("filters: a list of start, end, metric_name, snap_id");
    };
    if filters.len() > BATCH {
        return bad("filters: too many");
    }
    if filters.iter().any(|filter| filter.metric_name != METRIC || filter.start > filter.end) {
        return bad("filters: not of this metric, or no span of days");
    }
    world.counts.measured(filters.len());
    let mut metrics: Vec<Value> = filters.iter().map(|filter| metric(world, filter)).collect();
    metrics.reverse();
    if failure == Some(Failure::NullColumn) && !metrics.is_empty() {
        metrics[0]["series"] = Value::Null;
    }
    Answer::json(StatusCode::OK, &json!({"metrics": metrics}))
}

fn metric(world: &World, filter: &Filter) -> Value {
    let id = filter.snap_id;
    let days = std::iter::successors(Some(filter.start), |day| day.tomorrow().ok());
    let days = days.take_while(|day| *day <= filter.end).take(MAX_DAYS);
    let buckets: Vec<String> = days.map(|day| day.to_string()).collect();
    let devices = world.by_id(id).and_then(|snap| snap.devices());
    let (status, buckets, series) = match devices {
        Some(devices) => ("OK", json!(buckets), series(id, devices, buckets.len())),
        None => ("NO DATA", json!([]), json!([])),
    };
    json!({
        "status": status,
        "snap_id": id,
        "metric_name": METRIC,
        "buckets": buckets,
        "series": series,
    })
}

/// Series by version that make up so many devices, with the odd forms that real ones have: days without a number,
/// versions whose last number has not come yet, and series that do not fit the days.
fn series(id: SnapId, devices: u64, n_days: usize) -> Value {
    let mut chance = Chance::of(id, 0, 3);
    let mut series = Vec::new();
    let mut rest = devices;
    let n_versions = 1 + chance.below(3);
    for version in 1..=n_versions {
        let part = if version == n_versions { rest } else { chance.below(rest + 1) };
        rest -= part;
        let mut values: Vec<Option<u64>> =
            (0..n_days).map(|_| (!chance.per_mille(300)).then(|| part + chance.below(9))).collect();
        // The latest number that is not zero is the part: last, or last but one before a zero or nothing.
        let late = n_days > 1 && chance.per_mille(300);
        if let Some(last) = values.last_mut() {
            *last = if late { chance.per_mille(500).then_some(0) } else { Some(part) };
        }
        if late {
            values[n_days - 2] = Some(part);
        }
        if part == 0 {
            values.fill(Some(0));
        }
        series.push(json!({"name": format!("{version}.0"), "values": values}));
    }
    if chance.per_mille(100) {
        series.push(json!({"name": "odd", "values": vec![7; n_days + 1]}));
    }
    Value::Array(series)
}
