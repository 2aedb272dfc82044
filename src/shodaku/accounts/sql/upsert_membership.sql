-- One role a person and workspace.
insert into membership (workspace_id, staff_id, role, created_at) values (%(workspace_id)s, %(staff_id)s, %(role)s, %(now)s)
on conflict (workspace_id, staff_id) do update set role = excluded.role
