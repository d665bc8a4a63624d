//! Where a snap is ranked, for those who ask (contract 2.7).

use crate::http::boards::Boards;
use crate::http::json;
use crate::snap::SnapId;

/// Adds the member `rankings` to the object that was written last.
pub(super) fn add(out: &mut Vec<u8>, boards: &Boards, snap: SnapId) {
    let end = out.pop();
    debug_assert_eq!(end, Some(b'}'), "an object was written last");
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.extend_from_slice(b"\"rankings\":");
    json::list(out, boards.shown(snap), |out, shown| {
        out.extend_from_slice(b"{\"category\":\"");
        json::plain(out, shown.category);
        out.extend_from_slice(b"\",\"rank\":");
        json::number(out, shown.rank);
        out.extend_from_slice(b",\"score\":");
        json::plain(out, shown.score);
        out.push(b'}');
    });
    out.push(b'}');
}
