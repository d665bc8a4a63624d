SELECT said.snap_id, said.name,
       -- Without a record of the snap an answer that nothing changed would be of no use.
       CASE WHEN snap.snap_id IS NOT NULL THEN info_read.etag END
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[]) AS said (snap_id, name, last_updated, revision)
LEFT JOIN info_read ON info_read.snap_id = said.snap_id
LEFT JOIN snap ON snap.snap_id = said.snap_id
WHERE info_read.read_at IS NULL
    OR info_read.read_at < $5::timestamptz
    OR (info_read.last_updated, info_read.revision) IS DISTINCT FROM (said.last_updated, said.revision)
ORDER BY said.snap_id
