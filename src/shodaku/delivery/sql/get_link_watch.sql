-- What was last seen of the public address.
select url, answered_at, failures, failing_since from link_watch where workspace_id = %(workspace_id)s
