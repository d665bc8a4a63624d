//! What the earlier service's pipeline remembers between runs.

use crate::adoption::Kind;
use crate::adoption::memory;
use crate::adoption::row::Columns;
use crate::adoption::source::Source;
use crate::adoption::target::Target;
use crate::adoption::target::column;
use crate::db::DbError;
use crate::db::settings;
use crate::snap::Instant;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Settings read at a time; there are about ten.
const BATCH: i32 = 200;

/// Settings that are a time, which we write with its zone.
const TIMES: [&str; 2] = [settings::LAST_UPDATED, "featured_last_updated"];

/// Who holds it is gone with the earlier service.
const LOCK: &str = "featured_selection_lock";

pub(super) async fn adopt(source: &Source<'_>, target: &mut Target<'_>) -> Result<(), DbError> {
    let sql = "SELECT key, value::text FROM settings ORDER BY key";
    let mut batches = source.read(sql, &[], "read the settings to adopt", BATCH).await?;
    while let Some(rows) = batches.next().await? {
        let mut read_ones = Vec::with_capacity(rows.len());
        for row in &rows {
            match read(row, target.now) {
                Ok(setting) => read_ones.push(setting),
                Err(reason) => target.adopted.reject(Kind::Settings, row.key(0), reason),
            }
        }
        let keys = column(&read_ones, |(key, _)| key.as_str());
        let values = column(&read_ones, |(_, value)| value.as_str());
        let sql = "INSERT INTO setting (key, value)
                   SELECT key, value::jsonb FROM unnest($1::text[], $2::text[]) AS said (key, value)
                   ON CONFLICT (key) DO NOTHING";
        let n_added = target.add(sql, &[&keys, &values], "adopt the settings").await?;
        target.adopted.add(Kind::Settings, read_ones.len(), n_added);
    }
    Ok(())
}

/// A key and its value as JSON.
fn read(row: &Columns, now: Instant) -> Result<(String, String), &'static str> {
    let key = row.text(0)?;
    if key == LOCK {
        return Err("lock");
    }
    if key == memory::KEY {
        return Err("reserved-key");
    }
    let (value, text) = row.json(1, "bad-value")?.ok_or("bad-value")?;
    if !TIMES.contains(&key.as_str()) {
        return Ok((key, text.as_str().to_owned()));
    }
    // A run that ends in the future would keep the next one from being due.
    let at = instant(&value).filter(|at| *at <= now).ok_or("bad-time")?;
    Ok((key, Value::from(at.to_string()).to_string()))
}

/// A time as the earlier service writes it: a text, at times a text within one, mostly without a zone, which is UTC.
fn instant(value: &Value) -> Option<Instant> {
    let text = value.as_str()?.trim_matches(|char: char| char == '"' || char.is_whitespace());
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let civil: DateTime = text.parse().ok()?;
    let stamp = TimeZone::UTC.to_ambiguous_timestamp(civil).unambiguous().ok()?;
    Instant::from_microseconds(stamp.as_microsecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_time_without_a_zone_is_of_utc() {
        for (said, expected) in [
            ("2026-07-03T10:11:12.345678", "2026-07-03T10:11:12.345678+00:00"),
            ("2026-07-03T10:11:12", "2026-07-03T10:11:12.000000+00:00"),
            ("2026-07-03 10:11:12.5", "2026-07-03T10:11:12.500000+00:00"),
            ("2026-07-03T10:11:12+02:00", "2026-07-03T08:11:12.000000+00:00"),
            ("\"2026-07-03T10:11:12\"", "2026-07-03T10:11:12.000000+00:00"),
        ] {
            let at = instant(&json!(said)).map(|at| at.to_string());
            assert_eq!(at.as_deref(), Some(expected), "{said}");
        }
        for bad in [json!(null), json!(7), json!(""), json!("yesterday"), json!({})] {
            assert_eq!(instant(&bad), None, "{bad}");
        }
    }
}
