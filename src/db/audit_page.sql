WITH newest AS (
    SELECT number, at, actor, role, action, target, before::text AS before, after::text AS after, request_id
    FROM audit
    WHERE number < coalesce($1, 9223372036854775807)
    ORDER BY number DESC
    LIMIT $2
), weighed AS (
    SELECT
        number, at, actor, role, action, target, before, after, request_id,
        count(*) OVER () AS n_found,
        row_number() OVER latest_first AS place,
        sum(octet_length(concat(before, after))) OVER latest_first AS n_bytes
    FROM newest
    WINDOW latest_first AS (ORDER BY number DESC)
)
SELECT number, at, actor, role, action, target, before, after, request_id, n_found
FROM weighed
WHERE place = 1 OR n_bytes <= $3
ORDER BY number DESC
