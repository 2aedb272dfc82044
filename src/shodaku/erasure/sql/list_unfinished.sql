-- Promised and not done yet.
select erasure_id from erasure where workspace_id = %(workspace_id)s and state <> 'certified' and requested_at < %(before)s
order by erasure_id limit 1000
