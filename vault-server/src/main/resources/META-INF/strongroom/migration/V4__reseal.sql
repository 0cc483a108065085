-- A new seal of a committed version that is not complete yet; at most one a version.
CREATE TABLE reseal (
    version_id      TEXT PRIMARY KEY REFERENCES version (version_id) ON DELETE CASCADE,
    manifest        BLOB NOT NULL,
    manifest_digest TEXT NOT NULL,
    begun_at        INTEGER NOT NULL,
    audit_leaf      INTEGER NOT NULL
) STRICT;

CREATE TABLE reseal_file (
    version_id TEXT NOT NULL REFERENCES reseal (version_id) ON DELETE CASCADE,
    digest     TEXT NOT NULL,
    PRIMARY KEY (version_id, digest)
) STRICT;

CREATE INDEX reseal_file_digest ON reseal_file (digest);
