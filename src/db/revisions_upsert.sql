INSERT INTO revision AS known (
    snap_id, revision, version, architectures, base, confinement, type, epoch_read, epoch_write,
    created_at, common_ids, snap_yaml, url, size, sha3_384
)
SELECT
    snap_id,
    revision,
    version,
    (string_to_array(architectures, E'\n'))[2:],
    base,
    confinement,
    type,
    (string_to_array(epoch_read, E'\n'))[2:]::bigint[],
    (string_to_array(epoch_write, E'\n'))[2:]::bigint[],
    created_at,
    (string_to_array(common_ids, E'\n'))[2:],
    snap_yaml,
    url,
    size,
    sha3_384
FROM unnest(
    $1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::text[]
) AS stated (
    snap_id, revision, version, architectures, base, confinement, type, epoch_read, epoch_write,
    created_at, common_ids, snap_yaml, url, size, sha3_384
)
ON CONFLICT (snap_id, revision) DO UPDATE
SET version = excluded.version,
    architectures = excluded.architectures,
    base = excluded.base,
    confinement = excluded.confinement,
    type = excluded.type,
    epoch_read = excluded.epoch_read,
    epoch_write = excluded.epoch_write,
    created_at = excluded.created_at,
    common_ids = excluded.common_ids,
    snap_yaml = excluded.snap_yaml,
    url = excluded.url,
    size = excluded.size,
    sha3_384 = excluded.sha3_384
WHERE known.* IS DISTINCT FROM excluded.*
