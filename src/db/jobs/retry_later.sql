UPDATE job
SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
    ended_at = CASE WHEN cancel_requested THEN $5::timestamptz END,
    run_after = $3::timestamptz,
    error = $4::text,
    lease = NULL
WHERE job_id = $1 AND lease = $2 AND state = 'running'
