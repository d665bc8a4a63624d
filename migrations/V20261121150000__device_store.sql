-- The rest of a device's store: assertions, which files are held, who holds a session, and what operators decide about
-- releases.

CREATE DOMAIN assertion_type AS text COLLATE "C"
    CONSTRAINT assertion_type_rule CHECK (octet_length(VALUE) <= 64 AND VALUE ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$');

CREATE TABLE assertion (
    type assertion_type NOT NULL,
    -- The primary key in its order, with the parts that may be left out filled in, and without the sequence number.
    key text[] COLLATE "C" NOT NULL
        CONSTRAINT assertion_key_rule CHECK (array_ndims(key) = 1 AND array_position(key, NULL) IS NULL),
    -- 0 where assertions of the type form no sequence.
    sequence integer NOT NULL CONSTRAINT assertion_sequence_rule CHECK (sequence >= 0),
    revision integer NOT NULL CONSTRAINT assertion_revision_rule CHECK (revision >= 0),
    format integer NOT NULL CONSTRAINT assertion_format_rule CHECK (format >= 0),
    -- As it was signed, to the last byte.
    text bytea NOT NULL CONSTRAINT assertion_text_rule CHECK (octet_length(text) BETWEEN 1 AND 2097152),
    stored_at moment NOT NULL,
    -- Kept when it was passed through to somebody, so that the store it came from may have a newer one.
    in_passing boolean NOT NULL DEFAULT false,
    generation bigint NOT NULL REFERENCES generation DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (type, key, sequence, format, revision)
);
COMMENT ON TABLE assertion IS 'Signed statements, word for word; of every format the newest revision is given out.';
CREATE INDEX assertion_by_generation ON assertion (generation);

CREATE TABLE blob (
    sha3_384 sha3_384 PRIMARY KEY,
    size file_size NOT NULL,
    stored_at moment NOT NULL,
    -- Kept when it was passed through to somebody, and not asked for by an operator.
    in_passing boolean NOT NULL DEFAULT false,
    generation bigint NOT NULL REFERENCES generation DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE blob IS 'The files that are held in the object store, each under its digest. A row is written after its file.';
CREATE INDEX blob_by_generation ON blob (generation);

-- A file without an address is served by us alone.
ALTER TABLE revision ALTER COLUMN url DROP NOT NULL;
ALTER TABLE delta ALTER COLUMN url DROP NOT NULL;
ALTER TABLE revision_resource ALTER COLUMN url DROP NOT NULL;

CREATE TABLE nonce_used (
    -- SHA-256 of the nonce.
    digest bytea PRIMARY KEY CONSTRAINT nonce_used_digest_rule CHECK (octet_length(digest) = 32),
    expires_at moment NOT NULL
);
COMMENT ON TABLE nonce_used IS 'Nonces that opened a session, until they would have expired.';
CREATE INDEX nonce_used_by_end ON nonce_used (expires_at);

CREATE TABLE snap_viewer (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    account_id label NOT NULL,
    PRIMARY KEY (snap_id, account_id)
);
COMMENT ON TABLE snap_viewer IS 'The accounts that may see a private snap besides its publisher.';

CREATE TABLE override (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    track track NOT NULL,
    risk risk NOT NULL,
    branch channel_part NOT NULL,
    -- `all` for every architecture.
    architecture architecture NOT NULL,
    revision integer NOT NULL,
    decided_at moment NOT NULL,
    PRIMARY KEY (snap_id, track, risk, branch, architecture),
    FOREIGN KEY (snap_id, revision) REFERENCES revision
);
COMMENT ON TABLE override IS 'Channels that give out a revision an operator chose, whatever was released.';

CREATE TABLE blocked_revision (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    revision integer NOT NULL,
    decided_at moment NOT NULL,
    PRIMARY KEY (snap_id, revision),
    FOREIGN KEY (snap_id, revision) REFERENCES revision
);
COMMENT ON TABLE blocked_revision IS 'Revisions that an operator lets nobody have.';

CREATE TABLE progression (
    snap_id text COLLATE "C" NOT NULL,
    track track NOT NULL,
    risk risk NOT NULL,
    branch channel_part NOT NULL,
    architecture architecture NOT NULL,
    released_at moment NOT NULL,
    percentage double precision NOT NULL CONSTRAINT progression_percentage_rule CHECK (percentage BETWEEN 0 AND 100),
    is_paused boolean NOT NULL,
    -- Part of the hash that chooses devices, so that not always the same ones are first.
    salt bigint NOT NULL,
    PRIMARY KEY (snap_id, track, risk, branch, architecture, released_at),
    FOREIGN KEY (snap_id, track, risk, branch, architecture, released_at) REFERENCES release ON DELETE CASCADE
);
COMMENT ON TABLE progression IS
    'Releases that a part of the devices is given; a release without a row is for all. While it is paused, nobody new.';

CREATE TABLE featured_copy (
    -- There is one.
    is_there boolean PRIMARY KEY DEFAULT true CONSTRAINT featured_copy_single_rule CHECK (is_there),
    -- A JSON list, as the store said it.
    snaps text NOT NULL CONSTRAINT featured_copy_snaps_rule CHECK (octet_length(snaps) <= 16777216),
    as_of moment NOT NULL
);
COMMENT ON TABLE featured_copy IS 'What the store that is collected from featured last, for those who may not ask it.';
