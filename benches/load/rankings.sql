-- Every snap of the catalogue as the upstream store would list it, with 1,400 characters of description, and ranked:
-- a fourth of them in each ranking. A day of history for each of 90 days, as a server holds them.
INSERT INTO generation (number, published_at, what) SELECT coalesce(max(number), 0) + 1, now(), 'bench' FROM generation;

INSERT INTO listed (
    snap_id, name, title, version, summary, description, icon, website, contact, publisher, revision, links, media,
    categories, developer_validation, license, last_updated, date_published, n_media, n_shown_media, n_link_kinds,
    n_contacts, vanished_at, generation
)
SELECT snap_id, name, title, '1.0', summary, left(repeat(summary || '. ', 100), 1400),
       'https://store.example/' || name || '.png', 'https://example.org/' || name, 'mailto:dev@example.org', 'Somebody',
       1, '{"contact": ["mailto:dev@example.org"], "website": ["https://example.org"]}',
       '[{"type": "icon", "url": "https://store.example/icon.png", "width": 256, "height": 256}]', NULL, 'verified',
       'MIT', timestamptz '2026-11-01T00:00:00Z' - row_number() OVER (ORDER BY snap_id) * interval '1 hour', NULL,
       1, 1, 2, 1, NULL, (SELECT max(number) FROM generation)
FROM snap
ON CONFLICT (snap_id) DO NOTHING;

INSERT INTO placed (category, snap_id, rank, score, shown_rank)
SELECT category.name, ranked.snap_id, ranked.rank, 1.0 - ranked.rank / 100000.0,
       CASE WHEN ranked.rank % 4 = category.number % 4 THEN (ranked.rank + 3) / 4 END
FROM (SELECT snap_id, row_number() OVER (ORDER BY snap_id) AS rank FROM listed) AS ranked,
     unnest(ARRAY['popular', 'recent', 'trending', 'top_rated']) WITH ORDINALITY AS category (name, number)
ON CONFLICT (category, snap_id) DO NOTHING;

INSERT INTO placed_history (category, snap_id, day, rank, score, shown_rank)
SELECT category, snap_id, date '2026-11-01' - ago, rank, score, shown_rank
FROM placed, generate_series(1, 90) AS ago
ON CONFLICT (category, snap_id, day) DO NOTHING;

INSERT INTO part (name, generation)
SELECT 'places', max(number) FROM generation
ON CONFLICT (name) DO UPDATE SET generation = excluded.generation;

ANALYZE listed, placed, placed_history;

SELECT pg_notify('snapwise_catalogue', (SELECT max(number) FROM generation)::text);
