//! Where a page of a ranking goes on.

use crate::http::boards::standings::Standing;
use crate::snap::SnapId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Names the last snap of a page by its score and its snap-id. Within a generation pages neither repeat nor skip; in a
/// later one in which that snap has another score, they go on with the first snap that is worth no more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cursor(Standing);

impl Cursor {
    /// The cursor behind a snap.
    pub(super) fn behind(last: Standing) -> Self {
        Self(last)
    }

    /// The cursor as callers see it.
    pub(super) fn text(&self) -> String {
        let Standing { snap, score } = self.0;
        let bytes = [score.to_be_bytes().as_slice(), snap.as_str().as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor of a text that was given out as one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (score, snap) = bytes.split_first_chunk::<8>()?;
        let score = f64::from_be_bytes(*score);
        let snap: SnapId = std::str::from_utf8(snap).ok()?.parse().ok()?;
        score.is_finite().then_some(Self(Standing { snap, score }))
    }

    /// The place in the ranking where it goes on.
    pub(super) fn place_in(&self, ranking: &[Standing]) -> usize {
        let Standing { snap, score } = self.0;
        let from = ranking.partition_point(|standing| standing.score > score);
        let mut equal = ranking[from..].iter().take_while(|standing| standing.score >= score);
        equal.position(|standing| standing.snap == snap).map_or(from, |place| from + place + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_on_behind_its_snap_or_at_its_score() {
        let standing = |letter: &str, score| {
            let snap = letter.repeat(32).parse().unwrap();
            Standing { snap, score }
        };
        let ranking =
            [standing("a", 0.9), standing("b", 0.5), standing("c", 0.5), standing("d", 0.1)];
        for (last, expected) in [
            (ranking[0], 1),
            (ranking[1], 2),
            (ranking[2], 3),
            (ranking[3], 4),
            (standing("x", 0.5), 1),
            (standing("x", 0.3), 3),
            (standing("x", 1.0), 0),
            (standing("x", 0.0), 4),
        ] {
            let cursor = Cursor::parse(&Cursor::behind(last).text()).unwrap();
            assert_eq!(cursor, Cursor::behind(last));
            assert_eq!(cursor.place_in(&ranking), expected, "{last:?}");
        }
        for bad in ["", "x", "AAAA", &URL_SAFE_NO_PAD.encode([255; 40])] {
            assert_eq!(Cursor::parse(bad), None, "{bad}");
        }
    }
}
