-- Keys of callers. There are no passwords: a key is random, and only its digest is kept.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    revoked_ms BIGINT
);

-- Files, whose bytes lie beside the database under their id.
CREATE TABLE files (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    filename TEXT NOT NULL,
    purpose TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT
);

CREATE INDEX files_of_project ON files (project, created_ms, id);
CREATE INDEX files_by_expiry ON files (expires_ms);

-- Files that arrive in parts.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    filename TEXT NOT NULL,
    purpose TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    file_seconds BIGINT,
    file_id TEXT
);

CREATE INDEX uploads_by_expiry ON uploads (expires_ms);

CREATE TABLE upload_parts (
    id TEXT PRIMARY KEY,
    upload_id TEXT NOT NULL REFERENCES uploads (id),
    bytes BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE INDEX parts_of_upload ON upload_parts (upload_id);
