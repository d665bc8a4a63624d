SELECT (SELECT ended_at FROM step_run WHERE step = asked.step AND success ORDER BY ended_at DESC LIMIT 1),
       (SELECT ended_at FROM step_run WHERE step = asked.step AND NOT success ORDER BY ended_at DESC LIMIT 1),
       newest.success, newest.message, newest.job_id, newest.started_at, newest.ended_at,
       newest.n_in, newest.n_out, newest.rejected::text
FROM unnest($1::text[]) WITH ORDINALITY AS asked (step, place)
LEFT JOIN LATERAL (
    SELECT * FROM step_run WHERE step_run.step = asked.step ORDER BY ended_at DESC, number DESC LIMIT 1
) AS newest ON true
ORDER BY asked.place
