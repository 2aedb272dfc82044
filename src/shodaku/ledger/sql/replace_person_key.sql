-- The old key is gone and there is a new one, in one step: at no moment can nothing be recorded about the person.
insert into person_key (workspace_id, contact_id, epoch, wrapped) values (%(workspace_id)s, %(contact_id)s, %(epoch)s, %(wrapped)s)
on conflict (workspace_id, contact_id) do update set epoch = excluded.epoch, wrapped = excluded.wrapped, created_at = now()
