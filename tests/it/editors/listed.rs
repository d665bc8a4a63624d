//! Listed snaps, put into the table by hand.

use tokio_postgres::Client;

/// What a test says of a listed snap; the rest is made up from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedSnap {
    /// The snap-id is this letter, 32 times.
    pub(crate) letter: char,
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) summary: &'static str,
}

impl ListedSnap {
    /// Its snap-id.
    pub(crate) fn id(&self) -> String {
        self.letter.to_string().repeat(32)
    }
}

/// Lists these snaps, the first the latest, in a generation of their own.
pub(crate) async fn list(client: &Client, snaps: &[ListedSnap]) {
    let column = |of: fn(&ListedSnap) -> String| snaps.iter().map(of).collect::<Vec<_>>();
    let sql = "WITH made AS (
                   INSERT INTO generation (number, published_at, what)
                   SELECT coalesce(max(number), 0) + 1, now(), 'a fixture' FROM generation RETURNING number
               )
               INSERT INTO listed (snap_id, name, title, version, summary, description, icon, website, contact,
                   publisher, revision, links, media, categories, developer_validation, license, last_updated,
                   date_published, n_media, n_shown_media, n_link_kinds, n_contacts, generation)
               SELECT snap.id, snap.name, snap.title, '1.0', snap.summary, 'What it is, at length: ünïcode.',
                   'https://cdn.example/' || snap.name || '.png', NULL, 'mailto:dev@example.org', 'Example Org', 42,
                   '{\"contact\": [\"mailto:dev@example.org\"]}', '[{\"type\": \"icon\", \"url\": \"https://x.example\"}]',
                   NULL, 'verified', 'MIT',
                   '2026-07-10T08:00:00Z'::timestamptz - snap.place * interval '1 day', NULL, 1, 1, 1, 1, made.number
               FROM made, unnest($1::text[], $2::text[], $3::text[], $4::text[])
                   WITH ORDINALITY AS snap (id, name, title, summary, place)";
    let inserted = client
        .execute(
            sql,
            &[
                &column(ListedSnap::id),
                &column(|snap| snap.name.to_owned()),
                &column(|snap| snap.title.to_owned()),
                &column(|snap| snap.summary.to_owned()),
            ],
        )
        .await;
    assert_eq!(inserted.unwrap(), snaps.len() as u64);
}
