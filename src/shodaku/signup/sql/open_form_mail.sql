-- An address for empty mails. Opened again, it is the one that stands on the posters.
insert into form_mail (workspace_id, form_id, code, domain, checked_by, opened_at, opened_by)
values (%(workspace_id)s, %(form_id)s, %(code)s, %(domain)s, %(checked_by)s, %(now)s, %(staff_id)s)
on conflict (workspace_id, form_id) do update
set checked_by = excluded.checked_by, opened_at = excluded.opened_at, opened_by = excluded.opened_by, closed_at = null
returning code, domain
