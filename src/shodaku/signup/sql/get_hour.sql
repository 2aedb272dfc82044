-- Posts of a form in one hour.
select posts from form_hour where workspace_id = %(workspace_id)s and form_id = %(form_id)s and hour = %(hour)s
