UPDATE job
SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
    ended_at = CASE WHEN cancel_requested THEN $3::timestamptz END,
    attempt = attempt - 1,
    lease = NULL
WHERE job_id = $1 AND lease = $2 AND state = 'running'
