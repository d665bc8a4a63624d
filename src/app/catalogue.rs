//! `snapwise catalogue …`: the catalogue filled, read and changed from the command line.

use crate::app::cli::Generated;
use crate::app::progress::Progress;
use crate::app::serve::now;
use crate::app::serve::random;
use crate::db::Database;
use crate::exchange;
use crate::exchange::Documents;
use crate::exchange::ImportReport;
use crate::exchange::Outcome;
use crate::exchange::ProgressStep;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Percentage;
use crate::snap::Progress as Share;
use crate::snap::Revision;
use crate::snap::SnapName;
use anyhow::Context;
use clap::Subcommand;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// Read buffer of an import: a few documents.
const BUFFER_BYTES: usize = 256 * 1_024;

/// What can be done with the catalogue.
#[derive(Debug, Subcommand)]
pub(super) enum CatalogueCommand {
    /// Fill the database with an invented catalogue; the same seed gives the same snaps
    Generate {
        #[command(flatten)]
        generated: Generated,
    },
    /// Take in catalogue documents: JSON lines or one JSON document, each an answer of /v2/snaps/info
    ///
    /// Rejected documents are named with their line and the reason, and lose nothing of the others. Importing the
    /// same file twice changes nothing; a changed channel map becomes new history.
    Import {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Write the catalogue as JSON lines that import takes back
    Export {
        /// Only this snap
        #[arg(long, env = "SNAPWISE_SNAP", value_name = "NAME")]
        snap: Option<SnapName>,
    },
    /// Give a revision out in a channel
    Release {
        /// The snap
        name: SnapName,
        /// The revision
        revision: Revision,
        /// The channel, such as stable or 2.0/beta
        channel: Channel,
        #[command(flatten)]
        only: Only,
        /// Only to so many of the devices, 0 to 100; more are added with `progress`
        #[arg(long, env = "SNAPWISE_PERCENTAGE", value_name = "P")]
        percentage: Option<Percentage>,
    },
    /// Bring a release further that a part of the devices is given, or hold it
    // As it is made up, the line of the usage is too long for a terminal.
    #[command(override_usage = "snapwise catalogue progress <NAME> <CHANNEL> <STEP> [OPTIONS]")]
    Progress {
        /// The snap
        name: SnapName,
        /// The channel
        channel: Channel,
        #[command(flatten)]
        only: Only,
        #[command(flatten)]
        step: StepAsked,
    },
    /// Give nothing out any more in a channel; who follows it is served from a safer risk
    Close {
        /// The snap
        name: SnapName,
        /// The channel
        channel: Channel,
        #[command(flatten)]
        only: Only,
    },
}

/// For whom a change is made.
#[derive(Debug, clap::Args)]
pub(super) struct Only {
    /// Only for this architecture; otherwise for every one the revision is built for, or the channel is open for
    #[arg(long, env = "SNAPWISE_ARCHITECTURE", value_name = "A")]
    architecture: Option<Architecture>,
}

/// What becomes of a release that a part of the devices is given: one of these.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct StepAsked {
    /// Give it to so many of the devices, 0 to 100; those who have it keep it
    #[arg(long, env = "SNAPWISE_PERCENTAGE", value_name = "P")]
    percentage: Option<Percentage>,
    /// Give it to nobody new
    #[arg(long, env = "SNAPWISE_PAUSE")]
    pause: bool,
    /// Go on as far as it was
    #[arg(long, env = "SNAPWISE_RESUME")]
    resume: bool,
    /// Give it to all
    #[arg(long, env = "SNAPWISE_COMPLETE")]
    complete: bool,
}

impl StepAsked {
    fn step(&self) -> ProgressStep {
        match self.percentage {
            Some(percentage) => ProgressStep::To(percentage),
            None if self.pause => ProgressStep::Pause,
            None if self.resume => ProgressStep::Resume,
            None => ProgressStep::Complete,
        }
    }
}

/// Does it.
pub(super) async fn run(database: &Database, command: CatalogueCommand) -> anyhow::Result<()> {
    match command {
        CatalogueCommand::Generate { generated } => generate(database, generated).await,
        CatalogueCommand::Import { file } => import(database, &file).await,
        CatalogueCommand::Export { snap } => export(database, snap.as_ref()).await,
        CatalogueCommand::Release { name, revision, channel, only, percentage } => {
            let mut client = database.client().await?;
            let (of, client, now) = (only.architecture, &mut client, now());
            let is = format!("{name} {revision} is in {channel}");
            let Some(percentage) = percentage else {
                let outcome = exchange::release(client, name, revision, &channel, of, now).await?;
                return told(outcome, &is);
            };
            let share = Share { percentage, is_paused: false, salt: random()?.cast_signed() };
            let released =
                exchange::release_to_some(client, name, revision, &channel, of, share, now);
            told(released.await?, &format!("{is} for {percentage} % of the devices"))
        }
        CatalogueCommand::Progress { name, channel, only, step } => {
            let mut client = database.client().await?;
            let (of, step) = (only.architecture, step.step());
            let outcome = exchange::progress(&mut client, name, &channel, of, step, now()).await?;
            let is = match step {
                ProgressStep::To(percentage) => {
                    format!("what {name} has in {channel} is for {percentage} %")
                }
                ProgressStep::Pause => format!("what {name} has in {channel} is for nobody new"),
                ProgressStep::Resume => format!("what {name} has in {channel} goes on"),
                ProgressStep::Complete => format!("what {name} has in {channel} is for all"),
            };
            told(outcome, &is)
        }
        CatalogueCommand::Close { name, channel, only } => {
            let mut client = database.client().await?;
            let outcome =
                exchange::close(&mut client, name, &channel, only.architecture, now()).await?;
            told(outcome, &format!("{name} gives nothing out in {channel}"))
        }
    }
}

/// Fills the database with a generated catalogue.
pub(super) async fn generate(database: &Database, generated: Generated) -> anyhow::Result<()> {
    let mut client = database.client().await?;
    let mut progress = Progress::start("generating snaps", Some(generated.snaps));
    let listings = exchange::generate(generated.snaps, generated.seed);
    let mut shown = |at: exchange::Progress| progress.at(at.n_read);
    let report = exchange::load_generated(&mut client, listings, now(), &mut shown).await;
    drop(progress);
    summed_up(&report.context("load the generated catalogue")?)
}

async fn import(database: &Database, file: &Path) -> anyhow::Result<()> {
    let reader: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, std::io::stdin()))
    } else {
        let opened = File::open(file).with_context(|| format!("open {}", file.display()))?;
        Box::new(BufReader::with_capacity(BUFFER_BYTES, opened))
    };
    let documents = Documents::new(reader).context("read the documents")?;
    let mut client = database.client().await?;
    let mut progress = Progress::start("importing snaps", None);
    let mut shown = |at: exchange::Progress| progress.at(at.n_read);
    let report = exchange::import(&mut client, documents, now(), &mut shown).await;
    drop(progress);
    summed_up(&report.with_context(|| format!("import {}", file.display()))?)
}

/// Tells what an import did: the rejections on standard error, the counts on standard output.
fn summed_up(report: &ImportReport) -> anyhow::Result<()> {
    let mut err = std::io::stderr().lock();
    for rejected in &report.rejected {
        writeln!(err, "line {}: {}", rejected.line, rejected.rejection)?;
    }
    let untold = report.n_rejected - report.rejected.len() as u64;
    if untold > 0 {
        writeln!(err, "and {untold} more")?;
    }
    let ImportReport { n_read, n_added, n_changed, n_unchanged, n_rejected, .. } = report;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "read {n_read}: {n_added} added, {n_changed} changed, {n_unchanged} unchanged, {n_rejected} rejected"
    )?;
    match report.generation {
        Some(generation) => writeln!(out, "published generation {generation}")?,
        None => writeln!(out, "nothing to publish")?,
    }
    Ok(())
}

async fn export(database: &Database, only: Option<&SnapName>) -> anyhow::Result<()> {
    let mut client = database.client().await?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let report = exchange::export(&mut client, only, &mut out).await?;
    out.flush().context("write the documents")?;
    let mut err = std::io::stderr().lock();
    for spoilt in &report.spoilt {
        writeln!(err, "left out, its record is broken: {spoilt}")?;
    }
    match only {
        Some(name) if report.n_written == 0 => anyhow::bail!("there is no snap {name}"),
        _ => Ok(()),
    }
}

/// Tells what came of a change.
fn told(outcome: Outcome, is: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match outcome {
        Outcome::Published { architectures, generation } => {
            let of: Vec<_> = architectures.iter().map(ToString::to_string).collect();
            writeln!(out, "{is} now, for {}: published generation {generation}", of.join(", "))?;
            Ok(())
        }
        Outcome::Already => {
            writeln!(out, "{is} already: nothing to publish")?;
            Ok(())
        }
        Outcome::Refused(refusal) => anyhow::bail!(refusal),
    }
}
