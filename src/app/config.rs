//! Every setting: its option, its variable, its default, and what it is for.

use crate::app::admitting::Admitting;
use crate::blobs::Blobs;
use crate::http::PublicBase;
use crate::http::TrustedProxies;
use anyhow::Context;
use clap::Args;
use clap::ValueEnum;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Settings of every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// The PostgreSQL to use; without it a private one is run in the state folder
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    pub(super) database_url: Option<String>,

    /// The folder of the private PostgreSQL
    #[arg(
        long,
        env = "SNAPWISE_STATE_DIR",
        default_value = ".snapwise",
        global = true,
        value_name = "DIR"
    )]
    pub(super) state_dir: PathBuf,

    /// The folder of PostgreSQL's own programs, when it is in none of the usual places
    #[arg(long, env = "SNAPWISE_PG_BIN_DIR", global = true, value_name = "DIR")]
    pub(super) pg_bin_dir: Option<PathBuf>,

    /// Where the files of snaps are held: `file:///folder` or `s3://bucket/prefix`, with the usual variables of AWS
    /// (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` …); without it in the state folder
    #[arg(long, env = "SNAPWISE_BLOBS_URL", global = true, value_name = "URL")]
    pub(super) blobs_url: Option<String>,

    /// How log lines are written
    #[arg(long, env = "SNAPWISE_LOG_FORMAT", default_value = "text", global = true)]
    pub(super) log_format: LogFormat,

    /// Which log lines are written, as a tracing filter: `warn`, `info,snapwise::http=warn`
    #[arg(long, env = "RUST_LOG", default_value = "info", global = true, value_name = "FILTER")]
    pub(super) log: String,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// For machines, one JSON object a line.
    Json,
}

/// A switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    /// It is done.
    On,
    /// It is not done.
    Off,
}

/// From where files are given out that we hold though they have an address elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Downloads {
    /// From here.
    Own,
    /// From there.
    Upstream,
}

/// Settings of a server.
#[derive(Debug, Clone, Args)]
pub(super) struct Serving {
    /// Where clients are answered
    #[arg(long, env = "SNAPWISE_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(super) listen: SocketAddr,

    /// Where operators are answered: health, metrics, version. Keep it private
    #[arg(
        long,
        env = "SNAPWISE_INTERNAL_LISTEN",
        default_value = "127.0.0.1:8081",
        value_name = "ADDRESS"
    )]
    pub(super) internal_listen: SocketAddr,

    /// A path that may stand before every route, such as `/store`
    #[arg(long, env = "SNAPWISE_PATH_PREFIX", default_value = "", value_name = "PATH", value_parser = path_prefix)]
    pub(super) path_prefix: String,

    /// Where clients reach this server, such as `https://store.example`: what URLs in answers begin with. Without it,
    /// each answer leads where its request was sent
    #[arg(long, env = "SNAPWISE_PUBLIC_URL", value_name = "URL")]
    pub(super) public_url: Option<PublicBase>,

    /// The addresses or networks of proxies, separated by commas, that are believed when they say where a request was
    /// sent (X-Forwarded-Proto, X-Forwarded-Host)
    #[arg(long, env = "SNAPWISE_TRUSTED_PROXIES", default_value = "", value_name = "NETWORKS")]
    pub(super) trusted_proxies: TrustedProxies,

    /// The secrets that sign cohort keys, separated by commas: the first signs, all verify
    #[arg(long, env = "SNAPWISE_COHORT_KEY", hide_env_values = true, value_name = "SECRETS")]
    pub(super) cohort_key: Option<String>,

    /// The tokens of editors, separated by commas: each as `snapwise token` shows it, without the token itself
    #[arg(long, env = "SNAPWISE_EDITOR_TOKENS", hide_env_values = true, value_name = "ENTRIES")]
    pub(super) editor_tokens: Option<String>,

    /// Whether answers are compressed with gzip for callers that accept it. It saves bandwidth and costs more
    /// than the answer itself; a proxy in front can do it instead
    #[arg(long, env = "SNAPWISE_COMPRESSION", default_value = "on")]
    pub(super) compression: Switch,

    /// The least body in bytes that is worth compressing
    #[arg(
        long,
        env = "SNAPWISE_COMPRESSION_MIN_BYTES",
        default_value_t = 1_400,
        value_name = "BYTES"
    )]
    pub(super) compression_min_bytes: usize,

    /// The most requests answered at once; more get status 429
    #[arg(long, env = "SNAPWISE_MAX_IN_FLIGHT", default_value_t = 1_024, value_name = "N", value_parser = at_least_one)]
    pub(super) max_in_flight: usize,

    /// From where files are given out that are held here though they have an address elsewhere, such as of a CDN: from
    /// here (`own`) or from there (`upstream`)
    #[arg(long, env = "SNAPWISE_DOWNLOADS", default_value = "own")]
    pub(super) downloads: Downloads,

    /// The most files sent at once; more get status 503, after which snapd comes back
    #[arg(long, env = "SNAPWISE_MAX_DOWNLOADS", default_value_t = 512, value_name = "N", value_parser = at_least_one)]
    pub(super) max_downloads: usize,

    /// The most connections at once; more wait in the system's queue
    #[arg(long, env = "SNAPWISE_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "N", value_parser = at_least_one)]
    pub(super) max_connections: usize,

    /// The largest request body in bytes; larger ones get status 413
    #[arg(long, env = "SNAPWISE_MAX_BODY_BYTES", default_value_t = 4 * 1_024 * 1_024, value_name = "BYTES", value_parser = at_least_one)]
    pub(super) max_body_bytes: usize,

    /// Seconds a request body may take to arrive; then status 408
    #[arg(long, env = "SNAPWISE_BODY_TIMEOUT_S", default_value_t = 10, value_name = "SECONDS", value_parser = seconds)]
    pub(super) body_timeout_s: u64,

    /// Seconds that browsers and proxies may keep a page with rankings before they ask again
    #[arg(long, env = "SNAPWISE_PAGE_MAX_AGE_S", default_value_t = 60, value_name = "SECONDS", value_parser = seconds_or_none)]
    pub(super) page_max_age_s: u64,

    /// Seconds request headers may take, a connection may stay idle, and a caller may take nothing of an answer; then
    /// it is closed. Who was sent much has ten times as long to take it
    #[arg(long, env = "SNAPWISE_HEADER_TIMEOUT_S", default_value_t = 30, value_name = "SECONDS", value_parser = seconds)]
    pub(super) header_timeout_s: u64,

    /// Seconds that requests in flight may take to finish when the server is told to go
    #[arg(long, env = "SNAPWISE_DRAIN_TIMEOUT_S", default_value_t = 10, value_name = "SECONDS", value_parser = seconds)]
    pub(super) drain_timeout_s: u64,

    /// Seconds between looks for a newer catalogue, besides the database's notices
    #[arg(long, env = "SNAPWISE_POLL_INTERVAL_S", default_value_t = 5, value_name = "SECONDS", value_parser = seconds)]
    pub(super) poll_interval_s: u64,

    /// Seconds between looks at what the store features; 0 for never, where no store is to be asked
    #[arg(long, env = "SNAPWISE_FEATURED_REFRESH_S", default_value_t = 60, value_name = "SECONDS", value_parser = seconds_or_none)]
    pub(super) featured_refresh_s: u64,

    #[command(flatten)]
    pub(super) admitting: Admitting,

    /// Threads that answer requests; 0 is one for each core
    #[arg(long, env = "SNAPWISE_THREADS", default_value_t = 0, value_name = "N")]
    pub(super) threads: usize,
}

/// Reads a count that is not zero.
pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n >= 1).ok_or_else(|| "a whole number of at least 1".to_owned())
}

/// Reads a time-out.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let in_range = |n: &u64| (1..=86_400).contains(n);
    text.parse().ok().filter(in_range).ok_or_else(|| "1 to 86400 seconds".to_owned())
}

fn seconds_or_none(text: &str) -> Result<u64, String> {
    let in_range = |n: &u64| (0..=86_400).contains(n);
    text.parse().ok().filter(in_range).ok_or_else(|| "0 to 86400 seconds".to_owned())
}

fn path_prefix(text: &str) -> Result<String, String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if text.is_empty() || text.starts_with('/') && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("a path such as /store".to_owned())
    }
}

/// A variable of the environment that no option stands for.
#[allow(clippy::disallowed_methods, reason = "this module is the one that reads the environment")]
pub(super) fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// The names that the earlier service had for some settings (contract/rankings 8), by the id of the option; the first
/// that is set counts, where neither the option nor its own variable is.
const ALIASES: [(&str, &[&str]); 7] = [
    ("database_url", &["POSTGRESQL_DB_CONNECT_STRING"]),
    ("store_url", &["DEVICEGW_URL"]),
    ("metrics_url", &["SNAPSTORE_DASHBOARD_API_URL", "DASHBOARD_API_URL"]),
    ("publisher_url", &["PUBLISHERGW_URL"]),
    ("ratings_url", &["FLASK_RATINGS_BACKEND"]),
    ("metrics_token", &["FLASK_SNAPSTORE_MACAROON_KEY"]),
    ("publisher_token", &["FLASK_FEATURED_PUBLISHER_TOKEN"]),
];

/// The earlier name of a setting that is set, and its value.
pub(super) fn alias_of(id: &str) -> Option<(&'static str, String)> {
    let (_, names) = ALIASES.iter().find(|(known, _)| *known == id)?;
    let value = |name: &&'static str| Some((*name, variable(name)?.into_string().ok()?));
    names.iter().find_map(value).filter(|(_, value)| !value.is_empty())
}

/// The variables that AWS tools read.
#[allow(clippy::disallowed_methods, reason = "this module is the one that reads the environment")]
fn aws_variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with("AWS_"))?;
        Some((name, value.into_string().ok()?))
    })
}

/// Where the files are held.
pub(super) fn blobs(common: &Common) -> anyhow::Result<Blobs> {
    let blobs = match &common.blobs_url {
        Some(address) => Blobs::at(address, aws_variables()),
        None => Blobs::in_folder(&common.state_dir.join("blobs")),
    };
    blobs.context("find where the files are held (SNAPWISE_BLOBS_URL)")
}

/// The folder for temporary files.
#[allow(clippy::disallowed_methods, reason = "this module is the one that reads the environment")]
pub(super) fn temp_dir() -> PathBuf {
    std::env::temp_dir()
}

/// What stands in the place of a secret.
pub(super) const MASK: &str = "********";

/// A connection string without its password. Where it is not plain to see what the password is, more is masked.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        // The other form of connection string: words. A value may be quoted and hold blanks, so the rest goes too.
        return match url.split_once("password") {
            Some((before, _)) => format!("{before}password={MASK}"),
            None if url.contains('=') => url.to_owned(),
            None => MASK.to_owned(),
        };
    };
    // A password may hold a slash, a question mark or another @, though it should not: up to the last @ it is one.
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, place)) => match user.split_once(':') {
            Some((user, _)) => (format!("{user}:{MASK}@"), place),
            None => (format!("{user}@"), place),
        },
        None => (String::new(), rest),
    };
    let (place, query) = place.split_once('?').unwrap_or((place, ""));
    let words: Vec<_> = query.split_terminator('&').map(masked_word).collect();
    let mark = if words.is_empty() { "" } else { "?" };
    format!("{scheme}://{user}{place}{mark}{}", words.join("&"))
}

/// A word of a URL's query; the value of one that is, or could be, the password is masked.
fn masked_word(word: &str) -> String {
    match word.split_once('=') {
        Some((key, _)) if key.contains("password") || key.contains('%') => format!("{key}={MASK}"),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows() {
        for url in [
            "postgresql://me:s3cret@db.example:5432/snapwise",
            "postgresql://me:s3cr@t@db.example/snapwise",
            "postgresql://db.example/snapwise?user=me&password=s3cret",
            "postgresql://me:s3/cr?et@db.example/snapwise",
            "postgresql://db.example?password=s3cret",
            "postgresql://me@db.example/snapwise?passw%6frd=s3cret&user=me",
            "host=db.example user=me password=s3cret dbname=snapwise",
            "host=db.example user=me password = 'a s3cret' dbname=snapwise",
        ] {
            let shown = without_password(url);
            assert!(!shown.contains("s3cr") && shown.contains("db.example"), "{shown}");
        }
        assert_eq!(without_password("s3cret"), MASK);
        for plain in ["postgresql://db/x", "postgresql://me@db:5432/x?sslmode=disable&user=me"] {
            assert_eq!(without_password(plain), plain);
        }
    }
}
