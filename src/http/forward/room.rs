//! How much may be kept of what is passed through, all of it together.

use std::sync::Arc;
use std::sync::Mutex;

/// The room for files that are kept in passing. Servers of one database share it: each learns with every generation
/// how much is held, so they pass the bound at most by what they keep at the same moment.
#[derive(Debug)]
pub struct Room {
    max_bytes: u64,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// By what is held.
    held: u64,
    /// By what is on its way.
    reserved: u64,
    /// Whether the last one that came found no room.
    is_full: bool,
}

impl Room {
    /// Room for so many bytes, none of which is taken.
    pub fn new(max_bytes: u64) -> Self {
        Self { max_bytes, taken: Mutex::default() }
    }

    /// So many bytes are held.
    pub fn holds(&self, n_bytes: u64) {
        self.taken.lock().expect("nobody panics with it").held = n_bytes;
    }

    /// Takes room for a file of that size, if there is any.
    pub(super) fn reserve(self: &Arc<Self>, n_bytes: u64) -> Option<Reserved> {
        let mut taken = self.taken.lock().expect("nobody panics with it");
        let all = taken.held.saturating_add(taken.reserved).saturating_add(n_bytes);
        let was_full = std::mem::replace(&mut taken.is_full, all > self.max_bytes);
        if taken.is_full {
            if !was_full {
                let (n_held, max_bytes) = (taken.held, self.max_bytes);
                tracing::info!(
                    n_held,
                    max_bytes,
                    "there is no room to keep a file that is passed through"
                );
            }
            return None;
        }
        taken.reserved += n_bytes;
        Some(Reserved { room: Arc::clone(self), n_bytes })
    }
}

/// Room that is taken by a file on its way, until the value goes.
#[derive(Debug)]
pub struct Reserved {
    room: Arc<Room>,
    n_bytes: u64,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.room.taken.lock().expect("nobody panics with it").reserved -= self.n_bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_and_what_is_on_its_way_share_the_room() {
        let room = Arc::new(Room::new(10));
        room.holds(4);
        let first = room.reserve(4).unwrap();
        assert!(room.reserve(3).is_none());
        let second = room.reserve(2).unwrap();
        assert!(room.reserve(1).is_none());
        // What failed leaves its room; what is held now is told.
        drop(first);
        assert!(room.reserve(5).is_none());
        room.holds(6);
        drop(second);
        assert!(room.reserve(4).is_some());
        assert!(room.reserve(u64::MAX).is_none());
        assert!(Arc::new(Room::new(0)).reserve(1).is_none());
    }
}
