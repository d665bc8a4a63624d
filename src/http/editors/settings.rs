//! How the steps of the pipeline ended.

use crate::db::Database;
use crate::db::settings;
use crate::db::steps;
use crate::db::steps::Latest;
use crate::http::editors::refusal::Refusal;
use crate::http::http_date::http_date;
use crate::snap::Instant;
use serde_json::Value;
use serde_json::json;

/// When the whole pipeline last ended well, and how each step ended last; nothing of what never was.
pub(super) async fn show(database: &Database) -> Result<Value, Refusal> {
    let client = database.client().await?;
    let last_updated = settings::load(&client, "last_updated").await?;
    let last_updated = last_updated.and_then(|text| text.parse::<Instant>().ok());
    let steps = steps::latest(&client).await?;
    Ok(json!({
        "last_updated": last_updated.map(http_date),
        "pipeline_steps": steps.iter().map(step).collect::<Vec<_>>(),
    }))
}

fn step(latest: &Latest) -> Value {
    let run = latest.run.as_ref();
    json!({
        "id": latest.step.as_str(),
        "last_failed_run": latest.failed_at.map(http_date),
        "last_successful_run": latest.succeeded_at.map(http_date),
        "message": run.map(|run| run.failure.as_deref().unwrap_or_default()),
        "name": latest.step.title(),
        "success": run.map(|run| run.failure.is_none()),
    })
}
