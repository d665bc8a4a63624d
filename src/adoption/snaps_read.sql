SELECT snap_id, name, title, version, summary, description, icon, website, contact, publisher, revision::bigint,
       links::text, media::text, categories::text, developer_validation, license, last_updated::timestamptz,
       date_published::timestamptz, active_devices::bigint, raw_rating::float8, total_votes::bigint,
       reaches_min_threshold, excluded
FROM snap
ORDER BY snap_id
