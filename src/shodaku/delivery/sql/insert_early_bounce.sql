-- Kept until our own result is there: the latest report of a message, from when the first one came.
insert into early_bounce (workspace_id, contact_id, mailing_id, channel, status, at_data_end, at)
values (%(workspace_id)s, %(contact_id)s, %(mailing_id)s, %(channel)s, %(status)s, %(at_data_end)s, %(now)s)
on conflict (workspace_id, contact_id, mailing_id, channel) do update set status = excluded.status, at_data_end = excluded.at_data_end
