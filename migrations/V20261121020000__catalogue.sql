-- The catalogue. What the types of `src/snap` refuse is refused here too, as far as SQL can say it: a row made
-- by hand meets the same rules as an import. No rule here may be stricter than its type.

DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the database must be encoded in UTF8, not %', current_setting('server_encoding');
    END IF;
END
$$;

-- The words, one domain for each scalar type of `src/snap`. Keys sort by bytes (COLLATE "C"), as they do in Rust.
-- Lengths are checked apart from characters: a counted regular expression is many times slower.

CREATE DOMAIN snap_id AS text COLLATE "C"
    CONSTRAINT snap_id_rule CHECK (VALUE ~ '^[A-Za-z0-9]{32}$');
CREATE DOMAIN snap_name AS text COLLATE "C"
    CONSTRAINT snap_name_rule CHECK (
        octet_length(VALUE) BETWEEN 2 AND 40
        AND VALUE ~ '^[a-z0-9]+(-[a-z0-9]+)*$'
        AND VALUE ~ '[a-z]'
    );
CREATE DOMAIN revision_number AS integer
    CONSTRAINT revision_number_rule CHECK (VALUE >= 1);
CREATE DOMAIN moment AS timestamptz
    CONSTRAINT moment_rule CHECK (VALUE >= '1970-01-01 00:00:00+00' AND VALUE < '9999-12-30 22:00:00+00');
CREATE DOMAIN architecture AS text COLLATE "C"
    CONSTRAINT architecture_rule CHECK (octet_length(VALUE) <= 15 AND VALUE ~ '^[a-z][a-z0-9-]*$');
CREATE DOMAIN architectures AS architecture[]
    CONSTRAINT architectures_rule CHECK (
        array_ndims(VALUE) IS NOT DISTINCT FROM 1 AND array_position(VALUE::text[], NULL) IS NULL
    );
CREATE DOMAIN risk AS text COLLATE "C"
    CONSTRAINT risk_rule CHECK (VALUE IN ('stable', 'candidate', 'beta', 'edge'));
-- A part of a channel's name holds no slash, no control character and no white space of Unicode.
CREATE DOMAIN channel_part AS text COLLATE "C"
    CONSTRAINT channel_part_rule CHECK (
        octet_length(VALUE) <= 128
        AND VALUE !~ '[/\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'
    );
CREATE DOMAIN track AS channel_part
    CONSTRAINT track_rule CHECK (VALUE NOT IN ('', 'stable', 'candidate', 'beta', 'edge'));
CREATE DOMAIN label AS text COLLATE "C"
    CONSTRAINT label_rule CHECK (octet_length(VALUE) BETWEEN 1 AND 128 AND VALUE !~ '[^!-~]');
CREATE DOMAIN line_of_text AS text
    CONSTRAINT line_of_text_rule CHECK (
        char_length(VALUE) <= 2048 AND VALUE !~ '[\u0001-\u001f\u007f-\u009f]'
    );
CREATE DOMAIN lines_of_text AS line_of_text[]
    CONSTRAINT lines_of_text_rule CHECK (
        (VALUE::text[] = '{}' OR array_ndims(VALUE) = 1) AND array_position(VALUE::text[], NULL) IS NULL
    );
CREATE DOMAIN prose AS text
    CONSTRAINT prose_rule CHECK (octet_length(VALUE) <= 262144);
CREATE DOMAIN version_text AS text COLLATE "C"
    CONSTRAINT version_text_rule CHECK (octet_length(VALUE) BETWEEN 1 AND 32 AND VALUE !~ '[^!-~]');
CREATE DOMAIN store_id AS text COLLATE "C"
    CONSTRAINT store_id_rule CHECK (
        octet_length(VALUE) BETWEEN 1 AND 64 AND VALUE !~ '[^A-Za-z0-9_-]'
    );
CREATE DOMAIN url AS text COLLATE "C"
    CONSTRAINT url_rule CHECK (
        octet_length(VALUE) <= 2048
        AND VALUE ~ '^https?://[^/?#]'
        AND VALUE !~ '[^!#-;=?-\[\]_a-z~]'
    );
CREATE DOMAIN sha3_384 AS text COLLATE "C"
    CONSTRAINT sha3_384_rule CHECK (octet_length(VALUE) = 96 AND VALUE !~ '[^0-9a-f]');
CREATE DOMAIN file_size AS bigint
    CONSTRAINT file_size_rule CHECK (VALUE >= 1);
CREATE DOMAIN pixels AS integer
    CONSTRAINT pixels_rule CHECK (VALUE BETWEEN 0 AND 65535);
CREATE DOMAIN unsigned AS bigint
    CONSTRAINT unsigned_rule CHECK (VALUE BETWEEN 0 AND 4294967295);
CREATE DOMAIN currency AS text COLLATE "C"
    CONSTRAINT currency_rule CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN amount AS text COLLATE "C"
    CONSTRAINT amount_rule CHECK (VALUE ~ '^[0-9]{1,9}(\.[0-9]{1,6})?$');
CREATE DOMAIN resource_type AS text COLLATE "C"
    CONSTRAINT resource_type_rule CHECK (
        octet_length(VALUE) <= 74 AND VALUE ~ '^component/[a-z0-9-]+$'
    );
-- 1 to 10 numbers that increase strictly. A comparison with an element that is not there is NULL, which passes.
CREATE DOMAIN epochs AS bigint[]
    CONSTRAINT epochs_rule CHECK (
        array_ndims(VALUE) IS NOT DISTINCT FROM 1
        AND array_lower(VALUE, 1) = 1
        AND cardinality(VALUE) <= 10
        AND array_position(VALUE, NULL) IS NULL
        AND VALUE[1] >= 0
        AND VALUE[cardinality(VALUE)] <= 4294967295
        AND VALUE[1] < VALUE[2]
        AND VALUE[2] < VALUE[3]
        AND VALUE[3] < VALUE[4]
        AND VALUE[4] < VALUE[5]
        AND VALUE[5] < VALUE[6]
        AND VALUE[6] < VALUE[7]
        AND VALUE[7] < VALUE[8]
        AND VALUE[8] < VALUE[9]
        AND VALUE[9] < VALUE[10]
    );

CREATE TABLE generation (
    number bigint PRIMARY KEY CONSTRAINT generation_number_rule CHECK (number >= 1),
    published_at moment NOT NULL,
    what line_of_text NOT NULL
);
COMMENT ON TABLE generation IS
    'Every state of the catalogue that was published: one transaction, one number, and the numbers only grow.';

CREATE TABLE publisher (
    publisher_id label PRIMARY KEY,
    username label NOT NULL,
    display_name line_of_text NOT NULL,
    validation text COLLATE "C" NOT NULL
        CONSTRAINT publisher_validation_rule CHECK (validation IN ('unproven', 'starred', 'verified'))
);
COMMENT ON TABLE publisher IS 'The accounts that publish snaps.';

CREATE TABLE snap (
    snap_id snap_id PRIMARY KEY,
    -- Checked when a statement ends, so that two snaps of one batch may exchange their names.
    name snap_name NOT NULL CONSTRAINT snap_name_once UNIQUE DEFERRABLE INITIALLY IMMEDIATE,
    title line_of_text NOT NULL,
    summary line_of_text NOT NULL,
    description prose NOT NULL,
    license line_of_text,
    contact line_of_text,
    website line_of_text,
    store_url url,
    private boolean NOT NULL,
    default_track track,
    publisher_id label REFERENCES publisher,
    -- Checked at commit: a generation is recorded when everything of it is stored.
    generation bigint NOT NULL REFERENCES generation DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE snap IS 'The snaps, and what is the same for all their revisions.';
COMMENT ON COLUMN snap.generation IS
    'The last generation in which anything of the snap changed, in whatever table.';
-- What a reload asks: what changed after the generation that is being served?
CREATE INDEX snap_by_generation ON snap (generation);
-- A publisher who changes changes their snaps.
CREATE INDEX snap_by_publisher ON snap (publisher_id);

CREATE TABLE store (
    store_id store_id PRIMARY KEY
);
COMMENT ON TABLE store IS
    'The stores that a snap was ever kept for. A store stays known when its last snap is opened to all.';

-- Below, a snap_id needs no rule of its own: the foreign key says it.

CREATE TABLE snap_store (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    store_id text COLLATE "C" NOT NULL REFERENCES store,
    PRIMARY KEY (snap_id, store_id)
);
COMMENT ON TABLE snap_store IS 'The only stores that may see a snap; a snap without a row is for all.';
CREATE INDEX snap_store_by_store ON snap_store (store_id);

CREATE TABLE snap_category (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    position integer NOT NULL,
    name label NOT NULL,
    featured boolean NOT NULL,
    PRIMARY KEY (snap_id, position)
);
COMMENT ON TABLE snap_category IS 'The categories a snap is listed in, in order.';

CREATE TABLE snap_media (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    position integer NOT NULL,
    type label NOT NULL,
    url url NOT NULL,
    width pixels,
    height pixels,
    PRIMARY KEY (snap_id, position)
);
COMMENT ON TABLE snap_media IS 'Pictures and films of a snap, in order.';

CREATE TABLE snap_link (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    key label NOT NULL,
    links lines_of_text NOT NULL,
    PRIMARY KEY (snap_id, key)
);
COMMENT ON TABLE snap_link IS 'Links of a snap by key, each key a list; a list may be empty.';

CREATE TABLE snap_price (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    currency currency NOT NULL,
    amount amount NOT NULL,
    PRIMARY KEY (snap_id, currency)
);
COMMENT ON TABLE snap_price IS
    'What a snap costs; a snap without a row is free. An amount is text, to leave as it came.';

CREATE TABLE revision (
    snap_id text COLLATE "C" NOT NULL REFERENCES snap,
    revision revision_number NOT NULL,
    version version_text NOT NULL,
    architectures architectures NOT NULL,
    base label,
    confinement text COLLATE "C" NOT NULL
        CONSTRAINT revision_confinement_rule CHECK (confinement IN ('strict', 'classic', 'devmode')),
    type text COLLATE "C" NOT NULL
        CONSTRAINT revision_type_rule CHECK (type IN ('app', 'gadget', 'kernel', 'base', 'os', 'snapd')),
    epoch_read epochs NOT NULL,
    epoch_write epochs NOT NULL,
    created_at moment,
    common_ids lines_of_text NOT NULL,
    snap_yaml prose NOT NULL,
    url url NOT NULL,
    size file_size NOT NULL,
    sha3_384 sha3_384 NOT NULL,
    PRIMARY KEY (snap_id, revision),
    CONSTRAINT revision_epoch_rule CHECK (epoch_read::bigint[] && epoch_write::bigint[])
);
COMMENT ON TABLE revision IS 'What was uploaded: every revision of a snap, with its file.';

CREATE TABLE revision_resource (
    snap_id text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    position integer NOT NULL,
    name label NOT NULL,
    type resource_type NOT NULL,
    resource_revision revision_number NOT NULL,
    version version_text,
    -- An empty list is allowed, unlike that of a revision.
    architectures architecture[] NOT NULL
        CONSTRAINT revision_resource_architectures_rule CHECK (
            (architectures::text[] = '{}' OR array_ndims(architectures) = 1)
            AND array_position(architectures::text[], NULL) IS NULL
        ),
    created_at moment,
    description prose NOT NULL,
    url url NOT NULL,
    size file_size NOT NULL,
    sha3_384 sha3_384 NOT NULL,
    PRIMARY KEY (snap_id, revision, position),
    FOREIGN KEY (snap_id, revision) REFERENCES revision
);
COMMENT ON TABLE revision_resource IS 'Components that go with a revision, in order.';

CREATE TABLE revision_integrity (
    snap_id text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    position integer NOT NULL,
    type label NOT NULL,
    version unsigned NOT NULL,
    hash_algorithm label NOT NULL,
    data_block_size unsigned NOT NULL,
    hash_block_size unsigned NOT NULL,
    digest label NOT NULL,
    salt label NOT NULL,
    url url NOT NULL,
    size file_size NOT NULL,
    sha3_384 sha3_384 NOT NULL,
    PRIMARY KEY (snap_id, revision, position),
    FOREIGN KEY (snap_id, revision) REFERENCES revision
);
COMMENT ON TABLE revision_integrity IS 'Data to verify a mounted revision with, in order.';

CREATE TABLE release (
    snap_id text COLLATE "C" NOT NULL,
    track track NOT NULL,
    risk risk NOT NULL,
    branch channel_part NOT NULL,
    architecture architecture NOT NULL,
    released_at moment NOT NULL,
    closed_at moment,
    revision integer NOT NULL,
    PRIMARY KEY (snap_id, track, risk, branch, architecture, released_at),
    FOREIGN KEY (snap_id, revision) REFERENCES revision,
    CONSTRAINT release_span_rule CHECK (closed_at >= released_at)
);
COMMENT ON TABLE release IS
    'The full history of every channel: which revision it held for which architecture, and when. Nothing is forgotten.';
COMMENT ON COLUMN release.branch IS 'Empty when the channel is not a branch.';
COMMENT ON COLUMN release.closed_at IS
    'When a later release took its place or the channel was closed; NULL while it is given out.';
CREATE UNIQUE INDEX release_open_once ON release (snap_id, track, risk, branch, architecture)
    WHERE closed_at IS NULL;

CREATE TABLE delta (
    snap_id text COLLATE "C" NOT NULL,
    target integer NOT NULL,
    -- Not a foreign key: a device may hold a revision whose record is gone.
    source revision_number NOT NULL,
    format label NOT NULL,
    url url NOT NULL,
    size file_size NOT NULL,
    sha3_384 sha3_384 NOT NULL,
    PRIMARY KEY (snap_id, target, source, format),
    FOREIGN KEY (snap_id, target) REFERENCES revision,
    CONSTRAINT delta_turns_into_another CHECK (source <> target)
);
COMMENT ON TABLE delta IS 'Files that turn one revision of a snap into another.';
