-- Forms, newest first.
select form_id, slug, name, sender_id, version, created_at from form where workspace_id = %(workspace_id)s order by form_id desc
