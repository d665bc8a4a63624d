//! The channels, revisions and downloads of snaps, as the store tells them.

use crate::collector::CollectorError;
use crate::collector::Workshop;
use crate::db::info_reads::Due;
use crate::exchange::Document;
use crate::exchange::Statement;
use crate::snap::SnapId;
use crate::upstream::Info;
use crate::upstream::UpstreamError;
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::BTreeMap;

/// So many failures in a page are bad luck; more than half of a page on top is a store that is down.
const BAD_LUCK: usize = 5;

/// What was read of a page.
#[derive(Debug, Default)]
pub(super) struct Channels {
    /// What the documents state, numbered.
    pub(super) statements: Vec<(u64, Statement)>,
    /// Whose channels were read, or found to be what they were, each with what the store called the answer.
    pub(super) read: Vec<(SnapId, Option<String>)>,
    /// How many were not, by reason.
    pub(super) rejected: BTreeMap<&'static str, u64>,
}

/// Reads the channels of these snaps, some at a time. A snap whose channels cannot be read is left out and named.
///
/// # Errors
/// When more than half of them cannot be asked for.
pub(super) async fn read(workshop: &Workshop, due: Vec<Due>) -> Result<Channels, CollectorError> {
    let n_asked = due.len();
    let mut answers = stream::iter(due)
        .map(|due| async move {
            let info = workshop.store.info(&due.name, due.etag.as_deref()).await;
            (due, info)
        })
        .buffered(workshop.options.concurrency.max(1));
    let mut channels = Channels::default();
    let mut n_failed = 0;
    while let Some((due, info)) = answers.next().await {
        match info {
            Ok(info) => channels.take(due, info),
            Err(error) => {
                tell(&due, &error);
                *channels.rejected.entry("unread-channels").or_default() += 1;
                n_failed += 1;
                if n_failed > BAD_LUCK && 2 * n_failed > n_asked {
                    // Whatever becomes of the others: they would only be waited for.
                    return Err(CollectorError::TooManyUnread { n_failed, n_asked, source: error });
                }
            }
        }
    }
    Ok(channels)
}

fn tell(due: &Due, error: &UpstreamError) {
    let error: &dyn std::error::Error = error;
    tracing::warn!(snap.name = %due.name, error, "the channels of a snap cannot be read");
}

impl Channels {
    fn take(&mut self, due: Due, info: Info) {
        let (bytes, etag) = match info {
            Info::Document { bytes, etag } => (bytes, etag),
            Info::NotModified => return self.read.push((due.id, due.etag)),
            Info::NotFound => return self.reject(&due, "no-channels", "the store has none"),
        };
        match Document::parse(&bytes) {
            Ok(statement) if statement.listing.id != due.id => {
                self.reject(&due, "bad-channels", "they are another snap's");
            }
            Ok(statement) => {
                self.statements.push((self.statements.len() as u64 + 1, statement));
                self.read.push((due.id, etag));
            }
            Err(rejection) => {
                self.reject(&due, "bad-channels", &rejection.reason);
                // It is the same until the store says otherwise.
                self.read.push((due.id, None));
            }
        }
    }

    fn reject(&mut self, due: &Due, word: &'static str, reason: &str) {
        tracing::warn!(snap.name = %due.name, reason, "the channels of a snap are not taken in");
        *self.rejected.entry(word).or_default() += 1;
    }
}
