SELECT
    asked.place,
    resource.revision,
    resource.name,
    resource.type,
    resource.resource_revision,
    resource.version,
    resource.architectures::text[],
    resource.created_at,
    resource.description,
    resource.url,
    resource.size,
    resource.sha3_384
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
JOIN revision_resource AS resource ON resource.snap_id = asked.snap_id
ORDER BY asked.place, resource.revision, resource.position
