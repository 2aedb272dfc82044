-- It is known who asks. Where the time stood still until then, it begins now.
update data_request set state = 'open', identity_how = %(how)s, identity_by = %(by)s, identity_at = %(now)s, due_at = %(due_at)s,
       entry_id = coalesce(%(entry_id)s, entry_id)
where workspace_id = %(workspace_id)s and request_id = %(request_id)s and ended_at is null and identity_at is null
