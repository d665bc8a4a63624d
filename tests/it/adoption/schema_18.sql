-- What migrations 16 to 18 change of it.
ALTER TYPE pipelinesteps ADD VALUE 'FEATURED';
ALTER TABLE featured_history
    ADD COLUMN title varchar,
    ADD COLUMN name varchar,
    ADD COLUMN publisher varchar,
    ADD COLUMN icon varchar,
    DROP CONSTRAINT featured_history_snap,
    ADD COLUMN is_snapshot boolean NOT NULL DEFAULT false;
CREATE INDEX featured_history_by_time ON featured_history (featured_at, id);
UPDATE alembic_version SET version_num = 'f6a7b8c9d0e1';
