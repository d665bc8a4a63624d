//! What do we know of this snap, and which snaps match these words?
//!
//! Dry: it selects and orders; writing is the door's. The words of all snaps are kept in an index that is made when a
//! catalogue is published and shared with the one before it while no text changes.

mod apps;
mod card;
mod column;
mod fold;
mod index;
mod info;
mod places;
mod popularity;
mod question;
mod rank;
mod search;
mod vocabulary;
mod window;

pub use card::Card;
pub use fold::words;
pub use index::Builder;
pub use index::Index;
pub use info::Entry;
pub use info::Wanted;
pub use info::channel_map;
pub use popularity::Popularity;
pub use question::Question;
pub use search::Found;
pub use search::MAX_RESULTS;
pub use search::search;
pub use window::Shown;
pub use window::Where;
pub use window::Window;
