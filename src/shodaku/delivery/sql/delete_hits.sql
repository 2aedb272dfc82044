-- Nothing of who follows a link outlives the person, or their wish that it be known.
delete from hit where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
