//! `GET /api/v1/snaps/names`: every snap with its programs, as snapd keeps them to tell which snap has a command
//! (contract 10.2).
//!
//! It is megabytes: what is in it is decided at once, then written piece by piece as the caller takes it.

use crate::catalogue::PackageIndex;
use crate::find::Card;
use crate::find::Where;
use crate::find::Window;
use crate::http::asked::Asked;
use crate::http::compress;
use crate::http::compress::Compress;
use crate::http::json;
use crate::http::problem::Problem;
use crate::http::reply::Content;
use crate::http::reply::Reply;
use crate::http::reply::Stream;
use crate::http::store::Admission;
use crate::http::store::DeviceHeaders;
use crate::http::store::Shelf;
use crate::http::store::pages::Projection;
use crate::http::store::pages::SnapText;
use crate::snap::ChannelName;
use crate::snap::Confinement;
use crate::snap::Field;
use crate::snap::Fields;
use crate::snap::Instant;
use bytes::Bytes;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::header::CONTENT_ENCODING;
use hyper::header::HeaderValue;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

/// How much is written at once, before it is compressed: little enough that neighbours on the thread do not wait.
const PIECE_BYTES: usize = 64 * 1_024;

/// The answer: every snap that the caller may see and that is in its stable channel.
pub(in crate::http) fn names(
    when: Compress,
    shelf: &Shelf,
    now: Instant,
    (admission, headers): (&Admission, &DeviceHeaders<'_>),
    asked: &Asked<'_>,
) -> Result<Reply, Problem> {
    headers.check_series().map_err(Problem::bad_argument)?;
    let asked_for = asked.query_value("confinement").filter(|names| !names.is_empty());
    let confinements = asked_for.iter().flat_map(|names| names.split(','));
    let confinements: Result<Vec<Confinement>, _> = confinements.map(str::parse).collect();
    let confinements =
        confinements.map_err(|invalid| Problem::bad_argument(format!("confinement: {invalid}")))?;
    let architecture = headers.architecture().map_err(Problem::bad_argument)?;
    let Shelf { catalogue, finder, pages, .. } = shelf;
    let viewer = admission.admit(headers, catalogue, now)?.viewer;
    let stable = Where::Channel(ChannelName::STABLE);
    let default_tracks = headers.follows_default_tracks();
    let window = Window::new(catalogue, architecture, default_tracks, stable, now);
    let mut rows = Vec::new();
    for (place, snap) in catalogue.snaps().enumerate() {
        let Some(index) = catalogue.index_of(place) else { break };
        let card = finder.index.card(index);
        if card.is_private || !snap.is_visible_to(&viewer) {
            continue;
        }
        let Some(shown) = window.shown(snap) else { continue };
        if confinements.is_empty() || confinements.contains(&card.confinement(shown.package)) {
            let (text, card) = (pages.text_of(index), Arc::clone(card));
            rows.push(Row { text, card, package: shown.package });
        }
    }
    let n = rows.len();
    let packs = when != Compress::Off && compress::accepts_gzip(asked.headers);
    let packer = packs.then(compress::packer);
    let content = Content::Stream(Stream::new(Pieces::new(rows, packer)));
    let reply = Reply { counts: (0, n), ..Reply::hal(content) };
    if packs {
        return Ok(reply.with(CONTENT_ENCODING, HeaderValue::from_static("gzip")));
    }
    Ok(reply)
}

/// A snap as it is to be written. It holds the text of this snap, not the shelf.
struct Row {
    text: SnapText,
    card: Arc<Card>,
    package: PackageIndex,
}

impl Row {
    fn write(&self, out: &mut Vec<u8>, projection: &Projection<'_>) {
        out.extend_from_slice(b"{\"package_name\":");
        json::string(out, self.card.name.as_str());
        self.text.write_members(out, self.package, projection);
        // Which names its programs have besides is declared in assertions.
        out.extend_from_slice(b",\"aliases\":[],\"apps\":");
        json::list(out, self.card.apps(self.package), |out, app| json::string(out, app));
        out.push(b'}');
    }
}

/// What is still to be sent.
struct Pieces {
    /// None once everything was written.
    rows: Option<std::vec::IntoIter<Row>>,
    projection: Projection<'static>,
    packer: Option<compress::Packer>,
    begun: bool,
}

impl Pieces {
    fn new(rows: Vec<Row>, packer: Option<compress::Packer>) -> Self {
        let fields = Fields::of(&[Field::Summary, Field::Title, Field::Version]);
        let (rows, projection) = (Some(rows.into_iter()), Projection::new(fields, None));
        Self { rows, projection, packer, begun: false }
    }

    /// The next piece, perhaps empty while what was written is still being packed; None after the last.
    fn next(&mut self) -> Option<Vec<u8>> {
        let rows = self.rows.as_mut()?;
        let mut out = Vec::with_capacity(PIECE_BYTES + 4_096);
        let mut comma: &[u8] = b",";
        if !self.begun {
            // snapd reads it as it comes, and expects these two in this order.
            out.extend_from_slice(b"{\"_embedded\":{\"clickindex:package\":[");
            (self.begun, comma) = (true, b"");
        }
        let mut is_last = false;
        while out.len() < PIECE_BYTES {
            let Some(row) = rows.next() else {
                out.extend_from_slice(b"]}}");
                is_last = true;
                break;
            };
            out.extend_from_slice(std::mem::replace(&mut comma, b","));
            row.write(&mut out, &self.projection);
        }
        if is_last {
            self.rows = None;
        }
        Some(match &mut self.packer {
            Some(packer) => packer.pack(&out, is_last),
            None => out,
        })
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            match self.next() {
                Some(piece) if piece.is_empty() => {}
                piece => return Poll::Ready(piece.map(|piece| Ok(Frame::data(piece.into())))),
            }
        }
    }
}
