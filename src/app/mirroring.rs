//! `snapwise mirror …`: fills an offline store from another.

use crate::app::collecting::Collecting;
use crate::app::progress::Progress;
use crate::app::serve;
use crate::app::storage::Storage;
use crate::mirror::Mirror;
use crate::mirror::Mirrored;
use crate::mirror::Order;
use crate::mirror::Wanted;
use crate::snap::Architecture;
use crate::snap::SnapName;
use crate::upstream::Store;
use anyhow::Context;
use clap::Args;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::io::Write;

/// Connections: one snap at a time.
const CONNECTIONS: usize = 2;

/// What to mirror.
#[derive(Debug, Args)]
pub(super) struct Mirroring {
    /// The snaps
    #[arg(required = true, value_name = "NAME")]
    names: Vec<SnapName>,

    /// A channel whose revisions are fetched; one without a track is both in latest and in the snap's default track;
    /// may be given several times
    #[arg(
        long = "channel",
        env = "SNAPWISE_MIRROR_CHANNELS",
        value_name = "C",
        default_value = "stable",
        value_delimiter = ','
    )]
    channels: Vec<Wanted>,

    /// An architecture whose revisions are fetched; may be given several times, without it all are
    #[arg(
        long = "architecture",
        env = "SNAPWISE_MIRROR_ARCHITECTURES",
        value_name = "A",
        value_delimiter = ','
    )]
    architectures: Vec<Architecture>,

    /// Fetch only the named snaps, without their bases, their default providers and snapd
    #[arg(long, env = "SNAPWISE_NO_PREREQUISITES")]
    no_prerequisites: bool,

    #[command(flatten)]
    collecting: Box<Collecting>,
}

/// Does it.
pub(super) async fn run(storage: &Storage, mirroring: Mirroring) -> anyhow::Result<()> {
    let collecting = mirroring.collecting.with_aliases();
    anyhow::ensure!(
        !collecting.relaying.is_offline(),
        "offline (SNAPWISE_OFFLINE), nobody is asked"
    );
    let origin = collecting.origin()?;
    let origin = origin.context("mirror from where? Name a store with --upstream")?;
    let mirror = Mirror {
        database: storage.database(CONNECTIONS).await?,
        blobs: storage.blobs.clone(),
        store: Store::new(&collecting.upstream_client()?),
        origin,
        roots: collecting.relaying.roots(),
        clock: serve::now,
    };
    let order = Order { channels: mirroring.channels, architectures: mirroring.architectures };
    // What a snap stands on is wanted as devices get it.
    let usual = Order {
        channels: vec!["stable".parse().expect("it is a channel")],
        architectures: order.architectures.clone(),
    };
    let asked: BTreeSet<SnapName> = mirroring.names.iter().copied().collect();
    let mut seen = asked.clone();
    let mut queue: VecDeque<SnapName> = mirroring.names.into();
    let mut n_failed = 0;
    while let Some(name) = queue.pop_front() {
        let order = if asked.contains(&name) { &order } else { &usual };
        let mut progress = Progress::start("mirroring snaps", Some(seen.len() as u64));
        progress.at((seen.len() - queue.len() - 1) as u64);
        let mirrored = mirror.snap(&name, order).await;
        drop(progress);
        match mirrored {
            Ok(mirrored) => {
                told(&name, &mirrored)?;
                if !mirroring.no_prerequisites {
                    let new = mirrored.prerequisites.into_iter().filter(|name| seen.insert(*name));
                    queue.extend(new);
                }
            }
            Err(error) => {
                n_failed += 1;
                let error = anyhow::Error::new(error);
                writeln!(std::io::stderr().lock(), "{name}: {error:#}")?;
            }
        }
    }
    anyhow::ensure!(
        n_failed == 0,
        "{n_failed} snaps could not be mirrored; what was here of them still is"
    );
    Ok(())
}

fn told(name: &SnapName, mirrored: &Mirrored) -> anyhow::Result<()> {
    let Mirrored { n_revisions, n_files, n_bytes, n_assertions, generation, .. } = mirrored;
    let mut out = std::io::stdout().lock();
    match generation {
        Some(generation) => writeln!(
            out,
            "{name}: {n_revisions} revisions held, fetched {n_files} files ({n_bytes} bytes) and {n_assertions} \
             assertions: published generation {generation}"
        )?,
        None => writeln!(out, "{name}: {n_revisions} revisions held already: nothing to publish")?,
    }
    Ok(())
}
