-- One draft a form: the last one who wrote wins, and sees on the page what changes.
insert into form_draft (workspace_id, form_id, definition, saved_at, saved_by)
values (%(workspace_id)s, %(form_id)s, %(definition)s, %(now)s, %(staff_id)s)
on conflict (workspace_id, form_id) do update
set definition = excluded.definition, saved_at = excluded.saved_at, saved_by = excluded.saved_by
