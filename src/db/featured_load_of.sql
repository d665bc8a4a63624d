SELECT
    event.snap_id,
    event.featured_at,
    event.is_manual,
    event.is_snapshot,
    event.reason::text,
    event.title,
    event.name,
    event.publisher,
    event.icon
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
CROSS JOIN LATERAL (
    SELECT number, snap_id, featured_at, is_manual, is_snapshot, reason, title, name, publisher, icon
    FROM featured_event
    WHERE featured_event.snap_id = asked.snap_id
    ORDER BY featured_at DESC, number DESC
    LIMIT $2
) AS event
ORDER BY asked.place, event.featured_at DESC, event.number DESC
