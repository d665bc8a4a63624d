//! How tests and benches run a private PostgreSQL.

use snapwise::postgres::Durability;
use snapwise::postgres::Options;

/// The options of a private PostgreSQL for tests: it forgets on a power cut, nothing else.
#[allow(clippy::disallowed_methods, reason = "a test stands where `app` stands")]
pub(crate) fn options() -> Options {
    Options {
        path: std::env::var_os("PATH"),
        temp_dir: std::env::temp_dir(),
        durability: Durability::Relaxed,
        ..Options::default()
    }
}
