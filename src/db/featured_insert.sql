INSERT INTO featured_event
    (snap_id, featured_at, is_manual, is_snapshot, reason, title, name, publisher, icon)
SELECT
    chosen.snap_id,
    $4::timestamptz,
    true,
    chosen.snap_id = ANY ($2::text[]),
    $3::text::jsonb,
    listed.title,
    listed.name,
    listed.publisher,
    listed.icon
FROM unnest($1::text[]) WITH ORDINALITY AS chosen (snap_id, place)
LEFT JOIN listed ON listed.snap_id = chosen.snap_id
ORDER BY chosen.place
