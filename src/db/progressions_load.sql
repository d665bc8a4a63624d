SELECT
    asked.place,
    progression.track,
    progression.risk,
    progression.branch,
    progression.architecture,
    progression.released_at,
    progression.percentage,
    progression.is_paused,
    progression.salt
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
JOIN progression ON progression.snap_id = asked.snap_id
-- Where none is decided, as in most stores, nothing more is looked at.
WHERE EXISTS (SELECT FROM progression)
