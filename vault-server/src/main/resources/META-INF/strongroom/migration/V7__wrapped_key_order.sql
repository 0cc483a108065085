-- A rotation takes rows in the order they lie in the file, so that a batch changes few pages.
DROP INDEX wrapped_key_by_kek;
CREATE INDEX wrapped_key_by_kek ON wrapped_key (tenant, kek_version);
