//! `snapwise override …`: what channels give out, and which revisions nobody is given, whatever was released.

use crate::app::serve::now;
use crate::db::Database;
use crate::db::overrides;
use crate::db::overrides::Overridden;
use crate::editorial;
use crate::editorial::By;
use crate::editorial::Decided;
use crate::editorial::Decision;
use crate::editorial::Editor;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Invalid;
use crate::snap::Override;
use crate::snap::Revision;
use crate::snap::SnapName;
use anyhow::Context;
use clap::Subcommand;
use std::io::Write;
use std::str::FromStr;

/// How many snaps are read at a time for the list.
const PAGE: u32 = 100;

/// What to decide; without a verb, an override is set.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Overriding {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The snap
    #[arg(required = true)]
    name: Option<SnapName>,
    /// What which channel gives out, such as stable=10
    #[arg(required = true, value_name = "CHANNEL=REVISION")]
    choice: Option<Choice>,
    #[command(flatten)]
    only: OnlyFor,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a channel give out a revision, whatever was released; for a snap that is called like a verb
    Set {
        /// The snap
        name: SnapName,
        /// What which channel gives out, such as stable=10
        #[arg(value_name = "CHANNEL=REVISION")]
        choice: Choice,
        #[command(flatten)]
        only: OnlyFor,
    },
    /// Let nobody have a revision, by whatever way
    Block {
        /// The snap
        name: SnapName,
        /// The revision
        revision: Revision,
    },
    /// Tell what is decided, with what the channels would give out otherwise
    List {
        /// Only of this snap
        name: Option<SnapName>,
    },
    /// Take back an override, or let a blocked revision go out again
    Delete {
        /// The snap
        name: SnapName,
        /// The channel of an override, or the number of a blocked revision
        #[arg(value_name = "CHANNEL|REVISION")]
        what: Named,
        #[command(flatten)]
        only: OnlyFor,
    },
}

/// For whom a channel gives out something else.
#[derive(Debug, clap::Args)]
struct OnlyFor {
    /// Only for this architecture; otherwise for every one the revision is built for, or has an override
    #[arg(long, env = "SNAPWISE_ARCHITECTURE", value_name = "A")]
    architecture: Option<Architecture>,
}

/// `CHANNEL=REVISION`.
#[derive(Debug, Clone)]
struct Choice {
    channel: Channel,
    revision: Revision,
}

impl FromStr for Choice {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // A track may hold the sign, a revision never does.
        let (channel, revision) = text
            .rsplit_once('=')
            .ok_or(Invalid::new("override", "a channel and a revision, such as stable=10"))?;
        Ok(Self { channel: channel.parse()?, revision: revision.parse()? })
    }
}

/// What a decision is about: all digits are a revision; a track of digits is told with its risk, as `10/stable`.
#[derive(Debug, Clone)]
enum Named {
    Channel(Channel),
    Revision(Revision),
}

impl FromStr for Named {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Revision);
        }
        text.parse().map(Self::Channel)
    }
}

/// Does it.
pub(super) async fn run(database: &Database, overriding: Overriding) -> anyhow::Result<()> {
    let (name, decision) = match overriding.verb {
        Some(Verb::List { name: None }) => return list(database).await,
        Some(Verb::List { name: Some(name) }) => return show(database, &name).await,
        Some(Verb::Set { name, choice, only }) => (name, chosen(choice, &only)),
        Some(Verb::Block { name, revision }) => (name, Decision::Block(revision)),
        Some(Verb::Delete { name, what, only }) => (name, deleted(what, &only)?),
        None => {
            let name = overriding.name.context("name a snap")?;
            let choice = overriding.choice.context("name a channel and a revision")?;
            (name, chosen(choice, &overriding.only))
        }
    };
    let editor = Editor::operator();
    let by = By { editor: &editor, request_id: "command-line", now: now() };
    match editorial::decide(database, &by, name, &decision).await? {
        Decided::Published(generation) => {
            writeln!(std::io::stdout().lock(), "published generation {generation}")?;
        }
        Decided::Already => {
            writeln!(std::io::stdout().lock(), "it is so already: nothing to publish")?;
        }
        Decided::Refused(refusal) => anyhow::bail!(refusal),
    }
    show(database, &name).await
}

fn chosen(Choice { channel, revision }: Choice, only: &OnlyFor) -> Decision {
    Decision::Override { channel, revision, architecture: only.architecture }
}

fn deleted(what: Named, only: &OnlyFor) -> anyhow::Result<Decision> {
    Ok(match what {
        Named::Channel(channel) => Decision::Release { channel, architecture: only.architecture },
        Named::Revision(revision) => {
            anyhow::ensure!(
                only.architecture.is_none(),
                "a revision is blocked for every architecture: leave --architecture out, or write the channel of a \
                 track of digits with its risk, such as {revision}/stable"
            );
            Decision::Unblock(revision)
        }
    })
}

async fn show(database: &Database, name: &SnapName) -> anyhow::Result<()> {
    let client = database.client().await?;
    let found = overrides::find(&client, name).await?;
    let found = found.with_context(|| format!("there is no snap {name}"))?;
    if found.overrides.is_empty() && found.blocked.is_empty() {
        writeln!(std::io::stdout().lock(), "nothing is decided about {name}")?;
    }
    write(&found)
}

async fn list(database: &Database) -> anyhow::Result<()> {
    let client = database.client().await?;
    let mut after = None;
    loop {
        let page = overrides::list(&client, after.as_ref(), PAGE).await?;
        page.iter().try_for_each(write)?;
        match page.last() {
            Some(last) => after = Some(last.name),
            None => return Ok(()),
        }
    }
}

fn write(of: &Overridden) -> anyhow::Result<()> {
    let name = of.name;
    let mut out = std::io::stdout().lock();
    for (chosen, upstream) in &of.overrides {
        let upstream = upstream.map_or("nothing".to_owned(), |revision| revision.to_string());
        let Override { channel, architecture, revision, decided_at } = chosen;
        writeln!(
            out,
            "{name} {channel} {architecture}: {revision} since {decided_at} (upstream: {upstream})"
        )?;
    }
    for blocked in &of.blocked {
        writeln!(out, "{name}: {} is blocked since {}", blocked.revision, blocked.decided_at)?;
    }
    Ok(())
}
