//! How people vote, over gRPC.

use crate::snap::SnapId;
use crate::upstream::client::Client;
use crate::upstream::error::Fault;
use crate::upstream::error::Trouble;
use crate::upstream::error::UpstreamError;
use crate::upstream::ratings_wire::AuthenticateRequest;
use crate::upstream::ratings_wire::AuthenticateResponse;
use crate::upstream::ratings_wire::ChartData;
use crate::upstream::ratings_wire::GetBulkRatingsRequest;
use crate::upstream::ratings_wire::GetBulkRatingsResponse;
use hyper::http::uri::PathAndQuery;
use prost::Message;
use sha2::Digest;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use tokio::time::timeout;
use tonic::Code;
use tonic::Request;
use tonic::Status;
use tonic::client::Grpc;
use tonic::metadata::Ascii;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::transport::ClientTlsConfig;
use tonic::transport::Endpoint;
use tonic_prost::ProstCodec;

/// Who we are, before it is hashed (contract/rankings 4.4).
const USER: &str = "snaprecommend";

const AUTHENTICATE: &str = "/ratings.features.user.User/Authenticate";
const GET_BULK_RATINGS: &str = "/ratings.features.app.App/GetBulkRatings";

/// What people think of a snap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    /// The lower bound of what they think, from 0 to 1.
    pub raw_rating: f64,
    /// How many voted.
    pub total_votes: u64,
}

/// The ratings service, before we have said who we are.
#[derive(Debug, Clone)]
pub struct Ratings {
    client: Client,
    channel: Channel,
    host: String,
}

/// The ratings service, which knows us. A copy is the same session.
#[derive(Clone)]
pub struct Session {
    ratings: Ratings,
    token: MetadataValue<Ascii>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Ratings {
    /// How many snaps are asked for at once: the service gives no more, whatever it is asked.
    pub const BATCH: usize = 20;

    /// The ratings of the client's options, over one connection that is made when it is first needed; nothing when
    /// none are configured. To be called within a runtime.
    ///
    /// # Errors
    /// When the address is none, or the system's certificates cannot be used.
    pub fn new(client: &Client) -> Result<Option<Self>, UpstreamError> {
        let options = client.options();
        let Some(url) = options.ratings_url.as_deref() else { return Ok(None) };
        let wrong = |text| {
            move |_| {
                UpstreamError::new(
                    "prepare to ask for ratings",
                    Trouble::Misconfigured(text).into(),
                )
            }
        };
        let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        let is_secure = url.starts_with("https://");
        let endpoint =
            Endpoint::from_shared(url).map_err(wrong("the address of the ratings is no URL"))?;
        let host = endpoint.uri().authority().map(|authority| {
            // What stands before an @ would be a password.
            authority.as_str().rsplit('@').next().unwrap_or_default().to_owned()
        });
        let mut endpoint =
            endpoint.connect_timeout(options.connect_timeout).timeout(options.timeout);
        if is_secure {
            let tls = ClientTlsConfig::new().with_native_roots();
            endpoint = endpoint
                .tls_config(tls)
                .map_err(wrong("the system's certificates cannot be used"))?;
        }
        let channel = endpoint.connect_lazy();
        Ok(Some(Self { client: client.clone(), channel, host: host.unwrap_or_default() }))
    }

    /// Says who we are.
    ///
    /// # Errors
    /// When the service does not answer, or does not know us.
    pub async fn authenticate(&self) -> Result<Session, UpstreamError> {
        let doing = format!("log in to the ratings at {}", self.host);
        let mut id = String::with_capacity(64);
        for byte in Sha256::digest(USER) {
            write!(id, "{byte:02x}").expect("a string takes all");
        }
        let request = AuthenticateRequest { id };
        let answer: AuthenticateResponse = self.call(&doing, AUTHENTICATE, request, None).await?;
        let token = MetadataValue::try_from(format!("Bearer {}", answer.token));
        let mut token = token.map_err(|_| {
            let trouble = Trouble::Unexpected("its token is no line of ASCII".to_owned());
            UpstreamError::new(&doing, trouble.into())
        })?;
        token.set_sensitive(true);
        Ok(Session { ratings: self.clone(), token })
    }

    /// Calls a method until that went well or can no longer be hoped for.
    async fn call<Q, A>(
        &self,
        doing: &str,
        method: &'static str,
        message: Q,
        token: Option<&MetadataValue<Ascii>>,
    ) -> Result<A, UpstreamError>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        let options = self.client.options();
        let once = || async {
            let mut request = Request::new(message.clone());
            request.set_timeout(options.timeout);
            if let Some(token) = token {
                request.metadata_mut().insert("authorization", token.clone());
            }
            let mut grpc =
                Grpc::new(self.channel.clone()).max_decoding_message_size(options.max_body_bytes);
            let answer = async {
                grpc.ready().await.map_err(|error| {
                    // Its cause names an address at most.
                    Fault::caused(Trouble::Unreachable, error)
                })?;
                let path = PathAndQuery::from_static(method);
                grpc.unary(request, path, ProstCodec::<Q, A>::default())
                    .await
                    .map_err(|status| fault_of(&status))
            };
            let answer = timeout(options.timeout, answer).await;
            answer.map_err(|_| Fault::from(Trouble::Slow))?.map(tonic::Response::into_inner)
        };
        self.client.repeat(doing, once).await
    }
}

impl Session {
    /// The ratings of these snaps, at most [`Ratings::BATCH`]. A snap that nobody votes for is not in the answer.
    ///
    /// # Errors
    /// When the service does not answer, or no longer knows us.
    pub async fn bulk(&self, ids: &[SnapId]) -> Result<BTreeMap<SnapId, Rating>, UpstreamError> {
        let doing = format!("read ratings at {}", self.ratings.host);
        if ids.len() > Ratings::BATCH {
            let trouble = Trouble::Misconfigured("at most 20 snaps are asked for at once");
            return Err(UpstreamError::new(&doing, trouble.into()));
        }
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let snap_ids = ids.iter().map(SnapId::to_string).collect();
        let request = GetBulkRatingsRequest { snap_ids };
        let token = Some(&self.token);
        let answer: GetBulkRatingsResponse =
            self.ratings.call(&doing, GET_BULK_RATINGS, request, token).await?;
        let rated = answer.ratings.into_iter().filter_map(rated);
        Ok(rated.filter(|(id, _)| ids.contains(id)).collect())
    }
}

/// A rating that is one: of a snap, and from 0 to 1.
fn rated(chart: ChartData) -> Option<(SnapId, Rating)> {
    let form = chart.rating?;
    let raw_rating = f64::from(chart.raw_rating);
    let id = form.snap_id.parse().ok()?;
    if !(0.0..=1.0).contains(&raw_rating) {
        tracing::warn!(snap.id = %id, raw_rating, "a rating is not from 0 to 1");
        return None;
    }
    // More votes than a database can count are no number of votes.
    let total_votes = form.total_votes.min(i64::MAX.unsigned_abs());
    Some((id, Rating { raw_rating, total_votes }))
}

/// What a status means. What the service says beside it is left out: it could repeat what it was sent.
fn fault_of(status: &Status) -> Fault {
    let trouble = match status.code() {
        Code::Unavailable => Trouble::Unreachable,
        Code::DeadlineExceeded | Code::Cancelled => Trouble::Slow,
        Code::Unauthenticated => Trouble::Unauthorized(401),
        Code::PermissionDenied => Trouble::Unauthorized(403),
        code => Trouble::Rpc(code),
    };
    match status.source() {
        Some(source) => Fault::caused(trouble, source.to_string()),
        None => trouble.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::ratings_wire::RatingForm;

    #[test]
    fn only_what_is_a_rating_is_taken() {
        let chart = |raw_rating: f32, snap_id: &str, total_votes| ChartData {
            raw_rating,
            rating: Some(RatingForm { snap_id: snap_id.to_owned(), total_votes }),
        };
        let id = "AbCdEf0123456789AbCdEf0123456789";
        for raw_rating in [0.0, 0.25, 1.0] {
            let (found, rating) = rated(chart(raw_rating, id, 30)).unwrap();
            assert_eq!((found.as_str(), rating.total_votes), (id, 30));
            assert!((rating.raw_rating - f64::from(raw_rating)).abs() < 1e-9);
        }
        for raw_rating in [f32::NAN, f32::INFINITY, -0.1, 1.1, 4.5] {
            assert_eq!(rated(chart(raw_rating, id, 30)), None, "{raw_rating}");
        }
        assert_eq!(rated(chart(0.5, "short", 1)), None);
        assert_eq!(rated(ChartData { raw_rating: 0.5, rating: None }), None);
        let (_, many) = rated(chart(0.5, id, u64::MAX)).unwrap();
        assert_eq!(many.total_votes, i64::MAX.unsigned_abs());
    }
}
