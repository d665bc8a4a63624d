INSERT INTO revision_resource (
    snap_id, revision, position, name, type, resource_revision, version, architectures, created_at,
    description, url, size, sha3_384
)
SELECT
    snap_id,
    revision,
    position,
    name,
    type,
    resource_revision,
    version,
    (string_to_array(architectures, E'\n'))[2:],
    created_at,
    description,
    url,
    size,
    sha3_384
FROM unnest(
    $1::text[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::integer[], $7::text[],
    $8::text[], $9::timestamptz[], $10::text[], $11::text[], $12::bigint[], $13::text[]
) AS stated (
    snap_id, revision, position, name, type, resource_revision, version, architectures, created_at,
    description, url, size, sha3_384
)
