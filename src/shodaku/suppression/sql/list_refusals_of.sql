-- As list_refusals, of several people.
select contact_id, scope, at, topic_id, until, entry_id from refusal
where workspace_id = %(workspace_id)s and contact_id = any(%(contacts)s::bigint[]) order by at, refusal_no
