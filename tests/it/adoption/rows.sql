-- Realistic rows, good and bad. Ids are a word padded to 32 letters; @day is the day of today in UTC.

INSERT INTO snap (
    snap_id, name, title, version, summary, description, icon, website, contact, publisher, revision, links, media,
    developer_validation, license, last_updated, active_devices, reaches_min_threshold, raw_rating, total_votes,
    excluded, date_published, categories
)
SELECT rpad(name, 32, '0'), name, initcap(name), '1.' || place, 'One line', 'Größe & <b>Länge</b>', icon, website, '',
       'Example Org', 10 + place, links::json,
       '[{"type": "icon", "url": "https://cdn.example/i.png"}, {"type": "hologram"}, {"type": "logo"}]',
       'verified', 'MIT', timestamp '2026-07-10 08:00:00.123456' + place * interval '1 day', devices, eligible, rating,
       votes, excluded, published::timestamp, categories::json
FROM (VALUES
    (1, 'alpha', 'https://cdn.example/i.png', 'https://alpha.example',
     '{"contact": ["mailto:a@example.org"], "issues": ["https://i.example", "https://j.example"], "source": []}',
     100000, true, 0.92, 50, false, '2025-01-02 03:04:05', '[{"name": "games", "featured": true}]'),
    (2, 'beta', NULL, NULL, '{}', 7000, true, NULL, NULL, false, NULL, NULL),
    (3, 'gamma', NULL, NULL, '{"contact": ["x"]}', 7000, true, 'NaN', -3, false, NULL, 'null'),
    (4, 'delta', NULL, NULL, '{}', -5, true, 7.5, 2, true, NULL, '[]'),
    (5, 'epsilon', NULL, NULL, '{}', 12, false, 0.0, 0, true, NULL, '[]'),
    (6, 'zeta', NULL, NULL, '{}', 900, true, 0.5, 9, false, NULL, '[]')
) AS said (
    place, name, icon, website, links, devices, eligible, rating, votes, excluded, published, categories
);

-- What our types refuse, one flaw each.
INSERT INTO snap
SELECT flawed.* FROM snap, LATERAL (VALUES
    ('short', 'badid', '{}'::json, '[]'::json, '[]'::json, timestamp '2026-07-01', 1, 'MIT', true),
    (rpad('badname', 32, '0'), 'Not A Name', '{}', '[]', '[]', '2026-07-01', 1, 'MIT', true),
    (rpad('badlinks', 32, '0'), 'badlinks', '["a"]', '[]', '[]', '2026-07-01', 1, 'MIT', false),
    (rpad('badmedia', 32, '0'), 'badmedia', '{}', '{"type": "icon"}', '[]', '2026-07-01', 1, 'MIT', false),
    (rpad('badnul', 32, '0'), 'badnul', '{"website": ["a\u0000b"]}', '[]', '[]', '2026-07-01', 1, 'MIT', false),
    (rpad('badhalf', 32, '0'), 'badhalf', '{"website": ["\ud800"]}', '[]', '[]', '2026-07-01', 1, 'MIT', false),
    (rpad('badcategories', 32, '0'), 'badcategories', '{}', '[]', '"games"', '2026-07-01', 1, 'MIT', false),
    (rpad('badtime', 32, '0'), 'badtime', '{}', '[]', '[]', 'infinity', 1, 'MIT', false),
    (rpad('badyear', 32, '0'), 'badyear', '{}', '[]', '[]', '1901-01-01', 1, 'MIT', false),
    (rpad('badrevision', 32, '0'), 'badrevision', '{}', '[]', '[]', '2026-07-01', -1, 'MIT', false),
    (rpad('badtext', 32, '0'), 'badtext', '{}', '[]', '[]', '2026-07-01', 1, repeat('x', 300000), false)
) AS bad (snap_id, name, links, media, categories, last_updated, revision, license, excluded),
LATERAL (SELECT
    bad.snap_id, snap.title, bad.name, snap.version, snap.summary, snap.description, snap.icon, snap.website,
    snap.contact, snap.publisher, bad.revision, bad.links, bad.media, snap.developer_validation, bad.license,
    bad.last_updated, 1, true, NULL::double precision, NULL::integer, bad.excluded, NULL::timestamp, bad.categories
) AS flawed
WHERE snap.name = 'alpha';

-- Each snap in one category; of equal scores the one on more devices comes first, then the lesser id.
INSERT INTO snap_recommendation_score (snap_id, category, score, created_at) VALUES
    (rpad('beta', 32, '0'), 'popular', 0.5, timestamp '@day' + interval '1 hour'),
    (rpad('gamma', 32, '0'), 'popular', 0.5, timestamp '@day' + interval '1 hour'),
    (rpad('alpha', 32, '0'), 'popular', 0.5, timestamp '@day' + interval '1 hour'),
    (rpad('delta', 32, '0'), 'trending', 0.25, timestamp '@day' + interval '1 hour'),
    (rpad('epsilon', 32, '0'), 'recent', 0.9, timestamp '@day' + interval '1 hour'),
    (rpad('zeta', 32, '0'), 'recent', 0.8, timestamp '@day' + interval '1 hour 1 second'),
    (rpad('zeta', 32, '0'), 'handmade', 0.8, timestamp '@day' + interval '1 hour'),
    (rpad('alpha', 32, '0'), 'recent', 'NaN', timestamp '@day' + interval '1 hour'),
    (rpad('badmedia', 32, '0'), 'recent', 0.99, timestamp '@day' + interval '1 hour'),
    ('short', 'recent', 0.99, timestamp '@day' + interval '1 hour');

INSERT INTO snap_recommendation_score_history (snap_id, category, score, created_at) VALUES
    -- Two days ago: alpha moved from popular to recent in the evening.
    (rpad('alpha', 32, '0'), 'popular', 0.9, timestamp '@day' - interval '2 days' + interval '8 hours'),
    (rpad('beta', 32, '0'), 'popular', 0.3, timestamp '@day' - interval '2 days' + interval '8 hours'),
    (rpad('alpha', 32, '0'), 'recent', 0.7, timestamp '@day' - interval '2 days' + interval '23 hours'),
    (rpad('beta', 32, '0'), 'popular', 0.4, timestamp '@day' - interval '2 days' + interval '23 hours'),
    (rpad('gamma', 32, '0'), 'popular', 0.6, timestamp '@day' - interval '2 days' + interval '23 hours'),
    -- The first day that is kept, and one too old.
    (rpad('beta', 32, '0'), 'trending', 0.1, timestamp '@day' - interval '90 days'),
    (rpad('beta', 32, '0'), 'trending', 0.1, timestamp '@day' - interval '91 days'),
    -- Of today there are scores in force.
    (rpad('beta', 32, '0'), 'trending', 0.1, timestamp '@day' + interval '1 minute'),
    (rpad('beta', 32, '0'), 'handmade', 0.1, timestamp '@day' - interval '3 days'),
    (rpad('gamma', 32, '0'), 'popular', 'Infinity', timestamp '@day' - interval '3 days'),
    ('short', 'popular', 0.5, timestamp '@day' - interval '3 days');

INSERT INTO editorial_slice (id, name, description) VALUES
    ('our_picks', 'Our Picks!', 'What we like'),
    ('empty', 'Empty', ''),
    ('', 'No id', 'It was made of signs only'),
    (repeat('x', 129), 'Long', 'Too long');
INSERT INTO editorial_slice_snap (editorial_slice_id, snap_id, created_at) VALUES
    ('our_picks', rpad('zeta', 32, '0'), '2026-05-01 10:00:00'),
    ('our_picks', rpad('beta', 32, '0'), '2026-05-02 10:00:00'),
    ('our_picks', rpad('alpha', 32, '0'), '2026-05-02 10:00:00'),
    ('our_picks', rpad('badmedia', 32, '0'), '2026-05-03 10:00:00'),
    ('our_picks', 'short', '2026-05-03 10:00:00'),
    ('', rpad('alpha', 32, '0'), '2026-05-03 10:00:00');

INSERT INTO featured_history (snap_id, featured_at, is_manual, selection_reason) VALUES
    (rpad('zeta', 32, '0'), '2026-07-03 10:11:12.345678', true, '{"actor": "me@example.org", "nickname": "me"}'),
    (rpad('alpha', 32, '0'), '2026-07-03 10:11:12.345678', true, '{"actor": "me@example.org", "nickname": "me"}'),
    (rpad('alpha', 32, '0'), '2026-07-03 10:11:12.345678', true, NULL),
    (rpad('badmedia', 32, '0'), '2026-06-01 00:00:00', false, '{"role": "fill", "seed": 7}'),
    (rpad('beta', 32, '0'), '2026-06-01 00:00:00', false, '{"role": "a\u0000b"}'),
    ('short', '2026-06-01 00:00:00', false, NULL);

INSERT INTO settings (key, value) VALUES
    ('last_updated', '"2026-07-03T10:11:12.345678"'),
    ('featured_last_updated', '"\"2026-07-01T00:00:00\""'),
    ('featured_min_rating', '4.0'),
    ('featured_server_cloud_exclusions', '["lxd", "juju"]'),
    ('featured_selection_lock', '"2026-07-03T10:11:12"'),
    ('odd', '"a\u0000b"');
INSERT INTO pipeline_step_log (step, success, message, created_at) VALUES ('COLLECT', true, '', '2026-07-03 10:11:12');
