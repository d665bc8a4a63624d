SELECT snap_id, name, title, version, summary, description, icon, website, contact, publisher, revision,
       links::text, media::text, categories::text, developer_validation, license, last_updated, date_published,
       n_media, n_shown_media, n_link_kinds, n_contacts
FROM listed
WHERE snap_id = ANY($1::text[])
ORDER BY snap_id
