-- What came back of a message, by kind: reports, and people they are about.
SELECT kind, count() AS reports, uniqExact(contact_id) AS people
FROM feedback FINAL WHERE workspace_id = {workspace_id:UInt32} AND mailing_id = {mailing_id:UInt32}
GROUP BY kind ORDER BY kind
