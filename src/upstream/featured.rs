//! The store's featured list, and its search for words: passed on as they come.

use crate::snap::SnapId;
use crate::upstream::client::Answer;
use crate::upstream::client::host;
use crate::upstream::client::shown;
use crate::upstream::error::Fault;
use crate::upstream::error::Trouble;
use crate::upstream::error::UpstreamError;
use crate::upstream::store::Object;
use crate::upstream::store::SearchForm;
use crate::upstream::store::Store;
use crate::upstream::store::objects;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use reqwest::Method;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use reqwest::header::CACHE_CONTROL;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

/// What is asked of the featured list (contract/rankings 2.2 and 8), up to the number of the page.
const FEATURED: &str = "/api/v1/snaps/search?scope=wide&arch=wide&confinement=strict,classic,devmode\
    &fields=package_name,title,summary,architecture,media,developer_name,developer_id,developer_validation,origin,apps,\
    sections,snap_id&section=featured&page=";

/// The most pages of featured snaps: a page has 100, and editors feature 16.
const MAX_FEATURED_PAGES: u32 = 10;

/// What is asked of each snap found (contract/rankings 2.2).
const FOUND_FIELDS: &str = "title,summary,media,publisher,categories";

impl Store {
    /// The snaps of the featured list, in its order, as the store lists them.
    ///
    /// # Errors
    /// When the store does not give the whole list, or gives a page over and over.
    pub async fn featured(&self) -> Result<Vec<Object>, UpstreamError> {
        let mut featured = Vec::new();
        let mut seen = BTreeSet::new();
        for page in 1..=MAX_FEATURED_PAGES {
            let doing = format!("list the featured snaps of the store at {}", self.host);
            let request = self.get(&format!("{FEATURED}{page}")).header("X-Ubuntu-Series", "16");
            let request = request.header(CACHE_CONTROL, "no-cache");
            let form = self.client.ask(&doing, request, SearchForm::read).await?;
            let has_next = form.has_next();
            let n_before = featured.len();
            for snap in objects(form.embedded.packages) {
                let id = snap.get("snap_id").and_then(Value::as_str).unwrap_or_default();
                if seen.insert(id.to_owned()) {
                    featured.push(snap);
                }
            }
            if !has_next {
                return Ok(featured);
            }
            if featured.len() == n_before {
                break;
            }
        }
        let trouble = Trouble::Unexpected("the pages do not end".to_owned());
        let doing = format!("list the featured snaps of the store at {}", self.host);
        Err(UpstreamError::new(doing, trouble.into()))
    }

    /// The snaps that the store finds for these words, best first: its results as they come.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn find(&self, words: &str) -> Result<Vec<Object>, UpstreamError> {
        #[derive(Deserialize)]
        struct Found {
            results: Vec<Value>,
        }
        let words = utf8_percent_encode(words, NON_ALPHANUMERIC);
        let request = self.get(&format!("/v2/snaps/find?q={words}&fields={FOUND_FIELDS}"));
        let doing = format!("search the store at {}", self.host);
        let read = |answer: Answer| {
            let answer = answer.with(StatusCode::OK)?;
            let found: Found = serde_json::from_slice(&answer.body).map_err(Fault::of_json)?;
            Ok(objects(found.results))
        };
        self.client.ask(&doing, request.header("Snap-Device-Series", "16"), read).await
    }

    /// Adds snaps to the featured list, in this order. It takes none away.
    ///
    /// # Errors
    /// When the store refuses, or cannot be asked.
    pub async fn save_featured(&self, ids: &[SnapId]) -> Result<(), UpstreamError> {
        self.write_featured(Method::PUT, ids).await
    }

    /// Takes snaps off the featured list.
    ///
    /// # Errors
    /// When the store refuses, or cannot be asked.
    pub async fn delete_featured(&self, ids: &[SnapId]) -> Result<(), UpstreamError> {
        self.write_featured(Method::DELETE, ids).await
    }

    async fn write_featured(&self, method: Method, ids: &[SnapId]) -> Result<(), UpstreamError> {
        let doing = format!("change the featured snaps at {}", host(&self.publisher_url));
        let options = self.client.options();
        let token = options.publisher_token.as_ref().or(options.macaroon.as_ref());
        let token = token.ok_or(Fault::from(Trouble::NoToken)).and_then(shown);
        let token = token.map_err(|fault| UpstreamError::new(&doing, fault))?;
        let url = format!("{}/v1/snap/featured", self.publisher_url);
        let ids: Vec<&str> = ids.iter().map(SnapId::as_str).collect();
        let request = self.client.http().request(method, url).header(AUTHORIZATION, token);
        let request = request.header("Content-Type", "application/json");
        let request = request.body(json!({"packages": ids}).to_string());
        self.client.ask(&doing, request, |answer| answer.with(StatusCode::CREATED).map(drop)).await
    }
}
