//! Snaps of which little or everything is known, and a database to put them into.

use crate::support;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Object;
use snapwise::db;
use snapwise::db::Database;
use snapwise::db::DbError;
use snapwise::db::generations;
use snapwise::db::listings;
use snapwise::snap::Blocked;
use snapwise::snap::Category;
use snapwise::snap::Confinement;
use snapwise::snap::Decisions;
use snapwise::snap::Delta;
use snapwise::snap::Download;
use snapwise::snap::Epoch;
use snapwise::snap::Epochs;
use snapwise::snap::FileSize;
use snapwise::snap::Instant;
use snapwise::snap::Integrity;
use snapwise::snap::Listing;
use snapwise::snap::Media;
use snapwise::snap::Override;
use snapwise::snap::Package;
use snapwise::snap::Progress;
use snapwise::snap::Progression;
use snapwise::snap::Publisher;
use snapwise::snap::Release;
use snapwise::snap::Resource;
use snapwise::snap::Revision;
use snapwise::snap::Sha3;
use snapwise::snap::SnapId;
use snapwise::snap::SnapType;
use snapwise::snap::Source;
use snapwise::snap::Validation;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

pub(super) fn of<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect(text)
}

pub(super) fn all<T: FromStr<Err: Debug>>(texts: &[&str]) -> Vec<T> {
    texts.iter().map(|text| of(text)).collect()
}

pub(super) fn revision(number: i64) -> Revision {
    Revision::new(number).unwrap()
}

pub(super) fn file(name: &str) -> Download {
    Download {
        source: Source::Elsewhere(of(&format!("https://store.example/{name}"))),
        size: FileSize::new(4_096).unwrap(),
        sha3_384: Sha3::new([7; 48]),
    }
}

pub(super) fn package(number: i64, architectures: &[&str]) -> Package {
    Package {
        revision: revision(number),
        version: of("1.0"),
        architectures: all(architectures),
        base: None,
        confinement: Confinement::Strict,
        kind: SnapType::App,
        epoch: Epoch::ZERO,
        created_at: None,
        common_ids: Vec::new(),
        snap_yaml: of(""),
        download: file(&format!("{number}.snap")),
        resources: Vec::new(),
        integrity: Vec::new(),
    }
}

pub(super) fn release(
    channel: &str,
    architecture: &str,
    number: i64,
    span: (&str, Option<&str>),
) -> Release {
    let instant = |day: &str| of(&format!("2026-{day}T08:15:30.123456Z"));
    Release {
        channel: of(channel),
        architecture: of(architecture),
        revision: revision(number),
        released_at: instant(span.0),
        closed_at: span.1.map(instant),
    }
}

/// A snap of which nothing is known that need not be.
pub(super) fn sparse(id: char, name: &str) -> Listing {
    Listing {
        id: of(&id.to_string().repeat(32)),
        name: of(name),
        title: of(""),
        summary: of(""),
        description: of(""),
        license: None,
        contact: None,
        website: None,
        store_url: None,
        links: BTreeMap::new(),
        private: false,
        default_track: None,
        publisher: None,
        categories: Vec::new(),
        media: Vec::new(),
        prices: BTreeMap::new(),
        stores: Vec::new(),
        viewers: Vec::new(),
        packages: vec![package(1, &["amd64"])],
        releases: vec![release("stable", "amd64", 1, ("05-01", None))],
        deltas: Vec::new(),
        decisions: Decisions::default(),
    }
}

/// A revision of which everything is known.
fn rich() -> Package {
    let epochs = |numbers: &[u32]| Epochs::new(numbers).unwrap();
    let read = epochs(&[0, 1, 2, 3, 4, 5, 6, 7, 8, u32::MAX]);
    let mut rich = package(2_147_483_647, &["amd64", "riscv64"]);
    rich.version = of(&"~".repeat(32));
    rich.base = Some(of("core24"));
    rich.confinement = Confinement::Devmode;
    rich.kind = SnapType::Gadget;
    rich.epoch = Epoch::new(read, epochs(&[8, u32::MAX])).unwrap();
    rich.created_at = Some(of("1970-01-01T00:00:00Z"));
    rich.common_ids = all(&["", "org.example.one", ""]);
    rich.snap_yaml = of("name: x\n\tsummary: \"ümlaut\"\r\n");
    rich.download.size = FileSize::new(9_223_372_036_854_775_807).unwrap();
    rich.resources = vec![
        Resource {
            name: of("zz"),
            kind: of(&format!("component/{}", "a".repeat(64))),
            revision: revision(3),
            version: Some(of("1.0")),
            architectures: all(&["all"]),
            created_at: Some(of("9999-12-30T21:59:59.999999Z")),
            description: of("Extra\npalettes"),
            download: file("zz.comp"),
        },
        Resource {
            name: of("aa"),
            kind: of("component/kernel-modules"),
            revision: revision(1),
            version: None,
            architectures: Vec::new(),
            created_at: None,
            description: of(""),
            download: file("aa.comp"),
        },
    ];
    rich.integrity = vec![Integrity {
        kind: of("dm-verity"),
        version: u32::MAX,
        hash_algorithm: of("sha256"),
        data_block_size: 4_096,
        hash_block_size: 0,
        digest: of("aa"),
        salt: of("cc"),
        download: file("verity"),
    }];
    rich
}

/// A snap of which everything is known, with values at the edge of what their types allow.
pub(super) fn full(id: char, name: &str) -> Listing {
    let media =
        |kind, url: &str, width, height| Media { kind: of(kind), url: of(url), width, height };
    Listing {
        title: of("Ein Titel, 日本語"),
        summary: of(&"é".repeat(2_048)),
        description: of(&"x\n".repeat(131_072)),
        license: Some(of("")),
        contact: Some(of("mailto:a@example.org")),
        website: Some(of("no url at all")),
        store_url: Some(of("http://store.example?a=%20#b")),
        links: [
            (of("contact"), all(&["", "b", ""])),
            (of("none"), vec![]),
            (of("one"), all(&[""])),
        ]
        .into(),
        private: true,
        default_track: Some(of(&"é".repeat(64))),
        publisher: Some(publisher("Ada")),
        categories: ["zebras", "art", "art"]
            .map(|name| Category { name: of(name), featured: name == "art" })
            .into(),
        media: vec![
            media("video", "https://store.example/z", None, Some(0)),
            media("icon", "https://store.example/a", Some(u16::MAX), None),
        ],
        prices: [("USD", "9.99"), ("EUR", "123456789.123456"), ("CHF", "0")]
            .map(|(currency, amount)| (of(currency), of(amount)))
            .into(),
        stores: all(&["acme-lab", "Zoo_1"]),
        viewers: all(&["account-1", "account-2"]),
        packages: vec![package(1, &["all"]), package(2, &["amd64"]), rich()],
        releases: vec![
            release("stable", "all", 1, ("05-01", Some("05-02"))),
            release("stable", "all", 1, ("05-02", None)),
            release("stable", "amd64", 2, ("05-01", Some("05-01"))),
            release("2.0/edge", "riscv64", 2_147_483_647, ("05-01", None)),
            release("beta/fix-77", "amd64", 1, ("05-01", Some("05-03"))),
            release("beta/fix-77", "amd64", 2, ("05-03", None)),
        ],
        deltas: vec![
            Delta {
                format: of("xdelta3"),
                source: revision(1),
                target: revision(2),
                download: file("1_2"),
            },
            Delta {
                format: of("xdelta3"),
                source: revision(77),
                target: revision(2),
                download: file("77_2"),
            },
        ],
        decisions: decisions(),
        ..sparse(id, name)
    }
    .checked()
    .unwrap()
}

fn decisions() -> Decisions {
    let instant = |day: &str| of(&format!("2026-{day}T08:15:30.123456Z"));
    let chosen = |channel: &str, architecture: &str, number| Override {
        channel: of(channel),
        architecture: of(architecture),
        revision: revision(number),
        decided_at: instant("05-04"),
    };
    let progression =
        |channel: &str, architecture: &str, day, percentage: &str, salt| Progression {
            channel: of(channel),
            architecture: of(architecture),
            released_at: instant(day),
            progress: Progress { percentage: of(percentage), is_paused: salt < 0, salt },
        };
    Decisions {
        overrides: vec![
            chosen("stable", "all", 1),
            chosen("stable", "amd64", 2),
            chosen("é/edge/fix-ü", "riscv64", 2_147_483_647),
        ],
        blocked: vec![
            Blocked { revision: revision(2), decided_at: instant("05-05") },
            Blocked { revision: revision(2_147_483_647), decided_at: instant("05-06") },
        ],
        progressions: vec![
            progression("stable", "all", "05-01", "0", i64::MIN),
            progression("stable", "all", "05-02", "0.0001", i64::MAX),
            progression("beta/fix-77", "amd64", "05-01", "100", 0),
        ],
    }
}

pub(super) fn publisher(display_name: &str) -> Publisher {
    Publisher {
        id: of("pub-1"),
        username: of("ada"),
        display_name: of(display_name),
        validation: Validation::Verified,
    }
}

pub(super) async fn migrated(test: &support::TestDatabase) -> Database {
    let database = Database::new(&test.url, 4).unwrap();
    db::migrate(&database).await.unwrap();
    database
}

/// Stores listings as a generation of their own.
pub(super) async fn store(client: &mut Object, listings: &[&Listing]) -> Result<i64, DbError> {
    let transaction = client.transaction().await.unwrap();
    let number = generations::begin(&transaction).await?;
    listings::store(&transaction, listings, number).await?;
    generations::publish(&transaction, number, Instant::EPOCH, "a test").await?;
    transaction.commit().await.unwrap();
    Ok(number)
}

pub(super) async fn load(client: &impl GenericClient, ids: &[SnapId]) -> Vec<Listing> {
    let loaded = listings::load(client, ids).await.unwrap();
    assert_eq!(loaded.spoilt, []);
    loaded.listings
}
