SELECT
    asked.place,
    snap.name,
    snap.title,
    snap.summary,
    snap.description,
    snap.license,
    snap.contact,
    snap.website,
    snap.store_url,
    snap.private,
    snap.default_track,
    publisher.publisher_id,
    publisher.username,
    publisher.display_name,
    publisher.validation,
    snap.withdrawn_at IS NOT NULL AS is_withdrawn
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
JOIN snap ON snap.snap_id = asked.snap_id
LEFT JOIN publisher ON publisher.publisher_id = snap.publisher_id
