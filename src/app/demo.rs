//! `snapwise demo`: everything at once, on a machine that has nothing but PostgreSQL's programs.

use crate::app::cli::Generated;
use crate::app::collecting::Collecting;
use crate::app::collector;
use crate::app::config::Serving;
use crate::app::secrets::Secrets;
use crate::app::serve;
use crate::app::storage::Storage;
use crate::app::telemetry::Telemetry;
use crate::collector::Order;
use crate::db;
use crate::simulator;
use crate::simulator::Catalogue;
use crate::simulator::Faults;
use crate::simulator::Simulator;
use anyhow::Context;
use std::io::Write;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::pin::pin;
use tokio::task::spawn_blocking;

/// Connections of the demo: the pipeline takes some.
const CONNECTIONS: usize = 4;

/// Migrates, collects and ranks the snaps of a simulated store unless there is a catalogue already, and serves.
pub(super) async fn demo(
    storage: &Storage,
    serving: &Serving,
    telemetry: &Telemetry,
    secrets: Secrets,
    generated: Generated,
) -> anyhow::Result<()> {
    let mut told_to_go = pin!(serve::told_to_go()?);
    let database = storage.database(CONNECTIONS).await?;
    let simulator = tokio::select! {
        begun = begin(&database, generated) => begun?,
        () = &mut told_to_go => anyhow::bail!("told to go before anything was collected"),
    };
    let collecting = Collecting::of_simulator(simulator.address());
    if wants_a_catalogue(&database).await? {
        let order = Order::whole(true);
        let job = collector::run_now(&database, &order, &collecting, told_to_go.as_mut()).await?;
        collector::summed_up(&job)?;
    }
    serve::serve(storage, (serving, &collecting), telemetry, secrets, (told_to_go, greet)).await
}

/// An up-to-date database, and a store to collect from.
async fn begin(database: &db::Database, generated: Generated) -> anyhow::Result<Simulator> {
    db::migrate(database).await.context("migrate the database")?;
    simulate(generated).await
}

/// Whether there is none: neither a ranking, nor a snap that somebody else brought, among which nothing simulated goes.
/// Snaps that were collected and not ranked are taken for those of a demo that was killed: it begins anew.
async fn wants_a_catalogue(database: &db::Database) -> anyhow::Result<bool> {
    let client = database.client().await?;
    Ok(db::placed::count(&client).await? == 0 && !db::listed::is_any_snap_unlisted(&client).await?)
}

/// A simulated store, which goes on until it is dropped: what it features and finds is asked for as long as we serve.
async fn simulate(generated: Generated) -> anyhow::Result<Simulator> {
    let Generated { snaps, seed } = generated;
    let simulated = spawn_blocking(move || Catalogue::generate(snaps, seed, serve::now())).await?;
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let simulator = simulator::start(anywhere, simulated, Faults::default(), serve::now()).await;
    simulator.context("start the simulated store")
}

/// Tells how to ask a first question.
fn greet(serving: &Serving) {
    let text = format!(
        "\nsnapwise answers on http://{listen} (operators: http://{internal}/metrics). ^C stops it. Try:\n\n\
         curl -s http://{listen}/v2/snaps/refresh \\\n  \
           -H 'Snap-Device-Series: 16' -H 'Snap-Device-Architecture: amd64' \\\n  \
           -d '{{\"context\": [], \"actions\": [{{\"action\": \"install\", \"instance-key\": \"install-1\", \
         \"name\": \"hello-snapwise\"}}], \"fields\": [\"name\", \"revision\", \"version\", \"download\"]}}'\n\n\
         What is worth installing: curl -s http://{listen}/v2/rankings\n\n",
        listen = serving.listen,
        internal = serving.internal_listen,
    );
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        tracing::debug!(%error, "could not print the first question");
    }
}
