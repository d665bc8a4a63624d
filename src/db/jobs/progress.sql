WITH mine AS (
    SELECT job_id FROM job
    WHERE job_id = $1 AND lease = $2 AND state = 'running'
    FOR UPDATE SKIP LOCKED
), advance AS (
    UPDATE job
    SET heartbeat_at = greatest(heartbeat_at, $3::timestamptz),
        stage = $4,
        done = CASE
            WHEN stage IS NOT DISTINCT FROM $4::text THEN greatest(done, $5::bigint)
            ELSE $5::bigint
        END,
        total = $6::bigint,
        progress = greatest(progress, least($7::double precision, 1))
    FROM mine
    WHERE job.job_id = mine.job_id
)
SELECT cancel_requested FROM job WHERE job_id = $1 AND lease = $2 AND state = 'running'
