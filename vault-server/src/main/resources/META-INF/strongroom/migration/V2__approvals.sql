-- What people signed. Whether a request is open, used or over is the audit log's to say.
CREATE TABLE approval_request (
    id        TEXT PRIMARY KEY,
    tenant    TEXT NOT NULL, -- '-' when the change is the whole vault's
    statement BLOB NOT NULL,
    document  BLOB NOT NULL
) STRICT;

CREATE TABLE approval_answer (
    id        TEXT NOT NULL REFERENCES approval_request (id),
    approver  TEXT NOT NULL,
    word      TEXT NOT NULL CHECK (word IN ('APPROVED', 'REJECTED')),
    statement BLOB NOT NULL,
    PRIMARY KEY (id, approver, word)
) STRICT;

-- Of those who had to agree to the revision, as signed.
ALTER TABLE policy ADD COLUMN approvals BLOB;
