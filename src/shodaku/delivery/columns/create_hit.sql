-- Clicks and opens as `hit` has them. A row that is copied twice is one: replaced by its key, and counted with FINAL until it was merged.
-- Numbers, and no address. What is older than in PostgreSQL goes by itself; the index finds the rows of one person, who may ask to be forgotten.
CREATE TABLE IF NOT EXISTS hit (
    workspace_id UInt32, contact_id UInt64, hit_no UInt64, mailing_id UInt32, link Int16, actor LowCardinality(String),
    at DateTime64(6, 'UTC'),
    INDEX person contact_id TYPE bloom_filter GRANULARITY 4
) ENGINE = ReplacingMergeTree PARTITION BY toMonday(at) ORDER BY (workspace_id, mailing_id, contact_id, hit_no)
TTL toDateTime(at) + INTERVAL 400 DAY
