//! Makes what was fetched for somebody from the store behind us part of what we hold, behind the answers.

use crate::app::serve;
use crate::db::Database;
use crate::db::DbError;
use crate::db::blobs;
use crate::holding;
use crate::holding::Fetched;
use crate::http::Room;
use crate::http::ToKeep;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::sleep;

/// The most that is published at once; more waits for the next time.
const BATCH: usize = 256;
/// For how long things are gathered, so that a device that fetches a chain of assertions makes one generation.
const GATHERING: Duration = Duration::from_millis(300);

/// Goes on until nobody can hand anything over any more.
pub(super) async fn keep(database: Database, room: Arc<Room>, mut to_keep: Receiver<ToKeep>) {
    let mut batch = Vec::new();
    while to_keep.recv_many(&mut batch, BATCH).await > 0 {
        sleep(GATHERING).await;
        while batch.len() < BATCH {
            let Ok(next) = to_keep.try_recv() else { break };
            batch.push(next);
        }
        let one = |ToKeep { fetched, reserved }| (fetched, reserved);
        let (fetched, reserved): (Vec<_>, Vec<_>) = batch.drain(..).map(one).unzip();
        match publish(&database, &fetched).await {
            Ok(n_bytes) => room.holds(n_bytes),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "what was fetched from upstream is not told of");
                // The files are in their places all the same, and take their room.
                std::mem::forget(reserved);
            }
        }
    }
}

/// Publishes what was fetched; gives how many bytes are held that were kept in passing.
async fn publish(database: &Database, fetched: &[Fetched]) -> Result<u64, DbError> {
    let mut client = database.client().await?;
    if let Some(generation) = holding::hold(&mut client, fetched, serve::now()).await? {
        let n_fetched = fetched.len();
        tracing::info!(generation, n_fetched, "kept what was fetched from upstream");
    }
    blobs::bytes_in_passing(&client).await
}
