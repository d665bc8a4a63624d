INSERT INTO revision_integrity (
    snap_id, revision, position, type, version, hash_algorithm, data_block_size, hash_block_size,
    digest, salt, url, size, sha3_384
)
SELECT * FROM unnest(
    $1::text[], $2::integer[], $3::integer[], $4::text[], $5::bigint[], $6::text[], $7::bigint[],
    $8::bigint[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[]
)
