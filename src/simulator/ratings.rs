//! The ratings service, over gRPC. Its messages are written down anew, not shared with the client, so that the two
//! agree only if both agree with the contract (contract/rankings 4.4).

use crate::simulator::answer::Answer;
use crate::simulator::faults::Failure;
use crate::simulator::respond::Asked;
use crate::simulator::world::World;
use prost::Message;

pub(super) const AUTHENTICATE: &str = "/ratings.features.user.User/Authenticate";
pub(super) const GET_BULK_RATINGS: &str = "/ratings.features.app.App/GetBulkRatings";

/// The most snaps that may be asked for.
const MAX_ASKED: usize = 250;
/// How many are answered: the best of them.
const MAX_ANSWERED: usize = 20;

/// What stands before the user in a token.
const TOKEN: &str = "simulated-";

const INVALID_ARGUMENT: u16 = 3;
const UNAUTHENTICATED: u16 = 16;

#[derive(Clone, PartialEq, prost::Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Texts {
    #[prost(string, repeated, tag = "1")]
    texts: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Chart {
    #[prost(message, repeated, tag = "1")]
    data: Vec<ChartData>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ChartData {
    #[prost(float, tag = "1")]
    raw_rating: f32,
    #[prost(message, optional, tag = "2")]
    rating: Option<Rating>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Rating {
    #[prost(string, tag = "1")]
    snap_id: String,
    #[prost(uint64, tag = "2")]
    total_votes: u64,
    #[prost(int32, tag = "3")]
    ratings_band: i32,
    #[prost(string, tag = "4")]
    snap_name: String,
}

/// The message of a request: one frame, not compressed.
fn message<M: Message + Default>(asked: &Asked) -> Option<M> {
    let (flag, rest) = asked.body.split_first()?;
    let (length, message) = rest.split_first_chunk()?;
    let is_whole = u32::from_be_bytes(*length) as usize == message.len();
    if *flag == 0 && is_whole { M::decode(message).ok() } else { None }
}

/// Gives a token to who says who they are.
pub(super) fn authenticate(asked: &Asked) -> Answer {
    let user = message::<Text>(asked).map(|message| message.text).unwrap_or_default();
    let is_digest = user.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if user.len() != 64 || !is_digest {
        return Answer::grpc_refusal(INVALID_ARGUMENT, "id: 64 digits of a digest");
    }
    Answer::message(&Text { text: format!("{TOKEN}{user}") })
}

/// Gives the ratings there are, at most the best 20.
pub(super) fn bulk(world: &World, asked: &Asked, failure: Option<Failure>) -> Answer {
    let token = asked.header("authorization").and_then(|token| token.strip_prefix("Bearer "));
    if token.is_none_or(|token| !token.starts_with(TOKEN)) {
        return Answer::grpc_refusal(UNAUTHENTICATED, "a token is needed");
    }
    let Some(Texts { texts }) =
        message(asked).filter(|asked: &Texts| asked.texts.len() <= MAX_ASKED)
    else {
        return Answer::grpc_refusal(INVALID_ARGUMENT, "snap_ids: at most 250 of them");
    };
    world.counts.rated(texts.len());
    let snaps = texts.iter().filter_map(|id| world.by_id(id.parse().ok()?));
    let mut data: Vec<ChartData> = snaps
        .filter_map(|snap| {
            let (raw_rating, total_votes) = snap.facts.rating?;
            let (snap_id, snap_name) = (snap.id().to_string(), snap.name().to_string());
            let rating = Rating { snap_id, total_votes, ratings_band: 1, snap_name };
            Some(ChartData { raw_rating, rating: Some(rating) })
        })
        .collect();
    data.sort_by(|one, other| other.raw_rating.total_cmp(&one.raw_rating));
    data.truncate(MAX_ANSWERED);
    if let Some(first) = data.first_mut().filter(|_| failure == Some(Failure::NullColumn)) {
        first.rating = None;
    }
    Answer::message(&Chart { data })
}
