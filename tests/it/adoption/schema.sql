-- The earlier service's database after its migration 14, as contract/rankings 5 describes it.

CREATE TABLE snap (
    snap_id varchar PRIMARY KEY,
    title varchar NOT NULL,
    name varchar NOT NULL,
    version varchar NOT NULL,
    summary varchar NOT NULL,
    description varchar NOT NULL,
    icon varchar,
    website varchar,
    contact varchar,
    publisher varchar NOT NULL,
    revision integer NOT NULL,
    links json NOT NULL,
    media json NOT NULL,
    developer_validation varchar NOT NULL,
    license varchar NOT NULL,
    last_updated timestamp NOT NULL,
    active_devices integer NOT NULL,
    reaches_min_threshold boolean NOT NULL,
    raw_rating double precision,
    total_votes integer,
    excluded boolean NOT NULL DEFAULT false,
    date_published timestamp,
    categories json
);
CREATE TABLE recommendation_category (
    id varchar PRIMARY KEY,
    name varchar NOT NULL,
    description varchar NOT NULL
);
CREATE TABLE snap_recommendation_score (
    snap_id varchar NOT NULL REFERENCES snap ON DELETE CASCADE,
    category varchar NOT NULL REFERENCES recommendation_category ON DELETE CASCADE,
    score double precision NOT NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (snap_id, category)
);
CREATE TABLE snap_recommendation_score_history (
    snap_id varchar NOT NULL REFERENCES snap ON DELETE CASCADE,
    category varchar NOT NULL REFERENCES recommendation_category ON DELETE CASCADE,
    score double precision NOT NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (snap_id, category, created_at)
);
CREATE TABLE editorial_slice (
    id varchar PRIMARY KEY,
    name varchar NOT NULL,
    description varchar NOT NULL
);
CREATE TABLE editorial_slice_snap (
    editorial_slice_id varchar NOT NULL REFERENCES editorial_slice ON DELETE CASCADE,
    snap_id varchar NOT NULL REFERENCES snap ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    PRIMARY KEY (editorial_slice_id, snap_id)
);
CREATE TABLE featured_history (
    id serial PRIMARY KEY,
    snap_id varchar NOT NULL CONSTRAINT featured_history_snap REFERENCES snap ON DELETE CASCADE,
    featured_at timestamp NOT NULL,
    is_manual boolean NOT NULL DEFAULT false,
    selection_reason json
);
CREATE INDEX featured_history_by_snap ON featured_history (snap_id, featured_at);
CREATE TABLE settings (
    key varchar PRIMARY KEY,
    value json NOT NULL
);
CREATE TYPE pipelinesteps AS ENUM ('COLLECT', 'FILTER', 'EXTRA_FIELDS', 'SCORE');
CREATE TABLE pipeline_step_log (
    id serial PRIMARY KEY,
    step pipelinesteps NOT NULL,
    success boolean NOT NULL,
    message varchar NOT NULL,
    created_at timestamp NOT NULL
);
CREATE TABLE alembic_version (version_num varchar PRIMARY KEY);
INSERT INTO alembic_version VALUES ('b2c3d4e5f6a7');
INSERT INTO recommendation_category (id, name, description) VALUES
    ('popular', 'Most popular', 'On many devices'),
    ('recent', 'Recently updated', 'Changed lately'),
    ('trending', 'Trending', 'Both'),
    ('top_rated', 'Top rated', 'Voted for'),
    ('handmade', 'Handmade', 'A category nobody knows');
