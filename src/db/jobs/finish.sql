UPDATE job
SET state = $3::text,
    ended_at = $4::timestamptz,
    heartbeat_at = $4::timestamptz,
    lease = NULL,
    progress = CASE WHEN $3::text IN ('succeeded', 'partial') THEN 1 ELSE progress END,
    result = $5::text::jsonb,
    error = CASE WHEN $3::text = 'cancelled' THEN error ELSE $6::text END
WHERE job_id = $1 AND lease = $2 AND state = 'running'
