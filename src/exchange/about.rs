//! What a document says of the snap as a whole: its member `snap`.

use crate::exchange::forms::known;
use crate::exchange::forms::list;
use crate::exchange::maps;
use crate::exchange::numbers;
use crate::exchange::statement::Fault;
use crate::snap::Amount;
use crate::snap::Category;
use crate::snap::Confinement;
use crate::snap::Currency;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Listing;
use crate::snap::Media;
use crate::snap::Prose;
use crate::snap::Publisher;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::SnapType;
use crate::snap::Url;
use crate::snap::Validation;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;

/// The member `snap`. The three revision members are read here too, where sparse documents have them, and stand
/// in for those an entry lacks; they are never written.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct About {
    #[serde(default, deserialize_with = "list")]
    pub(super) categories: Vec<CategoryForm>,
    #[serde(default, deserialize_with = "known")]
    pub(super) contact: Option<Line>,
    #[serde(default, deserialize_with = "known")]
    pub(super) description: Option<Prose>,
    #[serde(default, deserialize_with = "known")]
    pub(super) license: Option<Line>,
    #[serde(default, deserialize_with = "maps::links")]
    pub(super) links: BTreeMap<Label, Vec<Line>>,
    #[serde(default, deserialize_with = "list")]
    pub(super) media: Vec<MediaForm>,
    #[serde(default, deserialize_with = "known")]
    pub(super) name: Option<SnapName>,
    #[serde(default, deserialize_with = "maps::prices")]
    pub(super) prices: BTreeMap<Currency, Amount>,
    #[serde(default)]
    pub(super) private: Option<bool>,
    #[serde(default)]
    publisher: Option<PublisherForm>,
    #[serde(default, alias = "snap_id", deserialize_with = "known")]
    pub(super) snap_id: Option<SnapId>,
    #[serde(default, alias = "store_url", deserialize_with = "known")]
    pub(super) store_url: Option<Url>,
    #[serde(default, deserialize_with = "known")]
    pub(super) summary: Option<Line>,
    #[serde(default, deserialize_with = "known")]
    pub(super) title: Option<Line>,
    #[serde(default, deserialize_with = "known")]
    pub(super) website: Option<Line>,
    #[serde(default, deserialize_with = "known", skip_serializing)]
    pub(super) base: Option<Label>,
    #[serde(default, deserialize_with = "known", skip_serializing)]
    pub(super) confinement: Option<Confinement>,
    #[serde(default, rename = "type", deserialize_with = "known", skip_serializing)]
    pub(super) kind: Option<SnapType>,
}

impl About {
    /// Who publishes it: known in full or not at all.
    pub(super) fn publisher(&mut self) -> Result<Option<Publisher>, Fault> {
        let Some(form) = self.publisher.take() else { return Ok(None) };
        let (id, username) = match (form.id, form.username) {
            (Some(id), Some(username)) => (id, username),
            (None, None) if form.display_name.is_none() => return Ok(None),
            (None, _) => return Err(Fault::new("snap.publisher.id", "missing")),
            (_, None) => return Err(Fault::new("snap.publisher.username", "missing")),
        };
        let named = || username.as_str().parse().expect("a label is a line");
        Ok(Some(Publisher {
            display_name: form.display_name.unwrap_or_else(named),
            validation: form
                .validation
                .and_then(|word| word.parse().ok())
                .unwrap_or(Validation::Unproven),
            id,
            username,
        }))
    }
}

impl From<&Listing> for About {
    fn from(listing: &Listing) -> Self {
        Self {
            categories: listing.categories.iter().map(CategoryForm::from).collect(),
            contact: listing.contact.clone(),
            description: Some(listing.description.clone()),
            license: listing.license.clone(),
            links: listing.links.clone(),
            media: listing.media.iter().map(MediaForm::from).collect(),
            name: Some(listing.name),
            prices: listing.prices.clone(),
            private: Some(listing.private),
            publisher: listing.publisher.as_ref().map(PublisherForm::from),
            snap_id: Some(listing.id),
            store_url: listing.store_url.clone(),
            summary: Some(listing.summary.clone()),
            title: Some(listing.title.clone()),
            website: listing.website.clone(),
            base: None,
            confinement: None,
            kind: None,
        }
    }
}

/// A category.
#[derive(Debug, Deserialize, Serialize)]
#[serde(expecting = "an object")]
pub(super) struct CategoryForm {
    #[serde(default)]
    featured: Option<bool>,
    name: Label,
}

impl From<CategoryForm> for Category {
    fn from(form: CategoryForm) -> Self {
        Self { name: form.name, featured: form.featured.unwrap_or(false) }
    }
}

impl From<&Category> for CategoryForm {
    fn from(category: &Category) -> Self {
        Self { name: category.name.clone(), featured: Some(category.featured) }
    }
}

/// A picture or film.
#[derive(Debug, Deserialize, Serialize)]
#[serde(expecting = "an object")]
pub(super) struct MediaForm {
    #[serde(default, deserialize_with = "numbers::pixels")]
    height: Option<u16>,
    #[serde(rename = "type")]
    kind: Label,
    url: Url,
    #[serde(default, deserialize_with = "numbers::pixels")]
    width: Option<u16>,
}

impl From<MediaForm> for Media {
    fn from(form: MediaForm) -> Self {
        Self { kind: form.kind, url: form.url, width: form.width, height: form.height }
    }
}

impl From<&Media> for MediaForm {
    fn from(media: &Media) -> Self {
        Self {
            height: media.height,
            kind: media.kind.clone(),
            url: media.url.clone(),
            width: media.width,
        }
    }
}

/// A publisher; the validation is any word, and one we do not know vouches for nothing.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
struct PublisherForm {
    #[serde(default, alias = "display_name", deserialize_with = "known")]
    display_name: Option<Line>,
    #[serde(default, deserialize_with = "known")]
    id: Option<Label>,
    #[serde(default, deserialize_with = "known")]
    username: Option<Label>,
    #[serde(default)]
    validation: Option<String>,
}

impl From<&Publisher> for PublisherForm {
    fn from(publisher: &Publisher) -> Self {
        Self {
            display_name: Some(publisher.display_name.clone()),
            id: Some(publisher.id.clone()),
            username: Some(publisher.username.clone()),
            validation: Some(publisher.validation.to_string()),
        }
    }
}
