-- Rows of callers' days that nodes took: over all nodes of a model never more than a day's.
CREATE TABLE guard_day (
    model  TEXT NOT NULL,
    day    INTEGER NOT NULL, -- since 1970, UTC
    caller TEXT NOT NULL,
    taken  INTEGER NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (model, day, caller)
) STRICT, WITHOUT ROWID;

-- Sealed by the node's guard; the vault cannot read it.
CREATE TABLE guard_state (
    version_id TEXT NOT NULL,
    node       TEXT NOT NULL,
    seq        INTEGER NOT NULL CHECK (seq > 0),
    sealed     BLOB NOT NULL,
    PRIMARY KEY (version_id, node)
) STRICT;
