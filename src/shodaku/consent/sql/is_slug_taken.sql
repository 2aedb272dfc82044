-- Why no topic was made: its short name, or that there are too many.
select exists (select from topic where workspace_id = %(workspace_id)s and slug = %(slug)s)
