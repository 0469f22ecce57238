-- Times are milliseconds since 1970. The order of equal times is that of ids.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    body TEXT NOT NULL,                    -- the request as it was sent
    method TEXT NOT NULL,                  -- supervised, dpo or reinforcement
    model TEXT NOT NULL,                   -- the name of the model that training begins from
    training_file TEXT NOT NULL,
    validation_file TEXT,
    seed BIGINT NOT NULL,
    hyperparameters TEXT NOT NULL,         -- JSON: as sent, and resolved once the files were looked at
    settings TEXT,                         -- JSON: settings of the run by dotted key, once resolved
    status TEXT NOT NULL,
    wish TEXT,                             -- of a running job: pause, or resume after it
    queued_ms BIGINT NOT NULL,             -- the place in the queue
    started_ms BIGINT,
    finished_ms BIGINT,
    lease_owner TEXT,
    lease_until_ms BIGINT,
    attempt INTEGER NOT NULL DEFAULT 0,    -- workers that it has had
    lost INTEGER NOT NULL DEFAULT 0,       -- workers that died since its last checkpoint
    events BIGINT NOT NULL DEFAULT 0,      -- number of its events so far
    step INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    trained_tokens BIGINT NOT NULL DEFAULT 0,
    trained_seconds DOUBLE PRECISION NOT NULL DEFAULT 0,
    error_code TEXT,
    error_message TEXT,
    error_param TEXT,
    fine_tuned_model TEXT,
    result_file TEXT
);

CREATE INDEX jobs_of_a_project ON jobs (project, created_ms, id);
CREATE INDEX jobs_in_a_state ON jobs (status, queued_ms, id);

CREATE TABLE job_metadata (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (job_id, name)
);

CREATE INDEX job_metadata_by_content ON job_metadata (name, content);

CREATE TABLE job_events (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,                -- from 1, in the order in which they happened
    id TEXT NOT NULL UNIQUE,
    created_ms BIGINT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    type TEXT NOT NULL,
    data TEXT,                             -- JSON
    once TEXT,                             -- an event of this key happens once in a job, whoever tells of it again
    PRIMARY KEY (job_id, number),
    UNIQUE (job_id, once)
);

-- Models that a job leaves: its checkpoints, and at its end the one that it was for.
CREATE TABLE job_models (
    name TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,               -- ftckpt_…
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    project TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,                    -- checkpoint, paused or final
    step INTEGER NOT NULL,
    score DOUBLE PRECISION,                -- what the best are chosen by; null if not measured
    metrics TEXT NOT NULL,                 -- JSON
    folder TEXT NOT NULL                   -- below the data folder
);

CREATE INDEX job_models_of_a_job ON job_models (job_id, step);
CREATE INDEX job_models_of_a_project ON job_models (project, created_ms);

CREATE TABLE checkpoint_permissions (
    id TEXT NOT NULL PRIMARY KEY,
    model TEXT NOT NULL,
    project TEXT NOT NULL,                 -- of the caller
    granted_project TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE INDEX checkpoint_permissions_of_a_model ON checkpoint_permissions (project, model, created_ms, id);
