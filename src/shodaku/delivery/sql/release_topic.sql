-- An operator looked at the complaints.
update complaint_level set released_at = %(now)s, released_entry_id = %(entry_id)s
where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s
