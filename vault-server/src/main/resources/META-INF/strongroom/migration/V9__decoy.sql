-- Which things are decoys. The log has only the id, which commits to the rest.
CREATE TABLE decoy (
    id      TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    mark    TEXT NOT NULL,
    salt    BLOB NOT NULL
) STRICT;
