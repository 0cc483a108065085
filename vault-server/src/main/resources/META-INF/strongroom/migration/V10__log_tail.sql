-- What speaks for the last record of the log, in the transaction that wrote it.
CREATE TABLE audit_tail (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    size INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;
