-- Facts about the data folder itself: what it was born under, epochs, counters.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant (
    name               TEXT PRIMARY KEY,
    owner_spki         BLOB NOT NULL,
    owner_id           TEXT NOT NULL,
    state              TEXT NOT NULL CHECK (state IN ('pending', 'ready')),
    import_certificate BLOB,
    created_at         INTEGER NOT NULL
) STRICT;

CREATE TABLE kek (
    tenant     TEXT NOT NULL REFERENCES tenant (name),
    version    INTEGER NOT NULL CHECK (version > 0),
    state      TEXT NOT NULL CHECK (state IN ('pending', 'active', 'retiring', 'retired')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, version)
) STRICT;

-- New records go under exactly one key; at most one key is being made or emptied.
CREATE UNIQUE INDEX kek_one_per_state ON kek (tenant, state) WHERE state <> 'retired';

-- The signed bytes; every other column only finds them.
CREATE TABLE policy (
    tenant   TEXT NOT NULL REFERENCES tenant (name),
    model    TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('RELEASE', 'OUTPUT')),
    seq      INTEGER NOT NULL CHECK (seq > 0),
    id       TEXT NOT NULL,
    envelope BLOB NOT NULL,
    set_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, model, kind, seq)
) STRICT;

CREATE TABLE version (
    version_id       TEXT PRIMARY KEY,
    tenant           TEXT NOT NULL REFERENCES tenant (name),
    model            TEXT NOT NULL,
    manifest         BLOB NOT NULL,
    manifest_digest  TEXT NOT NULL UNIQUE,
    import_digest    TEXT NOT NULL UNIQUE,
    sealed_bytes     INTEGER NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('uploading', 'committed')),
    number           INTEGER CHECK (number > 0),
    begun_at         INTEGER NOT NULL,
    committed_at     INTEGER,
    countersignature BLOB,
    audit_leaf       INTEGER,
    CHECK (state = 'uploading' OR (number IS NOT NULL AND committed_at IS NOT NULL
        AND countersignature IS NOT NULL AND audit_leaf IS NOT NULL)),
    UNIQUE (tenant, model, number)
) STRICT;

CREATE TABLE version_file (
    version_id   TEXT NOT NULL REFERENCES version (version_id) ON DELETE CASCADE,
    file_index   INTEGER NOT NULL CHECK (file_index >= 0),
    sealed_bytes INTEGER NOT NULL CHECK (sealed_bytes > 0),
    digest       TEXT NOT NULL,
    PRIMARY KEY (version_id, file_index)
) STRICT;

CREATE INDEX version_file_digest ON version_file (digest);

-- Outlives its version, so that a number or an import ciphertext is never accepted twice.
CREATE TABLE import_seen (
    digest     TEXT PRIMARY KEY,
    version_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE version_number (
    tenant TEXT NOT NULL,
    model  TEXT NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (tenant, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE wrapped_key (
    version_id  TEXT PRIMARY KEY REFERENCES version (version_id),
    tenant      TEXT NOT NULL,
    kek_version INTEGER NOT NULL,
    record      BLOB NOT NULL,
    FOREIGN KEY (tenant, kek_version) REFERENCES kek (tenant, version)
) STRICT;

CREATE INDEX wrapped_key_by_kek ON wrapped_key (tenant, kek_version, version_id);

CREATE TABLE consumed_nonce (
    nonce      TEXT PRIMARY KEY,
    boot_epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE node_boot (
    boot_id TEXT PRIMARY KEY,
    leases  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_leaf (
    leaf_index INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL, -- '-' when the record is about the whole vault
    leaf       BLOB NOT NULL
) STRICT;

CREATE TABLE checkpoint (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    note TEXT NOT NULL
) STRICT;
