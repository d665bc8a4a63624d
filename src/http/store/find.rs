//! `GET /v2/snaps/find`: which snaps match (contract 10.2).

use crate::device::Viewer;
use crate::find::Found;
use crate::find::Question;
use crate::find::Where;
use crate::find::Window;
use crate::find::search;
use crate::http::asked::Asked;
use crate::http::json;
use crate::http::problem::Problem;
use crate::http::store::Admission;
use crate::http::store::DeviceHeaders;
use crate::http::store::Shelf;
use crate::http::store::pages::Projection;
use crate::http::store::pages::close;
use crate::http::store::rankings;
use crate::snap::Architecture;
use crate::snap::ChannelName;
use crate::snap::Confinement;
use crate::snap::Field;
use crate::snap::Fields;
use crate::snap::Instant;
use crate::snap::Invalid;
use std::borrow::Cow;

/// The parameters that are looked at, as they were sent.
struct Sent<'q> {
    q: Cow<'q, str>,
    name: Cow<'q, str>,
    common_id: Cow<'q, str>,
    category: Cow<'q, str>,
    publisher: Cow<'q, str>,
    channel: Cow<'q, str>,
}

impl<'q> Sent<'q> {
    fn of(asked: &Asked<'q>) -> Self {
        let value = |name| asked.query_value(name).unwrap_or_default();
        let category = match value("category") {
            // The older word for it.
            category if category.is_empty() => value("section"),
            category => category,
        };
        Self {
            q: value("q"),
            name: value("name"),
            common_id: value("common-id"),
            category,
            publisher: value("publisher"),
            channel: value("channel"),
        }
    }
}

/// What is asked for, read from query and headers.
struct Wanted<'q> {
    question: Question<'q>,
    place: Where<'q>,
    architecture: Option<Architecture>,
    selection: Selection,
}

/// Which members are written of what was found.
struct Selection {
    projection: Projection<'static>,
    /// Whether the channel is one of them, and the size of the download.
    channel: bool,
    download: bool,
    /// Whether any member of the revision is.
    of_revision: bool,
}

/// What pages for people show of a snap that was found.
const FOR_PAGES: &str = "categories,media,publisher,summary,title";

/// The body of the answer.
pub(in crate::http) fn find(
    shelf: &Shelf,
    now: Instant,
    (admission, headers): (&Admission, &DeviceHeaders<'_>),
    asked: &Asked<'_>,
) -> Result<Vec<u8>, Problem> {
    let sent = Sent::of(asked);
    let wanted = parse(headers, asked, &sent)
        .map_err(|arguments| Problem::BadArgument { arguments, faults: Vec::new() })?;
    let viewer = admission.admit(headers, &shelf.catalogue, now)?.viewer;
    let default_tracks = headers.follows_default_tracks();
    let Wanted { question, place, architecture, selection } = wanted;
    let window = Window::new(&shelf.catalogue, architecture, default_tracks, place, now);
    Ok(written(shelf, (&question, &window, &viewer), &selection))
}

/// The same for what somebody typed who is no device and shows nothing of themselves: what there is for any machine.
/// What is longer than anybody types finds what the empty text does.
pub(in crate::http) fn find_words(shelf: &Shelf, now: Instant, words: &str) -> Vec<u8> {
    let words = Question::parse_words(words).unwrap_or_default();
    let question = Question { words, ..Question::default() };
    let window = Window::new(&shelf.catalogue, None, false, Where::Anywhere, now);
    written(shelf, (&question, &window, &Viewer::default()), &Selection::of(FOR_PAGES))
}

fn written(
    shelf: &Shelf,
    (question, window, viewer): (&Question<'_>, &Window<'_>, &Viewer),
    selection: &Selection,
) -> Vec<u8> {
    let Shelf { catalogue, finder, .. } = shelf;
    let searched = (catalogue, &*finder.index, &finder.popularity);
    let found = search(searched, question, window, |snap| snap.is_visible_to(viewer));
    let mut out = Vec::with_capacity(64 + 1_024 * found.len());
    out.extend_from_slice(b"{\"results\":");
    json::list(&mut out, found, |out, found| write(out, shelf, found, selection));
    out.push(b'}');
    out
}

/// Reads query and headers, or says everything that is wrong with them.
fn parse<'q>(
    headers: &DeviceHeaders<'_>,
    asked: &Asked<'_>,
    sent: &'q Sent<'_>,
) -> Result<Wanted<'q>, Vec<String>> {
    let mut wrong: Vec<String> = headers.check_series().err().into_iter().collect();
    let value = |name| asked.query_value(name).filter(|value| !value.is_empty());
    let mut check = |name: &str, invalid: Invalid| wrong.push(format!("{name}: {invalid}"));
    let words = Question::parse_words(&sent.q).unwrap_or_else(|invalid| {
        check("q", invalid);
        None
    });
    let mut confinements = Vec::new();
    for name in value("confinement").iter().flat_map(|names| names.split(',')) {
        match name.parse::<Confinement>() {
            Ok(confinement) if confinements.contains(&confinement) => {}
            Ok(confinement) => confinements.push(confinement),
            Err(invalid) => {
                check("confinement", invalid);
                break;
            }
        }
    }
    let place = match sent.channel.as_ref() {
        "" => Where::Anywhere,
        channel => ChannelName::parse(channel).map_or_else(
            |invalid| {
                check("channel", invalid);
                Where::Anywhere
            },
            Where::Channel,
        ),
    };
    let asked_for = value("architecture").and_then(|name| {
        name.parse::<Architecture>().map_err(|invalid| check("architecture", invalid)).ok()
    });
    let private = flag(value("private").as_deref()).unwrap_or_else(|invalid| {
        check("private", invalid);
        false
    });
    if let Some(invalid) = value("scope").and_then(|scope| scope_fault(&scope)) {
        check("scope", invalid);
    }
    let own = headers.architecture().unwrap_or_else(|text| {
        wrong.push(text);
        None
    });
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let said = |text: &'q str| Some(text).filter(|text| !text.is_empty());
    let question = Question {
        words,
        name: said(&sent.name),
        common_id: said(&sent.common_id),
        category: said(&sent.category),
        publisher: said(&sent.publisher),
        confinements,
        private,
    };
    let selection = Selection::of(&value("fields").unwrap_or_default());
    Ok(Wanted { question, place, architecture: asked_for.or(own), selection })
}

fn flag(text: Option<&str>) -> Result<bool, Invalid> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Invalid::new("flag", "true or false")),
    }
}

/// There is one scope; it is what is searched when no channel is named.
fn scope_fault(scope: &str) -> Option<Invalid> {
    (scope != "wide").then(|| Invalid::new("scope", "wide, or nothing"))
}

impl Selection {
    /// The members of these names, separated by commas; what no member is called is ignored.
    fn of(names: &str) -> Self {
        let mut fields = Fields::NONE;
        let (mut channel, mut download) = (false, false);
        for name in names.split(',') {
            match Field::of_name(name) {
                // Of the file only its size is told: who wants it asks for a revision.
                Some(Field::Download) => download = true,
                Some(field) => fields.insert(field),
                None => channel |= name == "channel",
            }
        }
        let projection = Projection::new(fields, None);
        let of_revision = channel || download || projection.has_revision();
        Self { projection, channel, download, of_revision }
    }
}

fn write(out: &mut Vec<u8>, shelf: &Shelf, found: Found, selection: &Selection) {
    let Found { snap: index, shown } = found;
    let (snap, projection) = (shelf.catalogue.snap(index), &selection.projection);
    out.extend_from_slice(b"{\"name\":");
    json::string(out, snap.name.as_str());
    if selection.of_revision {
        out.extend_from_slice(b",\"revision\":");
        let start = out.len();
        shelf.pages.write_package_members(out, (index, shown.package), projection, &[]);
        if selection.channel {
            out.extend_from_slice(b",\"channel\":");
            json::string(out, &shelf.catalogue.channel_name(shown.channel).to_string());
        }
        if selection.download {
            out.extend_from_slice(b",\"download\":{\"size\":");
            json::number(out, shelf.finder.index.card(index).size(shown.package).bytes());
            out.push(b'}');
        }
        close(out, start);
    }
    out.extend_from_slice(b",\"snap\":");
    shelf.pages.write_own(out, index, projection);
    if projection.has_rankings() {
        rankings::add(out, &shelf.boards, snap.id);
    }
    out.extend_from_slice(b",\"snap-id\":");
    json::string(out, snap.id.as_str());
    out.push(b'}');
}
