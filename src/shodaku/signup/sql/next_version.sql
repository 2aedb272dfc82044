-- The row lock makes two publishers stand in line: each gets a number of its own.
update form set version = version + 1 where workspace_id = %(workspace_id)s and form_id = %(form_id)s returning version
