-- Of one person, who is being erased.
delete from bounce_ended where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
