-- Once; a second press finds it done.
insert into form_withdrawn (workspace_id, form_id, version, at, withdrawn_by)
values (%(workspace_id)s, %(form_id)s, %(version)s, %(now)s, %(staff_id)s)
on conflict do nothing
