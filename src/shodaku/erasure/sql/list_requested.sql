-- Which of these people are being erased, and since when.
select contact_id, requested_at from erasure where workspace_id = %(workspace_id)s and contact_id = any(%(contacts)s::bigint[])
