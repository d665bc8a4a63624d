-- What the collector brings, stage by stage, what editors decide, and the jobs that do the work. Each stage's output
-- is what its table holds, so a run can begin at any stage.

-- A snap that the upstream store no longer lists. Its history stays; devices are told that there is no such snap.
ALTER TABLE snap ADD COLUMN withdrawn_at moment;

CREATE TABLE listed (
    snap_id snap_id PRIMARY KEY,
    name snap_name NOT NULL,
    title text NOT NULL,
    version text NOT NULL,
    summary text NOT NULL,
    description text NOT NULL,
    icon text,
    website text,
    contact text,
    publisher text NOT NULL,
    revision bigint NOT NULL,
    links jsonb NOT NULL,
    media jsonb NOT NULL,
    categories jsonb,
    developer_validation text NOT NULL,
    license text NOT NULL,
    last_updated moment NOT NULL,
    date_published moment,
    n_media integer NOT NULL,
    n_shown_media integer NOT NULL,
    n_link_kinds integer NOT NULL,
    n_contacts integer NOT NULL,
    vanished_at moment,
    generation bigint NOT NULL REFERENCES generation DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE listed IS 'What the upstream store''s search says of each snap, as it came.';
COMMENT ON COLUMN listed.vanished_at IS 'When the store was first found to list it no more; NULL while it does.';
COMMENT ON COLUMN listed.generation IS 'The last generation in which anything of the row changed.';
CREATE INDEX listed_by_generation ON listed (generation);
CREATE INDEX listed_by_name ON listed (name);
CREATE INDEX listed_by_update ON listed (last_updated DESC, snap_id);

-- From here on a snap_id needs no rule of its own: it comes from listed.

CREATE TABLE info_read (
    snap_id text COLLATE "C" PRIMARY KEY REFERENCES listed ON DELETE CASCADE,
    read_at moment NOT NULL,
    -- What listed said when it was read; it is read anew when that changes.
    last_updated moment NOT NULL,
    revision bigint NOT NULL,
    etag text
);
COMMENT ON TABLE info_read IS 'When the channels of a listed snap were last read from the upstream store.';
CREATE INDEX info_read_by_age ON info_read (read_at);

CREATE TABLE verdict (
    snap_id text COLLATE "C" PRIMARY KEY REFERENCES listed ON DELETE CASCADE,
    rejection text
);
COMMENT ON TABLE verdict IS 'What the filter said: NULL for eligible, else the first rule a snap breaks.';
CREATE INDEX verdict_eligible ON verdict (snap_id) WHERE rejection IS NULL;

CREATE TABLE measure (
    snap_id text COLLATE "C" PRIMARY KEY REFERENCES listed ON DELETE CASCADE,
    active_devices bigint NOT NULL DEFAULT 0
        CONSTRAINT measure_devices_rule CHECK (active_devices >= 0),
    devices_at moment,
    raw_rating double precision
        CONSTRAINT measure_rating_rule CHECK (raw_rating BETWEEN 0 AND 1),
    total_votes bigint
        CONSTRAINT measure_votes_rule CHECK (total_votes >= 0),
    rated_at moment
);
COMMENT ON TABLE measure IS 'What the enrichment found: devices, and how people vote.';

CREATE TABLE placed (
    category text COLLATE "C" NOT NULL,
    snap_id text COLLATE "C" NOT NULL REFERENCES listed ON DELETE CASCADE,
    rank integer NOT NULL CONSTRAINT placed_rank_rule CHECK (rank >= 1),
    score double precision NOT NULL,
    shown_rank integer CONSTRAINT placed_shown_rank_rule CHECK (shown_rank >= 1),
    PRIMARY KEY (category, snap_id)
);
COMMENT ON TABLE placed IS 'The rankings in force: every eligible snap in every category, and in which it is shown.';
CREATE INDEX placed_by_score ON placed (category, score DESC);
CREATE INDEX placed_by_snap ON placed (snap_id);

CREATE TABLE placed_history (
    category text COLLATE "C" NOT NULL,
    snap_id text COLLATE "C" NOT NULL,
    day date NOT NULL,
    rank integer NOT NULL,
    score double precision NOT NULL,
    shown_rank integer,
    PRIMARY KEY (category, snap_id, day)
);
COMMENT ON TABLE placed_history IS 'The last rankings of each day, kept for 90 days.';
CREATE INDEX placed_history_by_day ON placed_history (day);

-- Which generation last changed a part of what is served beside the listings, so that a server loads only that.
CREATE TABLE part (
    name text COLLATE "C" PRIMARY KEY,
    generation bigint NOT NULL
);
COMMENT ON TABLE part IS 'The last generation in which the places, the slices, the exclusions or the history changed.';

CREATE TABLE exclusion (
    snap_id text COLLATE "C" PRIMARY KEY,
    excluded_at moment NOT NULL
);
COMMENT ON TABLE exclusion IS 'Snaps that editors keep out of every ranking.';

CREATE TABLE slice (
    slice_id text COLLATE "C" PRIMARY KEY
        CONSTRAINT slice_id_rule CHECK (char_length(slice_id) BETWEEN 1 AND 128),
    name text NOT NULL,
    description text NOT NULL,
    created_at moment NOT NULL
);
COMMENT ON TABLE slice IS 'Sets of snaps that editors pick.';

CREATE TABLE slice_snap (
    slice_id text COLLATE "C" NOT NULL REFERENCES slice ON DELETE CASCADE,
    snap_id text COLLATE "C" NOT NULL REFERENCES listed ON DELETE CASCADE,
    position integer NOT NULL,
    added_at moment NOT NULL,
    PRIMARY KEY (slice_id, snap_id)
);
COMMENT ON TABLE slice_snap IS 'The snaps of each slice, in the editors'' order.';
CREATE INDEX slice_snap_by_snap ON slice_snap (snap_id);

CREATE TABLE featured_event (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Not a foreign key: what was featured stays told, whatever becomes of the snap.
    snap_id text COLLATE "C" NOT NULL,
    featured_at moment NOT NULL,
    is_manual boolean NOT NULL,
    is_snapshot boolean NOT NULL DEFAULT false,
    reason jsonb,
    title text,
    name text,
    publisher text,
    icon text
);
COMMENT ON TABLE featured_event IS 'Which snap was featured when, by whom and why.';
CREATE INDEX featured_event_by_snap ON featured_event (snap_id, featured_at DESC, number DESC);
CREATE INDEX featured_event_by_time ON featured_event (featured_at DESC, number DESC);

CREATE TABLE setting (
    key text COLLATE "C" PRIMARY KEY,
    value jsonb NOT NULL
);
COMMENT ON TABLE setting IS 'What the pipeline remembers between runs; last_updated is when a whole one ended well.';

CREATE TABLE step_run (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    step text COLLATE "C" NOT NULL,
    job_id text COLLATE "C",
    success boolean NOT NULL,
    message text NOT NULL,
    started_at moment NOT NULL,
    ended_at moment NOT NULL,
    n_in bigint NOT NULL,
    n_out bigint NOT NULL,
    -- How many were left out, by reason.
    rejected jsonb NOT NULL
);
COMMENT ON TABLE step_run IS 'Every stage that ended: when, what went in and came out, and what went wrong.';
CREATE INDEX step_run_by_step ON step_run (step, ended_at DESC);

CREATE TABLE audit (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at moment NOT NULL,
    -- The name of the token that was shown, never the token.
    actor text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    target text NOT NULL,
    before jsonb,
    after jsonb,
    request_id text NOT NULL
);
COMMENT ON TABLE audit IS 'Every change by hand: who, what, when, before and after.';
CREATE INDEX audit_by_time ON audit (at DESC, number DESC);

CREATE TABLE job (
    job_id text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL
        CONSTRAINT job_state_rule
        CHECK (state IN ('queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled')),
    args jsonb NOT NULL,
    -- Equal work is one job while it is queued or running.
    key text COLLATE "C",
    stages text[] NOT NULL,
    stage text,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    progress double precision NOT NULL DEFAULT 0
        CONSTRAINT job_progress_rule CHECK (progress BETWEEN 0 AND 1),
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    created_at moment NOT NULL,
    run_after moment NOT NULL,
    started_at moment,
    ended_at moment,
    -- The lease: who has it, under which token, and when it was last heard of.
    locked_by text,
    lease text,
    heartbeat_at moment,
    cancel_requested boolean NOT NULL DEFAULT false,
    result jsonb,
    -- There was a result, and it was kept for as long as results are.
    result_expired boolean NOT NULL DEFAULT false,
    error text,
    CONSTRAINT job_end_rule
        CHECK ((ended_at IS NOT NULL) = (state IN ('succeeded', 'partial', 'failed', 'cancelled'))),
    CONSTRAINT job_lease_rule CHECK ((lease IS NOT NULL) = (state = 'running'))
);
COMMENT ON TABLE job IS 'Work that is queued, under way, or done; one terminal state, written with the effects.';
CREATE INDEX job_waiting ON job (run_after, created_at) WHERE state = 'queued';
CREATE INDEX job_running ON job (heartbeat_at) WHERE state = 'running';
CREATE UNIQUE INDEX job_key_once ON job (key) WHERE state IN ('queued', 'running');
CREATE INDEX job_by_time ON job (created_at DESC, job_id);

CREATE TABLE job_request (
    idempotency_key text COLLATE "C" PRIMARY KEY,
    -- Of the kind and the arguments: another request under the same key is a mistake.
    digest bytea NOT NULL,
    -- Deferred, because the request claims its key before it is known whether the job is a new one.
    job_id text COLLATE "C" NOT NULL REFERENCES job ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    requested_at moment NOT NULL
);
COMMENT ON TABLE job_request IS 'Which job a request with an idempotency key was given.';
CREATE INDEX job_request_by_job ON job_request (job_id);

-- Whoever waits for a job hears of every change that shows: its id, its state, and whether it is to be cancelled.
CREATE FUNCTION tell_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(
        'snapwise_job',
        concat_ws(' ', NEW.job_id, NEW.state, CASE WHEN NEW.cancel_requested THEN 'cancel' END)
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER job_made AFTER INSERT ON job FOR EACH ROW EXECUTE FUNCTION tell_of_job();
CREATE TRIGGER job_changed AFTER UPDATE ON job FOR EACH ROW
    WHEN ((OLD.state, OLD.stage, OLD.done, OLD.total, OLD.progress, OLD.cancel_requested)
        IS DISTINCT FROM (NEW.state, NEW.stage, NEW.done, NEW.total, NEW.progress, NEW.cancel_requested))
    EXECUTE FUNCTION tell_of_job();
