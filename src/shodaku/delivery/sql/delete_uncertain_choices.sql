-- What was decided about one person who is forgotten.
delete from uncertain_choice where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
