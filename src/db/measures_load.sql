SELECT listed.snap_id, coalesce(measure.active_devices, 0), listed.last_updated, listed.n_shown_media,
       listed.n_link_kinds, listed.license <> 'unset', listed.developer_validation IN ('verified', 'starred'),
       measure.raw_rating
FROM verdict
JOIN listed USING (snap_id)
LEFT JOIN measure USING (snap_id)
WHERE verdict.rejection IS NULL
  AND listed.vanished_at IS NULL
  AND NOT EXISTS (SELECT FROM exclusion WHERE exclusion.snap_id = verdict.snap_id)
ORDER BY listed.snap_id
