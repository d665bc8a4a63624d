//! The command line.

use crate::app::adopt;
use crate::app::adopt::Adopting;
use crate::app::assertions;
use crate::app::assertions::AssertionsCommand;
use crate::app::catalogue;
use crate::app::catalogue::CatalogueCommand;
use crate::app::collecting::Collecting;
use crate::app::collector;
use crate::app::collector::CollectorCommand;
use crate::app::collector::Times;
use crate::app::config::Common;
use crate::app::config::Serving;
use crate::app::credential;
use crate::app::credential::CredentialCommand;
use crate::app::demo;
use crate::app::mirroring;
use crate::app::mirroring::Mirroring;
use crate::app::overrides;
use crate::app::overrides::Overriding;
use crate::app::secrets;
use crate::app::serve;
use crate::app::settings;
use crate::app::simulate;
use crate::app::simulate::Simulating;
use crate::app::snap;
use crate::app::snap::SnapCommand;
use crate::app::storage::Storage;
use crate::app::telemetry;
use crate::app::worker;
use crate::app::worker::Working;
use crate::db;
use crate::db::Database;
use crate::editorial::Role;
use crate::http::Tokens;
use anyhow::Context;
use clap::Args;
use clap::CommandFactory;
use clap::FromArgMatches;
use clap::Parser;
use clap::Subcommand;
use std::io::Write;

/// A snap store's answers to install and refresh, from one collected catalogue.
///
/// Without any configuration every command uses a private PostgreSQL in ./.snapwise; set `DATABASE_URL` to use yours.
/// Every option can also be given as the variable named beside it.
#[derive(Debug, Parser)]
#[command(name = "snapwise", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: a private database, the snaps of a simulated store, a server, and a first question to ask
    Demo {
        #[command(flatten)]
        generated: Generated,
        #[command(flatten)]
        serving: Box<Serving>,
    },
    /// Answer clients from the catalogue in the database
    Serve {
        #[command(flatten)]
        serving: Box<Serving>,
        #[command(flatten)]
        collecting: Box<Collecting>,
    },
    /// Do queued jobs until told to go
    Worker {
        #[command(flatten)]
        working: Working,
        #[command(flatten)]
        collecting: Box<Collecting>,
    },
    /// Bring the database's tables up to this version
    Migrate,
    /// Change or read the catalogue
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Take in or read the assertions that devices are given
    #[command(subcommand)]
    Assertions(AssertionsCommand),
    /// Decide what a channel gives out, whatever was released: NAME CHANNEL=REVISION, or one of the verbs
    Override(Overriding),
    /// Make snaps of another store wholly ours, files and assertions: to serve them offline
    Mirror(Mirroring),
    /// Take in files of snaps
    #[command(subcommand)]
    Snap(SnapCommand),
    /// Draw a token for an editor: shown once, with the entry that makes it known
    Token {
        /// The name that the audit shows
        name: String,
        /// What it allows: member or admin
        role: Role,
    },
    /// Make and check the credentials of users
    #[command(subcommand)]
    Credential(CredentialCommand),
    /// Collect what a store lists and rank it
    #[command(subcommand)]
    Collector(CollectorCommand),
    /// Take over the database of the earlier recommendation service: adds what is missing, and may be repeated
    Adopt(Adopting),
    /// Simulate the services a catalogue is collected from, on a loopback address, to try things with
    UpstreamSim(Simulating),
    /// Show every setting in force and where it came from; secrets are masked
    Config {
        #[command(flatten)]
        generated: Generated,
        #[command(flatten)]
        serving: Box<Serving>,
        #[command(flatten)]
        times: Box<Times>,
        #[command(flatten)]
        collecting: Box<Collecting>,
        #[command(flatten)]
        working: Box<Working>,
    },
}

/// How large a generated catalogue is, and which.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Generated {
    /// How many snaps to generate
    #[arg(long, env = "SNAPWISE_SNAPS", default_value_t = 8_000, value_name = "N")]
    pub(super) snaps: u64,
    /// Which catalogue to generate: the same seed gives the same snaps
    #[arg(long, env = "SNAPWISE_SEED", default_value_t = 1, value_name = "S")]
    pub(super) seed: u64,
}

/// The whole command line, for documents and their tests.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command line the process was started with.
///
/// # Errors
/// With what went wrong, for a person.
pub fn main() -> anyhow::Result<()> {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match &cli.command {
        Command::Config { .. } => return settings::show(&Cli::command(), &matches),
        Command::Token { name, role } => return draw_token(name, *role),
        _ => {}
    }
    let telemetry = telemetry::start(&cli.common)?;
    if let Command::UpstreamSim(simulating) = &cli.command {
        return simulate::run(simulating);
    }
    let storage = Storage::open(&cli.common)?;
    let done = run(cli, &storage, &telemetry);
    storage.close()?;
    done
}

fn run(cli: Cli, storage: &Storage, telemetry: &telemetry::Telemetry) -> anyhow::Result<()> {
    let common = cli.common;
    match cli.command {
        Command::Demo { generated, serving } => {
            let secrets = secrets::of_server(&serving, storage, &common.state_dir)?;
            let demo = demo::demo(storage, &serving, telemetry, secrets, generated);
            serve::runtime()?.block_on(demo)
        }
        Command::Serve { serving, collecting } => {
            let secrets = secrets::of_server(&serving, storage, &common.state_dir)?;
            let serve = async {
                migrate_private(storage).await?;
                let collecting = collecting.with_aliases();
                let told = (serve::told_to_go()?, |_: &_| {});
                serve::serve(storage, (&serving, &collecting), telemetry, secrets, told).await
            };
            serve::runtime()?.block_on(serve)
        }
        Command::Worker { working, collecting } => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            worker::work(storage, &working, &collecting.with_aliases()).await
        }),
        Command::Migrate => serve::runtime()?.block_on(migrate(storage)),
        Command::Catalogue(command) => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            catalogue::run(&storage.database(2).await?, command).await
        }),
        Command::Credential(command) => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            credential::run(&command, storage, &common.state_dir).await
        }),
        Command::Assertions(command) => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            assertions::run(&storage.database(2).await?, command).await
        }),
        Command::Override(overriding) => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            overrides::run(&storage.database(2).await?, overriding).await
        }),
        Command::Collector(command) => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            collector::run(storage, command).await
        }),
        Command::Mirror(mirroring) => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            mirroring::run(storage, mirroring).await
        }),
        Command::Snap(command) => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            snap::run(storage, command).await
        }),
        Command::Adopt(adopting) => serve::runtime()?.block_on(async {
            migrate_private(storage).await?;
            adopt::run(&storage.database(2).await?, &adopting).await
        }),
        Command::UpstreamSim(_) | Command::Config { .. } | Command::Token { .. } => Ok(()),
    }
}

async fn migrate(storage: &Storage) -> anyhow::Result<()> {
    let applied = db::migrate(&storage.database(1).await?).await.context("migrate")?;
    let mut out = std::io::stdout().lock();
    for name in &applied {
        writeln!(out, "applied {name}")?;
    }
    writeln!(out, "the database is up to date")?;
    Ok(())
}

/// The private database is ours alone, so its tables are brought up to date without being asked.
async fn migrate_private(storage: &Storage) -> anyhow::Result<()> {
    if storage.is_private {
        db::migrate(&Database::new(&storage.url, 1)?).await.context("migrate")?;
    }
    Ok(())
}

/// Prints a new token and its entry. The token is kept nowhere.
fn draw_token(name: &str, role: Role) -> anyhow::Result<()> {
    let token = secrets::drawn()?;
    let entry = Tokens::entry(name, role, &token)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "the token, for {name} alone:\n  {token}")?;
    writeln!(out, "its entry in SNAPWISE_EDITOR_TOKENS:\n  {entry}")?;
    Ok(())
}
