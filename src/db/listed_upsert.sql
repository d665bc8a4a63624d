INSERT INTO listed AS stored (
    snap_id, name, title, version, summary, description, icon, website, contact, publisher, revision,
    links, media, categories, developer_validation, license, last_updated, date_published,
    n_media, n_shown_media, n_link_kinds, n_contacts, generation
)
SELECT snap_id, name, title, version, summary, description, icon, website, contact, publisher, revision,
       links::jsonb, media::jsonb, categories::jsonb, developer_validation, license, last_updated, date_published,
       n_media, n_shown_media, n_link_kinds, n_contacts, $23
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
    $17::timestamptz[], $18::timestamptz[], $19::integer[], $20::integer[], $21::integer[], $22::integer[]
) AS said (
    snap_id, name, title, version, summary, description, icon, website, contact, publisher, revision,
    links, media, categories, developer_validation, license, last_updated, date_published,
    n_media, n_shown_media, n_link_kinds, n_contacts
)
-- Always in one order, so that two writers cannot wait for each other.
ORDER BY snap_id
ON CONFLICT (snap_id) DO UPDATE SET
    name = excluded.name, title = excluded.title, version = excluded.version, summary = excluded.summary,
    description = excluded.description, icon = excluded.icon, website = excluded.website,
    contact = excluded.contact, publisher = excluded.publisher, revision = excluded.revision,
    links = excluded.links, media = excluded.media, categories = excluded.categories,
    developer_validation = excluded.developer_validation, license = excluded.license,
    last_updated = excluded.last_updated, date_published = excluded.date_published,
    n_media = excluded.n_media, n_shown_media = excluded.n_shown_media,
    n_link_kinds = excluded.n_link_kinds, n_contacts = excluded.n_contacts,
    vanished_at = NULL, generation = excluded.generation
WHERE stored.vanished_at IS NOT NULL
    OR (
        stored.name, stored.title, stored.version, stored.summary, stored.description, stored.icon, stored.website,
        stored.contact, stored.publisher, stored.revision, stored.links, stored.media, stored.categories,
        stored.developer_validation, stored.license, stored.last_updated, stored.date_published,
        stored.n_media, stored.n_shown_media, stored.n_link_kinds, stored.n_contacts
    ) IS DISTINCT FROM (
        excluded.name, excluded.title, excluded.version, excluded.summary, excluded.description, excluded.icon,
        excluded.website, excluded.contact, excluded.publisher, excluded.revision, excluded.links, excluded.media,
        excluded.categories, excluded.developer_validation, excluded.license, excluded.last_updated,
        excluded.date_published, excluded.n_media, excluded.n_shown_media, excluded.n_link_kinds,
        excluded.n_contacts
    )
RETURNING snap_id
