INSERT INTO snap (
    snap_id, name, title, summary, description, license, contact, website, store_url, private,
    default_track, publisher_id, generation
)
SELECT stated.*, $13
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::boolean[], $11::text[], $12::text[]
) AS stated
ON CONFLICT (snap_id) DO UPDATE
SET name = excluded.name,
    title = excluded.title,
    summary = excluded.summary,
    description = excluded.description,
    license = excluded.license,
    contact = excluded.contact,
    website = excluded.website,
    store_url = excluded.store_url,
    private = excluded.private,
    default_track = excluded.default_track,
    publisher_id = excluded.publisher_id,
    generation = excluded.generation,
    withdrawn_at = NULL
