//! `snapwise demo`: everything at once, on a machine that has nothing but PostgreSQL's programs.

use crate::app::catalogue;
use crate::app::cli::Generated;
use crate::app::config::Serving;
use crate::app::serve;
use crate::app::storage::Storage;
use crate::app::telemetry::Telemetry;
use crate::db;
use crate::device::CohortSecrets;
use anyhow::Context;
use std::io::Write;

/// Migrates, loads a generated catalogue if there is none, and serves.
pub(super) async fn demo(
    storage: &Storage,
    serving: &Serving,
    telemetry: &Telemetry,
    cohorts: CohortSecrets,
    generated: Generated,
) -> anyhow::Result<()> {
    let database = storage.database(2).await?;
    db::migrate(&database).await.context("migrate the database")?;
    let is_empty = db::generations::latest(&database.client().await?).await?.is_none();
    if is_empty {
        catalogue::generate(&database, generated).await?;
    }
    serve::serve(storage, serving, telemetry, cohorts, greet).await
}

/// Tells how to ask a first question.
fn greet(serving: &Serving) {
    let text = format!(
        "\nsnapwise answers on http://{listen} (operators: http://{internal}/metrics). ^C stops it. Try:\n\n\
         curl -s http://{listen}/v2/snaps/refresh \\\n  \
           -H 'Snap-Device-Series: 16' -H 'Snap-Device-Architecture: amd64' \\\n  \
           -d '{{\"context\": [], \"actions\": [{{\"action\": \"install\", \"instance-key\": \"install-1\", \
         \"name\": \"hello-snapwise\"}}], \"fields\": [\"name\", \"revision\", \"version\", \"download\"]}}'\n\n",
        listen = serving.listen,
        internal = serving.internal_listen,
    );
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        tracing::debug!(%error, "could not print the first question");
    }
}
