INSERT INTO override (snap_id, track, risk, branch, architecture, revision, decided_at)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::timestamptz[]
)
