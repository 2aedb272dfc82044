-- Answered, refused or withdrawn: once.
update data_request set state = %(state)s, refusal = %(refusal)s, ended_at = %(now)s, entry_id = coalesce(%(entry_id)s, entry_id)
where workspace_id = %(workspace_id)s and request_id = %(request_id)s and ended_at is null
