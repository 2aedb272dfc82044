-- Bounces and complaints as `feedback` has them; a row that is copied twice is one, as in `hit`.
CREATE TABLE IF NOT EXISTS feedback (
    workspace_id UInt32, contact_id UInt64, feedback_no UInt64, mailing_id UInt32, kind LowCardinality(String),
    status LowCardinality(String), at DateTime64(6, 'UTC'),
    INDEX person contact_id TYPE bloom_filter GRANULARITY 4
) ENGINE = ReplacingMergeTree PARTITION BY toMonday(at) ORDER BY (workspace_id, mailing_id, contact_id, feedback_no)
