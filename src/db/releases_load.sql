SELECT
    asked.place,
    release.track,
    release.risk,
    release.branch,
    release.architecture,
    release.revision,
    release.released_at,
    release.closed_at
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
JOIN release ON release.snap_id = asked.snap_id
