//! Decides what channels give out, and which revisions nobody is given, whatever was released.

use crate::db::Database;
use crate::db::DbError;
use crate::db::listings;
use crate::db::overrides;
use crate::editorial::By;
use crate::editorial::turn::Change;
use crate::editorial::turn::Turn;
use crate::snap::Architecture;
use crate::snap::Blocked;
use crate::snap::Channel;
use crate::snap::Decisions;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::Override;
use crate::snap::Revision;
use crate::snap::SnapName;
use serde_json::Value;
use serde_json::json;

/// The most overrides of a snap: four risks of some tracks for every architecture. All of them go with every change.
const MAX_OVERRIDES: usize = 256;
/// The most blocked revisions of a snap; each is looked for among them when one of its revisions is asked for.
const MAX_BLOCKED: usize = 256;

/// What an operator decides about a snap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A channel gives out a revision: to one architecture, or to every one it is built for.
    Override {
        /// The channel.
        channel: Channel,
        /// What it gives out.
        revision: Revision,
        /// Only to this one.
        architecture: Option<Architecture>,
    },
    /// A channel gives out again what was released to it: to one architecture, or to every one.
    Release {
        /// The channel.
        channel: Channel,
        /// Only to this one.
        architecture: Option<Architecture>,
    },
    /// Nobody is given a revision.
    Block(Revision),
    /// A revision is given out again.
    Unblock(Revision),
}

/// Why a decision cannot be, in words for whoever decides.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefusal {
    /// No snap of that name.
    #[error("there is no snap {0}")]
    UnknownSnap(SnapName),
    /// No such revision.
    #[error("{0} has no revision {1}")]
    UnknownRevision(SnapName, Revision),
    /// The revision does not run there.
    #[error("revision {1} of {0} is not built for {2}")]
    NotBuiltFor(SnapName, Revision, Architecture),
    /// Nobody is given the revision.
    #[error("revision {1} of {0} is blocked")]
    Blocked(SnapName, Revision),
    /// There are as many as there may be.
    #[error("{0} has as many overrides or blocked revisions as it may have: 256")]
    TooMany(SnapName),
    /// What is stored of the snap is damaged.
    #[error("what is stored of {0} cannot be read: {1}")]
    Spoilt(SnapName, String),
}

/// What came of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// It holds from that generation on.
    Published(i64),
    /// It was that way already; nothing was published.
    Already,
    /// It cannot be.
    Refused(DecisionRefusal),
}

/// Decides about a snap. What changes nothing publishes nothing.
///
/// # Errors
/// When the database fails.
pub async fn decide(
    database: &Database,
    by: &By<'_>,
    name: SnapName,
    decision: &Decision,
) -> Result<Decided, DbError> {
    let refused = |refusal| Ok(Decided::Refused(refusal));
    let mut client = database.client().await?;
    let turn = Turn::begin(&mut client).await?;
    let Some(id) = listings::find_id(&turn.transaction, &name).await? else {
        return refused(DecisionRefusal::UnknownSnap(name));
    };
    let mut loaded = listings::load(&turn.transaction, &[id]).await?;
    if let Some((_, reason)) = loaded.spoilt.pop() {
        return refused(DecisionRefusal::Spoilt(name, reason));
    }
    let Some(listing) = loaded.listings.pop() else {
        return refused(DecisionRefusal::UnknownSnap(name));
    };
    let after = match decided(&listing, decision, by.now) {
        Ok(after) if after == listing.decisions => return Ok(Decided::Already),
        Ok(after) => after,
        Err(refusal) => return refused(refusal),
    };
    overrides::replace(&turn.transaction, &id, &after).await?;
    listings::touch(&turn.transaction, &id, turn.generation()).await?;
    let generation = turn.generation();
    let change = Change {
        part: None,
        action: decision.word(),
        target: id.as_str(),
        before: Some(decision.told(name, &listing.decisions)),
        after: Some(decision.told(name, &after)),
    };
    turn.publish(by, change).await?;
    Ok(Decided::Published(generation))
}

/// What is decided about a snap afterwards.
fn decided(
    listing: &Listing,
    decision: &Decision,
    now: Instant,
) -> Result<Decisions, DecisionRefusal> {
    let name = listing.name;
    let mut after = listing.decisions.clone();
    match decision {
        Decision::Override { channel, revision, architecture } => {
            let known = listing.package(*revision);
            let package = known.ok_or(DecisionRefusal::UnknownRevision(name, *revision))?;
            if after.is_blocked(*revision) {
                return Err(DecisionRefusal::Blocked(name, *revision));
            }
            let architectures = match architecture {
                None => package.architectures.clone(),
                Some(one) if package.runs_on(*one) => vec![*one],
                Some(one) => return Err(DecisionRefusal::NotBuiltFor(name, *revision, *one)),
            };
            for architecture in architectures {
                choose(&mut after, (channel, architecture), *revision, now);
            }
        }
        Decision::Release { channel, architecture } => after.overrides.retain(|chosen| {
            chosen.channel != *channel || architecture.is_some_and(|one| one != chosen.architecture)
        }),
        Decision::Block(revision) => {
            if listing.package(*revision).is_none() {
                return Err(DecisionRefusal::UnknownRevision(name, *revision));
            }
            if !after.is_blocked(*revision) {
                after.blocked.push(Blocked { revision: *revision, decided_at: now });
            }
        }
        Decision::Unblock(revision) => {
            after.blocked.retain(|blocked| blocked.revision != *revision);
        }
    }
    let has_grown = after.overrides.len() > listing.decisions.overrides.len()
        || after.blocked.len() > listing.decisions.blocked.len();
    if has_grown && (after.overrides.len() > MAX_OVERRIDES || after.blocked.len() > MAX_BLOCKED) {
        return Err(DecisionRefusal::TooMany(name));
    }
    Ok(after)
}

/// Makes a channel give out a revision, unless an operator chose the same before.
fn choose(
    decisions: &mut Decisions,
    (channel, architecture): (&Channel, Architecture),
    revision: Revision,
    now: Instant,
) {
    let is_it =
        |chosen: &Override| chosen.channel == *channel && chosen.architecture == architecture;
    if decisions.overrides.iter().any(|chosen| is_it(chosen) && chosen.revision == revision) {
        return;
    }
    decisions.overrides.retain(|chosen| !is_it(chosen));
    let channel = channel.clone();
    decisions.overrides.push(Override { channel, architecture, revision, decided_at: now });
}

impl Decision {
    /// The word of the audit for it.
    fn word(&self) -> &'static str {
        match self {
            Self::Override { .. } => "set-override",
            Self::Release { .. } => "delete-override",
            Self::Block(_) => "block-revision",
            Self::Unblock(_) => "unblock-revision",
        }
    }

    /// What is decided of what the decision is about, for the audit.
    fn told(&self, name: SnapName, decisions: &Decisions) -> Value {
        match self {
            Self::Override { channel, .. } | Self::Release { channel, .. } => {
                let chosen = decisions.overrides.iter().filter(|one| one.channel == *channel);
                let chosen = chosen
                    .map(|one| {
                        json!({"architecture": one.architecture, "revision": one.revision.number()})
                    })
                    .collect::<Vec<_>>();
                json!({"name": name, "channel": channel, "overrides": chosen})
            }
            Self::Block(revision) | Self::Unblock(revision) => {
                let is_blocked = decisions.blocked.iter().any(|one| one.revision == *revision);
                json!({"name": name, "revision": revision.number(), "blocked": is_blocked})
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_before_is_not_chosen_again() {
        let (channel, amd64) = ("stable".parse().unwrap(), "amd64".parse().unwrap());
        let (one, two) = (Revision::new(1).unwrap(), Revision::new(2).unwrap());
        let at = |text: &str| -> Instant { text.parse().unwrap() };
        let (early, late) = (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        let mut decisions = Decisions::default();
        choose(&mut decisions, (&channel, amd64), one, early);
        choose(&mut decisions, (&channel, amd64), one, late);
        assert_eq!(decisions.overrides[0].decided_at, early);
        choose(&mut decisions, (&channel, amd64), two, late);
        choose(&mut decisions, (&channel, Architecture::ALL), two, late);
        let told: Vec<_> = decisions.overrides.iter().map(|one| one.revision).collect();
        assert_eq!((told, decisions.overrides[0].decided_at), (vec![two, two], late));
    }
}
