WITH changed AS (
    INSERT INTO publisher AS known (publisher_id, username, display_name, validation)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    ON CONFLICT (publisher_id) DO UPDATE
    SET username = excluded.username,
        display_name = excluded.display_name,
        validation = excluded.validation
    WHERE (known.username, known.display_name, known.validation)
        IS DISTINCT FROM (excluded.username, excluded.display_name, excluded.validation)
    RETURNING publisher_id
)
UPDATE snap SET generation = $5
WHERE publisher_id IN (SELECT publisher_id FROM changed) AND generation <> $5
