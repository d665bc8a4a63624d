//! `snapwise credential`: makes users' credentials, and tells what one grants.

use crate::app::admitting;
use crate::app::admitting::CredentialKey;
use crate::app::secrets;
use crate::app::serve;
use crate::app::storage::Storage;
use crate::credentials::CredentialSecrets;
use crate::credentials::Freshness;
use crate::credentials::Grant;
use crate::credentials::Lifetime;
use crate::credentials::Presented;
use crate::db::listings;
use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::StoreId;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use clap::Subcommand;
use serde_json::json;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// The most stores and snaps that one credential names: with more it would not fit into a header.
const MAX_STORES: usize = 32;
const MAX_SNAPS: usize = 100;
/// More is no credential.
const MAX_INPUT: u64 = 64 * 1_024;

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub(super) enum CredentialCommand {
    /// Make a user's credential. It is shown once and kept nowhere
    Issue(Issuing),
    /// Tell what a credential grants: the value of an Authorization or Snap-Device-Authorization header, from stdin
    Check {
        #[command(flatten)]
        key: CredentialKey,
    },
}

/// A credential to be made.
#[derive(Debug, Args)]
pub(super) struct Issuing {
    #[command(flatten)]
    key: CredentialKey,
    /// The account it speaks for: it sees the private snaps that the account publishes or may see
    #[arg(long, env = "SNAPWISE_ACCOUNT", value_name = "ID")]
    account: Label,
    /// A private snap that it sees whosever it is; may be repeated
    #[arg(
        long = "snap",
        env = "SNAPWISE_CREDENTIAL_SNAPS",
        value_delimiter = ',',
        value_name = "NAME"
    )]
    snaps: Vec<SnapName>,
    /// A store that it opens; may be repeated
    #[arg(
        long = "store",
        env = "SNAPWISE_CREDENTIAL_STORES",
        value_delimiter = ',',
        value_name = "ID"
    )]
    stores: Vec<StoreId>,
    /// Seconds after which it is to be renewed; without it, never before it ends
    #[arg(long, env = "SNAPWISE_CREDENTIAL_SOFT", value_name = "SECONDS", value_parser = admitting::lifetime)]
    soft: Option<u64>,
    /// Seconds after which it ends
    #[arg(long, env = "SNAPWISE_CREDENTIAL_HARD", default_value_t = 30 * 86_400, value_name = "SECONDS", value_parser = admitting::lifetime)]
    hard: u64,
}

/// Does it.
pub(super) async fn run(
    command: &CredentialCommand,
    storage: &Storage,
    state_dir: &Path,
) -> anyhow::Result<()> {
    match command {
        CredentialCommand::Issue(issuing) => {
            let secrets = secrets::of_credentials(&issuing.key, storage, state_dir)?;
            issue(issuing, storage, &secrets).await
        }
        CredentialCommand::Check { key } => {
            let secrets = secrets::of_credentials(key, storage, state_dir)?;
            let mut text = String::new();
            std::io::stdin().take(MAX_INPUT).read_to_string(&mut text).context("read stdin")?;
            check(&text, &secrets)
        }
    }
}

async fn issue(
    issuing: &Issuing,
    storage: &Storage,
    secrets: &CredentialSecrets,
) -> anyhow::Result<()> {
    let Issuing { account, snaps, stores, .. } = issuing;
    anyhow::ensure!(snaps.len() <= MAX_SNAPS, "a credential names at most {MAX_SNAPS} snaps");
    anyhow::ensure!(stores.len() <= MAX_STORES, "a credential opens at most {MAX_STORES} stores");
    let snaps = ids_of(snaps, storage).await?;
    let lifetime = Lifetime {
        now: serve::now(),
        soft: issuing.soft.map(Duration::from_secs),
        hard: Duration::from_secs(issuing.hard),
    };
    let random = u128::from(serve::random()?) << 64 | u128::from(serve::random()?);
    let made = secrets.user(random, account, (stores, &snaps), &lifetime);
    let made = made.context("there is no secret to sign with")?;
    let exported = json!({"r": made.root, "d": made.discharge}).to_string();
    let mut out = std::io::stdout().lock();
    writeln!(out, "the value of the header Authorization:")?;
    writeln!(out, "  Macaroon root=\"{}\", discharge=\"{}\"", made.root, made.bound_discharge)?;
    writeln!(out, "the variable UBUNTU_STORE_AUTH of snap's own tools:")?;
    writeln!(out, "  {}", STANDARD.encode(exported))?;
    Ok(())
}

async fn ids_of(names: &[SnapName], storage: &Storage) -> anyhow::Result<Vec<SnapId>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let client = storage.database(1).await?;
    let found = listings::find_ids(&client.client().await?, names).await?;
    let each = names.iter().zip(found);
    each.map(|(name, id)| id.with_context(|| format!("no snap has the name {name}"))).collect()
}

fn check(text: &str, secrets: &CredentialSecrets) -> anyhow::Result<()> {
    let expected = "expected Macaroon root=\"…\", discharge=\"…\"";
    let presented = Presented::parse(text).context(expected)?;
    let grant = if presented.discharges.is_empty() {
        secrets.open_session(presented.root)?
    } else {
        secrets.open_user(presented.root, presented.discharges)?
    };
    tell(&grant, serve::now())
}

fn tell(grant: &Grant, now: Instant) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match &grant.account {
        Some(account) => writeln!(out, "account      {account}")?,
        None => writeln!(out, "a device's session")?,
    }
    grant.stores.iter().try_for_each(|store| writeln!(out, "store        {store}"))?;
    grant.snaps.iter().try_for_each(|snap| writeln!(out, "snap         {snap}"))?;
    writeln!(out, "issued at    {}", grant.issued_at)?;
    if let Some(soft) = grant.soft_expiry {
        writeln!(out, "renew after  {soft}")?;
    }
    writeln!(out, "ends at      {}", grant.hard_expiry)?;
    let age = match grant.freshness(now) {
        Freshness::Fresh => "good",
        Freshness::Stale => "good, to be renewed",
        Freshness::Expired => "expired",
    };
    writeln!(out, "now          {age}")?;
    Ok(())
}
