UPDATE job
SET state = CASE
        WHEN cancel_requested THEN 'cancelled'
        WHEN attempt >= max_attempts THEN 'failed'
        ELSE 'queued'
    END,
    ended_at = CASE WHEN cancel_requested OR attempt >= max_attempts THEN $2::timestamptz END,
    lease = NULL,
    error = CASE
        WHEN cancel_requested THEN error
        ELSE format('the worker %s was not heard of any more in attempt %s', locked_by, attempt)
    END
WHERE job_id IN (
    -- Whoever holds the row is about to commit something of the job, or takes it as we do.
    SELECT job_id FROM job
    WHERE state = 'running' AND heartbeat_at <= $1::timestamptz
    FOR UPDATE SKIP LOCKED
)
