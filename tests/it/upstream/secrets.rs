//! No token in any error or log line.

use crate::support::upstream::TOKEN;
use crate::support::upstream::Upstream;
use crate::upstream::KINDS;
use crate::upstream::ask;
use crate::upstream::failing;
use snapwise::upstream::Client;
use snapwise::upstream::Options;
use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// A place where log lines are kept.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Kept {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_token_is_in_any_error_or_log_line() {
    let upstream = Upstream::start(5);
    let kept = Kept::default();
    // Everything any crate has to say.
    let subscriber =
        tracing_subscriber::fmt().with_env_filter("trace").with_writer(kept.clone()).finish();
    let logging = tracing::subscriber::set_default(subscriber);
    let mut said = format!("{:?}\n", upstream.options());
    // An address that holds a password is refused, and the password not told.
    let mut url = upstream.options().store_url;
    url.insert_str("http://".len(), "me:s3cret-password@");
    let timeout = Duration::from_millis(200);
    let options = Options { timeout, attempts: 2, ..upstream.options() };
    let refused = Client::new(Options { store_url: url, ..options.clone() }).unwrap_err();
    assert!(refused.to_string().contains("holds a user"), "{refused}");
    writeln!(said, "{refused:?} {refused}").unwrap();
    let client = Client::new(options).unwrap();
    for failure in ["500", "429", "html", "truncated", "hang", "401", "404"] {
        upstream.set(failing(&KINDS, failure)).await;
        for kind in KINDS {
            let Err(error) = ask(&client, kind).await else { continue };
            writeln!(said, "{error:?}").unwrap();
            writeln!(said, "{:#}", anyhow::Error::from(error)).unwrap();
        }
    }
    drop(logging);
    let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    assert!(log.contains("it is tried again") && said.contains("status 401"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    for line in log.lines() {
        assert!(!line.contains(TOKEN) && !line.contains("s3cret"), "{line}");
    }
}
