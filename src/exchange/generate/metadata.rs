//! What is invented of a snap as a whole.

use crate::exchange::generate::dice::Dice;
use crate::exchange::generate::names;
use crate::exchange::generate::publisher;
use crate::exchange::generate::sure;
use crate::exchange::generate::words;
use crate::snap::Category;
use crate::snap::Decisions;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Listing;
use crate::snap::Media;
use std::collections::BTreeMap;

const CATEGORIES: [&str; 16] = [
    "art-and-design",
    "books-and-reference",
    "development",
    "devices-and-iot",
    "education",
    "entertainment",
    "finance",
    "games",
    "health-and-fitness",
    "music-and-audio",
    "news-and-weather",
    "photo-and-video",
    "productivity",
    "science",
    "security",
    "utilities",
];

const LICENSES: [(u64, &str); 7] = [
    (300, "MIT"),
    (200, "GPL-3.0-or-later"),
    (150, "Apache-2.0"),
    (100, "GPL-2.0-only"),
    (100, "BSD-3-Clause"),
    (50, "MPL-2.0"),
    (100, "Proprietary"),
];

/// A snap without revisions.
pub(super) fn invent(number: u64, seed: u64, dice: &mut Dice) -> Listing {
    let parts = names::name(number, seed);
    let name = parts.join("-");
    let title = parts.iter().map(|part| words::capital(part)).collect::<Vec<_>>().join(" ");
    let summary = words::summary(dice);
    let has_website = dice.per_mille(450);
    let website = has_website.then(|| format!("https://{name}.example"));
    let contact = dice.per_mille(700).then(|| format!("mailto:hello@{name}.example"));
    Listing {
        id: sure(&dice.key()),
        name: sure(&name),
        description: sure(&words::description(&title, &summary, dice)),
        title: sure(&title),
        summary: sure(&summary),
        license: dice.per_mille(850).then(|| sure(dice.weighted(&LICENSES))),
        links: links(&name, contact.as_deref(), website.as_deref(), dice),
        contact: contact.map(|contact| sure(&contact)),
        website: website.map(|website| sure(&website)),
        store_url: Some(sure(&format!("https://store.example/{name}"))),
        private: dice.per_mille(10),
        default_track: None,
        publisher: Some(publisher::of_snap(number, seed, dice)),
        categories: categories(dice),
        media: media(&name, dice),
        prices: if dice.per_mille(2) {
            let amount = format!("{}.99", dice.between(1, 50));
            BTreeMap::from([(sure("EUR"), sure(&amount)), (sure("USD"), sure(&amount))])
        } else {
            BTreeMap::new()
        },
        stores: Vec::new(),
        viewers: Vec::new(),
        packages: Vec::new(),
        releases: Vec::new(),
        deltas: Vec::new(),
        decisions: Decisions::default(),
    }
}

fn links(
    name: &str,
    contact: Option<&str>,
    website: Option<&str>,
    dice: &mut Dice,
) -> BTreeMap<Label, Vec<Line>> {
    let mut links = BTreeMap::new();
    let mut link = |key: &str, to: &str| links.insert(sure(key), vec![sure(to)]);
    if let Some(contact) = contact {
        link("contact", contact);
    }
    if let Some(website) = website {
        link("website", website);
    }
    if dice.per_mille(350) {
        link("issues", &format!("https://code.example/{name}/issues"));
        link("source", &format!("https://code.example/{name}"));
    }
    links
}

fn categories(dice: &mut Dice) -> Vec<Category> {
    let mut categories = Vec::new();
    for _ in 0..dice.weighted(&[(200, 0), (600, 1), (200, 2)]) {
        let name: Label = sure(dice.one_of(&CATEGORIES));
        if categories.iter().all(|category: &Category| category.name != name) {
            categories.push(Category { name, featured: dice.per_mille(40) });
        }
    }
    categories
}

fn media(name: &str, dice: &mut Dice) -> Vec<Media> {
    let mut media = Vec::new();
    let mut add = |kind: &str, file: &str, width, height| {
        let url = format!("https://store.example/media/{name}/{file}");
        media.push(Media {
            kind: sure(kind),
            url: sure(&url),
            width: Some(width),
            height: Some(height),
        });
    };
    if dice.per_mille(900) {
        add("icon", "icon.png", 256, 256);
    }
    for number in 1..=dice.between(1, 4) {
        add("screenshot", &format!("screenshot-{number}.png"), 1_280, 800);
    }
    if dice.per_mille(50) {
        add("banner", "banner.png", 1_920, 640);
    }
    media
}
