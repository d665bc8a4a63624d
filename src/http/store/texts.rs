//! The members of a snap object, written once at publication.

use crate::http::json;
use crate::snap::Architecture;
use crate::snap::Delta;
use crate::snap::Download;
use crate::snap::Epochs;
use crate::snap::Field;
use crate::snap::FileName;
use crate::snap::Instant;
use crate::snap::Integrity;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Resource;
use crate::snap::Sha3;
use crate::snap::SnapId;
use crate::snap::Source;
use crate::snap::Url;
use crate::snap::Version;
use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use std::collections::BTreeSet;

/// The path of the files that are ours.
const DOWNLOADS: &str = "/api/v1/snaps/download/";

/// What a part of a path is encoded in: all that has, or once had, another meaning.
const PART_OF_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How a download without deltas ends; deltas go before the last two bytes.
pub(super) const NO_DELTAS: &[u8] = b"]}";

/// Appends `,"name":value` for one of the snap's own fields.
pub(super) fn of_snap(out: &mut Vec<u8>, listing: &Listing, field: Field) {
    member(out, field.as_str());
    let line = |line: &Option<Line>| line.as_ref().map(|line| line.as_str().to_owned());
    match field {
        Field::Categories => json::list(out, &listing.categories, |out, category| {
            let featured: &[u8] = if category.featured { b"true" } else { b"false" };
            out.extend_from_slice(b"{\"featured\":");
            out.extend_from_slice(featured);
            last(out, "name", category.name.as_str());
        }),
        Field::Contact => json::string_or_null(out, line(&listing.contact).as_deref()),
        Field::Description => json::string(out, listing.description.as_str()),
        Field::License => json::string_or_null(out, line(&listing.license).as_deref()),
        Field::Links => object(out, &listing.links, Label::as_str, |out, links| {
            json::list(out, links, |out, link| json::string(out, link.as_str()));
        }),
        Field::Media => media(out, listing),
        Field::Name => json::string(out, listing.name.as_str()),
        Field::Prices => object(
            out,
            &listing.prices,
            |currency| currency.as_str(),
            |out, amount| {
                json::string(out, amount.as_str());
            },
        ),
        Field::Private => json::plain(out, listing.private),
        Field::Publisher => publisher(out, listing),
        Field::SnapId => json::string(out, listing.id.as_str()),
        Field::StoreUrl => {
            json::string_or_null(out, listing.store_url.as_ref().map(Url::as_str));
        }
        Field::Summary => json::string(out, listing.summary.as_str()),
        Field::Title => json::string(out, listing.title.as_str()),
        Field::Website => json::string_or_null(out, line(&listing.website).as_deref()),
        of_package => unreachable!("{of_package:?} is a field of a revision"),
    }
}

/// What of an address is not in the text: where each begins whose front follows from the request.
pub(super) struct Addresses<'l> {
    /// The snap whose files they are.
    pub(super) id: SnapId,
    /// The files that are held: they are ours, wherever else they may be.
    pub(super) held: &'l BTreeSet<Sha3>,
    /// The places in the text, least first.
    pub(super) places: Vec<u32>,
}

impl Addresses<'_> {
    /// Appends the address of a file that is of that name with us.
    fn write(&mut self, out: &mut Vec<u8>, download: &Download, name: &FileName) {
        match &download.source {
            Source::Elsewhere(url) if !self.held.contains(&download.sha3_384) => {
                json::string(out, url.as_str());
            }
            Source::Elsewhere(_) | Source::Here => {
                out.push(b'"');
                self.places.push(end(out.len()));
                out.extend_from_slice(DOWNLOADS.as_bytes());
                // Quotes of a delta's format are written so that neither JSON nor a path minds them.
                json::plain(out, utf8_percent_encode(&name.to_string(), PART_OF_PATH));
                out.push(b'"');
            }
        }
    }
}

/// Appends `,"name":value` for one of a revision's fields.
pub(super) fn of_package(
    out: &mut Vec<u8>,
    package: &Package,
    field: Field,
    addresses: &mut Addresses<'_>,
) {
    member(out, field.as_str());
    match field {
        Field::Architectures => architectures(out, &package.architectures),
        Field::Base => json::string_or_null(out, package.base.as_ref().map(Label::as_str)),
        Field::CommonIds => json::list(out, &package.common_ids, |out, id| {
            json::string(out, id.as_str());
        }),
        Field::Confinement => json::string(out, package.confinement.as_str()),
        Field::CreatedAt => time(out, package.created_at),
        Field::Download => {
            let name = FileName::Package { id: addresses.id, revision: package.revision };
            file(out, &package.download);
            addresses.write(out, &package.download, &name);
            out.extend_from_slice(b",\"deltas\":[");
            out.extend_from_slice(NO_DELTAS);
        }
        Field::Epoch => {
            out.extend_from_slice(b"{\"read\":");
            epochs(out, package.epoch.read());
            out.extend_from_slice(b",\"write\":");
            epochs(out, package.epoch.write());
            out.push(b'}');
        }
        Field::Integrity => json::list(out, &package.integrity, integrity),
        Field::Resources => json::list(out, &package.resources, resource),
        Field::Revision => json::number(out, package.revision.number()),
        Field::SnapYaml => json::string(out, package.snap_yaml.as_str()),
        Field::Type => json::string(out, package.kind.as_str()),
        Field::Version => json::string(out, package.version.as_str()),
        of_snap => unreachable!("{of_snap:?} is a field of a snap"),
    }
}

/// Whether two revisions say the same in a field that revisions mostly have in common.
pub(super) fn is_same(one: &Package, other: &Package, field: Field) -> bool {
    match field {
        Field::Architectures => one.architectures == other.architectures,
        Field::Base => one.base == other.base,
        Field::CommonIds => one.common_ids == other.common_ids,
        Field::Confinement => one.confinement == other.confinement,
        Field::Epoch => one.epoch == other.epoch,
        Field::Integrity => one.integrity == other.integrity,
        Field::Resources => one.resources == other.resources,
        Field::Type => one.kind == other.kind,
        apart => unreachable!("{apart:?} is a field in which revisions differ"),
    }
}

/// Appends a delta (contract 3.4).
pub(super) fn delta(out: &mut Vec<u8>, delta: &Delta, addresses: &mut Addresses<'_>) {
    let (id, source, target) = (addresses.id, delta.source, delta.target);
    let name = FileName::Delta { id, source, target, format: delta.format.clone() };
    file(out, &delta.download);
    addresses.write(out, &delta.download, &name);
    out.extend_from_slice(b",\"format\":");
    json::string(out, delta.format.as_str());
    out.extend_from_slice(b",\"source\":");
    json::number(out, delta.source.number());
    out.extend_from_slice(b",\"target\":");
    json::number(out, delta.target.number());
    out.push(b'}');
}

/// A place in a text.
pub(super) fn end(length: usize) -> u32 {
    u32::try_from(length).expect("a page is under 4 GiB")
}

/// Appends `,"name":`; names are ours and need no escape.
fn member(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn last(out: &mut Vec<u8>, name: &str, value: &str) {
    member(out, name);
    json::string(out, value);
    out.push(b'}');
}

fn object<'v, K: 'v, V: 'v>(
    out: &mut Vec<u8>,
    members: impl IntoIterator<Item = (&'v K, &'v V)>,
    name: impl Fn(&K) -> &str,
    mut value: impl FnMut(&mut Vec<u8>, &V),
) {
    out.push(b'{');
    for (place, (key, held)) in members.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        json::string(out, name(key));
        out.push(b':');
        value(out, held);
    }
    out.push(b'}');
}

fn media(out: &mut Vec<u8>, listing: &Listing) {
    let pixels = |out: &mut Vec<u8>, pixels: Option<u16>| match pixels {
        Some(pixels) => json::number(out, pixels),
        None => out.extend_from_slice(b"null"),
    };
    json::list(out, &listing.media, |out, media| {
        out.extend_from_slice(b"{\"height\":");
        pixels(out, media.height);
        member(out, "type");
        json::string(out, media.kind.as_str());
        member(out, "url");
        json::string(out, media.url.as_str());
        member(out, "width");
        pixels(out, media.width);
        out.push(b'}');
    });
}

fn publisher(out: &mut Vec<u8>, listing: &Listing) {
    let Some(publisher) = &listing.publisher else {
        out.extend_from_slice(b"null");
        return;
    };
    out.extend_from_slice(b"{\"display-name\":");
    json::string(out, publisher.display_name.as_str());
    member(out, "id");
    json::string(out, publisher.id.as_str());
    member(out, "username");
    json::string(out, publisher.username.as_str());
    last(out, "validation", publisher.validation.as_str());
}

fn architectures(out: &mut Vec<u8>, architectures: &[Architecture]) {
    json::list(out, architectures, |out, architecture| json::string(out, architecture.as_str()));
}

fn epochs(out: &mut Vec<u8>, epochs: &Epochs) {
    json::list(out, epochs.as_slice(), |out, number| json::number(out, *number));
}

fn time(out: &mut Vec<u8>, time: Option<Instant>) {
    match time {
        Some(time) => {
            out.push(b'"');
            out.extend_from_slice(&time.text());
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends what every file has, up to its address.
fn file(out: &mut Vec<u8>, download: &Download) {
    out.extend_from_slice(b"{\"sha3-384\":\"");
    json::plain(out, download.sha3_384);
    out.extend_from_slice(b"\",\"size\":");
    json::number(out, download.size.bytes());
    out.extend_from_slice(b",\"url\":");
}

/// Appends a file that is never ours, without the closing brace.
fn foreign_file(out: &mut Vec<u8>, download: &Download) {
    file(out, download);
    json::string_or_null(out, download.source.url().map(Url::as_str));
}

fn resource(out: &mut Vec<u8>, resource: &Resource) {
    out.extend_from_slice(b"{\"architectures\":");
    architectures(out, &resource.architectures);
    member(out, "created-at");
    time(out, resource.created_at);
    member(out, "description");
    json::string(out, resource.description.as_str());
    member(out, "download");
    foreign_file(out, &resource.download);
    out.push(b'}');
    member(out, "name");
    json::string(out, resource.name.as_str());
    member(out, "revision");
    json::number(out, resource.revision.number());
    member(out, "type");
    json::string(out, resource.kind.as_str());
    member(out, "version");
    json::string_or_null(out, resource.version.as_ref().map(Version::as_str));
    out.push(b'}');
}

fn integrity(out: &mut Vec<u8>, integrity: &Integrity) {
    out.extend_from_slice(b"{\"data-block-size\":");
    json::number(out, integrity.data_block_size);
    member(out, "digest");
    json::string(out, integrity.digest.as_str());
    member(out, "download");
    foreign_file(out, &integrity.download);
    out.push(b'}');
    member(out, "hash-algorithm");
    json::string(out, integrity.hash_algorithm.as_str());
    member(out, "hash-block-size");
    json::number(out, integrity.hash_block_size);
    member(out, "salt");
    json::string(out, integrity.salt.as_str());
    member(out, "type");
    json::string(out, integrity.kind.as_str());
    member(out, "version");
    out.push(b'"');
    json::number(out, integrity.version);
    out.extend_from_slice(b"\"}");
}
