//! The store: what it lists, and what it knows of one snap.

use crate::ranking::Listed;
use crate::snap::SnapName;
use crate::upstream::client::Answer;
use crate::upstream::client::Client;
use crate::upstream::client::host;
use crate::upstream::entry;
use crate::upstream::error::Fault;
use crate::upstream::error::Trouble;
use crate::upstream::error::UpstreamError;
use reqwest::RequestBuilder;
use reqwest::StatusCode;
use reqwest::header::IF_NONE_MATCH;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is asked of a search (contract/rankings 4.2), up to the number of the page.
const SEARCH: &str = "/api/v1/snaps/search?fields=snap_id,package_name,last_updated,date_published,summary,description,\
    title,version,publisher,revision,links,media,developer_validation,license,sections&scope=wide\
    &confinement=strict,classic&page=";

/// What is asked of a snap: all that a store is known to tell of it and a catalogue document can say.
const INFO_FIELDS: &str = "architectures,base,categories,common-ids,confinement,contact,created-at,description,\
    download,epoch,license,links,media,name,prices,private,publisher,resources,revision,snap-id,snap-yaml,store-url,\
    summary,title,type,version,website";

/// A snap store.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) client: Client,
    pub(super) url: String,
    pub(super) publisher_url: String,
    /// What may be told of where it is.
    pub(super) host: String,
}

/// A page of what a store lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The snaps of the page.
    pub listed: Vec<Listed>,
    /// Entries that are none: which (a name, or a place), and why.
    pub rejected: Vec<(String, String)>,
    /// Whether the store says that there is another page.
    pub has_next: bool,
}

/// What a store knows of a snap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Info {
    /// A catalogue document, not yet read.
    Document {
        /// Valid JSON.
        bytes: Vec<u8>,
        /// What to ask with the next time.
        etag: Option<String>,
    },
    /// Nothing else than what was known with the `etag`.
    NotModified,
    /// There is no such snap, or none for us.
    NotFound,
}

/// A page as it is sent.
#[derive(Deserialize)]
pub(super) struct SearchForm {
    #[serde(rename = "_embedded")]
    pub(super) embedded: Embedded,
    #[serde(rename = "_links", default)]
    links: Links,
}

#[derive(Deserialize)]
pub(super) struct Embedded {
    #[serde(rename = "clickindex:package")]
    pub(super) packages: Vec<Value>,
}

#[derive(Deserialize, Default)]
struct Links {
    #[serde(default)]
    next: Option<IgnoredAny>,
}

impl SearchForm {
    pub(super) fn read(answer: Answer) -> Result<Self, Fault> {
        let answer = answer.with(StatusCode::OK)?;
        serde_json::from_slice(&answer.body).map_err(Fault::of_json)
    }

    pub(super) fn has_next(&self) -> bool {
        self.links.next.is_some()
    }
}

impl Store {
    /// The store of the client's options.
    pub fn new(client: &Client) -> Self {
        let options = client.options();
        let url = options.store_url.trim_end_matches('/').to_owned();
        let publisher_url = options.publisher_url.trim_end_matches('/').to_owned();
        Self { client: client.clone(), host: host(&url), url, publisher_url }
    }

    pub(super) fn get(&self, path_and_query: &str) -> RequestBuilder {
        self.client.http().get(format!("{}{path_and_query}", self.url))
    }

    /// A page of all public snaps, from 1 on.
    ///
    /// # Errors
    /// When the store does not give the page; what is wrong with single snaps is no error.
    pub async fn search_page(&self, page: u32) -> Result<Page, UpstreamError> {
        let request = self.get(&format!("{SEARCH}{page}")).header("X-Ubuntu-Series", "16");
        let doing = format!("list page {page} of the store at {}", self.host);
        let form = self.client.ask(&doing, request, SearchForm::read).await?;
        Ok(sorted(form, page))
    }

    /// What the store knows of a snap, for every architecture; with an `etag`, only if that is no longer so.
    ///
    /// # Errors
    /// When the store does not say. A status 404 that does not come from a store is an error too: no snap is lost
    /// because of a wrong address.
    pub async fn info(&self, name: &SnapName, etag: Option<&str>) -> Result<Info, UpstreamError> {
        let request = self.get(&format!("/v2/snaps/info/{name}?fields={INFO_FIELDS}"));
        let mut request = request.header("Snap-Device-Series", "16");
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let doing = format!("read the snap {name} of the store at {}", self.host);
        self.client.ask(&doing, request, read_info).await
    }
}

fn read_info(answer: Answer) -> Result<Info, Fault> {
    match answer.status {
        StatusCode::NOT_MODIFIED => return Ok(Info::NotModified),
        StatusCode::NOT_FOUND => {
            #[derive(Deserialize)]
            struct Refusal {
                #[serde(rename = "error-list")]
                _errors: Vec<IgnoredAny>,
            }
            let is_said_by_a_store = serde_json::from_slice::<Refusal>(&answer.body).is_ok();
            return if is_said_by_a_store {
                Ok(Info::NotFound)
            } else {
                Err(Trouble::Status(StatusCode::NOT_FOUND.as_u16()).into())
            };
        }
        _ => {}
    }
    let answer = answer.with(StatusCode::OK)?;
    serde_json::from_slice::<IgnoredAny>(&answer.body).map_err(Fault::of_json)?;
    Ok(Info::Document { bytes: answer.body, etag: answer.etag })
}

/// The good entries of a page, and the others.
fn sorted(form: SearchForm, page: u32) -> Page {
    let has_next = form.has_next();
    let mut seen = BTreeSet::new();
    let mut listed = Vec::with_capacity(form.embedded.packages.len());
    let mut rejected = Vec::new();
    for (number, entry) in (1..).zip(form.embedded.packages) {
        let name = entry["package_name"].as_str().map(|name| name.chars().take(64).collect());
        let name = name.unwrap_or_else(|| format!("entry {number} of page {page}"));
        match entry::read(entry) {
            Ok(snap) if seen.insert(snap.id) => listed.push(snap),
            Ok(_) => rejected.push((name, "listed twice on one page".to_owned())),
            Err(reason) => rejected.push((name, reason)),
        }
    }
    Page { listed, rejected, has_next }
}

/// An object of foreign JSON, passed on.
pub(super) type Object = Map<String, Value>;

/// The objects of a list.
pub(super) fn objects(list: Vec<Value>) -> Vec<Object> {
    let object = |value| match value {
        Value::Object(object) => Some(object),
        _ => None,
    };
    list.into_iter().filter_map(object).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, etag: Some("e".to_owned()), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_page_is_sorted_into_good_and_bad() {
        let good = json!({
            "snap_id": "AbCdEf0123456789AbCdEf0123456789", "package_name": "one", "summary": "", "title": "",
            "last_updated": "2026-07-10T08:00:00Z", "description": "", "version": "", "publisher": "",
            "revision": 1, "links": {}, "media": [], "developer_validation": "", "license": "",
        });
        let entries = json!([good, {"package_name": "two"}, good, 7]);
        let body = json!({"_embedded": {"clickindex:package": entries}, "_links": {"next": {}}});
        let page = sorted(SearchForm::read(answer(200, &body.to_string())).unwrap(), 3);
        assert_eq!(page.listed.len(), 1);
        let names: Vec<&str> = page.rejected.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["two", "one", "entry 4 of page 3"]);
        assert!(page.has_next);
        for last in [json!({}), json!({"next": null}), json!({"self": {}})] {
            let body = json!({"_embedded": {"clickindex:package": []}, "_links": last});
            assert!(!SearchForm::read(answer(200, &body.to_string())).unwrap().has_next());
        }
    }

    #[test]
    fn only_a_page_is_a_page() {
        for (status, body, expected) in [
            (404, "{}", Trouble::Status(404)),
            (302, "", Trouble::Status(302)),
            (200, "<html>", Trouble::NotJson),
            (200, "{\"_embedded\": ", Trouble::NotJson),
            (200, "", Trouble::NotJson),
        ] {
            let fault = SearchForm::read(answer(status, body)).err().unwrap();
            assert_eq!(fault.trouble, expected, "{status} {body}");
        }
        for body in ["{}", "[]", "{\"_embedded\": {\"clickindex:package\": {}}}"] {
            let fault = SearchForm::read(answer(200, body)).err().unwrap();
            assert!(matches!(fault.trouble, Trouble::Unexpected(_)), "{body}");
        }
    }

    #[test]
    fn a_snap_is_not_found_only_where_a_store_says_so() {
        let said = r#"{"error-list": [{"code": "resource-not-found", "message": "no"}]}"#;
        assert_eq!(read_info(answer(404, said)).unwrap(), Info::NotFound);
        for body in ["", "<html>", "{}", "[]"] {
            assert_eq!(read_info(answer(404, body)).unwrap_err().trouble, Trouble::Status(404));
        }
        assert_eq!(read_info(answer(304, "")).unwrap(), Info::NotModified);
        assert!(matches!(read_info(answer(200, "{}")).unwrap(), Info::Document { .. }));
        assert_eq!(read_info(answer(200, "{")).unwrap_err().trouble, Trouble::NotJson);
    }
}
