SELECT
    asked.place,
    revision.revision,
    revision.version,
    revision.architectures::text[],
    revision.base,
    revision.confinement,
    revision.type,
    revision.epoch_read,
    revision.epoch_write,
    revision.created_at,
    revision.common_ids::text[],
    revision.snap_yaml,
    revision.url,
    revision.size,
    revision.sha3_384
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
JOIN revision ON revision.snap_id = asked.snap_id
