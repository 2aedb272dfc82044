-- On since; turning on what is on changes nothing.
insert into exemption (workspace_id, sender_id, name, since, entry_id)
values (%(workspace_id)s, %(sender_id)s, %(name)s, %(now)s, %(entry_id)s) on conflict do nothing
