-- The last look at a sending domain.
insert into mail_domain (workspace_id, name, dmarc, checked_at) values (%(workspace_id)s, %(name)s, %(dmarc)s, %(now)s)
on conflict (workspace_id, name) do update set dmarc = excluded.dmarc, checked_at = excluded.checked_at
