INSERT INTO snap (
    snap_id, name, title, version, summary, description, publisher, revision, links, media, developer_validation,
    license, last_updated, active_devices, reaches_min_threshold, raw_rating, total_votes, excluded
)
SELECT
    CASE WHEN random() < 0.05 THEN 'short' || n ELSE rpad('s' || n || 'x', 32, '0') END,
    CASE WHEN random() < 0.05 THEN 'Bad ' || n ELSE 'snap-' || n END,
    'T', '1', 'S', 'D', 'P', CASE WHEN random() < 0.02 THEN -1 ELSE n END,
    (CASE WHEN random() < 0.03 THEN '[]' ELSE '{"website": ["https://a.example"]}' END)::json,
    (CASE WHEN random() < 0.03 THEN '7' ELSE '[]' END)::json,
    'starred', 'unset', CASE WHEN random() < 0.02 THEN timestamp 'infinity' ELSE timestamp '2026-11-01' END,
    (random() * 1000)::integer - 10, random() < 0.8,
    (ARRAY[NULL, 'NaN', 0.3, 2, -1]::double precision[])[1 + (random() * 4)::integer],
    (random() * 100)::integer - 5, random() < 0.2
FROM generate_series(1, 450) AS n;

INSERT INTO snap_recommendation_score (snap_id, category, score, created_at)
SELECT snap_id,
       (ARRAY['popular', 'recent', 'trending', 'top_rated', 'handmade'])[1 + (random() * 4)::integer],
       CASE WHEN random() < 0.05 THEN 'NaN' ELSE round(random()::numeric, 1) END,
       timestamp '2026-11-20 01:00:00' + random() * interval '5 seconds'
FROM snap WHERE random() < 0.9;

INSERT INTO snap_recommendation_score_history (snap_id, category, score, created_at)
SELECT snap_id,
       (ARRAY['popular', 'recent', 'trending', 'top_rated', 'handmade'])[1 + (random() * 4)::integer],
       CASE WHEN random() < 0.05 THEN '-Infinity' ELSE round(random()::numeric, 1) END,
       timestamp '2026-11-21 00:00:00' - run * interval '13 hours'
FROM snap, generate_series(0, 180, 9) AS run WHERE random() < 0.6;

INSERT INTO editorial_slice (id, name, description)
SELECT CASE WHEN random() < 0.2 THEN repeat('x', 129 + n) ELSE 'slice_' || n END, 'N', 'D'
FROM generate_series(1, 12) AS n;

INSERT INTO editorial_slice_snap (editorial_slice_id, snap_id, created_at)
SELECT id, snap_id, timestamp '2026-10-01' + random() * interval '3 days'
FROM editorial_slice, snap WHERE random() < 0.05;

INSERT INTO featured_history (snap_id, featured_at, is_manual, selection_reason)
SELECT snap_id, timestamp '2026-10-01' + (random() * 5)::integer * interval '1 day', random() < 0.5,
       (CASE WHEN random() < 0.1 THEN '"a\u0000b"' ELSE '{"role": "fill"}' END)::json
FROM snap, generate_series(1, 3);

INSERT INTO settings (key, value)
SELECT 'key_' || n, (CASE WHEN random() < 0.3 THEN '"a\u0000b"' ELSE n::text END)::json
FROM generate_series(1, 15) AS n;
