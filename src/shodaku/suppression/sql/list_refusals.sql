-- Every no of one person.
select scope, at, topic_id, until, entry_id from refusal where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by at, refusal_no
