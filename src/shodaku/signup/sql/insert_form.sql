-- A taken short name gives no row.
insert into form (workspace_id, slug, name, sender_id, created_at) values (%(workspace_id)s, %(slug)s, %(name)s, %(sender_id)s, %(now)s)
on conflict (workspace_id, slug) do nothing
returning form_id
