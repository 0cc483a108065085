-- Rotations of key-encryption keys: what a vault that was stopped goes on with.
CREATE TABLE rotation (
    tenant       TEXT NOT NULL REFERENCES tenant (name),
    to_version   INTEGER NOT NULL,
    from_version INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('running', 'paused', 'failed', 'finished')),
    share        INTEGER NOT NULL CHECK (share BETWEEN 1 AND 100), -- percent of the token's time
    moved        INTEGER NOT NULL,
    total        INTEGER NOT NULL,
    failure      TEXT, -- stable reason, when it failed
    started_by   TEXT NOT NULL,
    started_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    PRIMARY KEY (tenant, to_version)
) STRICT;

CREATE UNIQUE INDEX rotation_one_at_a_time ON rotation (tenant) WHERE state <> 'finished';

-- The end of a key-encryption key. Times are those of the leaves; rows only find them.
CREATE TABLE kek_end (
    tenant       TEXT NOT NULL,
    version      INTEGER NOT NULL,
    retired_leaf INTEGER NOT NULL,
    destroy_leaf INTEGER,
    destroyed    INTEGER NOT NULL DEFAULT 0 CHECK (destroyed IN (0, 1)), -- the token confirmed it
    PRIMARY KEY (tenant, version),
    FOREIGN KEY (tenant, version) REFERENCES kek (tenant, version)
) STRICT;
