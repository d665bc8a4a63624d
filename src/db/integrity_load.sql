SELECT
    asked.place,
    integrity.revision,
    integrity.type,
    integrity.version,
    integrity.hash_algorithm,
    integrity.data_block_size,
    integrity.hash_block_size,
    integrity.digest,
    integrity.salt,
    integrity.url,
    integrity.size,
    integrity.sha3_384
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
JOIN revision_integrity AS integrity ON integrity.snap_id = asked.snap_id
ORDER BY asked.place, integrity.revision, integrity.position
