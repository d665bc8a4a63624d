INSERT INTO progression (
    snap_id, track, risk, branch, architecture, released_at, percentage, is_paused, salt
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
    $7::double precision[], $8::boolean[], $9::bigint[]
)
