//! What connections to other services have in common: whom they trust, and what an address of a service may be.

use crate::upstream::error::Fault;
use crate::upstream::error::Trouble;
use crate::upstream::error::UpstreamError;
use reqwest::ClientBuilder;
use reqwest::Url;
use std::time::Duration;

/// What we call ourselves.
const USER_AGENT: &str = concat!("snapwise/", env!("CARGO_PKG_VERSION"));

/// What follows “cannot” when they cannot be made.
const PREPARING: &str = "prepare to ask the services";

/// Connections to these addresses and no other environment.
///
/// # Errors
/// When an address is none.
pub(super) fn connections(
    urls: &[&str],
    connect_timeout: Duration,
) -> Result<ClientBuilder, UpstreamError> {
    for url in urls {
        check(url)
            .map_err(|rule| UpstreamError::new(PREPARING, Trouble::Misconfigured(rule).into()))?;
    }
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may have been faster, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(connect_timeout)
        // The environment enters in `app` alone.
        .no_proxy();
    if urls.iter().any(|url| !url.starts_with("http:")) {
        return Ok(builder);
    }
    // Nobody needs certificates, so a system without any will do.
    let none = rustls::RootCertStore::empty();
    let tls = rustls::ClientConfig::builder().with_root_certificates(none);
    Ok(builder.tls_backend_preconfigured(tls.with_no_client_auth()))
}

/// The connections as they were described.
///
/// # Errors
/// When the system's certificates cannot be read and some address needs them.
pub(super) fn made(builder: ClientBuilder) -> Result<reqwest::Client, UpstreamError> {
    builder.build().map_err(|error| {
        let trouble = Trouble::Misconfigured("the system's certificates cannot be used");
        UpstreamError::new(PREPARING, Fault::caused(trouble, error))
    })
}

/// Whether an address can be one of a service.
fn check(url: &str) -> Result<(), &'static str> {
    let url = Url::parse(url).ok().filter(Url::has_host);
    let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return Err("an address of a service is no URL");
    };
    // It would take the place of the token, and be shown where addresses are.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address of a service holds a user: tokens are settings of their own");
    }
    Ok(())
}
