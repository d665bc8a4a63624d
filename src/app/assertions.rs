//! `snapwise assertions …`: assertions taken in and given back as streams of text.

use crate::app::progress::Progress;
use crate::app::serve::now;
use crate::assertion::Kind;
use crate::assertion::Texts;
use crate::db::Database;
use crate::exchange;
use crate::exchange::AssertionReport;
use anyhow::Context;
use clap::Subcommand;
use std::fs::File;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// What can be done with assertions.
#[derive(Debug, Subcommand)]
pub(super) enum AssertionsCommand {
    /// Take in assertions: files of one or of many, each two with an empty line between them
    ///
    /// Bad ones are named with their file, line and the reason, and lose nothing of the others; then the exit code is 1.
    /// Signatures are not verified: devices do that. Importing the same again changes nothing.
    Import {
        /// Files, folders whose files are all taken, or - for standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write all assertions as a stream that import takes back
    Export {
        /// The file, or - for standard output
        #[arg(default_value = "-")]
        file: PathBuf,
        /// Only assertions of this type
        #[arg(long = "type", env = "SNAPWISE_ASSERTION_TYPE", value_name = "TYPE", value_parser = kind)]
        kind: Option<Kind>,
    },
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::of_name(name).ok_or_else(|| {
        let names: Vec<_> = Kind::all().map(Kind::name).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// Does it.
pub(super) async fn run(database: &Database, command: AssertionsCommand) -> anyhow::Result<()> {
    match command {
        AssertionsCommand::Import { files } => import(database, &files).await,
        AssertionsCommand::Export { file, kind } => export(database, &file, kind).await,
    }
}

async fn import(database: &Database, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut client = database.client().await?;
    let mut progress = Progress::start("importing assertions", None);
    let mut sum = AssertionReport::default();
    for file in files.iter().map(|file| files_of(file)).collect::<Result<Vec<_>, _>>()?.concat() {
        let reader: Box<dyn Read> = if file == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(&file).with_context(|| format!("open {}", file.display()))?)
        };
        let n_before = sum.n_read;
        let mut shown = |n_read| progress.at(n_before + n_read);
        let imported =
            exchange::import_assertions(&mut client, Texts::new(reader), now(), &mut shown).await;
        let report = imported.with_context(|| format!("import {}", file.display()))?;
        tell_rejected(&file, &report)?;
        sum.n_read += report.n_read;
        sum.n_added += report.n_added;
        sum.n_unchanged += report.n_unchanged;
        sum.n_rejected += report.n_rejected;
        sum.generation = report.generation.or(sum.generation);
    }
    drop(progress);
    let AssertionReport { n_read, n_added, n_unchanged, n_rejected, generation, .. } = sum;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "read {n_read}: {n_added} added, {n_unchanged} unchanged, {n_rejected} rejected"
    )?;
    match generation {
        Some(generation) => writeln!(out, "published generation {generation}")?,
        None => writeln!(out, "nothing to publish")?,
    }
    anyhow::ensure!(n_rejected == 0, "{n_rejected} of {n_read} assertions were rejected");
    Ok(())
}

/// A file itself; of a folder, its files in the order of their names, but for hidden ones.
fn files_of(file: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !file.is_dir() {
        return Ok(vec![file.to_owned()]);
    }
    let mut files = Vec::new();
    let listed = std::fs::read_dir(file).with_context(|| format!("list {}", file.display()))?;
    for entry in listed {
        let entry = entry.with_context(|| format!("list {}", file.display()))?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn tell_rejected(file: &Path, report: &AssertionReport) -> anyhow::Result<()> {
    let mut err = std::io::stderr().lock();
    for rejected in &report.rejected {
        writeln!(err, "{}: line {}: {}", file.display(), rejected.line, rejected.reason)?;
    }
    let untold = report.n_rejected - report.rejected.len() as u64;
    if untold > 0 {
        writeln!(err, "{}: and {untold} more", file.display())?;
    }
    Ok(())
}

async fn export(database: &Database, file: &Path, kind: Option<Kind>) -> anyhow::Result<()> {
    let mut client = database.client().await?;
    let out: Box<dyn Write> = if file == Path::new("-") {
        Box::new(std::io::stdout().lock())
    } else {
        Box::new(File::create(file).with_context(|| format!("create {}", file.display()))?)
    };
    exchange::export_assertions(&mut client, kind, &mut BufWriter::new(out)).await?;
    Ok(())
}
