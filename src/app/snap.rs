//! `snapwise snap …`: files of snaps taken in.

use crate::app::config;
use crate::app::serve::now;
use crate::app::serve::random;
use crate::app::storage::Storage;
use crate::assertion::Assertion;
use crate::assertion::Texts;
use crate::blobs::Blobs;
use crate::db::Database;
use crate::deltas;
use crate::deltas::Workbench;
use crate::push;
use crate::push::Order;
use crate::push::Outcome;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Label;
use crate::snap::SnapId;
use crate::snap::SnapName;
use anyhow::Context;
use clap::Args;
use clap::Subcommand;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// The most assertions that go with a file: its chain has some ten.
const MAX_ASSERTIONS: usize = 1_000;

/// What can be done with the files of snaps.
#[derive(Debug, Subcommand)]
pub(super) enum SnapCommand {
    /// Take in a snap file and give it out in channels
    ///
    /// The file is stored, and published with its revision and releases in one generation. The same file again is the
    /// same revision; a push that was interrupted is repeated.
    Push(Pushing),
    /// Make the deltas that are missing, from what channels gave out before to what they give out now
    ///
    /// Of files that are held here, with the program xdelta3. Those that save less than a quarter are not kept.
    Deltas {
        /// Of these snaps; without any, of all
        names: Vec<SnapName>,
    },
}

/// A file and what is to become of it.
#[derive(Debug, Args)]
pub(super) struct Pushing {
    /// The file
    file: PathBuf,
    /// A channel it is given out in, such as stable or 2.0/beta; may be repeated
    #[arg(
        long = "channel",
        env = "SNAPWISE_PUSH_CHANNEL",
        required = true,
        value_name = "CHANNEL"
    )]
    channels: Vec<Channel>,
    /// Only for this architecture; otherwise for every one it is built for
    #[arg(long, env = "SNAPWISE_PUSH_ARCHITECTURE", value_name = "A")]
    architecture: Option<Architecture>,
    /// The account that publishes the snap, where neither assertions nor the catalogue say
    #[arg(long, env = "SNAPWISE_PUBLISHER", value_name = "ID")]
    publisher: Option<Label>,
    /// A file of assertions about it, stored with it: they say whose it is, and which revision
    #[arg(long, env = "SNAPWISE_ASSERTIONS", value_name = "FILE")]
    assertions: Option<PathBuf>,
}

/// Does it.
pub(super) async fn run(storage: &Storage, command: SnapCommand) -> anyhow::Result<()> {
    match command {
        SnapCommand::Push(pushing) => take_in(storage, pushing).await,
        SnapCommand::Deltas { names } => deltas(storage, &names).await,
    }
}

async fn deltas(storage: &Storage, names: &[SnapName]) -> anyhow::Result<()> {
    let bench = workbench(&storage.database(2).await?, &storage.blobs);
    let report = deltas::build(&bench, names, None, &|_, _| {}).await.context("make deltas")?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} made, {} dropped for saving too little", report.n_made, report.n_dropped)?;
    let n_failed = report.n_failed;
    anyhow::ensure!(n_failed == 0, "{n_failed} could not be made; the log says which");
    Ok(())
}

/// What deltas are made with.
pub(super) fn workbench(database: &Database, blobs: &Blobs) -> Workbench {
    let (database, blobs) = (database.clone(), blobs.clone());
    Workbench { database, blobs, temp_dir: config::temp_dir(), clock: now }
}

async fn take_in(storage: &Storage, pushing: Pushing) -> anyhow::Result<()> {
    let Pushing { file, channels, architecture, publisher, assertions } = pushing;
    let assertions = assertions.as_deref().map(read).transpose()?.unwrap_or_default();
    let order = Order {
        file: &file,
        channels: &channels,
        architecture,
        publisher: publisher.as_ref(),
        assertions: &assertions,
    };
    let database = storage.database(1).await?;
    let mut client = database.client().await?;
    let pushed = push::push(&mut client, &storage.blobs, order, drawn_id()?, now()).await;
    let mut out = std::io::stdout().lock();
    match pushed.with_context(|| format!("push {}", file.display()))? {
        Outcome::Published { name, revision, generation } => {
            writeln!(out, "{name} {revision} is given out: published generation {generation}")?;
        }
        Outcome::Already { name, revision } => {
            writeln!(out, "{name} {revision} is given out already: nothing to publish")?;
        }
        Outcome::Refused(refusal) => anyhow::bail!("{}: {refusal}", file.display()),
    }
    Ok(())
}

/// The assertions of a file, all of them good.
fn read(path: &Path) -> anyhow::Result<Vec<Assertion>> {
    let of = || format!("read the assertions in {}", path.display());
    let file = File::open(path).with_context(of)?;
    let mut assertions = Vec::new();
    for found in Texts::new(file) {
        let found = found.with_context(of)?;
        let assertion = found.assertion.map_err(|flaw| {
            anyhow::anyhow!("{}: line {}: {}", path.display(), flaw.line, flaw.what)
        })?;
        assertions.push(assertion);
        anyhow::ensure!(assertions.len() <= MAX_ASSERTIONS, "over {MAX_ASSERTIONS} assertions");
    }
    anyhow::ensure!(!assertions.is_empty(), "{} holds no assertion", path.display());
    Ok(assertions)
}

/// A key for a snap that has none: 32 letters and digits. A draw that would favour some of them is not taken.
fn drawn_id() -> anyhow::Result<SnapId> {
    const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = String::with_capacity(32);
    while text.len() < 32 {
        let signs = random()?.to_le_bytes().map(|byte| SIGNS.get(usize::from(byte & 63)));
        let room = 32 - text.len();
        text.extend(signs.into_iter().flatten().take(room).map(|sign| char::from(*sign)));
    }
    Ok(text.parse().expect("32 letters and digits"))
}
