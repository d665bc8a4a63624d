//! Who is let in where: the settings of credentials, and their secrets.

use crate::app::config::Switch;
use crate::http::OpenStores;
use crate::snap::StoreId;
use clap::Args;

/// What signs credentials.
#[derive(Debug, Clone, Args)]
pub(super) struct CredentialKey {
    /// The secrets that sign credentials, separated by commas: the first signs, all verify
    #[arg(long, env = "SNAPWISE_CREDENTIAL_KEY", hide_env_values = true, value_name = "SECRETS")]
    pub(super) credential_key: Option<String>,
}

/// Settings of credentials.
#[derive(Debug, Clone, Args)]
pub(super) struct Admitting {
    #[command(flatten)]
    pub(super) key: CredentialKey,

    /// The stores besides the public one that anybody may enter, separated by commas, or * for all; the others take a
    /// credential that grants them
    #[arg(long, env = "SNAPWISE_OPEN_STORES", default_value = "", value_name = "IDS", value_parser = open_stores)]
    pub(super) open_stores: OpenStores,

    /// Whether a device gets into the store its model names although no key we hold vouches for the model: for stores
    /// that tell their devices apart by other means
    #[arg(long, env = "SNAPWISE_TRUST_MODELS", default_value = "off")]
    pub(super) trust_models: Switch,

    /// Seconds after which a device is to renew its session
    #[arg(long, env = "SNAPWISE_SESSION_SOFT_S", default_value_t = 86_400, value_name = "SECONDS", value_parser = lifetime)]
    pub(super) session_soft_s: u64,

    /// Seconds after which a session ends
    #[arg(long, env = "SNAPWISE_SESSION_HARD_S", default_value_t = 7 * 86_400, value_name = "SECONDS", value_parser = lifetime)]
    pub(super) session_hard_s: u64,

    /// Seconds in which a device may open a session with a nonce
    #[arg(long, env = "SNAPWISE_NONCE_S", default_value_t = 900, value_name = "SECONDS", value_parser = lifetime)]
    pub(super) nonce_s: u64,
}

/// Reads how long something is good.
pub(super) fn lifetime(text: &str) -> Result<u64, String> {
    // Ten years: what is to be good for longer should not be one credential.
    let in_range = |n: &u64| (1..=315_360_000).contains(n);
    text.parse().ok().filter(in_range).ok_or_else(|| "1 to 315360000 seconds".to_owned())
}

fn open_stores(text: &str) -> Result<OpenStores, String> {
    if text.trim() == "*" {
        return Ok(OpenStores::All);
    }
    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
    let stores: Result<Vec<StoreId>, _> = ids.map(str::parse).collect();
    stores.map(OpenStores::Listed).map_err(|invalid| format!("ids of stores, or *: {invalid}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_stores_are_listed_or_all() {
        assert_eq!(open_stores("*"), Ok(OpenStores::All));
        assert_eq!(open_stores(""), Ok(OpenStores::Listed(Vec::new())));
        let two = ["acme", "lab"].map(|id| id.parse().unwrap()).to_vec();
        assert_eq!(open_stores("acme, lab,"), Ok(OpenStores::Listed(two)));
        assert!(open_stores("acme,*").is_err());
        assert!(lifetime("0").is_err() && lifetime("1").is_ok());
    }
}
