//! Starts a step of the pipeline.

use crate::collector::Order;
use crate::db::jobs::JobId;
use crate::editorial;
use crate::editorial::By;
use crate::http::asked::Asked;
use crate::http::editors::refusal::Refusal;
use crate::http::editors::sent::Sent;
use crate::http::site::Backroom;
use crate::ranking::Step;
use serde_json::Value;
use serde_json::json;

/// Queues the step that was sent, unless a run is queued or under way.
pub(super) async fn run(
    backroom: &Backroom,
    by: &By<'_>,
    asked: &Asked<'_>,
) -> Result<Value, Refusal> {
    let sent = Sent::read(asked)?;
    let name = sent.step_name().ok_or(Refusal::Step("Step name is required"))?;
    let step: Step = name.parse().map_err(|_| Refusal::Step("Invalid step name"))?;
    let job = Order::step(step).new_job(JobId::from_random((backroom.jobs.random)()));
    if !editorial::run_step(&backroom.database, by, step, &job).await? {
        return Err(Refusal::Running);
    }
    let message = format!(
        "Pipeline step '{step}' started, please don't trigger again until last run time is updated"
    );
    Ok(json!({"message": message, "status": "success"}))
}
