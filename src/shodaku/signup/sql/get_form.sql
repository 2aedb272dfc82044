-- One form by its short name.
select form_id, slug, name, sender_id, version, created_at from form where workspace_id = %(workspace_id)s and slug = %(slug)s
