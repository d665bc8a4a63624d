WITH page AS (
    SELECT snap_id, name
    FROM snap
    WHERE ($1::text IS NULL OR name = $1)
        AND ($2::text IS NULL OR name > $2)
        AND (
            $1 IS NOT NULL
            OR EXISTS (SELECT FROM override WHERE override.snap_id = snap.snap_id)
            OR EXISTS (SELECT FROM blocked_revision WHERE blocked_revision.snap_id = snap.snap_id)
        )
    ORDER BY name
    LIMIT $3
)
SELECT
    page.name,
    page.snap_id,
    override.track,
    override.risk,
    override.branch,
    override.architecture,
    override.revision,
    override.decided_at,
    -- What the channel would give out without the override, and without anything being blocked.
    (
        SELECT release.revision
        FROM release
        WHERE release.snap_id = override.snap_id
            AND release.track = override.track
            AND release.risk = override.risk
            AND release.branch = override.branch
            AND release.architecture IN (override.architecture, 'all')
            AND release.closed_at IS NULL
        ORDER BY release.released_at DESC, release.architecture = 'all'
        LIMIT 1
    ) AS upstream_revision
FROM page
LEFT JOIN override ON override.snap_id = page.snap_id
UNION ALL
SELECT
    page.name,
    page.snap_id,
    NULL,
    NULL,
    NULL,
    NULL,
    blocked_revision.revision,
    blocked_revision.decided_at,
    NULL
FROM page
JOIN blocked_revision ON blocked_revision.snap_id = page.snap_id
