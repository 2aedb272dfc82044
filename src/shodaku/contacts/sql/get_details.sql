-- What a person told besides their name.
select birth_date, attributes from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
