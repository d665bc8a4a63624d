WITH stores AS (
    DELETE FROM snap_store WHERE snap_id = ANY ($1::text[])
), viewers AS (
    DELETE FROM snap_viewer WHERE snap_id = ANY ($1::text[])
), categories AS (
    DELETE FROM snap_category WHERE snap_id = ANY ($1::text[])
), media AS (
    DELETE FROM snap_media WHERE snap_id = ANY ($1::text[])
), links AS (
    DELETE FROM snap_link WHERE snap_id = ANY ($1::text[])
), prices AS (
    DELETE FROM snap_price WHERE snap_id = ANY ($1::text[])
), resources AS (
    DELETE FROM revision_resource WHERE snap_id = ANY ($1::text[])
), integrity AS (
    DELETE FROM revision_integrity WHERE snap_id = ANY ($1::text[])
), overrides AS (
    DELETE FROM override WHERE snap_id = ANY ($1::text[])
), blocked AS (
    DELETE FROM blocked_revision WHERE snap_id = ANY ($1::text[])
), deltas AS (
    DELETE FROM delta WHERE snap_id = ANY ($1::text[])
)
DELETE FROM release WHERE snap_id = ANY ($1::text[])
