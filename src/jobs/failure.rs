//! Why an attempt failed, in words for a person.

use tokio::task::JoinError;

/// The longest reason that is kept, in characters; a chain of causes takes some hundred.
const LONGEST: usize = 2_000;

/// A failure that another attempt would not mend. A job that ends with it, or with it among the causes, is not begun
/// again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Hopeless(pub String);

/// What went wrong and why, in one line. Of addresses only host and path are shown: the rest may hold a secret.
pub(super) fn reason(error: &anyhow::Error) -> String {
    let said = format!("{error:#}");
    let words: Vec<_> = said.split_whitespace().map(without_secrets).collect();
    words.join(" ").chars().take(LONGEST).collect()
}

/// What a job said when it panicked.
pub(super) fn panic(error: JoinError) -> anyhow::Error {
    let Ok(payload) = error.try_into_panic() else { return anyhow::anyhow!("it was stopped") };
    let said = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| payload.downcast_ref::<String>().cloned());
    anyhow::anyhow!("it panicked: {}", said.unwrap_or_else(|| "no reason was given".to_owned()))
}

/// A word, or an address without its user, password and query.
fn without_secrets(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    // A password may hold a slash or a question mark, though it should not: up to the last @ it is one.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    match rest.split_once('?') {
        Some((place, _)) => format!("{scheme}://{place}?…"),
        None => format!("{scheme}://{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_reason_tells_every_cause_and_no_secret() {
        let cause: anyhow::Result<()> =
            Err(anyhow::anyhow!("no answer from (https://me:s3cret@api.example/v1?token=s3cret)"));
        let error =
            cause.context("read the page\nof snaps").context("collect").expect_err("it is one");
        let expected = "collect: read the page of snaps: no answer from (https://api.example/v1?…";
        assert_eq!(reason(&error), expected);
        assert_eq!(reason(&anyhow::anyhow!("x".repeat(5_000))).len(), LONGEST);
    }
}
