INSERT INTO featured_event
    (snap_id, featured_at, is_manual, is_snapshot, reason, title, name, publisher, icon)
SELECT snap_id, featured_at, is_manual, is_snapshot, reason::jsonb, title, name, publisher, icon
FROM (
    -- A snap is featured once at a time.
    SELECT DISTINCT ON (snap_id, featured_at) *
    FROM unnest(
        $1::text[], $2::timestamptz[], $3::boolean[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[]
    ) WITH ORDINALITY AS said (
        snap_id, featured_at, is_manual, is_snapshot, reason, title, name, publisher, icon, place
    )
    ORDER BY snap_id, featured_at, place
) AS event
WHERE NOT EXISTS (
    SELECT FROM featured_event AS known
    WHERE known.snap_id = event.snap_id AND known.featured_at = event.featured_at
)
ORDER BY place
