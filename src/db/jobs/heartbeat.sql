WITH mine AS (
    SELECT job_id FROM job
    WHERE job_id = $1 AND lease = $2 AND state = 'running'
    FOR UPDATE SKIP LOCKED
), beat AS (
    UPDATE job
    SET heartbeat_at = greatest(heartbeat_at, $3::timestamptz)
    FROM mine
    WHERE job.job_id = mine.job_id
)
SELECT cancel_requested FROM job WHERE job_id = $1 AND lease = $2 AND state = 'running'
