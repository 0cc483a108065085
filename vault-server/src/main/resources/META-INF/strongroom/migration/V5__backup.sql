-- Copies of this file that are kept; a key-encryption key that one of them needs is not destroyed.
CREATE TABLE backup (
    name       TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    log_size   INTEGER NOT NULL, -- leaves of the audit log in it
    keks       TEXT NOT NULL,    -- tenant/version, separated by spaces
    leaf       INTEGER NOT NULL  -- where the log says so, with the file's digest
) STRICT;
