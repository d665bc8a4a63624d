-- Of each day the last score of each snap: a snap is in one ranking at a time.
WITH last AS (
    SELECT DISTINCT ON (snap_id, created_at::date) snap_id, category, score, created_at::date AS day
    FROM snap_recommendation_score_history
    WHERE created_at::date BETWEEN date '1970-01-01' + $1::integer AND date '1970-01-01' + $2::integer
    ORDER BY snap_id, created_at::date, created_at DESC, category
)
SELECT day - date '1970-01-01', category, snap_id, score::float8
FROM last
ORDER BY day, category COLLATE "C", score DESC, snap_id COLLATE "C"
