SELECT
    asked.place,
    override.track,
    override.risk,
    override.branch,
    override.architecture,
    override.revision,
    override.decided_at
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
JOIN override ON override.snap_id = asked.snap_id
-- Where nothing is decided, as in most stores, nothing more is looked at.
WHERE EXISTS (SELECT FROM override)
UNION ALL
SELECT
    asked.place,
    NULL,
    NULL,
    NULL,
    NULL,
    blocked_revision.revision,
    blocked_revision.decided_at
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
JOIN blocked_revision ON blocked_revision.snap_id = asked.snap_id
WHERE EXISTS (SELECT FROM blocked_revision)
