//! The grammar of request bodies: what was sent, bounded, with the place of everything that is wrong.
//!
//! Members may be absent or `null` alike, unknown ones are skipped, a known one twice is refused. Nothing is kept
//! beyond its bound, and nothing that was sent is echoed but by its place.

mod faults;
mod list;
mod loose;
mod object;
mod plain;
mod read;
mod skipped;
mod text;

pub(super) use faults::add_faults;
pub(super) use faults::faults;
pub(super) use list::Counted;
pub(super) use list::Items;
pub(super) use loose::Loose;
pub(super) use object::wire_object;
pub(super) use plain::Body;
#[cfg(test)]
pub(super) use plain::Found;
pub(super) use plain::Plain;
#[cfg(test)]
pub(super) use read::placed;
pub(super) use read::read;
pub(super) use skipped::Skipped;
pub(super) use text::MAX_SHORT;
pub(super) use text::ShortText;
pub(super) use text::Text;
pub(super) use text::TextLength;
