INSERT INTO release (
    snap_id, track, risk, branch, architecture, revision, released_at, closed_at
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::timestamptz[],
    $8::timestamptz[]
)
