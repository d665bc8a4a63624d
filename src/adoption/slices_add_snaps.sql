INSERT INTO slice_snap (slice_id, snap_id, position, added_at)
SELECT
    said.slice_id,
    said.snap_id,
    coalesce(there.position, 0) + row_number() OVER (PARTITION BY said.slice_id ORDER BY said.place),
    said.added_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS said (slice_id, snap_id, added_at, place)
-- What was adopted and deleted here since stays deleted.
JOIN slice ON slice.slice_id = said.slice_id
LEFT JOIN (SELECT slice_id, max(position) AS position FROM slice_snap GROUP BY slice_id) AS there
    ON there.slice_id = said.slice_id
ON CONFLICT (slice_id, snap_id) DO NOTHING
