-- An address that this source ended; while the source is weighed it can be taken back.
insert into bounce_ended (workspace_id, contact_id, channel, source, at)
values (%(workspace_id)s, %(contact_id)s, %(channel)s, %(source)s::inet, %(now)s)
on conflict (workspace_id, contact_id, channel) do update set source = excluded.source, at = excluded.at
