//! The messages of the ratings service (contract/rankings 4.4), as far as we send or read them.

/// Who asks.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AuthenticateRequest {
    /// 64 characters that stand for a user.
    #[prost(string, tag = "1")]
    pub(super) id: String,
}

/// What proves it from then on.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AuthenticateResponse {
    #[prost(string, tag = "1")]
    pub(super) token: String,
}

/// The snaps whose ratings are wanted.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct GetBulkRatingsRequest {
    #[prost(string, repeated, tag = "1")]
    pub(super) snap_ids: Vec<String>,
}

/// The ratings there are.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct GetBulkRatingsResponse {
    #[prost(message, repeated, tag = "1")]
    pub(super) ratings: Vec<ChartData>,
}

/// The rating of a snap, and how it is weighed.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ChartData {
    #[prost(float, tag = "1")]
    pub(super) raw_rating: f32,
    #[prost(message, optional, tag = "2")]
    pub(super) rating: Option<RatingForm>,
}

/// The votes for a snap. Its band and its name, fields 3 and 4, we do not read.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RatingForm {
    #[prost(string, tag = "1")]
    pub(super) snap_id: String,
    #[prost(uint64, tag = "2")]
    pub(super) total_votes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message;

    /// Bytes made by hand from the contract's field numbers, so that no number is only in agreement with itself.
    #[test]
    fn the_bytes_are_those_of_the_contract() {
        let request = AuthenticateRequest { id: "ab".to_owned() };
        assert_eq!(request.encode_to_vec(), b"\x0a\x02ab");
        let answer = AuthenticateResponse::decode(&b"\x0a\x03tok"[..]).unwrap();
        assert_eq!(answer.token, "tok");
        let request = GetBulkRatingsRequest { snap_ids: vec!["x".to_owned(), "yz".to_owned()] };
        assert_eq!(request.encode_to_vec(), b"\x0a\x01x\x0a\x02yz");
        // 0.5 as a float; a rating of snap "x" with 300 votes, band 1, name "n".
        let bytes = b"\x0a\x10\x0d\x00\x00\x00\x3f\x12\x09\x0a\x01x\x10\xac\x02\x22\x01n";
        let answer = GetBulkRatingsResponse::decode(&bytes[..]).unwrap();
        assert_eq!(answer.ratings.len(), 1);
        assert!((answer.ratings[0].raw_rating - 0.5).abs() < f32::EPSILON);
        let rating = answer.ratings[0].rating.as_ref().unwrap();
        assert_eq!((rating.snap_id.as_str(), rating.total_votes), ("x", 300));
    }
}
