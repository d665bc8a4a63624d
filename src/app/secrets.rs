//! The secrets that sign what clients bring back: cohort keys and credentials.

use crate::app::admitting::CredentialKey;
use crate::app::config::Serving;
use crate::app::serve;
use crate::app::storage::Storage;
use crate::credentials::CredentialSecrets;
use crate::device::CohortSecrets;
use anyhow::Context;
use std::io::Write;
use std::path::Path;

/// The secrets of a server.
pub(super) struct Secrets {
    pub(super) cohorts: CohortSecrets,
    pub(super) credentials: CredentialSecrets,
}

/// What secrets of one sort are called.
pub(super) struct Sort {
    variable: &'static str,
    /// Its file beside a private database.
    pub(super) file: &'static str,
    /// What ends with the process when none is kept.
    signed: &'static str,
}

pub(super) const COHORTS: Sort =
    Sort { variable: "SNAPWISE_COHORT_KEY", file: "cohort.key", signed: "cohort keys" };
pub(super) const CREDENTIALS: Sort =
    Sort { variable: "SNAPWISE_CREDENTIAL_KEY", file: "credential.key", signed: "credentials" };

/// The secrets of a server: as configured; else, beside a private database, drawn once and kept; else drawn anew, with
/// a warning.
pub(super) fn of_server(
    serving: &Serving,
    storage: &Storage,
    state_dir: &Path,
) -> anyhow::Result<Secrets> {
    let secrets = |configured: Option<&str>, sort: &Sort| {
        if let Some(secrets) = lasting(configured, storage, state_dir, sort)? {
            return Ok(secrets);
        }
        let Sort { variable, signed, .. } = sort;
        tracing::warn!(
            "no secret is configured ({variable}): {signed} made now end with this process and are refused by others"
        );
        anyhow::Ok(vec![drawn()?])
    };
    let cohorts = secrets(serving.cohort_key.as_deref(), &COHORTS)?;
    let key = &serving.admitting.key.credential_key;
    let credentials = secrets(key.as_deref(), &CREDENTIALS)?;
    Ok(Secrets {
        cohorts: CohortSecrets::new(cohorts.iter().map(String::as_bytes)),
        credentials: CredentialSecrets::new(credentials.iter().map(String::as_bytes)),
    })
}

/// The secrets of credentials that a server will know too.
pub(super) fn of_credentials(
    key: &CredentialKey,
    storage: &Storage,
    state_dir: &Path,
) -> anyhow::Result<CredentialSecrets> {
    let found = lasting(key.credential_key.as_deref(), storage, state_dir, &CREDENTIALS)?;
    let secrets = found.context(
        "no server would know a credential made now: set SNAPWISE_CREDENTIAL_KEY for it and for them",
    )?;
    Ok(CredentialSecrets::new(secrets.iter().map(String::as_bytes)))
}

/// The secrets that outlive this process.
fn lasting(
    configured: Option<&str>,
    storage: &Storage,
    state_dir: &Path,
    sort: &Sort,
) -> anyhow::Result<Option<Vec<String>>> {
    if let Some(configured) = configured {
        let secrets: Vec<_> = configured.split(',').map(str::trim).map(ToOwned::to_owned).collect();
        anyhow::ensure!(
            secrets.iter().all(|secret| secret.len() >= 16),
            "every secret of {} needs at least 16 characters",
            sort.variable
        );
        return Ok(Some(secrets));
    }
    let kept = storage.is_private.then(|| kept(&state_dir.join(sort.file)));
    Ok(kept.transpose()?.map(|secret| vec![secret]))
}

/// A new secret.
pub(super) fn drawn() -> anyhow::Result<String> {
    let halves = [serve::random()?, serve::random()?, serve::random()?, serve::random()?];
    Ok(halves.map(|half| format!("{half:016x}")).concat())
}

/// The secret kept in a file that only its owner may read; drawn and written the first time.
fn kept(path: &Path) -> anyhow::Result<String> {
    use std::os::unix::fs::OpenOptionsExt;
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if !kept.trim().is_empty() {
        return Ok(kept.trim().to_owned());
    }
    let secret = drawn()?;
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| file.write_all(secret.as_bytes()));
    written.with_context(|| format!("keep a secret in {}", path.display()))?;
    Ok(secret)
}
