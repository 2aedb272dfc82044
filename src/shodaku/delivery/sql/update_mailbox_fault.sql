-- It could not be read; the place stays.
insert into mailbox_place (workspace_id, name, validity, uid, handled, fault, at)
values (%(workspace_id)s, %(name)s, 0, 0, 0, %(fault)s, %(now)s)
on conflict (workspace_id, name) do update set fault = excluded.fault, at = excluded.at
