-- From either side, when one of them is forgotten.
delete from same_person where workspace_id = %(workspace_id)s and (contact_id = %(contact_id)s or other_id = %(contact_id)s)
