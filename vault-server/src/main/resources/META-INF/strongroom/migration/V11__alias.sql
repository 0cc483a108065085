-- The last move of each alias, as its owner signed it; the log says which move that is.
CREATE TABLE alias (
    tenant   TEXT NOT NULL,
    model    TEXT NOT NULL,
    alias    TEXT NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (tenant, model, alias)
) STRICT;
