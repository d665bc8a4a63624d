//! The default track: where an install goes that names no track (contract 5.4).

use crate::catalogue::Shelved;
use crate::device::Device;
use crate::refresh::Action;
use crate::snap::ChannelName;

/// The channel an action is redirected to, if it is: the same risk and branch in the snap's default track.
/// A refresh never is, and neither is a device that does not follow redirections.
pub(super) fn redirect<'n>(
    snap: &'n Shelved,
    device: &Device<'_>,
    action: &Action<'_>,
    asked: ChannelName<'n>,
) -> Option<ChannelName<'n>> {
    if action.kind.installed().is_some() || asked.names_track() || !device.default_tracks {
        return None;
    }
    snap.default_track.as_ref().map(|track| asked.in_track(track))
}
