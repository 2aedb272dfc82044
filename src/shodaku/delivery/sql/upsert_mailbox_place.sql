-- After each mail: what is below its number is done. A mail that is read twice is one act.
insert into mailbox_place (workspace_id, name, validity, uid, handled, fault, at)
values (%(workspace_id)s, %(name)s, %(validity)s, %(uid)s, %(handled)s, '', %(now)s)
on conflict (workspace_id, name) do update
set validity = excluded.validity, uid = excluded.uid, handled = mailbox_place.handled + excluded.handled, fault = '', at = excluded.at
