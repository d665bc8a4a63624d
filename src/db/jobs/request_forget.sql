DELETE FROM job_request
WHERE idempotency_key = $1
    AND (
        $3::boolean
        OR requested_at <= $2::timestamptz
        OR EXISTS (
            SELECT FROM job
            WHERE job.job_id = job_request.job_id AND job.state IN ('failed', 'cancelled')
        )
    )
