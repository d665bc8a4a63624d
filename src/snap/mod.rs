//! The words of the store: values that, once made, are valid.
//!
//! No IO, no async, no clock. Everything snapd would choke on (contract/refresh.md 3.3 and 3.5) cannot be
//! written down with these types, so one bad row can never break a batch answer.

mod codec;

mod architecture;
mod category;
mod channel;
mod confinement;
mod digest;
mod download;
mod epoch;
mod field;
mod file_name;
mod id;
mod instant;
mod integrity;
mod invalid;
mod kind;
mod listing;
mod media;
mod name;
mod package;
mod price;
mod publisher;
mod release;
mod resource;
mod revision;
mod text;
mod url;

pub use architecture::Architecture;
pub use category::Category;
pub use channel::Branch;
pub use channel::Channel;
pub use channel::ChannelName;
pub use channel::Risk;
pub use channel::Track;
pub use confinement::Confinement;
pub use digest::Sha3;
pub use download::Delta;
pub use download::Download;
pub use download::FileSize;
pub use download::Source;
pub use epoch::Epoch;
pub use epoch::Epochs;
pub use field::Field;
pub use field::Fields;
pub use file_name::FileName;
pub use id::SnapId;
pub use instant::Instant;
pub use integrity::Integrity;
pub use invalid::Invalid;
pub use kind::SnapType;
pub use listing::Listing;
pub use media::Media;
pub use name::SnapName;
pub use package::Package;
pub use price::Amount;
pub use price::Currency;
pub use publisher::Publisher;
pub use publisher::Validation;
pub use release::Release;
pub use resource::Resource;
pub use resource::ResourceType;
pub use revision::Revision;
pub use text::Label;
pub use text::Line;
pub use text::Prose;
pub use text::StoreId;
pub use text::Version;
pub use url::Url;
