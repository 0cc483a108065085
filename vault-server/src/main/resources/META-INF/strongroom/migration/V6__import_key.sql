-- Import keys of tenants by version. New pushes are sealed to the highest one that is ready.
CREATE TABLE import_key (
    tenant      TEXT NOT NULL REFERENCES tenant (name),
    version     INTEGER NOT NULL CHECK (version > 0),
    state       TEXT NOT NULL CHECK (state IN ('pending', 'ready')),
    certificate BLOB, -- as last signed; the end of its validity is the end of an older version's use
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, version)
) STRICT;

INSERT INTO import_key SELECT name, 1, state, import_certificate, created_at FROM tenant;
ALTER TABLE tenant DROP COLUMN import_certificate;
