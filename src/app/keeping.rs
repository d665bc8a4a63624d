//! Makes what was fetched for somebody from the store behind us part of what we hold, behind the answers.

use crate::app::serve;
use crate::db::Database;
use crate::db::DbError;
use crate::holding;
use crate::holding::Fetched;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::sleep;

/// The most that is published at once; more waits for the next time.
const BATCH: usize = 256;
/// For how long things are gathered, so that a device that fetches a chain of assertions makes one generation.
const GATHERING: Duration = Duration::from_millis(300);

/// Goes on until nobody can hand anything over any more.
pub(super) async fn keep(database: Database, mut fetched: Receiver<Fetched>) {
    let mut batch = Vec::new();
    while fetched.recv_many(&mut batch, BATCH).await > 0 {
        sleep(GATHERING).await;
        while batch.len() < BATCH {
            let Ok(next) = fetched.try_recv() else { break };
            batch.push(next);
        }
        if let Err(error) = publish(&database, &batch).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "what was fetched from upstream is not kept");
        }
        batch.clear();
    }
}

async fn publish(database: &Database, batch: &[Fetched]) -> Result<(), DbError> {
    let mut client = database.client().await?;
    if let Some(generation) = holding::hold(&mut client, batch, serve::now()).await? {
        tracing::info!(generation, n_fetched = batch.len(), "kept what was fetched from upstream");
    }
    Ok(())
}
