UPDATE job
SET state = 'running',
    attempt = attempt + 1,
    locked_by = $3,
    lease = $4,
    heartbeat_at = $2::timestamptz,
    started_at = coalesce(started_at, $2::timestamptz),
    stage = NULL,
    done = 0,
    total = NULL
WHERE job_id = (
    SELECT job_id FROM job
    WHERE state = 'queued' AND run_after <= $2::timestamptz AND kind = ANY ($1::text[])
    ORDER BY run_after, created_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
