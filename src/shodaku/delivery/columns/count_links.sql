-- By link of a message: people and clicks that count, and what programs did; the same figures as count_hits.sql in PostgreSQL.
SELECT link, uniqExactIf(contact_id, actor = 'human') AS people, countIf(actor = 'human') AS clicks, countIf(actor != 'human') AS programs
FROM hit FINAL WHERE workspace_id = {workspace_id:UInt32} AND mailing_id = {mailing_id:UInt32}
GROUP BY link ORDER BY link
