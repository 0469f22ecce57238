-- Sessions of browsers, by the digest of what their cookies hold.
CREATE TABLE sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    key_id TEXT,                           -- null: the owner's, opened by the link of the start
    until_ms BIGINT NOT NULL
);

CREATE INDEX sessions_by_end ON sessions (until_ms);

-- Memory that the run is planned to take; 0 if it is not known.
ALTER TABLE jobs ADD COLUMN memory_bytes BIGINT NOT NULL DEFAULT 0;
-- When the folder of a job's run was deleted, and its intermediate checkpoints; null while they are there.
ALTER TABLE jobs ADD COLUMN run_deleted_ms BIGINT;
