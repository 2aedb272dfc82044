-- Somebody came by this poster and agreed at once.
update form_source set given = given + 1
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and source_no = %(source_no)s
