//! What the pipeline and the editors leave in the database, put there by hand.

use crate::support::app::TestApp;
use crate::support::database;

/// A snap as the upstream store lists it. Times are SQL expressions.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) icon: Option<String>,
    pub(crate) links: String,
    pub(crate) media: String,
    pub(crate) last_updated: String,
    pub(crate) date_published: Option<String>,
    pub(crate) vanished: bool,
}

/// The snap-id of a number.
pub(crate) fn id(number: usize) -> String {
    format!("{number:032}")
}

/// An everyday snap of that number.
pub(crate) fn listed(number: usize) -> Listed {
    Listed {
        id: id(number),
        name: format!("snap-{number}"),
        title: format!("Snap {number}"),
        description: format!("What snap {number} is, at length."),
        icon: Some(format!("https://store.example/{number}.png")),
        links: r#"{"website": ["https://snap.example"], "contact": ["mailto:a@snap.example"]}"#
            .to_owned(),
        media: r#"[{"type": "icon", "url": "https://store.example/1.png", "width": 256}]"#
            .to_owned(),
        last_updated: format!("timestamptz '2026-07-10T08:00:00Z' - interval '{number} hours'"),
        date_published: None,
        vanished: false,
    }
}

/// A snap's place: category, snap-id, rank, score, and the rank among the shown.
pub(crate) type Place<'p> = (&'p str, String, usize, f64, Option<usize>);

/// What is written in one transaction as one generation.
#[derive(Debug, Default)]
pub(crate) struct Change {
    statements: Vec<String>,
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn or_null(text: Option<&String>) -> String {
    text.map_or("NULL".to_owned(), |text| quoted(text))
}

impl Change {
    pub(crate) fn sql(mut self, statement: impl Into<String>) -> Self {
        self.statements.push(statement.into());
        self
    }

    fn part(self, name: &str) -> Self {
        self.sql(format!(
            "INSERT INTO part (name, generation) VALUES ('{name}', $generation)
             ON CONFLICT (name) DO UPDATE SET generation = excluded.generation"
        ))
    }

    /// Snaps that are listed, in the place of what was listed of them.
    pub(crate) fn listed(mut self, snaps: impl IntoIterator<Item = Listed>) -> Self {
        for snap in snaps {
            let Listed { id, name, title, description, icon, links, media, .. } = &snap;
            let (icon, updated) = (or_null(icon.as_ref()), &snap.last_updated);
            let published = snap.date_published.as_deref().unwrap_or("NULL");
            let vanished = if snap.vanished { "now()" } else { "NULL" };
            let [id, name, title, description, links, media] =
                [id, name, title, description, links, media].map(|text| quoted(text));
            self = self.sql(format!(
                "INSERT INTO listed (snap_id, name, title, version, summary, description, icon, website, contact,
                     publisher, revision, links, media, categories, developer_validation, license, last_updated,
                     date_published, n_media, n_shown_media, n_link_kinds, n_contacts, vanished_at, generation)
                 VALUES ({id}, {name}, {title}, '1.0', 'In a line', {description}, {icon}, NULL, 'mailto:a@snap.example',
                     'Somebody', 7, {links}, {media}, NULL, 'verified', 'MIT', {updated},
                     {published}, 1, 1, 2, 1, {vanished}, $generation)
                 ON CONFLICT (snap_id) DO UPDATE SET name = excluded.name, title = excluded.title,
                     description = excluded.description, icon = excluded.icon, links = excluded.links,
                     media = excluded.media, last_updated = excluded.last_updated,
                     date_published = excluded.date_published, vanished_at = excluded.vanished_at,
                     generation = excluded.generation"
            ));
        }
        self
    }

    /// The rankings in force, and of the day of `now`.
    pub(crate) fn places(mut self, places: &[Place<'_>]) -> Self {
        self = self.sql("DELETE FROM placed");
        for (category, id, rank, score, shown) in places {
            let shown = shown.map_or("NULL".to_owned(), |rank| rank.to_string());
            self = self.sql(format!(
                "INSERT INTO placed (category, snap_id, rank, score, shown_rank)
                 VALUES ('{category}', '{id}', {rank}, {score}, {shown})"
            ));
        }
        self.part("places")
    }

    /// A place of an earlier day.
    pub(crate) fn past(self, day: &str, category: &str, id: &str, rank: usize, score: f64) -> Self {
        let row = format!(
            "INSERT INTO placed_history (category, snap_id, day, rank, score)
             VALUES ('{category}', '{id}', {day}, {rank}, {score})
             ON CONFLICT (category, snap_id, day) DO UPDATE SET rank = excluded.rank, score = excluded.score"
        );
        self.sql(row).part("places")
    }

    /// A slice and its snaps, in order.
    pub(crate) fn slice(self, id: &str, name: &str, snaps: &[String]) -> Self {
        let (id, name) = (quoted(id), quoted(name));
        let mut change = self.sql(format!(
            "INSERT INTO slice (slice_id, name, description, created_at) VALUES ({id}, {name}, 'Picked', now())"
        ));
        for (position, snap) in snaps.iter().enumerate() {
            change = change.sql(format!(
                "INSERT INTO slice_snap (slice_id, snap_id, position, added_at)
                 VALUES ({id}, '{snap}', {position}, now())"
            ));
        }
        change.part("slices")
    }

    /// The exclusions there are from now on.
    pub(crate) fn excluded(self, snaps: &[String]) -> Self {
        let mut change = self.sql("DELETE FROM exclusion");
        for snap in snaps {
            change = change.sql(format!("INSERT INTO exclusion VALUES ('{snap}', now())"));
        }
        change.part("exclusions")
    }

    /// Writes it, publishes it, and waits until the server serves it.
    pub(crate) async fn publish(self, app: &TestApp) -> i64 {
        let number = self.write(&app.database_url).await;
        app.wait_for_generation(number).await;
        number
    }

    /// Writes and publishes it.
    pub(crate) async fn write(self, url: &str) -> i64 {
        let mut client = database::connect(url).await;
        let transaction = client.transaction().await.unwrap();
        let next = "SELECT coalesce(max(number), 0) + 1 FROM generation";
        let number: i64 = transaction.query_one(next, &[]).await.unwrap().get(0);
        let all = self.statements.join(";\n").replace("$generation", &number.to_string());
        transaction.batch_execute(&all).await.unwrap();
        let record = format!(
            "INSERT INTO generation (number, published_at, what) VALUES ({number}, now(), 'by hand');
             SELECT pg_notify('snapwise_catalogue', '{number}')"
        );
        transaction.batch_execute(&record).await.unwrap();
        transaction.commit().await.unwrap();
        number
    }
}
