SELECT asked.place, blob.sha3_384
FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
CROSS JOIN LATERAL (
    SELECT revision.sha3_384 FROM revision WHERE revision.snap_id = asked.snap_id
    UNION ALL
    SELECT delta.sha3_384 FROM delta WHERE delta.snap_id = asked.snap_id
) AS file
JOIN blob ON blob.sha3_384 = file.sha3_384
-- Where none is held, nothing more is looked at.
WHERE EXISTS (SELECT FROM blob)
